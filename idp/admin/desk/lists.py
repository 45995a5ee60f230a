"""The page of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp.admin.desk import listing as lists
from idp.admin.desk import operations, showing
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.listing import MOST_COUNTED, Asked, Row
from idp.admin.desk.resource import Bulk, Listing, Resource


@dataclass(frozen=True)
class Head:
    """A column's head: ``sort`` is where a click on it leads, ``order`` how it is sorted now."""

    name: str
    sort: str = ""
    order: str = ""


@dataclass(frozen=True)
class Line:
    """A row with the address of its object."""

    row: Row
    href: str


def page(visit: Visit, resource: Resource) -> Shown | Moved:
    """The list of a resource."""
    listing = resource.listing
    if listing is None:
        raise LookupError(f"{resource.name} has no list")
    kept = visit.preferences.columns.get(resource.name, ())
    wanted = lists.asked(listing, showing.opened_place(visit.work, resource.name, visit.query), kept)
    found = listing.finder(visit, wanted) if listing.finder else lists.found(visit.work, listing, wanted)
    after = showing.sealed_place(visit.work, resource.name, found.next or "")
    lines = [Line(row, visit.href(object_path(resource, row.key))) for row in found.rows]
    return Shown(
        "admin/list.html",
        visit.texts.t(f"{resource.name}.title"),
        {
            "resource": resource,
            "asked": wanted,
            "heads": [_head(visit, resource, listing, wanted, each.name) for each in wanted.columns],
            "title_at": [each.name for each in wanted.columns].index(listing.title),
            "lines": lines,
            "total": found.total,
            "more_than": MOST_COUNTED if found.total is not None and found.total > MOST_COUNTED else None,
            "first": _address(visit, resource, wanted) if wanted.after is not None else "",
            "next": _address(visit, resource, wanted, after=after) if after else "",
            "chips": _chips(visit, resource, wanted),
            "saved": _address(visit, resource, wanted).replace(
                visit.href(resource.path), visit.href(f"{resource.path}/saved"), 1
            ),
            "clear": visit.href(resource.path),
            "compiled": found.compiled,
            "problem": found.problem,
            "bulk": offered(visit, resource),
            "links": [
                (name, visit.href(f"{resource.path}/{name}", q=wanted.q or None, **wanted.filters))
                for name, handler in resource.links
                if operations.may(visit.work, handler)
            ],
            "may_create": operations.may(visit.work, resource.create),
            "sizes": sorted(lists.SIZES),
            "picked": frozenset(each.name for each in wanted.columns),
            "command": f'curl -H "Authorization: Bearer $TOKEN" {visit.work.config.url.rstrip("/")}'
            f"{operations.endpoint(resource.all or resource.read).path.join(('/api/v2', ''))}",
        },
        current=f"{resource.group}/{resource.name}",
    )


def offered(visit: Visit, resource: Resource) -> Sequence[Bulk]:
    """What this person may do with many rows of a list; who changes none of them ticks none."""
    actions = resource.bulk.actions if resource.bulk is not None else ()
    found = [each for each in actions if operations.may(visit.work, each.operation)]
    return found if any(each.begin is None for each in found) else []


def object_path(resource: Resource, key: str, tab: str = "") -> str:
    """The address of an object, its id encoded as one segment."""
    from urllib.parse import quote

    return f"{resource.path}/{quote(key, safe='')}{f'/{tab}' if tab else ''}"


def _head(visit: Visit, resource: Resource, listing: Listing, wanted: Asked, name: str) -> Head:
    column = next(each for each in listing.columns if each.name == name)
    if column.sort is None:
        return Head(name)
    here = wanted.column.name == name
    turned = f"-{name}" if here and not wanted.descending else name
    order = ("descending" if wanted.descending else "ascending") if here else ""
    return Head(name, _address(visit, resource, wanted, sort=turned), order)


def _chips(visit: Visit, resource: Resource, wanted: Asked) -> Sequence[Link]:
    """What narrows the list, each with the address without it."""
    texts, found = visit.texts, []
    if wanted.q:
        found.append(Link("q", f"“{wanted.q}”", _address(visit, resource, wanted, q=None)))
    for name, value in wanted.filters.items():
        label = texts.known(f"{resource.name}.field.{name}", name)
        choice = f"{resource.name}.choice"
        words = texts.known(f"{choice}.{name}.{value}", texts.known(f"{choice}.{value}", value))
        found.append(Link(name, f"{label}: {words}", _address(visit, resource, wanted, **{name: None})))
    return found


def _address(visit: Visit, resource: Resource, wanted: Asked, **changes: str | None) -> str:
    """The same list with something else; whatever narrows or sorts it drops the place in it."""
    listing = resource.listing
    default = listing.order if listing is not None else ""
    known: Mapping[str, str | None] = {
        "q": wanted.q or None,
        **wanted.filters,
        "sort": None if wanted.sort == default else wanted.sort,
        "rows": None if wanted.size == lists.SIZES[0] else str(wanted.size),
        "cols": visit.query.get("cols"),
    }
    return visit.href(resource.path, **{**known, **changes})
