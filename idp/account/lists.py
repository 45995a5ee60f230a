"""The lists of the account page: sessions, and applications with access."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import runtime as clients
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.view_models import ApplicationRow, SessionRow, device_name
from idp.protocol.tokens.models import Authorization as A
from idp.signin.login.application import client_view
from idp.signin.sessions.service import LIVE_OF_USER, LiveSession
from idp.signin.user_grants import service as user_grants


class _Access(msgspec.Struct, frozen=True):
    """An authorization with offline access; ``created_at`` in ms."""

    client_id: str
    scope: str
    created_at: int


_ACCESS = Statement(
    "account_access",
    select(A.client_id, A.scope, A.created_at)
    .where(
        A.tenant_id == bindparam("tenant"),
        A.user_id == bindparam("user"),
        A.offline.is_(True),
        A.revoked_at.is_(None),
        A.code_used_at.is_not(None),
    )
    .order_by(A.created_at),
    row=_Access,
)


def session_rows(work: Work, texts: Texts, current: LiveSession) -> list[SessionRow]:
    """Live sessions, this browser's first."""
    rows = []
    for row in work.hot.all(LIVE_OF_USER, tenant=work.tenant_id, user=current.user_id, now=clock.now_ms()):
        name = device_name(texts, row.device.get("last_user_agent"))
        active, created = _moment(row.last_interacted_at), _moment(row.created_at)
        address = row.device.get("last_ip") or None
        rows.append(SessionRow(row.id, name, active, created, address, row.id == current.id))
    return sorted(rows, key=lambda row: not row.current)


def applications(work: Work, user_id: str) -> list[ApplicationRow]:
    """Applications that were granted something, by consent or by tokens that outlive a session."""
    found: dict[str, tuple[set[str], int]] = {}
    consented = [(each.client_id, each.scope, each.created_at) for each in user_grants.of_user(work, user_id)]
    accessed = work.hot.all(_ACCESS, tenant=work.tenant_id, user=user_id)
    for client_id, granted, at in [
        *consented,
        *((each.client_id, each.scope.split(), each.created_at) for each in accessed),
    ]:
        scopes, first = found.get(client_id, (set(), at))
        found[client_id] = (scopes | set(granted), min(first, at))
    rows = []
    for client_id, (scopes, first) in found.items():
        client = clients.find(work, client_id)
        if client is not None:
            rows.append(ApplicationRow(client_id, client_view(client), sorted(scopes), _moment(first)))
    return rows


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
