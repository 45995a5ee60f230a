"""What a query of ``GET /users`` may ask for: columns come from one table (security.md Y2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true, tuple_

from idp.directory.users.attributes import ATTRIBUTES, Attribute, Search
from idp.directory.users.models import FOLDED, Identity, User, UserActivity
from idp.directory.users.search import candidates
from idp.foundation import search
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.json_text import Between, Pattern, json_matches, json_passes
from idp.foundation.kernel.folding import fold
from idp.foundation.search import Column, bad, test_of
from idp.foundation.search.columns import as_number
from idp.foundation.search.periods import period
from idp.foundation.search.tree import Exact, Exists, Range, Term, Test, Wildcard

Condition = ColumnElement[bool]
ACTIVITY = frozenset(UserActivity.__table__.columns.keys()) - {"tenant_id", "user_id"}
"""Attributes that a sign-in changes: they are searched for, and sorted by, in a table of their own."""


def _column(row: Attribute) -> Column:
    kind = str(row.search.value) if row.search else ""
    if row.search is Search.FOLDED:
        return Column(getattr(User, FOLDED[row.name]), kind, ordered=True)
    of = getattr(UserActivity if row.name in ACTIVITY else User, row.name)
    return Column(by_code_point(of), kind, ordered=True) if row.search is Search.TEXT else Column(of, kind)


USERS: Mapping[str, Column] = {
    row.name: _column(row) for row in ATTRIBUTES if row.search is not None and row.search is not Search.DOCUMENT
}
IDENTITIES: Mapping[str, Column] = {
    "provider": Column(Identity.provider, "text"),
    "connection": Column(by_code_point(Identity.connection), "text", ordered=True),
    "user_id": Column(Identity.identity_user_id, "text"),
    "isSocial": Column(Identity.is_social, "flag"),
}
DOCUMENTS = {row.name: row.column for row in ATTRIBUTES if row.search is Search.DOCUMENT}
MOST_STARS = 20
"""Of a pattern that a database compiles."""
_RAW = ".raw"
_BEHIND = "\uffff"
"""Behind whatever a text of a day goes on with."""
BARE = tuple(row.name for row in ATTRIBUTES if row.bare)
"""Where a bare word is looked for."""


def condition(query: str, tenant_id: str, *, by_index: bool = True, extended: bool = False) -> Condition:
    """The SQL condition of a query; a field nobody knows matches nothing. Each column stands with ``tenant_id``, which
    indexes begin with: SQLite looks for them within one part of an OR.

    ``by_index``: it finds users among all of them; otherwise it is asked of one after the other. ``extended``: what a
    tenant may switch on beyond Auth0's grammar (docs/decisions/0220).

    :raises BadRequest: ``invalid_query_string`` for bad syntax, or an operator that does not fit its field.
    """
    fields = _Users(tenant_id, by_index=by_index, extended=extended)
    return search.condition(search.parse(query, short_wildcards=extended), fields)


def is_narrowed(query: str, tenant_id: str, *, extended: bool = False) -> bool:
    """Whether :func:`condition` finds users by more than the indexes of their own columns.

    :raises BadRequest: as there.
    """
    fields = _Users(tenant_id, by_index=True, extended=extended)
    search.condition(search.parse(query, short_wildcards=extended), fields)
    return fields.narrowed


def asks_who_is_unverified(query: str, *, extended: bool = False) -> bool:
    """Whether a query asks for those whose address is not proved, and for nothing else.

    :raises BadRequest: as :func:`condition`.
    """
    return search.parse(query, short_wildcards=extended) == Term("email_verified", Exact("false", quoted=False))


class _Users:
    """See :class:`idp.foundation.search.Fields`."""

    def __init__(self, tenant_id: str, *, by_index: bool, extended: bool) -> None:
        self._tenant_id, self._by_index, self._extended = tenant_id, by_index, extended
        self.narrowed = False
        """Whether another table or index was asked who may be meant."""
        self._of_tenant = by_code_point(User.tenant_id) == tenant_id

    def anywhere(self, test: Test) -> Condition:
        return self._user(BARE, test)

    def only(self, name: str, text: str) -> str | None:
        return search.only(USERS.get(name), text)

    def field(self, name: str, test: Test) -> Condition:
        head, _, rest = name.partition(".")
        if name in USERS:
            return self._user((name,), test)
        if name.endswith(_RAW) and name.removesuffix(_RAW) in USERS:
            raise bad(f"{_RAW} is of an older search engine; fields compare as they are")
        if name == "email.domain":
            return self._user(("email",), _domain(test))
        if head == "identities":
            return self._identity(rest, test)
        if head in DOCUMENTS and rest:
            path, test = rest.split("."), self._meant(test)
            within = self._within(test)
            values = () if within else _values(test)
            return and_(self._narrow(candidates.of_members(path, values)), self._member(DOCUMENTS[head], path, test))
        return false()

    def _member(self, document: Any, path: Sequence[str], test: Test) -> Condition:
        within = self._within(test)
        return json_passes(document, path, within) if within else json_matches(document, path, _values(test))

    def _meant(self, test: Test) -> Test:
        """A range without ends is any value."""
        anything = isinstance(test, Range) and (test.low, test.high) == (None, None)
        return Exists() if self._extended and anything else test

    def _within(self, test: Test) -> Pattern | Between | None:
        """What a document is asked beyond whether a value is equal, where the tenant has switched that on."""
        match test:
            case Wildcard(parts) if self._extended:
                if len(parts) > MOST_STARS + 1:
                    raise bad(f"more than {MOST_STARS} stars in a pattern for metadata")
                return Pattern(parts)
            case Range() if self._extended:
                return _between(test)
        return None

    def _user(self, names: Sequence[str], test: Test) -> Condition:
        """One of these attributes passes."""
        tests = [and_(self._of_tenant, self._one(name, test)) for name in names]
        if not isinstance(test, Wildcard) or not any(test.parts[1:]) or not ACTIVITY.isdisjoint(names):
            return or_(*tests)  # what a sign-in changes is in no index of parts of words
        spelled = {tuple(map(fold, test.parts)) if _folded(name) else test.parts for name in names}
        return and_(self._narrow(or_(*map(candidates.of_text, sorted(spelled)))), or_(*tests))

    def _narrow(self, found: Condition) -> Condition:
        self.narrowed = True
        return found if self._by_index else true()

    def _one(self, name: str, test: Test) -> Condition:
        found = test_of(USERS[name], test)
        return self._beside(UserActivity, found) if name in ACTIVITY else found

    def _identity(self, name: str, test: Test) -> Condition:
        head, _, rest = name.partition(".")
        if head == "profileData" and rest:
            return self._beside(Identity, self._member(Identity.profile_data, rest.split("."), self._meant(test)))
        column = IDENTITIES.get(name)
        return false() if column is None else self._beside(Identity, test_of(column, test))

    def _beside(self, model: type[UserActivity | Identity], found: Condition) -> Condition:
        """Somebody's row in a table beside ``users``."""
        self.narrowed = True
        if self._by_index:
            theirs = select(model.user_id, model.tenant_id)
            theirs = theirs.where(by_code_point(model.tenant_id) == self._tenant_id, found)
            return tuple_(User.user_id, User.tenant_id).in_(theirs)
        return exists().where(model.tenant_id == User.tenant_id, model.user_id == User.user_id, found).correlate(User)


def _folded(name: str) -> bool:
    return USERS[name].kind == "folded"


def _domain(test: Test) -> Test:
    match test:
        case Exists():
            return test
        case Exact(text, _):
            return Wildcard(("", f"@{text}"))
        case Wildcard((first, *rest)):
            return Wildcard(("", f"@{first}", *rest))
    raise bad("ranges do not work on email.domain")


def _between(test: Range) -> Between:
    """Numbers where both ends are, else texts. A bare day as upper end covers the day, as in ranges of dates."""
    ends = (test.low, test.high)
    numbers = [None if text is None else as_number(text) for text in ends]
    if [each is None for each in numbers] == [each is None for each in ends]:
        low, high = numbers
        return Between(low, high, test.low_inclusive, test.high_inclusive)
    last = test.high
    if last is not None and test.high_inclusive and period(last) is not None:
        last += _BEHIND
    return Between(test.low, last, test.low_inclusive, test.high_inclusive)


def _values(test: Test) -> tuple[str | float | bool, ...]:
    """The scalars that a test of a member asks for, none of them for any at all.

    :raises BadRequest: wildcards and ranges.
    """
    match test:
        case Exists():
            return ()
        case Exact(text, True):
            return (text,)
        case Exact("true" | "false" as text, False):
            return (text == "true",)
        case Exact(text, False):
            number = as_number(text)
            return (text,) if number is None else (text, number)
    raise bad("wildcards and ranges do not work on metadata")
