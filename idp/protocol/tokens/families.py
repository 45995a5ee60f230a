"""Refresh tokens as the Management API knows them: one entry per family, however often its token rotated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy import update as sql_update
from sqlalchemy.orm import InstrumentedAttribute

from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.models import Authorization, Token
from idp.signin.sessions.metadata import check_metadata


def live() -> Select[Any]:
    """Families that still have a usable refresh token."""
    now = clock.now_ms()
    return select(Authorization).where(
        Authorization.offline.is_(True),
        Authorization.code_used_at.is_not(None),
        Authorization.revoked_at.is_(None),
        or_(Authorization.expires_at.is_(None), Authorization.expires_at > now),
        or_(Authorization.idle_expires_at.is_(None), Authorization.idle_expires_at > now),
    )


def get(work: Work, family_id: str) -> Authorization:
    """A live family.

    :raises NotFound: there is none of that id.
    """
    found: Authorization | None = work.rows.scalars(live().where(Authorization.id == family_id)).first()
    if found is None:
        raise NotFound("The refresh token was not found", "refresh_token_not_found")
    return found


def owner(work: Work, family_id: str) -> str | None:
    """Whose refresh token it is; None where there is none."""
    row = work.rows.get(Authorization, (work.tenant_id, family_id))
    return row.user_id if row is not None else None


def update(work: Work, family_id: str, members: Mapping[str, Any]) -> Authorization:
    """Replace its ``refresh_token_metadata``, where ``members`` name it; ``{}`` and null clear it.

    :raises NotFound: there is no live family of that id.
    :raises BadRequest: it breaks the rules of metadata.
    """
    row = work.rows.lock(get(work, family_id))
    if "refresh_token_metadata" in members:
        row.refresh_token_metadata = check_metadata("refresh_token_metadata", members["refresh_token_metadata"])
    return row


def revoke_all(work: Work, named: Mapping[str, Any]) -> None:
    """Revoke every refresh token that has all of the ``ids``, ``user_id``, ``client_id`` and ``audience`` named."""
    statement = sql_update(Authorization).where(Authorization.revoked_at.is_(None), Authorization.offline.is_(True))
    if "ids" in named:
        statement = statement.where(Authorization.id.in_(named["ids"]))
    for column in (Authorization.user_id, Authorization.client_id, Authorization.audience):
        if column.key in named:
            statement = statement.where(column == named[column.key])
    work.rows.execute(statement.values(revoked_at=clock.now_ms()))


def revoke_of_api(work: Work, audience: str) -> None:
    """An API is gone: codes and tokens of it are good nowhere, whoever is given its identifier later."""
    _revoke(work, Authorization.audience, audience)


def revoke_of_client(work: Work, client_id: str) -> None:
    """A client is gone: nobody is left who could use its codes and tokens."""
    _revoke(work, Authorization.client_id, client_id)


def revoke_of_grant(work: Work, user_id: str, client_id: str, audience: str) -> None:
    """A user takes back what they granted a client of one API (``""``: of none): its codes and tokens of that API end,
    those of others stand on grants of their own.
    """
    of_none = Authorization.audience.is_(None)
    statement = sql_update(Authorization).where(
        Authorization.user_id == user_id,
        Authorization.client_id == client_id,
        Authorization.revoked_at.is_(None),
        Authorization.audience == audience if audience else of_none,
    )
    work.rows.execute(statement.values(revoked_at=clock.now_ms()))


def follow_audience(work: Work, old: str, new: str) -> None:
    """An API goes by another identifier."""
    for model in (Authorization, Token):
        work.rows.execute(sql_update(model).where(model.audience == old).values(audience=new))


def _revoke(work: Work, column: InstrumentedAttribute[Any], value: str) -> None:
    statement = sql_update(Authorization).where(column == value, Authorization.revoked_at.is_(None))
    work.rows.execute(statement.values(revoked_at=clock.now_ms()))
