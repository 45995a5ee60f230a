"""The feature: the dashboard."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import JOBS

FEATURE = Feature(
    name="admin",
    blueprints=("idp.admin.views:blueprint",),
    tasks={"admin.batch": "idp.admin.batches:work_on"},
    lanes={"admin.batch": JOBS},
)
