"""The feature: jobs of imports and exports."""

from __future__ import annotations

from idp.directory.bulk.limits import KEEP_MS
from idp.directory.bulk.log_types import BulkLog
from idp.directory.bulk.models import Job, JobError, JobPart
from idp.foundation.db.purge import BEFORE, Purge
from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import JOBS

FEATURE = Feature(
    name="bulk",
    apis=("idp.directory.bulk.api",),
    blueprints=("idp.directory.bulk.views:blueprint",),
    tasks={
        "bulk.import": "idp.directory.bulk.importing:work_on",
        "bulk.export": "idp.directory.bulk.exporting:work_on",
        "bulk.log_export": "idp.directory.bulk.log_exporting:work_on",
    },
    lanes={"bulk.import": JOBS, "bulk.export": JOBS, "bulk.log_export": JOBS},
    purges=(
        Purge(JobPart, JobPart.created_at < BEFORE, KEEP_MS),
        Purge(JobError, JobError.created_at < BEFORE, KEEP_MS),
        Purge(Job, Job.created_at < BEFORE, KEEP_MS),
    ),
    log_types=(BulkLog,),
)
