"""The feature: log entries."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, DAY_MS, TENANT, Purge, Retention
from idp.foundation.feature import Feature
from idp.foundation.tenancy.settings import TenantSettings
from idp.tenant.audit.log_ids import first_log_id
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.audit.models import DailyStatistics, LastActiveDay, LogEntry, behind
from idp.tenant.audit.reactions import REACTIONS
from idp.tenant.audit.statistics import ACTIVE_DAYS
from idp.tenant.audit.stretches import describe

STATISTICS_DAYS = 800
"""For how long the numbers of a day are kept: somebody who compares with last year finds it."""


def _days(settings: TenantSettings) -> int:
    return settings.log_retention_days


FEATURE = Feature(
    name="audit",
    apis=("idp.tenant.audit.api",),
    reactions=REACTIONS,
    tasks={"logs.pseudonymize": "idp.tenant.audit.pseudonyms:rename"},
    purges=(
        Purge(LastActiveDay, LastActiveDay.day < BEFORE, keep_ms=(ACTIVE_DAYS + 1) * DAY_MS),
        Purge(DailyStatistics, DailyStatistics.day < BEFORE, keep_ms=STATISTICS_DAYS * DAY_MS),
    ),
    retentions=(
        Retention(
            LogEntry,
            LogEntry.date,
            _days,
            order=LogEntry.log_id,
            found_by=LogEntry.log_id < first_log_id(BEFORE + behind(TENANT)),
        ),
    ),
    upkeep=(describe,),
    log_types=(ApiLog,),
    personal=(
        Personal(
            model=LogEntry,
            of=by_user_id(LogEntry),
            stays="what happened is told for as long as the tenant says; under a pseudonym where it says so",
        ),
        Personal(model=LastActiveDay, of=by_user_id(LastActiveDay), archived=False),
    ),
)
