"""The lists of the account page: sessions, and applications with access."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.directory.users.models import Identity
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts, shown
from idp.foundation.web.view_models import AccountRow, ApplicationRow, PasskeyRow, SessionRow, device_name, is_phone
from idp.protocol.oauth.ciba import service as ciba
from idp.protocol.tokens.models import Authorization as A
from idp.signin.login import connection_choice, permissions
from idp.signin.login.application import client_view
from idp.signin.passkeys import enrolment
from idp.signin.sessions import devices
from idp.signin.sessions.lists import CLIENTS_OF_USER, LIVE_OF_USER
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import service as user_grants
from idp.signin.user_grants.consent import Wanted
from idp.signin.webauthn import relying_party


class _Access(msgspec.Struct, frozen=True):
    """An authorization with offline access; ``created_at`` in ms."""

    client_id: str
    audience: str | None
    scope: str
    created_at: int


_ACCESS = Statement(
    "account_access",
    select(A.client_id, A.audience, A.scope, A.created_at)
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


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What an application asks somebody to confirm; ``url`` is where they do."""

    application: str
    message: str | None
    url: str
    at: datetime


def pending_requests(work: Work, user_id: str) -> list[RequestRow]:
    """What waits for the person to confirm it, newest first, of applications that are still there."""
    found = [(each, clients.find(work, each.client_id)) for each in ciba.pending(work, user_id)]
    return [
        RequestRow(
            shown(client.name),
            each.binding_message,
            work.href(f"/{ciba.PAGE}", request=each.id),
            datetime.fromtimestamp(each.begun_at / 1000, UTC),
        )
        for each, client in found
        if client is not None
    ]


def accounts(work: Work, texts: Texts, user_id: str) -> list[AccountRow]:
    """The accounts that were linked to a user, the main one first; none where there is one alone."""
    found = users.identities_of(work, user_id)
    return [_account(work, texts, each) for each in found] if len(found) > 1 else []


def passkeys(work: Work, texts: Texts, user_id: str) -> list[PasskeyRow]:
    """A person's passkeys, the oldest first."""
    rp = relying_party.of(work)
    return [
        PasskeyRow(
            id=row.id,
            name=row.name or texts.t("account.index.passkeyUnnamed"),
            created_at=_moment(row.created_at),
            used_at=_moment(row.last_auth_at) if row.last_auth_at else None,
            synced=bool(row.backup_eligible),
            host=None if rp is not None and row.rp_id == rp.id else row.rp_id,
        )
        for row in enrolment.of_user(work, user_id)
    ]


def account_key(identity: Identity) -> str:
    """What the account page calls an account."""
    return f"{identity.connection_id}|{identity.identity_user_id}"


def _account(work: Work, texts: Texts, identity: Identity) -> AccountRow:
    connection = connections.find(work, identity.connection_id)
    source = connection_choice.name_for_people(texts, connection) if connection else identity.connection
    address = (identity.profile_data or {}).get("email")
    return AccountRow(account_key(identity), source, address, main=identity.position == 0)


def session_rows(work: Work, texts: Texts, current: LiveSession) -> list[SessionRow]:
    """Live sessions, this browser's first, the others by their last use; at most MOST_SHOWN of them."""
    used = _applications_by_session(work, current.user_id)
    rows = [
        SessionRow(
            id=row.id,
            device=device_name(texts, devices.whole(row.device).get("last_user_agent")),
            handheld=is_phone(devices.whole(row.device).get("last_user_agent")),
            last_active_at=_moment(row.last_interacted_at),
            created_at=_moment(row.created_at),
            ip=devices.whole(row.device).get("last_ip") or None,
            current=row.id == current.id,
            applications=used.get(row.id, ()),
        )
        for row in work.hot.all(LIVE_OF_USER, tenant=work.tenant_id, user=current.user_id, now=clock.now_ms())
    ]
    return sorted(rows, key=lambda row: not row.current)


def _applications_by_session(work: Work, user_id: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in work.hot.all(CLIENTS_OF_USER, tenant=work.tenant_id, user=user_id):
        client = clients.find(work, row.client_id)
        if client is not None:
            found.setdefault(row.session_id, []).append(client_view(client).name)
    return found


def applications(work: Work, texts: Texts, user_id: str) -> list[ApplicationRow]:
    """Applications that were granted something, by consent or by tokens that outlive a session."""
    found: dict[str, _Granted] = {}
    for consent in user_grants.of_user(work, user_id):
        granted = found.setdefault(consent.client_id, _Granted())
        granted.add(consent.audience, consent.scope, consent.created_at, claims=consent.claims)
    for access in work.hot.all(_ACCESS, tenant=work.tenant_id, user=user_id):
        scopes = access.scope.split()
        found.setdefault(access.client_id, _Granted()).add(access.audience or "", scopes, access.created_at)
    rows = []
    for client_id, granted in found.items():
        client = clients.find(work, client_id)
        if client is not None:
            access_now = permissions.granted(work, texts, granted.by_audience)
            rows.append(ApplicationRow(client_id, client_view(client), access_now, _moment(granted.first)))
    return rows


@dataclass
class _Granted:
    """What one application was granted, by audience, and when first (ms)."""

    by_audience: dict[str, Wanted] = field(default_factory=dict)
    first: int = 0

    def add(self, audience: str, scopes: Iterable[str], at: int, *, claims: Iterable[str] = ()) -> None:
        before = self.by_audience.get(audience, Wanted(scopes=()))
        self.by_audience[audience] = Wanted(
            scopes=tuple({*before.scopes, *scopes}), claims=tuple({*before.claims, *claims})
        )
        self.first = min(self.first or at, at)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
