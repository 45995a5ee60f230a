"""Tokens of sources for applications: refreshed by one of those who need them, given out under every condition that
there is (spec/authentication-api.md section 3, Token Vault).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from connectors.contract import Arrival, ConnectorError, Identity
from connectors.registry import STRATEGIES
from idp.directory.connections.availability import sources
from idp.directory.users import source_tokens
from idp.foundation.kernel import clock as time_now
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, identities, logged
from tests.world.world import World

GRANT = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
ISSUED = "http://auth0.com/oauth/token-type/federated-connection-access-token"
REFRESH_TYPE, ACCESS_TYPE = (f"urn:ietf:params:oauth:token-type:{kind}_token" for kind in ("refresh", "access"))


class Giving(StubRedirect):
    """A source whose tokens last an hour and are refreshed once each, as one that turns them does."""

    asked: ClassVar[list[str]] = []
    gives: Mapping[str, str] = {}
    error: ConnectorError | None = None
    hold: threading.Event | None = None
    reached: threading.Event
    """Somebody asks."""

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        until = str(time_now.now_ms() + 3_600_000)
        tokens = {"access_token": "first", "refresh_token": "r0", "scope": "calendar mail", "expires_at": until}
        return replace(super().finish(arrival), tokens={**tokens, **Giving.gives})

    def refresh(self, account_id: str, tokens: Mapping[str, str]) -> Mapping[str, str]:
        """See :class:`connectors.contract.RefreshesTokens`."""
        assert source_tokens.REFRESHING not in tokens
        Giving.asked.append(tokens["refresh_token"])
        Giving.reached.set()
        if Giving.hold is not None:
            assert Giving.hold.wait(20)
        if Giving.error is not None:
            raise Giving.error
        until = str(time_now.now_ms() + 3_600_000)
        number = len(Giving.asked)
        return {**tokens, "access_token": f"again-{number}", "refresh_token": f"r{number}", "expires_at": until}


@pytest.fixture(autouse=True)
def strategy(source_stubs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Giving))
    for name, value in (("asked", []), ("gives", {}), ("error", None), ("hold", None)):
        monkeypatch.setattr(Giving, name, value)
    monkeypatch.setattr(Giving, "reached", threading.Event(), raising=False)
    sources.forget()


@dataclass
class Vault:
    """An application that may have tokens of the source, and somebody who came from there."""

    world: World
    app: Application
    connection_id: str
    tokens: Tokens

    def ask(self, **form: str | None) -> TestResponse:
        """The exchange."""
        usual: dict[str, str | None] = {
            "grant_type": GRANT,
            "subject_token": self.tokens.refresh_token,
            "subject_token_type": REFRESH_TYPE,
            "requested_token_type": ISSUED,
            "connection": REDIRECT.name,
        }
        return self.app.token(**{**usual, **form})

    def refuses(self, **form: str | None) -> str:
        """Its error."""
        answer = self.ask(**form)
        assert answer.status_code == 400, answer.get_data(as_text=True)
        return str(answer.json["error"])

    @property
    def user_id(self) -> str:
        """Who came."""
        (found,) = identities(self.world)
        return found.user_id


def come(world: World, browser: Browser, app: Application, **params: str) -> Tokens:
    """Somebody signs in from the source."""
    attempt = app.begin(browser, connection=REDIRECT.name, scope="openid offline_access", **params)
    if (browser.left_for or "").startswith("https://source"):
        come_back(browser)
    return attempt.tokens(browser.answer)


@pytest.fixture
def vault(world: World, browser: Browser) -> Vault:
    grants = ["authorization_code", "refresh_token", GRANT]
    app = world.client(grant_types=grants)
    connection_id = connect(world, REDIRECT, app.client_id)
    on = {"connected_accounts": {"active": True}}
    assert world.caller().patch(f"/connections/{connection_id}", on).status_code == 200
    return Vault(world, app, connection_id, come(world, browser, app))


@on_both_stores
def test_the_token_of_the_source_is_given_and_refreshed_when_it_is_over(vault: Vault, clock: Clock) -> None:
    given = vault.ask()
    assert given.status_code == 200, given.get_data(as_text=True)
    assert given.headers["Cache-Control"] == "no-store"
    answer = given.json
    assert 3590 <= answer.pop("expires_in") <= 3600
    assert answer == {
        "access_token": "first",
        "issued_token_type": ISSUED,
        "token_type": "Bearer",
        "scope": "calendar mail",
    }
    assert Giving.asked == []
    clock.forward(minutes=60)
    assert vault.ask().json["access_token"] == "again-1"
    assert vault.ask().json["access_token"] == "again-1"
    assert Giving.asked == ["r0"]
    clock.forward(minutes=60)
    assert vault.ask(requested_token_type=None).json["access_token"] == "again-2"
    assert Giving.asked == ["r0", "r1"]
    assert {entry.client_id for entry in vault.world.logs("seta")} == {vault.app.client_id}
    assert "again" not in vault.world.caller("read:logs").get("/logs").get_data(as_text=True)


def test_an_access_token_of_an_api_that_is_the_client(vault: Vault, browser: Browser) -> None:
    world = vault.world
    world.api("https://calendar.example/", client_id=vault.app.client_id)
    world.api("https://other.example/")
    spa = world.client()
    world.enable_connection(vault.connection_id, vault.app.client_id, spa.client_id)
    ours = come(world, browser, spa, audience="https://calendar.example/").access_token
    theirs = come(world, browser, spa, audience="https://other.example/").access_token
    answer = vault.ask(subject_token=ours, subject_token_type=ACCESS_TYPE)
    assert answer.json["access_token"] == "first", answer.json
    assert vault.refuses(subject_token=theirs, subject_token_type=ACCESS_TYPE) == "invalid_grant"
    own = come(world, browser, vault.app).access_token  # an application shows what it was given, not itself
    assert vault.refuses(subject_token=own, subject_token_type=ACCESS_TYPE) == "invalid_grant"


def test_what_stands_against_it(vault: Vault, browser: Browser) -> None:
    world, caller = vault.world, vault.world.caller()
    assert vault.refuses(subject_token="nonsense") == "invalid_grant"
    assert vault.refuses(subject_token=vault.tokens.access_token) == "invalid_grant"
    assert vault.refuses(subject_token_type=ACCESS_TYPE) == "invalid_grant"
    assert vault.refuses(subject_token_type="urn:x") == "invalid_request"
    assert vault.refuses(requested_token_type="urn:x") == "invalid_request"
    for name in ("subject_token", "subject_token_type", "connection"):
        assert vault.refuses(**{name: None}) == "invalid_request"
    for name in ("nobody", "Username-Password-Authentication", "x" * 300):
        assert vault.refuses(connection=name) == "invalid_request"
    assert vault.refuses(login_hint="somebody-else") == "federated_connection_refresh_token_not_found"
    assert vault.refuses(login_hint="x" * 300) == "invalid_request"
    assert vault.ask(login_hint="acc-1").status_code == 200

    other = world.client(grant_types=["authorization_code", "refresh_token", GRANT])
    world.enable_connection(vault.connection_id, vault.app.client_id, other.client_id)
    stolen = replace(vault, app=other)
    assert stolen.refuses() == "invalid_grant"
    without = world.client()
    assert replace(vault, app=without).refuses() == "unauthorized_client"
    public = world.client("spa", grant_types=["authorization_code", "refresh_token", GRANT])
    world.enable_connection(vault.connection_id, vault.app.client_id, public.client_id)
    its = replace(vault, app=public, tokens=come(world, browser, public))
    assert its.refuses() == "unauthorized_client"

    for switch, error in (
        ({"connected_accounts": {"active": False}}, "invalid_request"),
        ({"enabled_clients": []}, "invalid_request"),
    ):
        path = f"/connections/{vault.connection_id}"
        assert caller.patch(path, switch).status_code == 200
        assert vault.ask().json["error"] in {error, "invalid_grant"}, switch
        on = {"connected_accounts": {"active": True}, "enabled_clients": [vault.app.client_id]}
        assert caller.patch(path, on).status_code == 200
    assert vault.ask().status_code == 200
    world.change_client(vault.app.client_id, refresh_token={"rotation_type": "rotating", "expiration_type": "expiring"})
    assert vault.refuses() == "invalid_request"
    world.change_client(
        vault.app.client_id, refresh_token={"rotation_type": "non-rotating", "expiration_type": "non-expiring"}
    )
    assert caller.patch(f"/users/{quote(vault.user_id)}", {"blocked": True}).status_code == 200
    assert vault.refuses() == "invalid_grant"
    assert {entry["details"]["error"] for entry in logged(world, "feta")} >= {"invalid_grant", "unauthorized_client"}


@pytest.mark.parametrize("gives", [{"refresh_token": "", "expires_at": "1"}, {"token_type": "DPoP"}])
def test_tokens_that_are_good_for_nobody(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, gives: dict[str, str]
) -> None:
    class Other(Giving):
        """Gives less."""

        def finish(self, arrival: Arrival) -> Identity:
            """See :class:`Giving`."""
            identity = super().finish(arrival)
            return replace(identity, tokens={name: each for name, each in identity.tokens.items() if each})

    monkeypatch.setattr(Giving, "gives", gives)
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Other))
    app = world.client(grant_types=["authorization_code", "refresh_token", GRANT])
    connection_id = connect(world, REDIRECT, app.client_id)
    world.caller().patch(f"/connections/{connection_id}", {"connected_accounts": {"active": True}})
    found = Vault(world, app, connection_id, come(world, browser, app))
    assert found.refuses() == "federated_connection_refresh_token_not_found"


def test_a_source_that_takes_them_back_or_does_not_answer(vault: Vault, clock: Clock) -> None:
    clock.forward(minutes=60)
    Giving.error = ConnectorError("access_denied", "No.", detail="invalid_grant")
    assert vault.refuses() == "federated_connection_refresh_token_flow_failed"
    Giving.error = ConnectorError("temporarily_unavailable", "Silence.")
    answer = vault.ask()
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    Giving.error = None
    assert vault.ask().json["access_token"] == "again-3"  # the lease of the one who failed is over at once


@on_both_stores
def test_one_refreshes_while_the_others_wait(vault: Vault, clock: Clock) -> None:
    clock.forward(minutes=60)
    Giving.hold = threading.Event()
    answers: list[str] = []

    def ask() -> None:
        answers.append(vault.ask().json.get("access_token", "nothing"))

    callers = [threading.Thread(target=ask) for _ in range(4)]
    for each in callers:
        each.start()
    assert Giving.reached.wait(30)
    Giving.hold.set()
    for each in callers:
        each.join(30)
    assert answers == ["again-1"] * 4
    assert Giving.asked == ["r0"]


def test_a_refresh_that_died_is_taken_over(vault: Vault, clock: Clock) -> None:
    clock.forward(minutes=60)
    with vault.world.context() as work:
        (held,) = source_tokens.of_user(work, vault.user_id)
        assert source_tokens._leased(work, held) is not None
        (leased,) = source_tokens.of_user(work, vault.user_id)
        assert source_tokens._leased(work, leased) is None
    clock.forward(seconds=9)
    assert vault.ask().json["access_token"] == "again-1"


def test_a_sign_in_between_wins(vault: Vault, browser: Browser, clock: Clock) -> None:
    clock.forward(minutes=60)
    with vault.world.context() as work:
        (held,) = source_tokens.of_user(work, vault.user_id)
        leased = source_tokens._leased(work, held)
        assert leased is not None
        Giving.gives = {"access_token": "newer", "refresh_token": "r-new"}
        come(vault.world, vault.world.browser(), vault.app)
        assert source_tokens._refreshed(work, leased).tokens["access_token"] == "newer"
    assert vault.ask().json["access_token"] == "newer"


def test_a_source_that_gives_a_refresh_token_once_means_that_one(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    class Once(Giving):
        """Gives no refresh token to those who agreed before."""

        def finish(self, arrival: Arrival) -> Identity:
            """See :class:`Giving`."""
            identity = super().finish(arrival)
            return replace(identity, tokens={"access_token": "second", "expires_at": identity.tokens["expires_at"]})

    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Once))
    come(vault.world, vault.world.browser(), vault.app)
    with vault.world.context() as work:
        (held,) = source_tokens.of_user(work, vault.user_id)
    assert (held.tokens["access_token"], held.tokens["refresh_token"]) == ("second", "r0")


@on_both_stores
def test_token_sets_and_connected_accounts_without_the_tokens(vault: Vault) -> None:
    caller, path = vault.world.caller(), f"/users/{quote(vault.user_id)}"
    (listed,) = caller.get(f"{path}/federated-connections-tokensets").json
    assert (listed["connection"], listed["scope"], listed["last_used_at"]) == (REDIRECT.name, "calendar mail", None)
    assert listed["issued_at"] < listed["expires_at"]
    vault.ask()
    assert caller.get(f"{path}/federated-connections-tokensets").json[0]["last_used_at"]
    answer = caller.get(f"{path}/connected-accounts", take=5).json
    (account,) = answer["connected_accounts"]
    assert account.pop("created_at") == listed["issued_at"]
    assert account == {
        "id": f"cac_{listed['id']}",
        "connection": REDIRECT.name,
        "connection_id": vault.connection_id,
        "strategy": REDIRECT.name,
        "access_type": "offline",
        "scopes": ["calendar", "mail"],
    }
    assert "next" not in answer
    shown = f"{caller.get(path).json}{answer}"
    assert "first" in shown  # to a caller with every right
    assert not any(secret in str([listed, account]) for secret in ("first", "r0"))

    gone = f"{path}/federated-connections-tokensets/{listed['id']}"
    assert vault.world.caller("read:users").delete(gone).status_code == 403
    assert caller.delete(f"{path}/federated-connections-tokensets/unknown").status_code == 204
    assert caller.get(f"{path}/federated-connections-tokensets").json
    assert caller.delete(gone).status_code == 204
    assert caller.get(f"{path}/federated-connections-tokensets").json == []
    assert caller.get(f"{path}/connected-accounts").json["connected_accounts"] == []
    assert vault.refuses() == "federated_connection_refresh_token_not_found"
    assert caller.get("/users/auth0%7Cnobody/connected-accounts").status_code == 404


def test_one_user_is_shown_with_tokens_that_are_good(vault: Vault, clock: Clock) -> None:
    clock.forward(minutes=60)
    path = f"/users/{quote(vault.user_id)}"
    reader = vault.world.caller("read:users")
    assert "again" not in reader.get(path).get_data(as_text=True)
    assert Giving.asked == []
    keeper = vault.world.caller("read:users", "read:user_idp_tokens")
    assert keeper.get("/users").status_code == 200
    assert Giving.asked == []  # a list refreshes nothing
    (identity,) = keeper.get(path).json["identities"]
    assert (identity["access_token"], identity["refresh_token"]) == ("again-1", "r1")
    assert Giving.asked == ["r0"]
    clock.forward(minutes=60)
    Giving.error = ConnectorError("temporarily_unavailable", "Silence.")
    keeper = vault.world.caller("read:users", "read:user_idp_tokens")
    (identity,) = keeper.get(path).json["identities"]
    assert identity["access_token"] == "again-1"  # as it is, where the source is away
    assert keeper.get("/users/auth0%7Cnobody").status_code == 404
