"""Attributes that a connection does not keep (spec/privacy.md, "Attribute denylist")."""

from __future__ import annotations

import pytest
from sqlalchemy import String, Text, select

from idp.directory.connections import runtime
from idp.directory.connections import service as connections
from idp.directory.users import service as users
from idp.foundation.db.schema import metadata
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect
from tests.world.sources import users as people
from tests.world.world import World

pytestmark = pytest.mark.usefixtures("source_stubs")
SAID = {"given_name": "Verysecret", "name": "Verysecret Doe", "ethnicity": "Verysecret", "family_name": "Doe"}


def holding(world: World) -> set[str]:
    """The tables in which the word stands anywhere."""
    with world.platform.db.engine.connect() as connection:
        return {
            table.name
            for table in metadata().sorted_tables
            for column in table.columns
            if isinstance(column.type, String | Text) or "JSON" in type(column.type).__name__
            for value in connection.scalars(select(column))
            if "verysecret" in str(value).lower()
        }


@on_both_stores
def test_a_denied_attribute_is_in_no_row_no_answer_and_no_search(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    """spec/privacy.md, acceptance 1: absent from the row and the API (what actions see comes with actions)."""
    app = world.client()
    connect(world, REDIRECT, app.client_id, non_persistent_attrs=["given_name", "name", "ethnicity"])
    monkeypatch.setattr(StubRedirect, "profile", SAID)
    attempt = app.begin(browser, connection="stub-social")
    come_back(browser)
    claims = attempt.tokens(browser.answer).id_claims
    assert "given_name" not in claims
    (user,) = people(world)
    shown = world.management().get(f"/users/{user.user_id}")
    assert "ethnicity" not in shown
    assert "given_name" not in shown
    assert world.caller().get("/users", q="Verysecret", search_engine="v3").json == []
    assert holding(world) == set()


@on_both_stores
def test_a_purge_empties_what_was_stored_before(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    """spec/privacy.md, acceptance 2."""
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    monkeypatch.setattr(StubRedirect, "profile", SAID)
    app.begin(browser, connection="stub-social")
    come_back(browser)
    assert "users" in holding(world)
    with world.writing() as work:
        row = connections.by_name(work, "stub-social")
        assert row is not None
        connections.update(
            work, row, {"options": {**row.options, "non_persistent_attrs": ["given_name", "name", "ethnicity"]}}
        )
    with world.platform.work(world.tenant, orm=True) as work:
        connection = runtime.find(work, row.id)
        assert connection is not None
        assert (users.forget_denied(work, connection), users.forget_denied(work, connection)) == (1, 0)
    (user,) = people(world)
    assert (user.given_name, user.family_name) == (None, "Doe")
    assert "ethnicity" not in user.profile
    assert holding(world) - {"logs"} == set()
