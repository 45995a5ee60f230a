"""What a handler of the Management API is given: the call, its tenant and one unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from idp import apikit
from idp.db.joined import JoinedConnection
from idp.db.session import UnitOfWork
from idp.tenants import service as tenants
from idp.tenants.context import Context

QueryT = TypeVar("QueryT")
BodyT = TypeVar("BodyT")


@dataclass(frozen=True, kw_only=True)
class ManagementContext(apikit.Context):
    """``work`` is the tenant, its configuration and a bare autocommit connection for reading.

    ``unit`` is committed when the handler of a writing call returns and rolled back when it raises. It begins with its first
    statement, so hash passwords before that. On a GET it reads only.
    """

    work: Context
    unit: UnitOfWork

    @cached_property
    def joined(self) -> Context:
        """Like ``work``, but its statements belong to ``unit``: what services that write are given."""
        return replace(self.work, hot=JoinedConnection(self.unit))

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """A unit of its own for looking before ``unit`` begins: no transaction stays open behind it."""
        with self.work.platform.db.reading(self.tenant) as session:
            yield session

    def seal(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return self.work.platform.sealer.seal(text)

    def unseal(self, sealed: str) -> str:
        """The secret again."""
        return self.work.platform.sealer.open(sealed)

    def configuration_changed(self) -> None:
        """Every process sees this unit's change at its next request."""
        tenants.bump(self.unit, self.tenant)


Call = apikit.Call[ManagementContext, QueryT, BodyT]
"""One call of the Management API: ``Call[Query type, Body type]``."""
