"""What a query of ``GET /users`` may ask for: columns come from one table (security.md Y2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, exists, false, or_
from sqlalchemy.types import Text

from idp.directory.users.attributes import ATTRIBUTES, Attribute, Search
from idp.directory.users.models import FOLDED, Identity, User
from idp.foundation import search
from idp.foundation.db.json_text import json_matches
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.search import Column, bad, test_of
from idp.foundation.search.columns import as_number
from idp.foundation.search.tree import Exact, Exists, Test, Wildcard

Condition = ColumnElement[bool]


def _column(row: Attribute) -> Column:
    kind = str(row.search.value) if row.search else ""
    return Column(getattr(User, FOLDED[row.name]) if row.search is Search.FOLDED else row.column, kind)


USERS: Mapping[str, Column] = {
    row.name: _column(row) for row in ATTRIBUTES if row.search is not None and row.search is not Search.DOCUMENT
}
IDENTITIES: Mapping[str, Column] = {
    "provider": Column(Identity.provider, "text"),
    "connection": Column(Identity.connection, "text"),
    "user_id": Column(Identity.identity_user_id, "text"),
    "isSocial": Column(Identity.is_social, "flag"),
}
DOCUMENTS = {row.name: row.column for row in ATTRIBUTES if row.search is Search.DOCUMENT}
BARE = tuple(row.name for row in ATTRIBUTES if row.bare)
"""Where a bare word is looked for."""
SORTABLE = frozenset(USERS)


def condition(query: str) -> Condition:
    """The SQL condition of a query; a field nobody knows matches nothing.

    :raises BadRequest: ``invalid_query_string`` for bad syntax, or an operator that does not fit its field.
    """
    return search.condition(search.parse(query), _Users())


def ordering(sort: str) -> list[Any]:
    """The columns of ``field:1`` or ``field:-1``, ties broken by user id.

    :raises BadRequest: another field, another direction.
    """
    name, _, direction = sort.partition(":")
    if name not in SORTABLE or direction not in {"1", "-1"}:
        raise BadRequest(
            "Query validation error: 'Sort must be field:1 or field:-1' on property sort.", "invalid_query_string"
        )
    column = USERS[name].of
    return [column.asc() if direction == "1" else column.desc(), User.user_id.asc()]


class _Users:
    """See :class:`idp.foundation.search.Fields`."""

    def anywhere(self, test: Test) -> Condition:
        return or_(*(test_of(USERS[name], test) for name in BARE))

    def field(self, name: str, test: Test) -> Condition:
        head, _, rest = name.partition(".")
        if name in USERS:
            return test_of(USERS[name], test)
        if name == "email.domain":
            return _domain(test)
        if head == "identities":
            return _identity(rest, test)
        if head in DOCUMENTS and rest:
            return _document(DOCUMENTS[head], rest.split("."), test)
        return false()


def _domain(test: Test) -> Condition:
    match test:
        case Exists():
            return User.email.is_not(None)
        case Exact(text, _):
            return test_of(USERS["email"], Wildcard(("", f"@{text}")))
        case Wildcard((first, *rest)):
            return test_of(USERS["email"], Wildcard(("", f"@{first}", *rest)))
    raise bad("ranges do not work on email.domain")


def _identity(name: str, test: Test) -> Condition:
    of_user = and_(Identity.tenant_id == User.tenant_id, Identity.user_id == User.user_id)
    head, _, rest = name.partition(".")
    if head == "profileData" and rest:
        return exists().where(of_user, _document(Identity.profile_data, rest.split("."), test)).correlate(User)
    column = IDENTITIES.get(name)
    return false() if column is None else exists().where(of_user, test_of(column, test)).correlate(User)


def _document(column: Any, path: list[str], test: Test) -> Condition:
    """A scalar inside a JSON document; arrays on the way are looked through."""
    document = cast(column, Text)
    match test:
        case Exists():
            return json_matches(document, path, "exists", None)
        case Exact(text, True):
            return json_matches(document, path, "equal", text)
        case Exact("true" | "false" as text, False):
            return json_matches(document, path, "equal", text == "true")
        case Exact(text, False):
            number = as_number(text)
            same = json_matches(document, path, "equal", text)
            return same if number is None else or_(same, json_matches(document, path, "equal", number))
    raise bad("wildcards and ranges do not work on metadata")
