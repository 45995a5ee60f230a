"""Types of log entries about jobs."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class BulkLog(LogType):
    """Written by the worker when a job has come to its end."""

    IMPORTED = "sui", "Users imported; the numbers are in the details."
    IMPORT_FAILED = "fui", "An import of users failed as a whole."
    EXPORTED = "sue", "Users exported."
    BATCH = "sbulk", "One thing was done to many objects; the numbers are in the details."
    BATCH_FAILED = "fbulk", "A job that does one thing to many objects ended before it was done."
    CANCELLED = "cjob", "An administrator cancelled a job."
    LOG_EXPORTED = "slogx", "Entries of the log exported; the query is in the details."
    LOG_EXPORT_FAILED = "flogx", "An export of the log failed."
    EXPORT_FAILED = "fue", "An export of users failed."
