"""People whose accounts are kept elsewhere: connectors that exist in this file only sign them in, and nothing in
``idp/signin`` knows their names (docs/decisions/0071, 0072).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure, Identity, InvalidCredentials
from connectors.registry import STRATEGIES
from connectors.strategy import Options, Secret, Strategy, Sync
from idp.directory.connections import service as connections
from idp.directory.users.models import Identity as IdentityRow
from idp.directory.users.models import User
from idp.directory.users.provision import FoundUser
from idp.directory.users.service import arrival
from idp.foundation.tenancy.work import Work
from idp.tenant.audit.models import LogEntry
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import World

SOURCE = "https://source.example.test/sign-in"
KNOWN = {"jane": "Correct Horse 9"}


class StubOptions(Options, frozen=True, kw_only=True):
    """What the stubs take."""

    api_token: Secret = ""
    set_user_root_attributes: Sync = "on_each_login"

    def sync(self) -> Sync:
        """As configured."""
        return self.set_user_root_attributes


class StubPasswords:
    """Knows one person."""

    def __init__(self, context: ConnectorContext) -> None:
        self.context = context

    def login(self, identifier: str, password: str) -> Identity:
        """Compare with what is known."""
        if KNOWN.get(identifier) != password:
            raise InvalidCredentials
        return Identity(identifier, {"email": f"{identifier}@stub.example", "email_verified": True, "name": "Jane S."})


class StubRedirect:
    """A source whose answers the tests write themselves."""

    profile: Mapping[str, Any] = {}
    account_id: str | None = None

    def __init__(self, context: ConnectorContext) -> None:
        self.context = context

    def issuer(self) -> str | None:
        """Its name."""
        return "https://source.example.test"

    def start(self, departure: Departure) -> str:
        """With everything in the address that the tests want to see."""
        departure.keep["verifier"] = "kept"
        return f"{SOURCE}?{urlencode({'state': departure.state, 'redirect_uri': self.context.callback_url})}"

    def finish(self, arrival: Arrival) -> Identity:
        """Who the code says."""
        assert arrival.keep == {"verifier": "kept"}
        if "error" in arrival.params:
            raise ConnectorError(arrival.params["error"], "The source said no.", detail="a detail")
        tokens = {"access_token": "upstream-token"}
        account_id = arrival.params["code"] if self.account_id is None else self.account_id
        return Identity(account_id, {"email": "jane@source.example", **self.profile}, tokens=tokens)


PASSWORDS = Strategy(name="stub-directory", kind="enterprise", amr="pwd", options=StubOptions, open=StubPasswords)
REDIRECT = Strategy(
    name="stub-social", kind="social", amr="fed", options=StubOptions, open=StubRedirect, display_name="Stub Social"
)


@pytest.fixture(autouse=True)
def stubs(monkeypatch: pytest.MonkeyPatch) -> None:
    for strategy in (PASSWORDS, REDIRECT):
        monkeypatch.setitem(STRATEGIES, strategy.name, strategy)
    monkeypatch.setattr(StubRedirect, "profile", {})
    monkeypatch.setattr(StubRedirect, "account_id", None)


def connect(world: World, strategy: Strategy, client_id: str, **options: Any) -> str:
    members = {"name": strategy.name, "strategy": strategy.name, "options": options, "enabled_clients": [client_id]}
    with world.writing() as work:
        return str(connections.create(work, members).id)


def only(world: World, client_id: str) -> None:
    """The application no longer uses the database."""
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, world.connection_id), [(client_id, False)])


def users(world: World) -> list[User]:
    with world.context() as work:
        return list(work.rows.scalars(select(User).where(User.user_id.startswith("stub-"))))


def identities(world: World) -> list[IdentityRow]:
    with world.context() as work:
        return list(work.rows.scalars(select(IdentityRow).where(IdentityRow.provider.startswith("stub-"))))


def logged(world: World, type_: str) -> list[dict[str, Any]]:
    """The log entries of that type."""
    with world.context() as work:
        return [row.data for row in work.rows.scalars(select(LogEntry).where(LogEntry.type == type_))]


def sent_state(browser: Browser) -> str:
    assert (browser.left_for or "").startswith(SOURCE)
    return parse_qs(urlsplit(str(browser.left_for)).query)["state"][0]


def come_back(browser: Browser, code: str = "acc-1", state: str | None = None, **params: str) -> Browser:
    query = {"state": state or sent_state(browser), "code": code, **params}
    return browser.open(f"/login/callback?{urlencode(query)}", site="cross-site")


def come_back_as(browser: Browser, account_id: str) -> None:
    """With an id that no address can hold."""
    StubRedirect.account_id = account_id
    come_back(browser)


def test_a_password_connector_signs_people_in(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, PASSWORDS, app.client_id)
    only(world, app.client_id)
    app.begin(browser)
    assert "signup-link" not in browser.shown.links
    assert "forgot-password-link" not in browser.shown.links
    browser.submit(username="jane", password="wrong")
    assert browser.status == 400
    attempt = app.begin(browser)
    browser.submit(username="jane", password=KNOWN["jane"])
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["name"], claims["email_verified"]) == ("stub-directory|jane", "Jane S.", True)
    assert [row.user_id for row in users(world)] == ["stub-directory|jane"]
    (entry,) = logged(world, "s")
    assert (entry["strategy"], entry["strategy_type"]) == ("stub-directory", "enterprise")


def test_a_button_leads_to_the_source_and_back(world: World, browser: Browser) -> None:
    app = world.client()
    connection_id = connect(world, REDIRECT, app.client_id, api_token="t")
    attempt = app.begin(browser)
    assert "Continue with Stub Social" in browser.shown.text
    assert browser.shown.form("username").fields, "the password form stays"
    browser.follow("connection-stub-social")
    state = sent_state(browser)
    assert state not in str(attempt.params), "a state of its own"
    come_back(browser)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["email"], claims["email_verified"]) == (
        "stub-social|acc-1",
        "jane@source.example",
        False,
    )
    (identity,) = identities(world)
    assert (identity.connection_id, identity.identity_user_id, identity.is_social) == (connection_id, "acc-1", True)
    assert identity.tokens_sealed is not None
    assert "upstream-token" not in identity.tokens_sealed
    shown = world.caller().get(f"/users/{claims['sub'].replace('|', '%7C')}").json or {}
    assert shown["identities"][0]["provider"] == "stub-social"


def test_the_connection_parameter_goes_straight_there(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for hint in (None, "signup"):
        attempt = app.begin(browser, connection="stub-social", screen_hint=hint)
        assert [urlsplit(hop).path for hop in browser.hops] == ["/authorize", "/login/redirect/stub-social"]
        come_back(browser)
        assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"
        browser.jar.kept.clear()


def test_a_page_with_buttons_alone(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    only(world, app.client_id)
    for first in (False, True):
        world.prompts(identifier_first=first)
        app.begin(browser)
        assert browser.path == "/u/login" if not first else browser.path.startswith("/u/login")
        assert "connection-stub-social" in browser.shown.links
        assert "password" not in str([form.fields for form in browser.shown.forms])


def test_identifier_first_offers_it_too(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    world.prompts(identifier_first=True)
    app.begin(browser)
    assert browser.path == "/u/login/identifier"
    assert "connection-stub-social" in browser.shown.links


def test_a_posted_answer_is_asked_for_with_our_own_cookies(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    attempt = app.begin(browser, connection="stub-social")
    form = {"RelayState": sent_state(browser), "code": "acc-1"}
    browser.open("/login/callback", method="POST", form=form, site="cross-site")
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"


def test_an_answer_too_large_to_be_kept_is_refused_and_the_state_is_still_good(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    attempt = app.begin(browser, connection="stub-social")
    state = sent_state(browser)
    form = {"state": state, "SAMLResponse": "x" * 300_000}
    browser.open("/login/callback", method="POST", form=form, site="cross-site")
    assert browser.status == 413
    come_back(browser, state=state)
    assert attempt.tokens(browser.answer).id_claims["sub"] == "stub-social|acc-1"


def test_an_answer_counts_once_and_for_its_own_browser(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    state = sent_state(browser)
    come_back(world.browser(), state=state)
    assert users(world) == [], "somebody else's browser"
    browser.request("HEAD", f"/login/callback?{urlencode({'state': state, 'code': 'acc-1'})}")
    assert users(world) == [], "whoever only looks at the link spends nothing"
    victim = world.browser()
    app.begin(victim, connection="stub-social")
    come_back(victim, code="attacker", state=state)
    assert victim.status == 400
    come_back(browser, state=state)
    assert browser.answer.code
    come_back(browser, state=state)
    assert browser.status == 400
    assert browser.left_for is None
    for nonsense in ("", "x" * 300, "unknown"):
        browser.open(f"/login/callback?{urlencode({'state': nonsense, 'code': 'c'})}")
        assert browser.status == 400


def test_an_answer_belongs_to_the_connection_that_was_asked(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    come_back(browser, iss="https://honest.example.test")
    assert (browser.answer.error, users(world)) == ("access_denied", [])
    other = Strategy(name="stub-other", kind="social", amr="fed", options=StubOptions, open=StubRedirect)
    monkeypatch.setitem(STRATEGIES, other.name, other)
    asked = connect(world, other, app.client_id)
    app.begin(browser, connection="stub-other")
    come_back(browser, iss="https://source.example.test", connection="stub-social")
    assert [row.connection_id for row in identities(world)] == [asked]


def test_the_source_says_no(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for said, told in (("access_denied", "access_denied"), ("server_error", "server_error"), ("odd", "access_denied")):
        app.begin(browser, connection="stub-social")
        come_back(browser, error=said)
        assert browser.answer.error == told
        assert browser.answer.params["error_description"] == "The source said no."
    assert users(world) == []
    assert {"code": "odd", "detail": "a detail"} in [entry.get("details") for entry in logged(world, "f")]


def test_a_connection_of_another_application_leads_nowhere(world: World, browser: Browser) -> None:
    app, other = world.client(), world.client()
    connect(world, REDIRECT, other.client_id)
    app.begin(browser)
    assert "connection-stub-social" not in browser.shown.links
    state = browser.shown.form("username").fields["state"]
    browser.open(f"/login/redirect/stub-social?state={state}")
    assert (browser.status, browser.left_for) == (400, None)
    world.browser().open(f"/login/redirect/stub-social?state={state}")


@pytest.mark.parametrize(
    ("sync", "first", "later"),
    [
        ("on_each_login", "One", "Two"),
        ("on_first_login", "One", "One"),
        ("never_on_login", "jane@source.example", "jane@source.example"),
    ],
)
def test_the_cached_profile_follows_the_source(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, sync: str, first: str, later: str
) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id, set_user_root_attributes=sync)
    seen = []
    for name in ("One", "Two"):
        profile = {
            "name": name,
            "locale": "en",
            "email_verified": True,
            "blocked": True,
            "user_id": "x",
            "app_metadata": 1,
        }
        monkeypatch.setattr(StubRedirect, "profile", profile)
        app.begin(browser, connection="stub-social", prompt="login")
        come_back(browser)
        (user,) = users(world)
        seen.append(user.name)
        assert (user.user_id, user.blocked, user.app_metadata, user.email_verified) == (
            "stub-social|acc-1",
            False,
            None,
            True,
        )
        assert user.profile == {"locale": "en"}
    assert seen == [first, later]


def test_a_blocked_user_stays_out(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    come_back(browser)
    world.change_user("stub-social|acc-1", blocked=True)
    browser.jar.kept.clear()
    app.begin(browser, connection="stub-social")
    come_back(browser)
    assert browser.answer.error == "unauthorized"


def test_the_account_page_is_reached_that_way(world: World, browser: Browser) -> None:
    connect(world, REDIRECT, world.machine)
    browser.open("/account")
    browser.follow("connection-stub-social")
    come_back(browser)
    assert browser.path == "/account"


def test_what_administrators_wrote_into_the_profile_stays(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "OURS", arrival.OURS | {"department"})
    monkeypatch.setattr(StubRedirect, "profile", {"locale": "en", "department": "the source's"})
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for written in ({"locale": "en"}, {"locale": "en", "department": "Sales"}):
        app.begin(browser, connection="stub-social", prompt="login")
        come_back(browser)
        (user,) = users(world)
        assert user.profile == written
        world.change_user(user.user_id, profile={"locale": "de", "department": "Sales"})


@on_both_stores
@pytest.mark.parametrize(
    "profile",
    [
        {"name": "N" * 4000, "given_name": "G" * 4000, "nickname": "x" * 4000, "username": "u" * 4000},
        {"name": {"first": "Jane"}, "family_name": ["a"], "phone_number": 17, "phone_verified": "yes"},
        {"name": "a\x00b", "given_name": "", "picture": "javascript:alert(1)", "x": {"y": ["a\x00b"]}},
    ],
    ids=["long", "of another type", "unspeakable"],
)
def test_what_a_source_says_of_somebody_keeps_nobody_out(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, profile: dict[str, Any]
) -> None:
    """Whoever runs the source chooses it: what is no such attribute counts as not said, today and at later sign-ins."""
    monkeypatch.setattr(StubRedirect, "profile", profile)
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for _ in range(2):
        attempt = app.begin(browser, prompt="login")
        browser.follow("connection-stub-social")
        come_back(browser)
        assert attempt.tokens(browser.answer).id_claims["name"] == "jane@source.example"
    (user,) = users(world)
    assert (user.given_name, user.family_name, user.phone_number, user.username) == (None, None, None, None)
    assert (user.picture or "").startswith("https://")


@on_both_stores
def test_whoever_loses_the_race_to_arrive_first_is_the_same_user(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs at once: neither finds a user, the unique key decides, and the other one looks again."""
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    before: list[bool] = []

    def nobody_yet(work: Work, connection_id: str, account_id: str) -> FoundUser | None:
        return None if before and before.pop() else by_identity(work, connection_id, account_id)

    by_identity = arrival.provision.by_identity
    for each in (browser, world.browser()):
        attempt = app.begin(each)
        each.follow("connection-stub-social")
        if each is not browser:
            before[:] = [True]
            monkeypatch.setattr(arrival.provision, "by_identity", nobody_yet)
        come_back(each)
        assert attempt.tokens(each.answer).id_claims["sub"] == "stub-social|acc-1"
    assert len(users(world)) == 1


@pytest.mark.parametrize("account_id", ["x" * 256, "a\x00b", ""], ids=["long", "unspeakable", "empty"])
def test_an_account_without_a_usable_id_is_refused_in_words(world: World, browser: Browser, account_id: str) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser)
    browser.follow("connection-stub-social")
    come_back_as(browser, account_id)
    assert (browser.answer.error, users(world)) == ("access_denied", [])


def test_an_id_of_another_connection_of_the_strategy_is_refused_in_words(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    members = {"name": "second", "strategy": REDIRECT.name, "enabled_clients": [app.client_id]}
    with world.writing() as work:
        connections.create(work, members)
    app.begin(browser)
    browser.follow("connection-stub-social")
    come_back(browser)
    other = world.browser()
    app.begin(other)
    other.follow("connection-second")
    come_back(other)
    assert other.answer.error == "access_denied"
    assert len(users(world)) == 1
