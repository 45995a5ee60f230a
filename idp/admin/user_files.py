"""Users from a file (``/admin/users/import``): jobs of the Management API.

A file is checked first, by a job that writes nothing and names every row that would be refused; the page of that job
imports the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from idp.admin import jobs_api
from idp.admin.desk import operations
from idp.admin.desk.bulk import JOBS
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.directory.bulk import files
from idp.directory.bulk.converters import CONVERTERS
from idp.directory.bulk.converters.contract import Unconvertible
from idp.directory.connections import runtime as connections
from idp.foundation.kernel.errors import ManagementError

IMPORT = "import"


def import_page(visit: Visit, resource: Resource) -> Shown | Moved:
    """The form for a file, and the job that checks what was sent.

    :raises ManagementError: not for this person.
    """
    operations.refuse_without_right(visit.work, jobs_api.check_import)
    problem = ""
    if visit.method == "POST":
        try:
            return Moved(visit.href(f"{JOBS}/{_checked(visit)}"))
        except ManagementError as error:
            if error.status not in {400, 403, 409, 413, 429}:
                raise
            problem = error.message
        except Unconvertible as error:
            problem = str(error)
    return Shown(
        "admin/users/import.html",
        visit.texts.t("users.import"),
        {
            "resource": resource,
            "connections": _databases(visit),
            "chosen": (visit.form or visit.kept).get("connection_id", ""),
            "upsert": (visit.form or visit.kept).get("upsert") == "true",
            "formats": sorted(CONVERTERS),
            "format": (visit.form or visit.kept).get("format", ""),
            "most": visit.work.platform.settings.import_max_bytes // 1000,
            "problem": problem,
            "href": visit.href(f"{resource.path}/{IMPORT}"),
            "back": visit.href(resource.path),
        },
        status=422 if problem else 200,
        current="users/users",
        trail=(Link("list", visit.texts.t("users.title"), visit.href(resource.path)),),
    )


def _databases(visit: Visit) -> Sequence[tuple[str, str]]:
    every = connections.everywhere(visit.work)
    return [(each.id, each.name) for each in every if each.is_database and each.keeps_accounts]


def _checked(visit: Visit) -> str:
    """The id of the job that checks the file.

    :raises ManagementError: what the API refuses of it.
    :raises Unconvertible: the file is not of its format.
    """
    given = {
        "users": files.as_rows(visit.files.get("users", b""), visit.form.get("format", "")),
        "connection_id": visit.form.get("connection_id", ""),
        "upsert": "true" if visit.form.get("upsert") else "false",
        "send_completion_email": "false",
    }
    made = operations.call(visit.work, jobs_api.check_import, parts=given)
    return str(made["id"])
