"""What the shields and the doors saw (``/admin/security/threats``): how often each kind of attempt failed in the last
day and the last fortnight, what is unusual about it, and the way to its entries. Counting ends at a thousand: two
statements, whatever the log holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from idp.admin.desk import operations
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.history import says
from idp.admin.desk.listing import MOST_COUNTED
from idp.admin.desk.resource import Resource
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.protection import BLOCK
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import api as blocks
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection import settings_api as shields
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.factors.log_types import FactorLog
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import api as logs
from idp.tenant.audit.log_ids import PER_MS, log_id
from idp.tenant.audit.models import LogEntry

DAYS: Final = 14
LEAST_UNUSUAL: Final = 20
"""Entries of a day below which nothing is unusual."""
TIMES: Final = 3
"""So many times the usual number of a day is unusual."""
KINDS: Final[Mapping[str, Sequence[str]]] = {
    "passwords": (
        LoginLog.WRONG_PASSWORD.value,
        LoginLog.UNKNOWN_USER.value,
        ProtectionLog.BLOCKED.value,
        ProtectionLog.ACCOUNT_BLOCKED.value,
        ProtectionLog.NETWORK_BLOCKED.value,
    ),
    "leaks": tuple(
        each.value
        for each in (ProtectionLog.BREACHED_LOGIN, ProtectionLog.BREACHED_SIGN_UP, ProtectionLog.BREACHED_RESET)
    ),
    "programs": (LoginLog.SIGNED_UP.value, LoginLog.SIGN_UP_FAILED.value, ProtectionLog.ASSESSED.value),
    "factors": tuple(
        each.value
        for each in (
            FactorLog.FAILED,
            FactorLog.LIMITED,
            FactorLog.NOT_RECOVERED,
            FactorLog.WEBAUTHN_FAILED,
            FactorLog.RECOVERED,
            FactorLog.UNENROLLED,
        )
    ),
}
"""What each threat shows by: types of log entries."""


@dataclass(frozen=True)
class Seen:
    """A type of entry: its words, how often in a day and a fortnight (beyond a thousand nobody counts), and where its
    entries are.
    """

    kind: str
    text: str
    day: int
    fortnight: int
    href: str

    @property
    def unusual(self) -> bool:
        """Whether the last day had far more of it than the days before."""
        if self.day > MOST_COUNTED:
            return True
        usual = max(0, self.fortnight - self.day) / (DAYS - 1)
        return self.day >= LEAST_UNUSUAL and self.day > TIMES * usual


def _page(visit: Visit, resource: Resource) -> Shown:
    found = {each.kind: each for each in seen(visit, [kind for kinds in KINDS.values() for kind in kinds])}
    groups = {name: [found[kind] for kind in kinds] for name, kinds in KINDS.items()}
    return Shown(
        "admin/threats/page.html",
        visit.texts.t("threats.title"),
        {
            "resource": resource,
            "groups": groups,
            "unusual": [each for group in groups.values() for each in group if each.unusual],
            "shields": _shields(visit),
            "most": MOST_COUNTED,
            "blocks": visit.href("/admin/security/blocks") if operations.may(visit.work, blocks.list_locked) else "",
        },
        current=f"{resource.group}/{resource.name}",
    )


def seen(visit: Visit, kinds: Sequence[str]) -> Sequence[Seen]:
    """How often there was each of these types of entries, and the way to them: one statement."""
    found = _counted(visit.work, kinds)
    return [
        Seen(kind, says(kind), *found[kind], visit.href("/admin/monitoring/logs", q=f'type:"{kind}"')) for kind in kinds
    ]


def _counted(work: Work, kinds: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """How many entries of each type there are of the last day, and of the last fortnight."""
    now = clock.now_ms()
    columns = [
        _few(work, kind, now - days * DAY_MS).label(f"c{number}_{days}")
        for number, kind in enumerate(kinds)
        for days in (1, DAYS)
    ]
    row: Any = work.rows.execute(select(*columns)).one()
    return {
        kind: (int(getattr(row, f"c{number}_1")), int(getattr(row, f"c{number}_{DAYS}")))
        for number, kind in enumerate(kinds)
    }


def _few(work: Work, kind: str, since: int) -> Any:
    """How many of a type there are since a moment (ms), up to a thousand and one: a walk of its index."""
    mine = (LogEntry.tenant_id == work.tenant_id, LogEntry.type == kind, LogEntry.log_id >= log_id(since * PER_MS))
    newest = select(LogEntry.log_id).where(*mine).order_by(LogEntry.log_id.desc()).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(newest.subquery()).scalar_subquery()


def _shields(visit: Visit) -> Sequence[tuple[str, str, str]]:
    """Each shield with what it does now (``blocks``, ``watches``, ``off``), and where that is set."""
    if not operations.may(visit.work, shields.get_brute_force):
        return ()
    kept = visit.work.config.attack_protection
    found = {
        "brute-force": (kept.brute_force_protection.enabled, brute_force.active(kept.brute_force_protection)),
        "suspicious-ip": (
            kept.suspicious_ip_throttling.enabled,
            BLOCK in kept.suspicious_ip_throttling.shields,
        ),
        "breached": (
            kept.breached_password_detection.enabled,
            BLOCK in kept.breached_password_detection.shields,
        ),
    }
    return [
        (
            name,
            ("blocks" if blocks else "watches") if enabled else "off",
            visit.href(f"/admin/security/shields/{name}"),
        )
        for name, (enabled, blocks) in found.items()
    ]


def _suggest(_visit: Visit, _text: str, _most: int) -> Sequence[tuple[str, str]]:
    """There are no objects of that kind."""
    return ()


RESOURCES = (
    Resource(
        group="security",
        name="threats",
        read=logs.list_logs,
        page=_page,
        suggest=_suggest,
        aliases=("Security Center", "Monitoring", "credential stuffing", "sign-up attacks", "MFA bypass"),
    ),
)
