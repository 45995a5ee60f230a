"""Two-step verification on the account page: what somebody has, what they may add, and the browsers they trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.view_models import device_name
from idp.signin.factors import otp, policy, service, settings, trust
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.sessions.service import LiveSession


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A method. ``id`` is what its Remove button posts, ``kind`` names its words, ``detail`` tells it from others."""

    id: str
    kind: str
    detail: str
    added_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class BrowserRow:
    """A browser that is not asked again; ``id`` is what its button posts."""

    id: str
    device: str
    ip: str | None
    last_used_at: datetime


@dataclass(frozen=True)
class FactorsSection:
    """The section. ``addable`` are actions with the kind that names them; ``recovery``: there may be a recovery code;
    ``code`` is a new one, shown this once.
    """

    methods: Sequence[FactorRow] = ()
    addable: Sequence[tuple[str, str]] = ()
    browsers: Sequence[BrowserRow] = ()
    recovery: bool = False
    code: str | None = None


def factors_section(work: Work, texts: Texts, session: LiveSession, code: str | None = None) -> FactorsSection | None:
    """What of it the person sees; None where the tenant has none, and they have none either."""
    rules = settings.of(work)
    has = bool(set((session.factors or "").split()) - {"passkey"})
    if not has and not (rules.policies and service.enrollable(work)):
        return None
    mine = [row for row in service.of_user(work, session.user_id) if row.type in KINDS]
    browsers = trust.of_user(work, session.user_id) if has else []
    return FactorsSection(
        methods=[_row(row) for row in mine],
        addable=[(kind.action, kind.type) for kind in service.enrollable(work)],
        browsers=[
            BrowserRow(row.id, device_name(texts, row.user_agent or ""), row.ip, _moment(row.last_used_at))
            for row in browsers
        ],
        recovery=policy.enrolled(session.factors) and service.RECOVERY in rules.on,
        code=otp.grouped(code) if code else None,
    )


def _row(row: AuthenticationMethod) -> FactorRow:
    used = _moment(row.last_auth_at) if row.last_auth_at else None
    return FactorRow(row.id, row.type, KINDS[row.type].shown(row), _moment(row.created_at), used)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
