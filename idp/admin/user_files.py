"""Users from a file, and users into one (``/admin/users/import``, ``/admin/users/export``): jobs of the Management API.

A file is checked first, by a job that writes nothing and names every row that would be refused; the page of that job
imports the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from idp.admin import jobs_api
from idp.admin.desk import kept, operations
from idp.admin.desk import listing as lists
from idp.admin.desk.bulk import JOBS
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.listing import Asked
from idp.admin.desk.resource import Resource
from idp.directory.bulk import files
from idp.directory.bulk.converters import CONVERTERS
from idp.directory.bulk.converters.contract import Unconvertible
from idp.directory.connections import runtime as connections
from idp.foundation.kernel.errors import ManagementError

IMPORT, EXPORT = "import", "export"
FORMATS = ("csv", "json")


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


def export_page(query: Callable[[Asked], str]) -> Callable[[Visit, Resource], Shown | Moved]:
    """The form that exports whom the list shows; ``query`` is what a list compiles to."""

    def page(visit: Visit, resource: Resource) -> Shown | Moved:
        operations.refuse_without_right(visit.work, jobs_api.export_view)
        form = visit.form or visit.kept or visit.query
        if resource.listing is None:
            raise LookupError("people have a list")
        wanted, problem = lists.asked(resource.listing, form), ""
        compiled = query(wanted)
        if visit.method == "POST":
            if not visit.fresh:
                return Moved(kept.keep(visit.work, visit.form, f"{resource.path}/{EXPORT}"), fresh=True)
            body = {"format": form.get("format", ""), "query": compiled}
            try:
                made = operations.call(visit.work, jobs_api.export_view, None, body)
                return Moved(visit.href(f"{JOBS}/{made['id']}"))
            except ManagementError as error:
                if error.status not in {400, 429}:
                    raise
                problem = error.message
        return Shown(
            "admin/users/export.html",
            visit.texts.t("users.export"),
            {
                "resource": resource,
                "query": compiled,
                "hidden": {**({"q": wanted.q} if wanted.q else {}), **wanted.filters},
                "formats": FORMATS,
                "format": form.get("format", FORMATS[0]),
                "problem": problem,
                "href": visit.href(f"{resource.path}/{EXPORT}"),
                "back": visit.href(resource.path, q=wanted.q or None, **wanted.filters),
            },
            status=422 if problem else 200,
            current="users/users",
            trail=(Link("list", visit.texts.t("users.title"), visit.href(resource.path)),),
        )

    return page
