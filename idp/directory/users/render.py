"""Users as the Management API shows them: absent values are left out, passwords and hashes are nowhere near
(security.md W4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from idp.directory.users import source_tokens
from idp.directory.users.attributes import ATTRIBUTES, Attribute, Kind
from idp.directory.users.models import Identity, User
from idp.directory.users.schemas import IdentityView, UserView
from idp.foundation.apikit import answers, as_view
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

_SHOWN = tuple(row for row in ATTRIBUTES if row.column is not None and row.name != "user_id")
_TOKENS = ("access_token", "access_token_secret", "refresh_token")
"""What is shown of what a source gave; when it ends and what it is good for are kept beside them."""
IDP_TOKENS = "read:user_idp_tokens"


def views(work: Work, rows: Sequence[User]) -> list[UserView]:
    """``rows`` with their identities; upstream tokens only for callers who may read them."""
    identities = of_users(work.rows, [row.user_id for row in rows])
    return [_view(work, row, identities.get(row.user_id, [])) for row in rows]


def documents(work: Work, rows: Sequence[User]) -> list[dict[str, Any]]:
    """The same as plain data, every attribute at the root: for files."""
    return [answers.plain(each, UserView) for each in views(work, rows)]


def view(work: Work, row: User) -> UserView:
    """One user."""
    return _view(work, row, of_users(work.rows, [row.user_id]).get(row.user_id, []))


def of_users(session: Session, user_ids: Sequence[str]) -> dict[str, list[Identity]]:
    """Identities by user id, the primary one first."""
    found: dict[str, list[Identity]] = {}
    for row in session.scalars(select(Identity).where(Identity.user_id.in_(user_ids)).order_by(Identity.position)):
        found.setdefault(row.user_id, []).append(row)
    return found


def identity_views(work: Work, rows: Iterable[Identity]) -> list[IdentityView]:
    """The ``identities`` member."""
    return [_identity(work, row) for row in rows]


def _view(work: Work, row: User, accounts: Sequence[Identity]) -> UserView:
    members = {each.name: value for each in _SHOWN if (value := _value(row, each)) is not None}
    return UserView(user_id=row.user_id, identities=identity_views(work, accounts), additional=row.profile, **members)


def _value(row: User, attribute: Attribute) -> Any:
    """None for what is left out: values that are missing or say nothing, and flags and counters at rest."""
    value = getattr(row, attribute.name)
    if value is None or (attribute.beside is not None and getattr(row, attribute.beside) is None):
        return None
    if attribute.kind is Kind.MOMENT:
        return clock.iso(value)
    return value if value or not attribute.silent_at_rest else None


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
