"""Users as the Management API shows them: absent values are left out, passwords and hashes are nowhere near
(security.md W4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from idp.directory.users import source_tokens
from idp.directory.users.attributes import ATTRIBUTES, Kind
from idp.directory.users.models import Identity, User
from idp.directory.users.schemas import IdentityView, UserView
from idp.foundation.apikit import answers, as_view
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

_SHOWN = tuple(
    (row.name, row.beside, row.kind is Kind.MOMENT, row.silent_at_rest)
    for row in ATTRIBUTES
    if row.column is not None and row.name != "user_id"
)
"""Name, what it says nothing without, whether it is a moment, whether it is left out at rest."""
_OF_USERS = select(Identity).where(Identity.user_id.in_(bindparam("users", expanding=True))).order_by(Identity.position)
_TOKENS = ("access_token", "access_token_secret", "refresh_token")
"""What is shown of what a source gave; when it ends and what it is good for are kept beside them."""
PROVIDERS: Final[Mapping[str, str]] = {
    "totp": "google-authenticator",
    "phone": "guardian",
    "push-notification": "guardian",
    "webauthn-roaming": "guardian",
    "webauthn-platform": "guardian",
    "duo": "duo",
}
"""Whose factor a kind of them is, in the words of ``DELETE /users/{id}/multifactor/{provider}``."""
IDP_TOKENS = "read:user_idp_tokens"


def views(work: Work, rows: Sequence[User]) -> list[UserView]:
    """``rows`` with their identities; upstream tokens only for callers who may read them."""
    identities = of_users(work.rows, [row.user_id for row in rows])
    return [view_with(work, row, identities.get(row.user_id, [])) for row in rows]


def documents(work: Work, rows: Sequence[User]) -> list[dict[str, Any]]:
    """The same as plain data, every attribute at the root: for files."""
    return [answers.plain(each, UserView) for each in views(work, rows)]


def view(work: Work, row: User) -> UserView:
    """One user."""
    return view_with(work, row, of_users(work.rows, [row.user_id]).get(row.user_id, []))


def of_users(session: Session, user_ids: Sequence[str]) -> dict[str, list[Identity]]:
    """Identities by user id, the primary one first."""
    found: dict[str, list[Identity]] = {}
    for row in session.scalars(_OF_USERS, {"users": user_ids}):
        found.setdefault(row.user_id, []).append(row)
    return found


def identity_views(work: Work, rows: Iterable[Identity]) -> list[IdentityView]:
    """The ``identities`` member."""
    return [_identity(work, row) for row in rows]


def view_with(work: Work, row: User, accounts: Sequence[Identity]) -> UserView:
    """One user, whose identities are ``accounts``. Left out are values that are missing or say nothing, and flags and
    counters at rest.
    """
    members: dict[str, Any] = {}
    for name, beside, is_moment, silent_at_rest in _SHOWN:
        value = getattr(row, name)
        if value is None or (silent_at_rest and not value) or (beside is not None and getattr(row, beside) is None):
            continue
        members[name] = clock.iso(value) if is_moment else value
    members |= _factors(row)
    if row.deletion_due is not None:
        members["deletion_due"] = clock.iso(row.deletion_due)
    return UserView(user_id=row.user_id, identities=identity_views(work, accounts), additional=row.profile, **members)


def _factors(row: User) -> dict[str, Any]:
    """``multifactor``: Auth0's names of the providers whose second factors the person has, and since when."""
    providers = list(dict.fromkeys(PROVIDERS[kind] for kind in (row.factors or "").split() if kind in PROVIDERS))
    changed = {} if row.factors_changed_at is None else {"multifactor_last_modified": clock.iso(row.factors_changed_at)}
    return ({"multifactor": providers} if providers else {}) | changed


def _identity(work: Work, row: Identity) -> IdentityView:
    members: dict[str, Any] = {
        "connection": row.connection,
        "provider": row.provider,
        "user_id": row.identity_user_id,
        "isSocial": row.is_social,
    }
    if row.position and row.profile_data is not None:
        members["profileData"] = row.profile_data
    if row.tokens_sealed and work.actor.has(IDP_TOKENS):
        kept = source_tokens.opened(work, row.connection_id, row.identity_user_id, row.tokens_sealed)
        members |= {name: kept[name] for name in _TOKENS if name in kept}
    return as_view(IdentityView, members)
