"""Counts what a piece of work asks the store: statements of the ORM, and those that go past it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import event

from idp.foundation.db.hot import HotConnection
from idp.foundation.tenancy.work import Platform


@contextmanager
def statements(platform: Platform) -> Iterator[list[str]]:
    """The texts of those that run meanwhile, without what begins and ends transactions."""
    ran: list[str] = []
    execute = HotConnection._execute

    def remember(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        ran.append(text)

    def counted(self: HotConnection, statement: Any, values: Any) -> Any:
        ran.append(statement.name)
        return execute(self, statement, values)

    event.listen(platform.db.engine, "before_cursor_execute", remember)
    try:
        with mock.patch.object(HotConnection, "_execute", counted):
            yield ran
    finally:
        event.remove(platform.db.engine, "before_cursor_execute", remember)
