"""Mails to administrators about what the shields saw: at once, or as a summary of a day, a week or a month.

A summary begins with the first news: one row of the outbox waits until the period is over, counts what the log holds
then, and writes one mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from idp.foundation.ephemeral import counters, limits
from idp.foundation.kernel import clock
from idp.foundation.queue import outbox
from idp.foundation.tenancy.protection import DAY_MS
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.tenant.audit.models import LogEntry
from idp.tenant.mail import service as mail

SUMMARY = "protection.summary"
"""The outbox task that sums a period up."""
IMMEDIATELY = "immediately"
MINUTE_MS = 60_000
"""The first news is in the log a moment before its summary begins."""
PERIODS_MS: Mapping[str, int] = {"daily": DAY_MS, "weekly": 7 * DAY_MS, "monthly": 30 * DAY_MS}
BREACHED = (ProtectionLog.BREACHED_LOGIN, ProtectionLog.BREACHED_SIGN_UP, ProtectionLog.BREACHED_RESET)


def suspicious_network(work: Work) -> None:
    """A network used up what it may do; in the caller's transaction."""
    _at_once(work, "suspicious_network")


def breached_password(work: Work) -> None:
    """Somebody used a breached password; in the caller's transaction."""
    wanted = work.config.attack_protection.breached_password_detection.admin_notification_frequency or [IMMEDIATELY]
    if IMMEDIATELY in wanted:
        _at_once(work, "breached_password")
    for name in PERIODS_MS.keys() & set(wanted):
        count, left_ms = counters.increment(work, f"protection-summary:{name}", PERIODS_MS[name])
        if count == 1:
            outbox.put(work, SUMMARY, {"period": name, "since": clock.now_ms() - MINUTE_MS}, delay_ms=left_ms)


def sum_up(work: Work, payload: dict[str, Any]) -> None:
    """The handler of :data:`SUMMARY`."""
    name, since = str(payload.get("period")), int(payload.get("since") or 0)
    settings = work.config.attack_protection.breached_password_detection
    if name not in settings.admin_notification_frequency or not settings.enabled:
        return
    kinds = [kind.value for kind in BREACHED]
    counted = select(func.count()).where(LogEntry.type.in_(kinds), LogEntry.date >= since)
    amount = work.rows.scalar(counted) or 0
    with work.transaction():
        _send(work, "summary", amount=amount, period=name)


def _at_once(work: Work, kind: str) -> None:
    """At most one mail an hour about one network, and so many a day in all."""
    if limits.exceeded(work, limits.ADMIN_MAIL_BY_NETWORK, f"{kind}:{work.network}") is not None:
        return
    if limits.exceeded(work, limits.ADMIN_MAILS, kind) is None:
        _send(work, kind, ip=work.ip or None)


def _send(work: Work, kind: str, *, ip: str | None = None, amount: int = 0, period: str = "") -> None:
    mail.send(
        work,
        "attack_notice",
        work.platform.settings.admin_email,
        mail.TENANTS_LANGUAGE,
        kind=kind,
        ip=ip,
        amount=amount,
        period=period,
        email=work.platform.settings.admin_email,
    )
