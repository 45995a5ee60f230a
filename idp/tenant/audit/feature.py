"""The feature: log entries."""

from __future__ import annotations

from idp.foundation.db.purge import Retention
from idp.foundation.feature import Feature
from idp.foundation.tenancy.settings import TenantSettings
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.audit.models import LogEntry


def _days(settings: TenantSettings) -> int:
    return settings.log_retention_days


FEATURE = Feature(
    name="audit",
    apis=("idp.tenant.audit.api",),
    retentions=(Retention(LogEntry, LogEntry.date, _days),),
    log_types=(ApiLog,),
)
