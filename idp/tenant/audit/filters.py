"""The ``q`` of ``GET /logs``: Auth0's fields in the query language of :mod:`idp.foundation.search`.

Values compare as they are written, upper and lower case included; descriptions and user agents by any words of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, literal, or_

from idp.foundation import search
from idp.foundation.kernel.faults import QUERY, fault
from idp.foundation.search import Column, test_of
from idp.foundation.search.tree import Test
from idp.tenant.audit.models import LogEntry

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


def condition(query: str, *, host: str) -> ColumnElement[bool]:
    """The condition; ``host`` is the ``hostname`` of every entry of the tenant.

    :raises BadRequest: ``invalid_query_string`` for bad syntax, or an unknown field.
    """
    return search.condition(search.parse(query), _Logs(host))


class _Logs:
    """See :class:`idp.foundation.search.Fields`."""

    def __init__(self, host: str) -> None:
        self._host = Column(literal(host), "text")

    def anywhere(self, test: Test) -> ColumnElement[bool]:
        return or_(*(test_of(FIELDS[name], test) for name in BARE))

    def field(self, name: str, test: Test) -> ColumnElement[bool]:
        if name in ABSENT:
            return literal(value=False)
        column = self._host if name == "hostname" else FIELDS.get(name)
        if column is None:
            raise fault(QUERY, f"Invalid search query: field {name[:40]} is not searchable", "q")
        return test_of(column, test)
