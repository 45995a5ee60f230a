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
from tests.world.access import Access
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import API, Person, World

OFFLINE = "openid email read:things offline_access"
Request = Callable[[Application, Tokens, Browser, str | None], object]


class Sent:
    """Every statement that reaches the driver while it listens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kinds: list[str] = []
        execute, command, thread = Slot.execute, Slot.command, get_ident()

        def note(text: str) -> None:
            if get_ident() == thread:  # logs are written behind the scenes
                self.kinds.append(text.split(maxsplit=1)[0])

        def executed(slot: Slot, statement: Statement[Any], values: dict[str, Any]) -> Any:
            note(statement.sql("sqlite")[0])
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


READ = ["SELECT"]
VERSION_AND_READ = ["SELECT", "SELECT"]
"""A JWT is verified with the keys of this moment before anything is looked up."""
EXCHANGE = {"sqlite": ["SELECT", "UPDATE"], "postgresql": ["SELECT", "UPDATE"]}
EXPECTED: dict[str, tuple[Request, dict[str, list[str]]]] = {
    "userinfo": (lambda app, tokens, browser, audience: tokens.userinfo(), {}),
    "introspection": (lambda app, tokens, browser, audience: app.introspect(tokens.access_token), {}),
    "authorize": (
        lambda app, tokens, browser, audience: code(app, browser, audience),
        {"sqlite": ["SELECT", "INSERT"], "postgresql": ["SELECT", "INSERT"]},
    ),
    "refresh": (lambda app, tokens, browser, audience: tokens.refreshed(), EXCHANGE),
}


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
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
    app, browser = world.client(refresh_token=rotating), world.browser()
    app.sign_in(browser, jane, audience=audience, scope=OFFLINE)
    tokens = app.sign_in(browser, jane, audience=audience, scope=OFFLINE).refreshed()  # everything is remembered now
    app.introspect(tokens.access_token)
    send, expected = EXPECTED[request_]
    sent = Sent(monkeypatch).by(lambda: send(app, tokens, browser, audience))
    assert sent == expected.get(store, VERSION_AND_READ if audience else READ)


PERMISSIONS = "SELECT"


@on_both_stores
@pytest.mark.parametrize("request_", list(EXPECTED))
def test_an_api_that_enforces_permissions_costs_one_read_of_them(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch, store: str, request_: str
) -> None:
    """However many steps of the request look at them (docs/decisions/0200)."""
    world.api(enforce_policies=True)
    access = Access(world)
    access.give(jane, access.role("Reader", "read:things"))
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
    app, browser = world.client(refresh_token=rotating, is_first_party=False), world.browser()
    app.sign_in(browser, jane, audience=API, scope=OFFLINE)
    tokens = app.sign_in(browser, jane, audience=API, scope=OFFLINE).refreshed()
    app.introspect(tokens.access_token)
    send, expected = EXPECTED[request_]
    consent = ["SELECT"]
    before = expected.get(store, VERSION_AND_READ)
    sent = Sent(monkeypatch).by(lambda: send(app, tokens, browser, API))
    assert sorted(sent) == sorted([*before, PERMISSIONS, *consent])


def test_only_who_has_to_ask_costs_a_read_of_the_consent(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, browser = world.client(is_first_party=False), world.browser()
    tokens = app.sign_in(browser, jane)
    tokens.userinfo()
    assert Sent(monkeypatch).by(tokens.userinfo) == ["SELECT", "SELECT"]
