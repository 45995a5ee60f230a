"""Logging out at the source too, and being logged out there (OIDC RP-Initiated and Back-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from connectors.contract import Arrival, ConnectorError, Identity, LoggedOut
from connectors.registry import STRATEGIES
from idp.directory.connections import runtime as connections
from idp.directory.connections.availability import MOST_FAILURES, Availability
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable
from idp.signin.login import source_sessions
from idp.signin.sessions.models import Session
from tests.world.browser import Browser
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, logged
from tests.world.world import World


class Logouts(StubRedirect):
    """A source with sessions of its own: the code names person and session, and so does its logout message."""

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        person, _, sid = arrival.params["code"].partition("-")
        found = super().finish(arrival)
        return replace(found, user_id=person, session={"sub": person, "sid": sid, "hint": f"hint-of-{sid}"})

    def logout_url(self, session: Mapping[str, str], return_to: str) -> str | None:
        """See :class:`connectors.contract.LogsOutAtSource`."""
        return f"https://source.example.test/bye?{urlencode({**session, 'to': return_to})}"

    def logged_out(self, message: str) -> LoggedOut:
        """See :class:`connectors.contract.HearsOfLogouts`."""
        token_id, _, rest = message.partition(":")
        if not rest:
            raise ConnectorError("access_denied", "No.", detail="not signed")
        person, _, sid = rest.partition("-")
        return LoggedOut(person or None, sid or None, token_id, clock.now_ms() + 60_000)


@pytest.fixture(autouse=True)
def strategy(source_stubs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Logouts))


def sign_in(world: World, app: Any, code: str) -> Browser:
    browser = world.browser()
    app.begin(browser, connection="stub-social")
    come_back(browser, code=code)
    assert browser.answer.code
    return browser


def signed_in(app: Any, browser: Browser) -> bool:
    app.begin(browser, prompt="none")
    return browser.answer.error is None


def tell(world: World, message: str, name: str = "stub-social") -> int:
    return int(world.post(f"/logout/backchannel/{name}", {"logout_token": message}).status_code)


def test_a_federated_logout_goes_by_way_of_the_source(world: World) -> None:
    app = world.client(allowed_logout_urls=["https://app.example.test/bye"])
    connect(world, REDIRECT, app.client_id)
    for path in ("/v2/logout", "/oidc/logout"):
        browser = sign_in(world, app, "jane-s1")
        name = "returnTo" if path == "/v2/logout" else "post_logout_redirect_uri"
        with world.context() as work:
            session = work.rows.scalars(select(Session).where(Session.ended_at.is_(None))).one()
        query = {"client_id": app.client_id, name: "https://app.example.test/bye", "logout_hint": session.id}
        browser.open(f"{path}?federated&{urlencode(query)}")
        assert (browser.left_for or "").startswith("https://source.example.test/bye?")
        sent = {each: values[0] for each, values in parse_qs(urlsplit(str(browser.left_for)).query).items()}
        assert (sent["sub"], sent["sid"], sent["hint"]) == ("jane", "s1", "hint-of-s1")
        assert sent["to"].startswith(f"{world.issuer}logout?state=")
        browser.open(sent["to"], site="cross-site")
        assert browser.left_for == "https://app.example.test/bye"
        assert not signed_in(app, browser)


def test_without_it_the_source_is_left_alone(world: World) -> None:
    app = world.client(allowed_logout_urls=["https://app.example.test/bye"])
    connect(world, REDIRECT, app.client_id)
    browser = sign_in(world, app, "jane-s1")
    browser.open(f"/v2/logout?{urlencode({'client_id': app.client_id})}")
    assert browser.left_for == "https://app.example.test/bye"


def test_a_logout_at_the_source_ends_our_session(world: World) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    here, there, other = (sign_in(world, app, code) for code in ("jane-s1", "jane-s2", "ada-s3"))
    assert tell(world, "m1:jane-s1") == 200
    assert [signed_in(app, each) for each in (here, there, other)] == [False, True, True]
    assert tell(world, "m2:ada-s2") == 200, "a session of somebody else"
    assert signed_in(app, there)
    assert tell(world, "m4:-s3") == 200, "the session alone is named"
    assert not signed_in(app, other)
    here = sign_in(world, app, "jane-s1")
    assert tell(world, "m1:jane-s1") == 200, "the message counts once"
    assert signed_in(app, here)
    assert tell(world, "m3:jane-") == 200
    assert [signed_in(app, each) for each in (here, there)] == [False, False]
    assert len([entry for entry in logged(world, "slo") if entry.get("connection") == "stub-social"]) == 4


def test_a_session_is_that_of_the_source_that_was_asked_last(world: World) -> None:
    """Somebody with accounts of two names there signs in with the one, and again with the other."""
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    sign_in(world, app, "ada-s0")
    browser = sign_in(world, app, "jane-s1")
    (jane, ada) = (f"stub-social|{name}" for name in ("jane", "ada"))
    found = world.caller().post(f"/users/{jane}/identities", {"provider": "stub-social", "user_id": ada})
    assert found.status_code == 201, found.json
    app.begin(browser, connection="stub-social", prompt="login")
    come_back(browser, code="ada-s2")
    assert browser.answer.code
    assert tell(world, "m1:jane-") == 200
    assert signed_in(app, browser), "it came of the other account"
    assert tell(world, "m2:ada-") == 200
    assert not signed_in(app, browser)


def test_messages_that_are_refused(world: World) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    browser = sign_in(world, app, "jane-s1")
    answer = world.post("/logout/backchannel/stub-social", {"logout_token": "forged"})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert answer.headers["Cache-Control"] == "no-store"
    for name in ("nobody", "Users", "Username-Password-Authentication"):
        assert tell(world, "m:jane-s1", name) == 404
    assert signed_in(app, browser)
    (entry,) = logged(world, "flo")
    assert entry["details"] == {"code": "access_denied", "detail": "not signed"}


def test_a_source_that_rests_is_heard_and_what_strangers_say_wakes_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting = Availability()
    monkeypatch.setattr(source_sessions, "sources", resting)
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    browser = sign_in(world, app, "jane-s1")
    with world.context() as work:
        connection = connections.named(work, "stub-social")
        assert connection is not None
        for _ in range(MOST_FAILURES):
            with pytest.raises(ConnectorError), resting.asking(work, connection):
                raise ConnectorError("temporarily_unavailable", "It does not answer.")
        assert tell(world, "forged") == 400
        assert tell(world, "m1:jane-s1") == 200
        assert resting.rests(work, connection)
    assert not signed_in(app, browser)


def test_a_message_whose_work_failed_counts_when_it_is_said_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise StoreUnavailable(detail="gone in the middle")

    app = world.client()
    connect(world, REDIRECT, app.client_id)
    browser = sign_in(world, app, "jane-s1")
    with monkeypatch.context() as failing:
        failing.setattr(source_sessions, "ended_there", fail)
        assert tell(world, "m1:jane-s1") == 503
    assert tell(world, "m1:jane-s1") == 200
    assert not signed_in(app, browser)
