"""Authorizations and tokens of users who are gone. What is not there is no good anywhere, hence no mark is kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.models import Authorization, DeviceKey, Token


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """Delete every code, access token, refresh token and device key of these users."""
    families = select(Authorization.id).where(Authorization.user_id.in_(user_ids))
    work.rows.execute(delete(Token).where(Token.authorization_id.in_(families)))
    work.rows.execute(delete(Authorization).where(Authorization.user_id.in_(user_ids)))
    work.rows.execute(delete(DeviceKey).where(DeviceKey.user_id.in_(user_ids)))
