"""What an application learns of a person (OIDC Core 5.4, spec/user-profile.md): the claims that
:mod:`idp.directory.users.attributes` names, opened by the scopes it names.

A scope that was not granted yields nothing (security.md V6); protected claims cannot be overwritten (V5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from idp.directory.users.attributes import ATTRIBUTES, Attribute, Kind
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.kernel.scopes import OIDC_SCOPES
from idp.foundation.tenancy.settings import Compatibility

_CLAIMED = tuple((row.claim, row) for row in ATTRIBUTES if row.claim is not None)
_STORED = tuple(row for _, row in _CLAIMED if row.column is not None)
_STORED_NAMES = frozenset(row.name for row in _STORED)
_EMPTY: tuple[Any, ...] = (None, "", {}, [])
STANDARD_CLAIMS = frozenset(claim for claim, _ in _CLAIMED)
SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    scope: tuple(dict.fromkeys(claim for claim, row in _CLAIMED if scope in row.scopes))
    for scope in dict.fromkeys(scope for _, row in _CLAIMED for scope in row.scopes)
}
"""Auth0 also takes single claims as scopes."""
STANDARD_SCOPES = OIDC_SCOPES | SCOPE_CLAIMS.keys() | {"identities"}
"""Scopes that every client may ask for, whatever the API; discovery lists them."""

USER_COLUMNS = (
    User.user_id,
    User.blocked,
    User.profile.label("profile_json"),
    *(row.column for row in _STORED),
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


class Subject(_Person, frozen=True):
    """A user as tokens need them: every attribute that has a claim."""

    def claims(self, compatibility: Compatibility, names: Collection[str] = STANDARD_CLAIMS) -> dict[str, Any]:
        """The claims of ``names`` that have a value; the others are absent, never null (conformance.md 0.7)."""
        document = msgspec.json.decode(self.profile_json) if self.profile_json not in ("", "{}") else {}
        found: dict[str, Any] = {}
        for claim, row in _CLAIMED:
            if claim in names and claim not in found:
                value = self._value(row, document, compatibility)
                if value not in _EMPTY:
                    found[claim] = value
        return found

    def _value(self, row: Attribute, document: Mapping[str, Any], compatibility: Compatibility) -> Any:
        if row.name not in _STORED_NAMES:
            return document.get(row.name)
        value = getattr(self, row.name)
        if row.beside is not None and not getattr(self, row.beside):
            return None
        if row.kind is Kind.FLAG:
            return bool(value)
        if row.kind is Kind.MOMENT:
            in_seconds = row.claimed_in_seconds and not compatibility.updated_at_iso
            return value // 1000 if in_seconds else clock.iso(value)
        return value


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
