"""Sessions of users who are gone: ended ones too leave no row behind."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from idp.foundation.tenancy.work import Work
from idp.signin.sessions.models import Session, SessionClient


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """Delete every session of these users, with the list of who took part. Applications were told before."""
    own = select(Session.id).where(Session.user_id.in_(user_ids))
    work.rows.execute(delete(SessionClient).where(SessionClient.session_id.in_(own)))
    work.rows.execute(delete(Session).where(Session.user_id.in_(user_ids)))
