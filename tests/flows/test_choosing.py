"""Several ways to sign in: which one is asked, offered, remembered (issue 8, "Choosing"; docs/decisions/0177)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.contract import Departure
from connectors.registry import STRATEGIES
from connectors.strategy import Strategy
from idp.directory.connections import service as connections
from tests.world.browser import Browser
from tests.world.sources import (
    KNOWN,
    PASSWORDS,
    REDIRECT,
    StubOptions,
    StubPasswords,
    StubRedirect,
    come_back,
    connect,
    only,
)
from tests.world.world import Person, World

pytestmark = pytest.mark.usefixtures("source_stubs")


class DomainOptions(StubOptions, frozen=True, kw_only=True):
    """Options of a source whose people are known by their domain."""

    domain_aliases: list[str] | None = None


SEEN: list[str] = []


class Listening(StubPasswords):
    """Keeps every password that it is shown."""

    def login(self, identifier: str, password: str) -> Any:
        """As usual."""
        SEEN.append(password)
        return super().login(identifier.partition("@")[0], password)


HIDDEN = Strategy(name="stub-hidden", kind="enterprise", amr="fed", options=DomainOptions, open=StubRedirect)
DIRECTORY = Strategy(name="stub-ad", kind="enterprise", amr="pwd", options=DomainOptions, open=Listening)


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    SEEN.clear()
    for each in (HIDDEN, DIRECTORY):
        monkeypatch.setitem(STRATEGIES, each.name, each)


def also(world: World, strategy: Strategy, name: str, client_id: str, **options: Any) -> str:
    """Another connection of that strategy."""
    members = {"name": name, "strategy": strategy.name, "options": options, "enabled_clients": [client_id]}
    with world.writing() as work:
        return str(connections.create(work, members).id)


def test_one_connection_leads_straight_through(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    only(world, app.client_id)
    attempt = app.begin(browser)
    assert [urlsplit(hop).path for hop in browser.hops] == ["/authorize", "/login/redirect/stub-social"]
    come_back(browser)
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"


@pytest.mark.parametrize("first", [False, True])
def test_the_domain_of_an_address_leads_to_its_source(
    world: World, browser: Browser, jane: Person, *, first: bool
) -> None:
    world.prompts(identifier_first=first)
    app = world.client()
    connect(world, HIDDEN, app.client_id, domain_aliases=["Acme.example", "acme.test"])
    for address in ("jane@acme.example", "JANE@ACME.TEST", "jane@acme.example."):
        app.begin(browser)
        assert "connection-stub-hidden" not in browser.shown.links
        typed = {"username": address} if first else {"username": address, "password": "a secret of Acme"}
        browser.submit(**typed)
        assert "stub-hidden" in " ".join(browser.hops)
        assert (browser.left_for or "").startswith("https://source.example.test/")
    app.begin(browser)
    browser.submit(username="jane@sub.acme.example", **({} if first else {"password": "x"}))
    assert browser.left_for is None, "a domain is not its subdomains"


def test_a_hinted_address_needs_no_page(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, HIDDEN, app.client_id, domain_aliases=["acme.example"])
    app.begin(browser, login_hint="jane@acme.example")
    assert [urlsplit(hop).path for hop in browser.hops] == ["/authorize", "/login/redirect/stub-hidden"]
    app.begin(browser, login_hint="jane@acme.example", screen_hint="signup")
    assert browser.path == "/u/signup"


def test_several_sources_of_one_domain_are_asked_about(world: World, browser: Browser) -> None:
    world.prompts(identifier_first=True)
    app = world.client()
    for name in ("acme-berlin", "acme-paris"):
        also(world, HIDDEN, name, app.client_id, domain_aliases=["acme.example"])
    app.begin(browser)
    browser.submit(username="jane@acme.example")
    assert browser.path == "/u/login/connection"
    assert "jane@acme.example" in browser.shown.text
    browser.follow("connection-acme-paris")
    assert (browser.left_for or "").startswith("https://source.example.test/")


def test_without_passwords_the_page_asks_who(world: World, browser: Browser) -> None:
    app = world.client()
    for name in ("acme-berlin", "acme-paris"):
        also(world, HIDDEN, name, app.client_id, domain_aliases=[f"{name}.example"])
    only(world, app.client_id)
    app.begin(browser)
    assert browser.path == "/u/login/identifier"
    browser.submit(username="jane@elsewhere.example")
    assert browser.status == 400
    assert "Nobody signs in here with this address" in browser.shown.text
    browser.submit(username="jane@acme-paris.example")
    assert "acme-paris" in " ".join(browser.hops)


@pytest.mark.parametrize("first", [False, True])
def test_a_password_goes_to_the_one_source_that_was_chosen(
    world: World, browser: Browser, jane: Person, *, first: bool
) -> None:
    world.prompts(identifier_first=first)
    app = world.client()
    also(world, DIRECTORY, "acme-ad", app.client_id, domain_aliases=["acme.example"])

    def enter(name: str, password: str) -> None:
        app.begin(browser)
        if first:
            browser.submit(username=name)
            browser.submit(password=password)
        else:
            browser.submit(username=name, password=password)

    enter(jane.email, "wrong for the database")
    assert (browser.status, SEEN) == (400, [])
    enter(jane.email, jane.password)
    assert browser.answer.code
    assert SEEN == []
    browser.jar.kept.clear()
    enter("jane@acme.example", KNOWN["jane"])
    assert browser.answer.code
    assert list(SEEN) == [KNOWN["jane"]]


def test_a_second_source_of_passwords_can_be_picked(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    connect(world, PASSWORDS, app.client_id)
    attempt = app.begin(browser)
    browser.follow("connection-stub-directory")
    assert browser.path == "/u/login"
    assert "connection-Username-Password-Authentication" in browser.shown.links, "the way back"
    browser.submit(username="jane", password=KNOWN["jane"])
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-directory|jane"
    state = app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert state.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_the_last_way_is_marked_in_that_browser(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser)
    assert "Last used" not in browser.shown.text
    browser.follow("connection-stub-social")
    come_back(browser)
    app.begin(browser, prompt="login")
    assert browser.shown.text.count("Last used") == 1
    browser.submit(username=jane.email, password=jane.password)
    app.begin(browser, prompt="login")
    assert browser.shown.text.count("Last used") == 1
    app.begin(world.browser())
    fresh = world.browser()
    app.begin(fresh)
    assert "Last used" not in fresh.shown.text


def test_nothing_is_remembered_where_there_is_one_way(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    assert not [name for _, name in browser.jar.kept if name.endswith("last")]


def test_the_last_way_is_forgotten_with_the_browser_where_sessions_are(
    world: World, browser: Browser, jane: Person
) -> None:
    world.settings(session_cookie={"mode": "non-persistent"})
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.sign_in(browser, jane)
    browser.jar.close_browser()
    app.begin(browser)
    assert "Last used" not in browser.shown.text


def test_scopes_for_the_source_reach_it(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Departure] = []
    begin = StubRedirect.start
    monkeypatch.setattr(
        StubRedirect, "start", lambda self, departure: (asked.append(departure), begin(self, departure))[1]
    )
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social", connection_scope="calendar.read drive", login_hint="jane@x.example")
    assert (asked[0].connection_scope, asked[0].login_hint) == ("calendar.read drive", "jane@x.example")


def test_what_is_no_domain_is_refused_when_saved(world: World) -> None:
    for odd in ("acme", "https://acme.example", "a b.example", "*.example.com", ""):
        body = {"name": "odd", "strategy": "stub-hidden", "options": {"domain_aliases": [odd]}}
        with world.writing() as work, pytest.raises(Exception, match="is no domain"):
            connections.create(work, body)
