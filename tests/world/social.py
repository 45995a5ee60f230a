"""Providers of the catalogue at the other end of the pages: outbound calls of connectors end at a
:class:`tests.connectors.dialects.Dialect`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.oauth2 import key_sets
from idp.directory.connections import runtime
from idp.directory.connections import service as connections
from tests.connectors import dialects
from tests.connectors.dialects import Dialect
from tests.world.browser import Browser
from tests.world.world import World

AnsweredBy = Callable[[Dialect], Dialect]


@pytest.fixture
def answered_by(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnsweredBy]:
    """Outbound calls of connectors end at that provider, until another one is named."""
    key_sets.forget()

    def set_up(dialect: Dialect) -> Dialect:
        monkeypatch.setattr(runtime, "Outbound", lambda _work: dialect)
        return dialect

    yield set_up
    key_sets.forget()


def connected(world: World, name: str, client_id: str, called: str | None = None, **more: Any) -> str:
    """A connection to that provider, for that application; answers its id."""
    members = {
        "name": called or name,
        "strategy": name,
        "options": {**dialects.options(name), **more},
        "enabled_clients": [client_id],
        "show_as_button": True,
    }
    with world.writing() as work:
        return str(connections.create(work, members).id)


def to_and_back(browser: Browser, dialect: Dialect, called: str | None = None, **params: str) -> None:
    """The provider's button, its pages, and back again, with other ``params`` where they are given."""
    browser.follow(f"connection-{called or dialect.name}")
    come_back(browser, dialect, **params)


def come_back(browser: Browser, dialect: Dialect, **params: str) -> None:
    """From the provider, the way it sends people back."""
    method, back = dialect.authorize(str(browser.left_for))
    assert dialect.refused == []
    if method == "POST":
        browser.open("/login/callback", method="POST", form={**back, **params}, site="cross-site")
    else:
        browser.open(f"/login/callback?{dialects.query_of({**back, **params})}", site="cross-site")
    assert dialect.refused == []
