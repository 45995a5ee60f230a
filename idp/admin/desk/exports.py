"""What a list shows, as a file (``<list>/export``): a page that asks for the format, and the job that writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from idp.admin.desk import kept, operations
from idp.admin.desk import listing as lists
from idp.admin.desk.bulk import JOBS
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.listing import Asked
from idp.admin.desk.resource import Resource
from idp.foundation.kernel.errors import ManagementError

EXPORT: Final = "export"
CSV, NDJSON = "csv", "json"
FORMATS: Final = (CSV, NDJSON)


def formats(visit: Visit, resource: str) -> Sequence[tuple[str, str]]:
    """Each with what it is called."""
    return [(each, visit.texts.t(f"{resource}.export.{each}")) for each in FORMATS]


def page(query: Callable[[Asked], str], operation: operations.Handler) -> Callable[[Visit, Resource], Shown | Moved]:
    """The form that exports what the list shows, by an operation that takes ``format`` and ``query``; ``query`` is what
    a list compiles to.
    """

    def run(visit: Visit, resource: Resource) -> Shown | Moved:
        operations.refuse_without_right(visit.work, operation)
        form = visit.form or visit.kept or visit.query
        if resource.listing is None:
            raise LookupError("what has no list is not exported")
        wanted, problem = lists.asked(resource.listing, form), ""
        compiled = query(wanted)
        if visit.method == "POST":
            if not visit.fresh:
                return Moved(kept.keep(visit.work, visit.form, f"{resource.path}/{EXPORT}"), fresh=True)
            body = {"format": form.get("format", ""), "query": compiled}
            try:
                made = operations.call(visit.work, operation, None, body)
                return Moved(visit.href(f"{JOBS}/{made['id']}"))
            except ManagementError as error:
                if error.status not in {400, 429}:
                    raise
                problem = error.message
        return _asks(visit, resource, wanted, compiled, form.get("format", CSV), problem)

    return run


def _asks(visit: Visit, resource: Resource, wanted: Asked, compiled: str, chosen: str, problem: str) -> Shown:
    name = resource.name
    return Shown(
        "admin/export.html",
        visit.texts.t(f"{name}.export"),
        {
            "resource": resource,
            "query": compiled,
            "hidden": {**({"q": wanted.q} if wanted.q else {}), **wanted.filters},
            "formats": formats(visit, name),
            "format": chosen,
            "problem": problem,
            "href": visit.href(f"{resource.path}/{EXPORT}"),
            "back": visit.href(resource.path, q=wanted.q or None, **wanted.filters),
        },
        status=422 if problem else 200,
        current=f"{resource.group}/{name}",
        trail=(Link("list", visit.texts.t(f"{name}.title"), visit.href(resource.path)),),
    )
