"""The ``q`` of ``GET /logs``: Auth0's fields in the query language of :mod:`idp.foundation.search`.

Values compare as they are written, upper and lower case included; descriptions and user agents by any words of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, func, literal, or_

from idp.foundation.db.json_text import json_member
from idp.foundation.kernel.faults import QUERY, fault
from idp.foundation.search import Column, only, test_of
from idp.foundation.search.periods import period
from idp.foundation.search.tree import Exact, Range, Test
from idp.tenant.audit.log_ids import first_log_id
from idp.tenant.audit.models import LogEntry, behind

FIELDS: Mapping[str, Column] = {
    "_id": Column(LogEntry.log_id, "text"),
    "audience": Column(LogEntry.audience, "text"),
    "client_id": Column(LogEntry.client_id, "text"),
    "client_name": Column(LogEntry.client_name, "text"),
    "connection": Column(LogEntry.connection, "text"),
    "connection_id": Column(LogEntry.connection_id, "text"),
    "date": Column(LogEntry.date, "date"),
    "description": Column(LogEntry.description, "phrase"),
    "ip": Column(LogEntry.ip, "text"),
    "log_id": Column(LogEntry.log_id, "text"),
    "scope": Column(LogEntry.scope, "phrase"),
    "strategy": Column(LogEntry.strategy, "text"),
    "strategy_type": Column(LogEntry.strategy_type, "text"),
    "type": Column(LogEntry.type, "text"),
    "user_agent": Column(LogEntry.user_agent, "phrase"),
    "user_id": Column(LogEntry.user_id, "text"),
    "user_name": Column(LogEntry.user_name, "text"),
}
BARE = ("user_name", "connection", "client_name", "type", "ip", "log_id", "description", "user_id", "client_id")
"""Where a word without a field is looked for."""
ABSENT = frozenset({"organization_id", "organization_name"})
"""Fields that Auth0 knows and no entry has yet: asking for one finds nothing."""


class LogFields:
    """See :class:`idp.foundation.search.Fields`; ``host`` is the ``hostname`` of the entries that say none:
    everything that came by no custom domain.
    """

    def __init__(self, tenant_id: str, host: str) -> None:
        self._tenant = tenant_id
        self._host = Column(func.coalesce(json_member(LogEntry.rest, "hostname"), literal(host)), "text")

    def anywhere(self, test: Test) -> ColumnElement[bool]:
        """The condition of a word that names no field."""
        return or_(*(test_of(FIELDS[name], test) for name in BARE))

    def only(self, name: str, text: str) -> str | None:
        """See :class:`idp.foundation.search.Fields`."""
        return only(FIELDS.get(name), text)

    def field(self, name: str, test: Test) -> ColumnElement[bool]:
        """The condition that the field ``name`` passes ``test``.

        :raises BadRequest: there is no such field, or the test does not fit it.
        """
        if name in ABSENT:
            return literal(value=False)
        column = self._host if name == "hostname" else FIELDS.get(name)
        if column is None:
            raise fault(QUERY, f"Invalid search query: field {name[:40]} is not searchable", "q")
        if name == "date":
            return and_(test_of(column, test), *_ids_between(self._tenant, test))
        return test_of(column, test)


def _ids_between(tenant_id: str, test: Test) -> list[ColumnElement[bool]]:
    """What follows for the ids of entries with such a date: the list is in their order, and goes straight there."""
    match test:
        case Exact(text, _):
            low = high = period(text)
        case Range(first, last, _, _):
            low, high = (None if each is None else period(each) for each in (first, last))
        case _:
            low = high = None
    found: list[ColumnElement[bool]] = []
    if low is not None:
        found.append(LogEntry.log_id >= first_log_id(bindparam(None, low[0], BigInteger)))
    if high is not None:
        found.append(LogEntry.log_id < first_log_id(bindparam(None, high[1], BigInteger) + behind(tenant_id)))
    return found
