"""What a person takes along of their own: everything that is stored of them as a file, and where they signed in."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import bindparam, or_, select

from idp.applications.clients import runtime as clients
from idp.directory.privacy import service as privacy
from idp.foundation.db.hot import Statement
from idp.foundation.ephemeral import limits
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.view_models import device_name, is_phone
from idp.signin.login.log_types import LoginLog
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit.models import LogEntry as L

MOST_SIGN_INS: Final = 10
FRESH_S: Final = 15 * 60
"""So long ago somebody may have signed in who takes everything along: a session that was stolen is older as a rule."""
_KINDS: Final = (LoginLog.SUCCESS, LoginLog.FAILED, LoginLog.WRONG_PASSWORD)


@dataclass(frozen=True)
class SignInRow:
    """A sign-in of the log, or one that failed."""

    at: datetime
    device: str
    handheld: bool
    ip: str | None
    application: str | None
    failed: bool


class _Entry(msgspec.Struct, frozen=True):
    date: int
    type: str
    ip: str | None
    user_agent: str | None
    client_id: str | None


_SIGN_INS = Statement(
    "account_sign_ins",
    select(L.date, L.type, L.ip, L.user_agent, L.client_id)
    .where(
        L.tenant_id == bindparam("tenant"),
        L.user_id == bindparam("user"),
        or_(*(L.type == kind.value for kind in _KINDS)),
    )
    .order_by(L.log_id.desc())
    .limit(MOST_SIGN_INS),
    row=_Entry,
)


def sign_ins(work: Work, texts: Texts, user_id: str) -> list[SignInRow]:
    """The newest sign-ins and failures, as far as the log is kept."""
    rows = work.hot.all(_SIGN_INS, tenant=work.tenant_id, user=user_id)
    return [
        SignInRow(
            at=datetime.fromtimestamp(row.date / 1000, UTC),
            device=device_name(texts, row.user_agent),
            handheld=is_phone(row.user_agent),
            ip=row.ip,
            application=_name(work, row.client_id),
            failed=row.type != LoginLog.SUCCESS,
        )
        for row in rows
    ]


def archive(work: Work, session: LiveSession) -> bytes | int:
    """Everything that is stored of the person, as a zip file of JSON documents; or in how many seconds they may ask
    again.
    """
    wait = limits.exceeded(work, limits.OWN_ARCHIVES, session.user_id)
    if wait is not None:
        return wait
    stream = io.BytesIO()
    privacy.write_archive(work, session.user_id, stream)
    return stream.getvalue()


def _name(work: Work, client_id: str | None) -> str | None:
    client = clients.find(work, client_id) if client_id else None
    return client.name if client is not None else None
