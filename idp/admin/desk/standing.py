"""How the tenant stands, for the first page: what went wrong lately, what waits, and what is still to be set up. Two
statements in all, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, select

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import says
from idp.applications.clients import api as clients
from idp.applications.clients.models import Client
from idp.directory.bulk.models import Job
from idp.directory.connections.models import Connection
from idp.directory.users.models import UserCount
from idp.foundation.kernel import clock
from idp.foundation.queue.models import OutboxItem
from idp.foundation.tenancy.models import CustomDomain
from idp.signin.factors import service as factors
from idp.tenant.audit import api as logs
from idp.tenant.audit.models import LogEntry
from idp.tenant.mail import delivery
from idp.tenant.members.models import Member
from idp.tenant.members.roles import READ_INSTALLATION
from idp.tenant.settings import backups

DAY_MS = 24 * 60 * 60 * 1000
MOST_READ = 1_000
"""The newest entries of the log that are looked at."""
MOST_KINDS = 6
MOST_COUNTED = 1_000
MADE_HERE = "%gatehouse%"
"""What ``client_metadata`` of applications says that came with the installation."""
RUNNING = ("pending", "processing")


@dataclass(frozen=True)
class Failure:
    """A kind of entry that says that something failed: its words, how often, and where they are listed."""

    type: str
    text: str
    times: int
    href: str


@dataclass(frozen=True)
class Step:
    """Something that is to be set up once."""

    name: str
    done: bool
    href: str


def failures(visit: Visit) -> Sequence[Failure]:
    """What failed in the last day, the most frequent first, among the newest entries."""
    if not operations.may(visit.work, logs.list_logs):
        return ()
    newest = (
        select(LogEntry.type, LogEntry.date)
        .where(LogEntry.tenant_id == visit.work.tenant_id)
        .order_by(LogEntry.log_id.desc())
        .limit(MOST_READ)
        .subquery()
    )
    times = func.count()
    statement = (
        select(newest.c.type, times)
        .where(newest.c.date >= clock.now_ms() - DAY_MS, newest.c.type.like("f%"))
        .group_by(newest.c.type)
        .order_by(times.desc(), newest.c.type)
        .limit(MOST_KINDS)
    )
    return [
        Failure(kind, says(kind), amount, visit.href("/admin/monitoring/logs", q=f'type:"{kind}"'))
        for kind, amount in visit.work.rows.execute(statement)
    ]


def numbers(visit: Visit) -> Mapping[str, int]:
    """Users, work that waits and since when (ms), running jobs, and what there is of what a tenant needs."""
    work, now = visit.work, clock.now_ms()
    waiting = OutboxItem.tenant_id == work.tenant_id, OutboxItem.done_at.is_(None), OutboxItem.run_at <= now
    own = Client.is_global.is_(False), cast(Client.data, String).not_like(MADE_HERE)
    parts: dict[str, Any] = {
        "users": select(func.coalesce(func.sum(UserCount.amount), 0)).where(UserCount.tenant_id == work.tenant_id),
        "waiting": _few(select(OutboxItem.id).where(*waiting), MOST_COUNTED),
        "since": select(func.coalesce(func.min(OutboxItem.run_at), now)).where(*waiting),
        "jobs": _few(select(Job.id).where(Job.tenant_id == work.tenant_id, Job.status.in_(RUNNING)), MOST_COUNTED),
        "app": _few(select(Client.client_id).where(Client.tenant_id == work.tenant_id, *own), 2),
        "connection": _few(select(Connection.id).where(Connection.tenant_id == work.tenant_id), 2),
        "domain": _few(
            select(CustomDomain.id).where(CustomDomain.tenant_id == work.tenant_id, CustomDomain.held.is_not(None)), 1
        ),
        "backup": backups.last(work.tenant_id),
        "administrator": _few(select(Member.user_id).where(Member.tenant_id == work.tenant_id), 2),
    }
    row = work.rows.execute(select(*(each.scalar_subquery().label(name) for name, each in parts.items()))).one()
    return {name: int(getattr(row, name)) for name in parts}


def _few(statement: Any, most: int) -> Any:
    """How many there are, up to ``most``."""
    return select(func.count()).select_from(statement.limit(most).subquery())


def steps(visit: Visit, found: Mapping[str, int]) -> Sequence[Step]:
    """What is to be set up, for whoever may: nothing once everything is."""
    if not operations.may(visit.work, clients.create_client):
        return ()
    has_factor = bool(factors.enrollable(visit.work))
    made: tuple[tuple[str, bool, str], ...] = (
        # the machine of the installation is no application of anybody's
        ("app", found["app"] > 1, "/admin/applications/apps/new"),
        ("connection", found["connection"] > 1, "/admin/authentication/connections/new"),
        ("mailer", delivery.way(visit.work) in {"own", "server"}, "/admin/branding/mailer"),
        ("mfa", has_factor, "/admin/security/mfa"),
        ("domain", found["domain"] > 0, "/admin/branding/domains/new"),
        ("administrator", found["administrator"] > 1, "/admin/settings/members/new"),
    )
    if READ_INSTALLATION in visit.work.actor.scopes:
        made += (("backup", found["backup"] > 0, "/admin/settings/installation"),)
    every = [Step(name, done, visit.href(path)) for name, done, path in made]
    return () if all(each.done for each in every) else every
