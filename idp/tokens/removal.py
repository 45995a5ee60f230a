"""Authorizations and tokens of users who are gone. What is not there is no good anywhere, hence no mark is kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from idp.tokens.models import Authorization, Token


def erase_of_users(unit: Session, user_ids: Sequence[str]) -> None:
    """Delete every code, access token and refresh token of these users."""
    families = select(Authorization.id).where(Authorization.user_id.in_(user_ids))
    unit.execute(delete(Token).where(Token.authorization_id.in_(families)))
    unit.execute(delete(Authorization).where(Authorization.user_id.in_(user_ids)))
