"""What a process does once in its life, and a run of the tests thousands of times: done once, or for less.

Nothing here changes what the product answers. Addresses are compiled once for all applications of this process that
have the same, statements once for all databases of a kind; a database on SQLite is not carried to the disk, and a
password costs a thousandth. Tests that look at the cost of a password, or at what a crash leaves, use the product's own
numbers: ``costly_passwords`` (``tests/world/fixtures.py``), and processes of their own (``tests/ops``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar

from argon2 import PasswordHasher
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

from idp.app import Application
from idp.directory.users.hasher import hasher
from idp.foundation.db import engine as engines

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same algorithm, the least that it takes."""
COSTLY = hasher._argon2
"""What the product hashes with."""


def be_quick() -> None:
    """From now on, in this process."""
    hasher._argon2 = CHEAP
    Application.url_map_class = Addresses
    engines._sqlite_engine = _volatile(engines._sqlite_engine)
    engines.create_engine = _compiled_once(engines.create_engine)  # type: ignore[attr-defined]


class Addresses(Map):
    """A map that is made of its rules when it is first used, and only if no application of this process has the
    same.
    """

    _made: ClassVar[dict[tuple[Any, ...], tuple[StateMachineMatcher, dict[Any, list[Rule]]]]] = {}

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self._own: list[Rule] = []
        super().__init__(*arguments, **more)

    def add(self, rulefactory: RuleFactory) -> None:
        """See Werkzeug; nothing is compiled yet."""
        self._own.extend(rulefactory.get_rules(self))
        self._remap = True

    def update(self) -> None:
        """Find the rules compiled, or do it."""
        if not self._remap:
            return
        with self._remap_lock:
            key = self._key()
            if key not in self._made:
                self._matcher, self._rules_by_endpoint = StateMachineMatcher(self.merge_slashes), {}
                for rule in self._own:
                    rule.map = None  # type: ignore[assignment]
                    super().add(rule)
                self._sort()
                self._made[key] = self._matcher, self._rules_by_endpoint
            self._matcher, self._rules_by_endpoint = self._made[key]
            self._remap = False

    def _sort(self) -> None:
        self._matcher.update()
        for rules in self._rules_by_endpoint.values():
            rules.sort(key=lambda rule: rule.build_compare_key())

    def _key(self) -> tuple[Any, ...]:
        """All that rules are compiled from, and what Flask writes to them."""
        ways = self.strict_slashes, self.merge_slashes, self.redirect_defaults, self.host_matching
        return (ways, *self.converters.items(), *(_said_by(rule) for rule in self._own))


def _said_by(rule: Rule) -> tuple[Any, ...]:
    return (
        (rule.rule, rule.endpoint, frozenset(rule.methods or ()), repr(rule.defaults), rule.redirect_to),
        (rule.strict_slashes, rule.merge_slashes, rule.subdomain, rule.host),
        (rule.alias, rule.build_only, rule.websocket, getattr(rule, "provide_automatic_options", None)),
    )


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
