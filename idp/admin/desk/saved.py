"""Filters of a list that somebody keeps under a name: a page that shows them, keeps the one it was opened with, and
forgets those that are one's own.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from idp.admin.desk import listing as lists
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.resource import Listing, Resource
from idp.foundation.kernel.errors import ManagementError, NotFound
from idp.tenant.members import saved

NAME = "saved"


def page(visit: Visit, resource: Resource) -> Shown | Moved:
    """The filters of a list.

    :raises ManagementError: there is no such list.
    """
    if resource.listing is None:
        raise NotFound("Not Found")
    form = visit.form or visit.kept
    query = form.get("query", "") if form else _query(resource.listing, visit)
    problem = ""
    if visit.method == "POST":
        try:
            return _changed(visit, resource, resource.listing)
        except ManagementError as error:
            if error.status not in {400, 404}:
                raise
            problem = error.message
    me = visit.member.session.user_id
    rows = saved.of(visit.work, me, resource.name)
    return Shown(
        "admin/saved.html",
        visit.texts.t("frame.saved.title"),
        {
            "resource": resource,
            "rows": [
                {
                    "id": row.id,
                    "name": row.name,
                    "href": visit.href(resource.path, **dict(parse_qsl(row.query))),
                    "query": row.query,
                    "shared": row.shared,
                    "mine": row.user_id == me,
                }
                for row in rows
            ],
            "query": query,
            "name": form.get("name", ""),
            "shared": form.get("shared") == "true",
            "problem": problem,
            "href": visit.href(f"{resource.path}/{NAME}"),
            "back": visit.href(resource.path, **dict(parse_qsl(query))),
        },
        status=422 if problem else 200,
        current=f"{resource.group}/{resource.name}",
        trail=(Link("list", visit.texts.t(f"{resource.name}.title"), visit.href(resource.path)),),
    )


def _query(listing: Listing, visit: Visit) -> str:
    """What the address asks of the list, as far as the list knows it; without the place in it."""
    wanted = lists.asked(listing, visit.query, visit.preferences.columns.get("", ()))
    known = {"q": wanted.q, **wanted.filters}
    if wanted.sort != listing.order:
        known["sort"] = wanted.sort
    if wanted.size != lists.SIZES[0]:
        known["rows"] = str(wanted.size)
    if visit.query.get("cols"):
        known["cols"] = ",".join(each.name for each in wanted.columns)
    return urlencode({name: value for name, value in known.items() if value})


def _changed(visit: Visit, resource: Resource, listing: Listing) -> Moved:
    me, form = visit.member.session.user_id, visit.form
    here = f"{resource.path}/{NAME}"
    if form.get("forget"):
        saved.forget(visit.work, me, form["forget"])
        return Moved(visit.href(here, done="frame.saved.done.forgotten"))
    typed = dict(parse_qsl(form.get("query", "")))
    kept = {name: value for name, value in typed.items() if name in _known(listing)}
    saved.save(
        visit.work, me, resource.name, form.get("name", ""), urlencode(kept), shared=form.get("shared") == "true"
    )
    return Moved(visit.href(here, done="frame.saved.done.kept", **kept))


def _known(listing: Listing) -> set[str]:
    return {"q", "sort", "rows", "cols", *(each.name for each in listing.filters)}
