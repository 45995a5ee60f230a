"""Trying a connection: a link for those who may change it, one sign-in at the source, and a page that says what it
answered. Nobody is made or signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Arrival, ConnectorError, Departure, FormPost, Identity
from connectors.registry import STRATEGIES
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.sources import PASSWORDS, REDIRECT, StubRedirect, come_back, connect, logged, sent_state, users
from tests.world.world import World


class Talkative(StubRedirect):
    """Says more than a profile."""

    silent = False

    def start(self, departure: Departure) -> str:
        """See :class:`StubRedirect`."""
        if Talkative.silent:
            raise ConnectorError("temporarily_unavailable", "It does not answer.", detail="no route to host")
        return super().start(departure)

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        said: Mapping[str, Any] = {"department": "Orchards <b>", "groups": ["a", "b"]}
        return replace(super().finish(arrival), raw=said)


@pytest.fixture(autouse=True)
def strategy(source_stubs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Talkative))
    monkeypatch.setattr(Talkative, "silent", False)


@pytest.fixture
def connection_id(world: World) -> str:
    return connect(world, REDIRECT, world.client().client_id, non_persistent_attrs=["nickname"])


def link(world: World, connection_id: str) -> str:
    made = world.caller("update:connections").post(f"/connections/{connection_id}/try")
    assert made.status_code == 201, made.json
    assert made.json["expires_at"].endswith("Z")
    return str(made.json["url"])


@on_both_stores
def test_what_the_source_answers_is_shown_and_nothing_is_kept(
    world: World, browser: Browser, connection_id: str
) -> None:
    browser.open(link(world, connection_id))
    come_back(browser)
    assert browser.status == 200
    shown = browser.shown.text
    for part in ("Stub Social answered", "stub-social|acc-1", "jane@source.example", "Orchards <b>", "access_token"):
        assert part in shown, part
    assert "upstream-token" not in shown
    assert users(world) == []
    assert logged(world, "s") == []
    app = world.client()
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"


def test_a_refusal_is_shown_with_its_reason(world: World, browser: Browser, connection_id: str) -> None:
    browser.open(link(world, connection_id))
    come_back(browser, error="access_denied")
    assert "Stub Social signed nobody in" in browser.shown.text
    assert "access_denied: The source said no." in browser.shown.text
    assert "a detail" in browser.shown.text
    Talkative.silent = True
    browser.open(link(world, connection_id))
    assert "no route to host" in browser.shown.text


def test_a_link_is_good_once_soon_and_in_one_browser(
    world: World, browser: Browser, connection_id: str, clock: Clock
) -> None:
    url = link(world, connection_id)
    assert world.send("HEAD", url).status_code == 200
    browser.open(url)
    state = sent_state(browser)
    assert browser.open(url).status == 400
    stranger = world.browser()
    stranger.open(link(world, connection_id))
    assert come_back(stranger, state=state).status == 400  # the answer to somebody else
    assert come_back(browser, state=state).status == 200
    assert come_back(browser, state=state).status == 400
    for wrong in ("/login/try", "/login/try?ticket=", f"/login/try?ticket={'x' * 9000}"):
        assert browser.open(wrong).status in {400, 414}, wrong[:40]
    late = link(world, connection_id)
    clock.forward(minutes=11)
    assert browser.open(late).status == 400


def test_who_may_and_what_can_be_tried(world: World, connection_id: str) -> None:
    path = f"/connections/{connection_id}/try"
    assert world.caller("read:connections", "create:connections").post(path).status_code == 403
    caller = world.caller()
    assert caller.post("/connections/con_0000000000000000/try").json["errorCode"] == "inexistent_connection"
    passwords = connect(world, PASSWORDS, world.client().client_id)
    for each in (world.connection_id, passwords):
        refused = caller.post(f"/connections/{each}/try")
        assert (refused.status_code, refused.json["errorCode"]) == (400, "operation_not_supported")
    link(world, connection_id)
    assert world.logs("sapi")
    assert "?ticket=" not in str([entry.data for entry in world.logs("sapi")])


def test_a_connection_that_is_gone_meanwhile(world: World, browser: Browser, connection_id: str) -> None:
    browser.open(link(world, connection_id))
    state = sent_state(browser)
    later = link(world, connection_id)
    assert world.caller().delete(f"/connections/{connection_id}").status_code == 202
    assert come_back(browser, state=state).status == 400
    assert browser.open(later).status == 400


def test_a_source_that_is_asked_by_a_form(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    class Posting(Talkative):
        """Is asked with a form, and answers with one."""

        def start(self, departure: Departure) -> Any:
            """See :class:`StubRedirect`."""
            departure.keep["verifier"] = "kept"
            return FormPost("https://source.example.test/sign-in", {"state": departure.state})

    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Posting))
    connection_id = connect(world, REDIRECT, world.client().client_id)
    browser.open(link(world, connection_id))
    state = next(form for form in browser.shown.forms if "state" in form.fields).fields["state"]
    answer = {"state": state, "code": "acc-1"}
    browser.open("/login/callback", site="cross-site", method="POST", form=answer)
    assert "stub-social|acc-1" in browser.shown.text
    assert users(world) == []


@row("V3")
@on_both_stores
@pytest.mark.parametrize("said", ["", "a\0b", "x" * 300])
def test_an_id_that_nobody_can_have_is_told(
    world: World, browser: Browser, connection_id: str, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(StubRedirect, "account_id", said)
    browser.open(link(world, connection_id))
    come_back(browser)
    assert browser.status == 200
    assert "the source gave no usable id" in browser.shown.text
