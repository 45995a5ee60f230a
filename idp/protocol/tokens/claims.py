"""Scope -> claims: the one table that decides what an application learns of a person (OIDC Core 5.4,
spec/user-profile.md).

A scope that was not granted yields nothing (security.md V6); protected claims cannot be overwritten (V5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.tenancy.settings import Compatibility

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "family_name",
        "given_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    "name": ("name",),
    "given_name": ("given_name",),
    "family_name": ("family_name",),
    "nickname": ("nickname",),
    "picture": ("picture",),
    "email_verified": ("email_verified",),
    "created_at": ("created_at",),
}
"""Auth0 also takes single claims as scopes."""

STANDARD_CLAIMS = frozenset(claim for claims in SCOPE_CLAIMS.values() for claim in claims)

USER_COLUMNS = (
    User.user_id,
    User.email,
    User.email_verified,
    User.username,
    User.phone_number,
    User.phone_verified,
    User.name,
    User.nickname,
    User.given_name,
    User.family_name,
    User.picture,
    User.profile.label("profile_json"),
    User.created_at,
    User.updated_at,
    User.blocked,
)
"""What :class:`Subject` is read from, in its order."""


class Subject(msgspec.Struct, frozen=True):
    """A user as tokens need them."""

    user_id: str
    email: str | None
    email_verified: bool
    username: str | None
    phone_number: str | None
    phone_verified: bool | None
    name: str | None
    nickname: str | None
    given_name: str | None
    family_name: str | None
    picture: str | None
    profile_json: str
    created_at: int
    updated_at: int
    blocked: bool

    def claims(self, compatibility: Compatibility) -> dict[str, Any]:
        """Every standard claim that has a value; the others are absent, never null (conformance.md 0.7)."""
        profile = msgspec.json.decode(self.profile_json) if self.profile_json not in ("", "{}") else {}
        found = {name: value for name, value in profile.items() if name in STANDARD_CLAIMS}
        found |= {
            "name": self.name,
            "nickname": self.nickname,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "picture": self.picture,
            "email": self.email,
            "phone_number": self.phone_number,
        }
        if self.email:
            found["email_verified"] = self.email_verified
        if self.phone_number:
            found["phone_number_verified"] = bool(self.phone_verified)
        if self.username and not found.get("preferred_username"):
            found["preferred_username"] = self.username
        found["updated_at"] = clock.iso(self.updated_at) if compatibility.updated_at_iso else self.updated_at // 1000
        found["created_at"] = clock.iso(self.created_at)
        return {name: value for name, value in found.items() if value not in (None, "", {}, [])}


def claims_for(
    subject: Subject, scopes: Iterable[str], requested: Mapping[str, Any] | None, compatibility: Compatibility
) -> dict[str, Any]:
    """What an ID token or ``/userinfo`` says of a user: the claims that ``scopes`` open, and the standard ones that the
    ``claims`` parameter requested (OIDC Core 5.4, 5.5), as far as they have a value.
    """
    names = names_for(scopes, requested)
    return {name: value for name, value in subject.claims(compatibility).items() if name in names}


def names_for(scopes: Iterable[str], requested: Mapping[str, Any] | None = None) -> set[str]:
    """The names of the claims that ``scopes`` open and ``requested`` names."""
    names = {claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ())}
    return names | {name for name in requested or () if name in STANDARD_CLAIMS}
