"""Ids of people whose source means something in one connection only (docs/decisions/0150)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.registry import STRATEGIES
from connectors.strategy import Strategy
from idp.directory.connections import service as connections
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.sources import REDIRECT, come_back, identities, logged
from tests.world.world import World

OF_A_FIRM: Strategy = replace(REDIRECT, name="stub-firm", kind="enterprise", ids_by_connection=True)


@pytest.fixture
def firms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, OF_A_FIRM.name, OF_A_FIRM)


def connect(world: World, name: str, client_id: str) -> str:
    members = {"name": name, "strategy": OF_A_FIRM.name, "enabled_clients": [client_id]}
    with world.writing() as work:
        return str(connections.create(work, members).id)


@row("V3", "N6")
@pytest.mark.usefixtures("source_stubs", "firms")
def test_the_same_id_at_two_sources_is_two_people(world: World, browser: Browser) -> None:
    app = world.client()
    ids = [connect(world, name, app.client_id) for name in ("acme", "globex")]
    subjects = []
    for name in ("acme", "globex", "acme"):
        browser.jar.kept.clear()
        attempt = app.begin(browser, connection=name)
        come_back(browser, code="jane")
        subjects.append(attempt.tokens(browser.answer).id_claims["sub"])
    assert subjects == ["stub-firm|acme|jane", "stub-firm|globex|jane", "stub-firm|acme|jane"]
    found = {(row.connection_id, row.identity_user_id) for row in identities(world)}
    assert found == {(ids[0], "acme|jane"), (ids[1], "globex|jane")}


@pytest.mark.usefixtures("source_stubs", "firms")
def test_an_id_that_fits_no_longer_with_its_connection_before_it_is_refused(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, "acme", app.client_id)
    app.begin(browser, connection="acme")
    come_back(browser, code="x" * 251)
    assert browser.answer.error == "access_denied"
    said = {"code": "access_denied", "detail": "the source gave no usable id"}
    assert said in [entry.get("details") for entry in logged(world, "f")]
