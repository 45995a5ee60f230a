"""What a handler of the Management API is given: the call, its tenant and one unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from idp import apikit
from idp.db.session import UnitOfWork
from idp.tenants.context import Context

QueryT = TypeVar("QueryT")
BodyT = TypeVar("BodyT")


@dataclass(frozen=True, kw_only=True)
class ManagementContext(apikit.Context):
    """``work`` is the tenant, its configuration and a bare connection; ``unit`` is committed when the handler of a writing
    call returns and rolled back when it raises. The unit begins with its first statement, so hash passwords before that.
    """

    work: Context
    unit: UnitOfWork

    def seal(self, text: str) -> str:
        """Encrypt a secret for the database."""
        return self.work.platform.sealer.seal(text)

    def unseal(self, sealed: str) -> str:
        """The secret again."""
        return self.work.platform.sealer.open(sealed)


Call = apikit.Call[ManagementContext, QueryT, BodyT]
"""One call of the Management API: ``Call[Query type, Body type]``."""
