"""The part of the contract that is about databases of tenants' own: what they can be asked, and the two things that
answer for them, scripts and statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from connectors.contract import Identity


@dataclass(frozen=True)
class ScriptError:
    """What a script threw or gave its callback; ``code`` and ``user`` where it set them."""

    name: str
    message: str
    code: str | None = None
    user: str | None = None


@dataclass(frozen=True)
class ScriptAnswer:
    """How a run of a script ended: with a ``value``, what was ``thrown``, or why it ``failed`` (``timeout``,
    ``memory``, ``silent``, ``too_large``, ``crashed``, ``busy``; ``detail`` is for logs). ``console`` are lines with
    their level.
    """

    value: Any = None
    thrown: ScriptError | None = None
    failed: str | None = None
    detail: str | None = None
    console: tuple[tuple[str, str], ...] = ()


class ScriptRunner(Protocol):
    """Runs scripts of tenants apart from the product, within limits of time, memory and reach."""

    def run(self, source: str, entry: str, args: Sequence[Any], configuration: Mapping[str, str]) -> ScriptAnswer:
        """Call the function ``source`` with ``args`` and a callback. Whatever it does is an answer."""


@dataclass(frozen=True)
class SqlAnswer:
    """The rows that a statement brought, and how many it was about."""

    rows: Sequence[Mapping[str, Any]]
    count: int


class SqlClient(Protocol):
    """Foreign databases, under the guard of every outbound call; values are bound, never written into a statement."""

    def query(self, url: str, statement: str, values: Mapping[str, Any]) -> SqlAnswer:
        """Run a statement that names its values ``:name``. Raises AlreadyExists where a unique key refuses it, and
        ConnectorError.
        """


@runtime_checkable
class Lookup(Protocol):
    """Finds accounts at the source before anybody signs in with them."""

    def find(self, identifier: str) -> Identity | None:
        """The account that is known by that address or username, or None. Raises ConnectorError."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Somebody who is to get an account at a source that keeps it itself."""

    password: str = field(repr=False)
    email: str | None = None
    username: str | None = None
    phone_number: str | None = None
    client_id: str | None = None
    user_metadata: Mapping[str, Any] = field(default_factory=dict)
    app_metadata: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Directory(Lookup, Protocol):
    """Accounts that stand at the source, which makes and changes them when it is told to. What is slow is done before
    the caller opens a transaction. Every method raises ConnectorError.
    """

    def register(self, registration: Registration) -> Identity:
        """A new account there. Raises AlreadyExists, RegistrationRefused."""

    def replace_password(self, identifier: str, password: str) -> None:
        """Another password for whoever is known by that."""

    def confirm_address(self, email: str) -> None:
        """The owner has proven the address."""

    def remove(self, account_id: str) -> None:
        """The account goes."""

    def change_address(self, email: str, new: str, *, verified: bool) -> None:
        """Another address, or another word on whether it is proven."""


@runtime_checkable
class ChangesNames(Protocol):
    """Changes what else people are known by at the source, beside their address. Both raise ConnectorError."""

    def change_username(self, username: str, new: str) -> None:
        """Another username for whoever has that one."""

    def change_phone_number(self, number: str, new: str, *, verified: bool) -> None:
        """Another number, or another word on whether it is proven."""


@runtime_checkable
class Trial(Protocol):
    """Lets whoever writes the events of a database try them out."""

    def attempt(self, event: str, args: Sequence[Any]) -> ScriptAnswer:
        """What one event answers to these arguments, with its console. Raises LookupError for an event that there is
        none of, and ConnectorError.
        """
