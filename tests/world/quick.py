"""What a process does once in its life, and a run of the tests thousands of times: done once, or for less.

Nothing here changes what the product answers. Rules of addresses are compiled once for all applications of this
process, statements once for all databases of a kind; a database on SQLite is not carried to the disk, and a password
costs a thousandth. Tests that look at the cost of a password, or at what a crash leaves, use the product's own
numbers: ``costly_passwords`` (``tests/world/fixtures.py``), and processes of their own (``tests/ops``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from idp.directory.users.hasher import hasher
from idp.foundation.db import engine as engines

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same algorithm, the least that it takes."""
COSTLY = hasher._argon2
"""What the product hashes with."""


def be_quick() -> None:
    """From now on, in this process."""
    hasher._argon2 = CHEAP
    Rule._compile_builder = _remembered(Rule._compile_builder)  # type: ignore[method-assign]
    engines._sqlite_engine = _volatile(engines._sqlite_engine)
    engines.create_engine = _compiled_once(engines.create_engine)  # type: ignore[attr-defined]


Builder = Callable[..., tuple[str, str]]


def _remembered(compile_builder: Callable[[Rule, bool], Builder]) -> Callable[[Rule, bool], Builder]:
    """Werkzeug makes two functions of each rule, which ask the rule that they are bound to for its converters."""
    made: dict[tuple[Any, ...], Builder] = {}

    def remembered(self: Rule, append_unknown: bool = True) -> Builder:
        if self.defaults:
            return compile_builder(self, append_unknown)
        key = self.rule, tuple(self._trace), append_unknown
        if key not in made:
            made[key] = compile_builder(self, append_unknown)
        return made[key]

    return remembered


def _volatile(sqlite_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """Nothing is waited for until the disk has it: no test of one process pulls the plug."""

    def volatile(*arguments: Any, **more: Any) -> Engine:
        engine = sqlite_engine(*arguments, **more)

        @event.listens_for(engine, "connect")
        def forget(connection: sqlite3.Connection, _record: Any) -> None:
            connection.execute("PRAGMA synchronous=OFF")

        return engine

    return volatile


def _compiled_once(create_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """SQLAlchemy keeps compiled statements with each engine and each mapper, under the engine's own dialect; each world
    has engines of its own. Dialects of a kind compile alike.
    """
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = _alike  # type: ignore[method-assign,assignment]
    statements: LRUCache[Any, Any] = LRUCache(4_000)

    def compiled_once(*arguments: Any, **more: Any) -> Engine:
        engine = create_engine(*arguments, **more)
        engine._compiled_cache = statements
        return engine

    return compiled_once


def _alike(self: DefaultDialect, other: object) -> bool:
    return self is other or (
        type(self) is type(other)
        and getattr(self, "server_version_info", None) == getattr(other, "server_version_info", None)
    )
