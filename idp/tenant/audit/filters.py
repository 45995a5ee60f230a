"""The ``q`` of ``GET /logs``: ``field:value`` joined by AND and OR, on the indexed fields of an entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_

from idp.foundation.kernel.faults import QUERY, fault
from idp.tenant.audit.models import LogEntry

FIELDS: Mapping[str, Any] = {
    "type": LogEntry.type,
    "user_id": LogEntry.user_id,
    "client_id": LogEntry.client_id,
    "log_id": LogEntry.log_id,
    "_id": LogEntry.log_id,
}
MAX_TERMS = 50
_TERM = re.compile(r'\s*(NOT\s+)?([A-Za-z_]+):(?:"((?:[^"\\]|\\.)*)"|\(([^()]*)\)|([^\s()"]+))')
_JOIN = re.compile(r"\s+(AND|OR)(?=\s)")


def condition(query: str) -> ColumnElement[bool]:
    """The condition; AND binds closer than OR.

    :raises BadRequest: ``invalid_query_string`` for anything else than the language above, or an unknown field.
    """
    groups: list[list[ColumnElement[bool]]] = [[]]
    at = 0
    while True:
        term = _TERM.match(query, at)
        if term is None or sum(map(len, groups)) >= MAX_TERMS:
            raise fault(QUERY, "Invalid search query: terms are written field:value, joined by AND or OR", "q")
        groups[-1].append(_term(term))
        at = term.end()
        if not query[at:].strip():
            return or_(*(and_(*group) for group in groups))
        join = _JOIN.match(query, at)
        if join is None:
            raise fault(QUERY, "Invalid search query: terms are joined by AND or OR", "q")
        if join[1] == "OR":
            groups.append([])
        at = join.end()


def _term(term: re.Match[str]) -> ColumnElement[bool]:
    column: Any = FIELDS.get(term[2])
    if column is None:
        raise fault(QUERY, f"Invalid search query: field {term[2][:40]} is not searchable", "q")
    if term[4] is not None:
        values = [value.strip('"') for value in re.split(r"\s+(?:OR\s+)?", term[4].strip()) if value]
        found: ColumnElement[bool] = column.in_(values)
    else:
        quoted = term[3]
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else term[5]
        prefix = value.endswith("*") and quoted is None
        found = column.startswith(value[:-1], autoescape=True) if prefix else column == value
    return not_(found) if term[1] else found
