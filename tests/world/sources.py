"""Sources of accounts that exist in tests only: one that takes passwords, and one that people are sent to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sqlalchemy import select

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure, Identity, InvalidCredentials
from connectors.strategy import Options, Secret, Strategy, Sync
from idp.directory.connections import service as connections
from idp.directory.users.models import Identity as IdentityRow
from idp.directory.users.models import User
from idp.tenant.audit.models import LogEntry
from tests.world.browser import Browser
from tests.world.world import World

SOURCE = "https://source.example.test/sign-in"
KNOWN = {"jane": "Correct Horse 9"}


class StubOptions(Options, frozen=True, kw_only=True):
    """What the stubs take."""

    api_token: Secret = ""
    set_user_root_attributes: Sync = "on_each_login"
    non_persistent_attrs: tuple[str, ...] = ()

    def sync(self) -> Sync:
        """As configured."""
        return self.set_user_root_attributes

    def never_stored(self) -> tuple[str, ...]:
        """As configured."""
        return self.non_persistent_attrs


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
EVIL = "attacker"
"""Whom forged answers say that they are about."""
REDIRECT = Strategy(
    name="stub-social", kind="social", amr="fed", options=StubOptions, open=StubRedirect, display_name="Stub Social"
)


def connect(world: World, strategy: Strategy, client_id: str, **options: Any) -> str:
    """A connection of that strategy, for that application; answers its id."""
    members = {"name": strategy.name, "strategy": strategy.name, "options": options, "enabled_clients": [client_id]}
    with world.writing() as work:
        return str(connections.create(work, members).id)


def only(world: World, client_id: str) -> None:
    """The application no longer uses the database."""
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, world.connection_id), [(client_id, False)])


def users(world: World) -> list[User]:
    """Those who came from a source."""
    with world.context() as work:
        return list(work.rows.scalars(select(User).where(User.user_id.startswith("stub-"))))


def identities(world: World) -> list[IdentityRow]:
    """Theirs."""
    with world.context() as work:
        return list(work.rows.scalars(select(IdentityRow).where(IdentityRow.provider.startswith("stub-"))))


def logged(world: World, type_: str) -> list[dict[str, Any]]:
    """The log entries of that type."""
    with world.context() as work:
        return [row.data for row in work.rows.scalars(select(LogEntry).where(LogEntry.type == type_))]


def sent_state(browser: Browser) -> str:
    """The state that the browser was sent to the source with."""
    assert (browser.left_for or "").startswith(SOURCE)
    return parse_qs(urlsplit(str(browser.left_for)).query)["state"][0]


def come_back(browser: Browser, code: str = "acc-1", state: str | None = None, **params: str) -> Browser:
    """From the source, with its answer."""
    query = {"state": state or sent_state(browser), "code": code, **params}
    return browser.open(f"/login/callback?{urlencode(query)}", site="cross-site")


def come_back_as(browser: Browser, account_id: str) -> None:
    """With an id that no address can hold."""
    StubRedirect.account_id = account_id
    come_back(browser)


def arrive(world: World, options: Mapping[str, Any]) -> str:
    """The id of somebody who comes from the redirecting source for the first time; ``options`` are its connection's."""
    app = world.client()
    connect(world, REDIRECT, app.client_id, **options)
    browser = world.browser()
    app.begin(browser, connection=REDIRECT.name)
    come_back(browser)
    return str(users(world)[0].user_id)


def refused(world: World, browser: Browser, reason: str) -> None:
    """Nobody was signed in, the application was told no more than that, and the log says why."""
    assert browser.answer.error == "access_denied"
    assert EVIL not in browser.answer.params["error_description"]
    reasons = [str((entry.get("details") or {}).get("detail")) for entry in logged(world, "f")]
    assert any(reason in each for each in reasons), reasons
    assert logged(world, "s") == []
