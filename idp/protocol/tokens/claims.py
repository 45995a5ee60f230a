"""What an application learns of a person (OIDC Core 5.4, spec/user-profile.md): the claims that
:mod:`idp.directory.users.attributes` names, opened by the scopes it names.

A scope that was not granted yields nothing (security.md V6); protected claims cannot be overwritten (V5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from idp.directory.users.attributes import ATTRIBUTES, SCOPE_CLAIMS, STANDARD_CLAIMS, Attribute, Kind
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.tenancy.settings import Compatibility

_CLAIMED = tuple((row.claim, row) for row in ATTRIBUTES if row.claim is not None)
_STORED = tuple(row for _, row in _CLAIMED if row.column is not None)
_STORED_NAMES = frozenset(row.name for row in _STORED)
_IN_METADATA = tuple((claim, row) for claim, row in _CLAIMED if row.in_metadata is not None)
_EMPTY: tuple[Any, ...] = (None, "", {}, [])
_NOTHING = frozenset({"", "{}", "null"})
"""Documents as they stand in the store where nothing is in them."""

USER_COLUMNS = (
    User.user_id,
    User.blocked,
    User.profile.label("profile_json"),
    *(row.column for row in _STORED),
    User.user_metadata.label("metadata_json"),
    User.deletion_due,
)
"""What :class:`Subject` is read from, in its order."""


class _Columns(msgspec.Struct, frozen=True):
    user_id: str
    blocked: bool
    profile_json: str


if TYPE_CHECKING:

    class _Person(_Columns, frozen=True):
        email: str | None
        username: str | None

else:
    _TYPES = {Kind.TEXT: str | None, Kind.FLAG: bool | None, Kind.MOMENT: int}
    _Person = msgspec.defstruct(
        "_Person", [(row.name, _TYPES[row.kind]) for row in _STORED], bases=(_Columns,), frozen=True
    )


_METADATA = msgspec.json.Decoder(
    msgspec.defstruct(
        "_Metadata", [(row.name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for _, row in _IN_METADATA]
    )
)


class Subject(_Person, frozen=True):
    """A user as tokens need them: every attribute that has a claim."""

    metadata_json: str | None = None
    deletion_due: int | None = None

    def claims(self, compatibility: Compatibility, names: Collection[str] = STANDARD_CLAIMS) -> dict[str, Any]:
        """The claims of ``names`` that have a value; the others are absent, never null (conformance.md 0.7)."""
        document = msgspec.json.decode(self.profile_json) if self.profile_json not in _NOTHING else None
        rows, in_metadata = _rows_of(frozenset(names))
        found: dict[str, Any] = {}
        for claim, row, stored in rows:
            if claim not in found and (stored or document):
                value = self._value(row, document or {}, compatibility)
                if value not in _EMPTY:
                    found[claim] = value
        if self.metadata_json is not None and self.metadata_json not in _NOTHING:
            wanted = [(claim, row) for claim, row in in_metadata if claim not in found]
            found |= _from_metadata(self.metadata_json, wanted) if wanted else {}
        return found

    def _value(self, row: Attribute, document: Mapping[str, Any], compatibility: Compatibility) -> Any:
        if row.name not in _STORED_NAMES:
            value = document.get(row.name)
            return value if isinstance(value, dict if row.kind is Kind.DOCUMENT else str) else None
        value = getattr(self, row.name)
        if row.beside is not None and not getattr(self, row.beside):
            return None
        if row.kind is Kind.FLAG:
            return bool(value)
        if row.kind is Kind.MOMENT:
            in_seconds = row.claimed_in_seconds and not compatibility.updated_at_iso
            return value // 1000 if in_seconds else clock.iso(value)
        return value


@lru_cache(maxsize=512)
def _rows_of(
    names: frozenset[str],
) -> tuple[tuple[tuple[str, Attribute, bool], ...], tuple[tuple[str, Attribute], ...]]:
    """Where the claims of ``names`` come from: attributes (True: a column of its own), and members of the metadata."""
    rows = tuple((claim, row, row.name in _STORED_NAMES) for claim, row in _CLAIMED if claim in names)
    return rows, tuple((claim, row) for claim, row in _IN_METADATA if claim in names)


def _from_metadata(document: str, wanted: Sequence[tuple[str, Attribute]]) -> dict[str, Any]:
    """Those of ``wanted`` that ``user_metadata`` holds in the claim's own type; whatever else stands there is no claim
    (docs/compatibility.md, "Claims"). The document may be large, so only the members of those names are read.
    """
    try:
        said = _METADATA.decode(document)
    except msgspec.ValidationError:
        return {}
    found: dict[str, Any] = {}
    for claim, row in wanted:
        value = _fitting(getattr(said, row.name), row.in_metadata)
        if value not in _EMPTY:
            found[claim] = value
    return found


def _fitting(raw: msgspec.Raw | msgspec.UnsetType, kind: Any) -> Any:
    if isinstance(raw, msgspec.UnsetType):
        return None
    try:
        return msgspec.to_builtins(msgspec.json.decode(raw, type=kind))
    except msgspec.ValidationError:
        return None


def claims_for(
    subject: Subject, scopes: Iterable[str], requested: Mapping[str, Any] | None, compatibility: Compatibility
) -> dict[str, Any]:
    """What an ID token or ``/userinfo`` says of a user: the claims that ``scopes`` open, and the standard ones that the
    ``claims`` parameter requested (OIDC Core 5.4, 5.5), as far as they have a value.
    """
    return subject.claims(compatibility, names_for(scopes, requested))


def names_for(scopes: Iterable[str], requested: Mapping[str, Any] | None = None) -> set[str]:
    """The names of the claims that ``scopes`` open and ``requested`` names."""
    names = {claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ())}
    return names | {name for name in requested or () if name in STANDARD_CLAIMS}
