"""What the gate reads costs no statement of its own: everything but consent comes from memory, however often it looks
(docs/decisions/0097).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import get_ident
from typing import Any

import pytest

from idp.foundation.db.hot import Statement
from idp.foundation.db.slots import Slot
from idp.protocol.tokens import room
from tests.world.access import Access
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import API, Person, World

OFFLINE = "openid email read:things offline_access"
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]
Request = Callable[[Application, Tokens, Browser, str | None], object]


class Sent:
    """Every statement that reaches the driver while it listens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kinds: list[str] = []
        self.names: list[str] = []
        execute, command, thread = Slot.execute, Slot.command, get_ident()

        def note(text: str) -> None:
            if get_ident() == thread:  # logs are written behind the scenes
                self.kinds.append(text.split(maxsplit=1)[0])

        def executed(slot: Slot, statement: Statement[Any], values: dict[str, Any]) -> Any:
            note(statement.sql("sqlite")[0])
            if get_ident() == thread:
                self.names.append(statement.name.removesuffix("_sqlite").removesuffix("_postgresql"))
            return execute(slot, statement, values)

        def commanded(slot: Slot, text: str) -> None:
            note(text)
            command(slot, text)

        monkeypatch.setattr(Slot, "execute", executed)
        monkeypatch.setattr(Slot, "command", commanded)

    def by(self, request: Callable[[], object]) -> Sequence[str]:
        """What a request sends."""
        self.kinds.clear()
        request()
        return list(self.kinds)


def code(app: Application, browser: Browser, audience: str | None) -> object:
    attempt = app.begin(browser, audience=audience, scope=OFFLINE, prompt="none")
    return attempt, browser.answer.code


def own_token(app: Application, _tokens: Tokens, _browser: Browser, _audience: str | None) -> object:
    return app.token(grant_type="client_credentials", audience=API).get_json()["access_token"]


def signed_in_again(app: Application, _tokens: Tokens, browser: Browser, audience: str | None) -> object:
    attempt = app.begin(browser, audience=audience, scope=OFFLINE, prompt="none")
    return attempt.tokens(browser.answer)


READ = ["SELECT"]
VERSION_AND_READ = ["SELECT", "SELECT"]
"""A JWT is verified with the keys of this moment before anything is looked up."""
SILENT = ["SELECT", "INSERT", "SELECT", "UPDATE"]
EXCHANGE = {"sqlite": ["SELECT", "UPDATE"], "postgresql": ["SELECT", "UPDATE"]}
EXPECTED: dict[str, tuple[Request, dict[str, list[str]]]] = {
    "userinfo": (lambda app, tokens, browser, audience: tokens.userinfo(), {}),
    "introspection": (lambda app, tokens, browser, audience: app.introspect(tokens.access_token), {}),
    "authorize": (
        lambda app, tokens, browser, audience: code(app, browser, audience),
        {"sqlite": ["SELECT", "INSERT"], "postgresql": ["SELECT", "INSERT"]},
    ),
    "refresh": (lambda app, tokens, browser, audience: tokens.refreshed(), EXCHANGE),
    "client credentials": (own_token, {"sqlite": READ, "postgresql": READ}),
    "silent sign-in": (signed_in_again, {"sqlite": SILENT, "postgresql": SILENT}),
}
PASSWORD_SIGN_IN = [
    *("tenant_version", "counter_upsert", "one_time_insert"),  # /authorize
    "one_time_read",  # the page
    *("one_time_read", "counter_upsert"),
    *("failure_of_network", "failure_of_account", "account_by_identifier", "user_by_identity"),
    *("user_record_login", "session_insert", "failure_clear_one", "failure_take_back", "one_time_change"),
    *("log_turn", "log_insert", "activity_known", "daily_statistics"),  # the password
    *("one_time_read", "session_live", "one_time_take_and_leave", "session_join", "authorization_insert"),  # back
    *("authorization_by_id", "authorization_redeem"),  # the code
]
"""Of somebody who signed in on the same day before. With Redis the counters are not among them."""


@on_both_stores
@pytest.mark.parametrize("request_", list(EXPECTED))
@pytest.mark.parametrize("audience", [None, API])
def test_a_request_sends_no_more_statements_than_before(
    world: World,
    jane: Person,
    monkeypatch: pytest.MonkeyPatch,
    store: str,
    request_: str,
    audience: str | None,
) -> None:
    world.api()
    monkeypatch.setattr(room, "EVERY", 1_000_000)  # one redemption in sixteen looks for room
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
    app, browser = world.client(refresh_token=rotating, grant_types=GRANTS), world.browser()
    world.grant(app.client_id, API, "read:things")
    app.sign_in(browser, jane, audience=audience, scope=OFFLINE)
    tokens = app.sign_in(browser, jane, audience=audience, scope=OFFLINE).refreshed()  # everything is remembered now
    app.introspect(tokens.access_token)
    own_token(app, tokens, browser, audience)
    send, expected = EXPECTED[request_]
    sent = Sent(monkeypatch).by(lambda: send(app, tokens, browser, audience))
    assert sent == expected.get(store, VERSION_AND_READ if audience else READ)


PERMISSIONS = "SELECT"


@on_both_stores
@pytest.mark.parametrize("request_", [name for name in EXPECTED if name != "client credentials"])
def test_an_api_that_enforces_permissions_costs_one_read_of_them(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch, store: str, request_: str
) -> None:
    """However many steps of a request look at them (docs/decisions/0200)."""
    world.api(enforce_policies=True)
    monkeypatch.setattr(room, "EVERY", 1_000_000)
    access = Access(world)
    access.give(jane, access.role("Reader", "read:things"))
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
    app, browser = world.client(refresh_token=rotating, is_first_party=False), world.browser()
    app.sign_in(browser, jane, audience=API, scope=OFFLINE)
    tokens = app.sign_in(browser, jane, audience=API, scope=OFFLINE).refreshed()
    app.introspect(tokens.access_token)
    send, expected = EXPECTED[request_]
    consent = ["SELECT"]
    requests = 2 if request_ == "silent sign-in" else 1
    before = expected.get(store, VERSION_AND_READ)
    sent = Sent(monkeypatch).by(lambda: send(app, tokens, browser, API))
    assert sorted(sent) == sorted([*before, *[PERMISSIONS, *consent] * requests])


@on_both_stores
def test_a_password_sign_in_sends_no_more_statements_than_before(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch, store: str
) -> None:
    monkeypatch.setattr(room, "EVERY", 1_000_000)
    app = world.client()
    for _ in range(2):  # the first makes a key, which is a change of the configuration
        app.sign_in(world.browser(), jane, scope=OFFLINE)
    sent = Sent(monkeypatch)
    sent.by(lambda: app.sign_in(world.browser(), jane, scope=OFFLINE))
    assert sent.names == PASSWORD_SIGN_IN
    assert sent.kinds.count("BEGIN") == 4


def test_only_who_has_to_ask_costs_a_read_of_the_consent(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, browser = world.client(is_first_party=False), world.browser()
    tokens = app.sign_in(browser, jane)
    tokens.userinfo()
    assert Sent(monkeypatch).by(tokens.userinfo) == ["SELECT", "SELECT"]
