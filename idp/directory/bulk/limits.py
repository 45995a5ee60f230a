"""How much an import or export may be, and for how long it is there (spec/bulk-import-export.md)."""

from __future__ import annotations

from idp.foundation.db.purge import DAY_MS, HOUR_MS

MOST_ACTIVE_IMPORTS = 2
"""Jobs of one tenant that wait or run; those of exports are counted apart."""
MOST_ACTIVE_EXPORTS = 4
MOST_ACTIVE_BATCHES = 4
"""Jobs that do one thing to many."""
MOST_LOG_ENTRIES = 1_000_000
"""Entries of one export of the log, the newest: its file stands in the database for a day."""
MOST_OF_BATCH = 1_000_000
"""Objects of one of them."""
MOST_DELETED = 1_000
"""Objects that anybody but an Owner deletes by one."""
MOST_TAKEN_BACK = 1_000
"""Objects of which one is remembered that can be taken back."""
IMPORT_ENDS_MS = 2 * HOUR_MS
"""An import that is not done by then has failed; one that was done is called expired after as long."""
EXPORT_ENDS_MS = 8 * HOUR_MS
BATCH_ENDS_MS = 8 * HOUR_MS
KEEP_MS = DAY_MS
"""After this nothing is left of a job."""
LINK_S = 60
"""How long an address of an export is good."""
PART_BYTES = 128 * 1024
"""Of a file, in one row."""
BATCH = 200
"""Users in one transaction of a job: others who write wait that long."""
SLICE_S = 4.0
"""A worker does a job for that long before it is another job's turn. Its batches end within the lease of the lane."""
MOST_FIELDS_CSV = 30
MOST_FIELDS = 100
