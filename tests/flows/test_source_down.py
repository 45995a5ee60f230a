"""A source that is down: who is signed in notices nothing, newcomers see a page that names it and offers the others
(reliability RL4, RL5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.contract import Arrival, ConnectorError, Departure, Identity
from connectors.registry import STRATEGIES
from idp.directory.connections import availability
from idp.directory.connections.availability import MOST_FAILURES, MOST_WAITING, PROBE_S, Availability
from idp.foundation.kernel.place import Slow
from idp.processes.room import MOST_AWAY
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.sources import PASSWORDS, REDIRECT, StubPasswords, StubRedirect, come_back, connect, logged, only
from tests.world.world import Person, World

pytestmark = pytest.mark.usefixtures("source_stubs")


class Down(StubRedirect):
    """A source that fails where it is told to."""

    fails_at: str | None = None
    asked = 0

    def start(self, departure: Departure) -> str:
        """See :class:`StubRedirect`."""
        self._maybe("start")
        return super().start(departure)

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        self._maybe("finish")
        return super().finish(arrival)

    def _maybe(self, where: str) -> None:
        Down.asked += 1
        if Down.fails_at == where:
            raise ConnectorError("temporarily_unavailable", "The source does not answer.", detail="no route to host")


class SilentPasswords(StubPasswords):
    """A directory that does not answer."""

    def login(self, identifier: str, password: str) -> Identity:
        """See :class:`StubPasswords`."""
        Down.asked += 1
        raise ConnectorError("temporarily_unavailable", "The source does not answer.", detail="no route to host")


class Time:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    """A clock that stands, for a process that knows nothing of any source."""
    clock = Time()
    monkeypatch.setattr(availability, "sources", Availability(clock))
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Down))
    Down.fails_at, Down.asked = None, 0
    yield clock
    Down.fails_at = None


@row("CO9")
@pytest.mark.parametrize("where", ["start", "finish"])
def test_a_page_names_the_source_and_offers_others(world: World, browser: Browser, time: Time, where: str) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    attempt = app.begin(browser)
    browser.follow("connection-stub-social")
    if where == "finish":
        Down.fails_at = where
        come_back(browser)
    else:
        attempt = app.begin(browser)
        Down.fails_at = where
        browser.follow("connection-stub-social")
    assert browser.status == 503
    assert "Stub Social doesn’t answer" in browser.shown.text
    assert {"retry-link", "password-link", "back-link"} <= set(browser.shown.links)
    assert {"code": "temporarily_unavailable", "detail": "no route to host"} in [
        entry.get("details") for entry in logged(world, "f")
    ]
    Down.fails_at = None
    browser.follow("retry-link")
    come_back(browser)
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"


@row("CO9")
def test_who_is_signed_in_notices_nothing(world: World, browser: Browser, time: Time) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    tokens = app.begin(browser, connection="stub-social", scope="openid offline_access")
    come_back(browser)
    issued = tokens.tokens(browser.answer)
    Down.fails_at = "start"
    before = Down.asked
    again = app.begin(browser, prompt="none")
    assert again.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"
    assert issued.refreshed().raw["access_token"]
    assert Down.asked == before, "nobody asks the source for that"


def test_it_rests_after_five_failures_and_one_of_many_tries_it(world: World, browser: Browser, time: Time) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    Down.fails_at = "start"
    for _ in range(MOST_FAILURES + 3):
        app.begin(browser, connection="stub-social")
        assert browser.status == 503
    assert Down.asked == MOST_FAILURES, "the others were told at once"
    time.now += PROBE_S
    for _ in range(3):
        app.begin(browser, connection="stub-social")
    assert Down.asked == MOST_FAILURES + 1, "one tries"
    time.now += PROBE_S
    Down.fails_at = None
    app.begin(browser, connection="stub-social")
    come_back(browser)
    assert browser.answer.code
    app.begin(world.browser(), connection="stub-social")
    assert Down.asked == MOST_FAILURES + 4, "it is back for everybody"


def test_an_application_that_asked_for_the_source_is_offered_no_other(
    world: World, browser: Browser, time: Time
) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    Down.fails_at = "start"
    app.begin(browser, connection="stub-social")
    assert browser.status == 503
    assert "password-link" not in browser.shown.links
    only(world, app.client_id)
    app.begin(browser)  # straight to the only one there is
    assert "retry-link" in browser.shown.links
    assert "password-link" not in browser.shown.links


@row("CO10")
def test_one_source_holds_a_quarter_of_the_places_at_most(world: World) -> None:
    assert MOST_AWAY[Slow.CALLS] >= MOST_WAITING * 4
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    known = Availability(Time())
    with world.context() as work:
        from idp.directory.connections import runtime

        slow = runtime.named(work, "stub-social")
        other = runtime.find(work, world.connection_id)
        assert slow is not None
        assert other is not None
        held = [known.asking(work, slow) for _ in range(MOST_WAITING)]
        for each in held:
            each.__enter__()
        with pytest.raises(ConnectorError), known.asking(work, slow):
            raise AssertionError("it came in")
        with known.asking(work, other):
            pass
        for each in held:
            each.__exit__(None, None, None)
        with known.asking(work, slow):
            pass
        assert known._sources == {}, "nothing is kept of those that are well"


def test_a_directory_that_is_down_rests_too(
    world: World, browser: Browser, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, PASSWORDS.name, replace(PASSWORDS, open=SilentPasswords))
    app = world.client()
    connect(world, PASSWORDS, app.client_id)
    only(world, app.client_id)
    app.begin(browser)
    for _ in range(MOST_FAILURES + 3):
        browser.submit(username="jane", password="Correct Horse 9")
        assert browser.status == 503
    assert Down.asked == MOST_FAILURES
    time.now += PROBE_S
    for _ in range(3):
        browser.submit(username="jane", password="Correct Horse 9")
    assert Down.asked == MOST_FAILURES + 1


def test_a_source_that_is_not_set_up_is_no_dead_end(
    world: World, browser: Browser, time: Time, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: StubRedirect, departure: Departure) -> str:
        raise ConnectorError("access_denied", "This way to sign in is not set up yet.", detail="no client_id")

    monkeypatch.setattr(Down, "start", refuse)
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    attempt = app.begin(browser)
    browser.follow("connection-stub-social")
    assert browser.status == 502
    assert "Signing in with Stub Social isn’t possible right now" in browser.shown.text
    browser.follow("password-link")
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)
