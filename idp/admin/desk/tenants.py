"""The switcher: other tenants of this installation whose dashboards somebody opens, too (``/admin/tenants``).

Who people are is each tenant's own business: nothing tells that two accounts of two tenants are one person's. So it is
shown by whoever is signed in to both: the dashboard of the one hands a note over to that of the other, which lists it
once they say so, for them in this browser (docs/decisions/0470). A note gives no right: whoever follows a link of the
list is asked by that tenant who they are.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from flask import Response

from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy import cookies, http

NAME: Final = "tenants"
COOKIE: Final = "desk_tenants"
ADD, REMOVE, ADDRESS = "add", "remove", "address"
"""What the page is told: a note to list, the tenant to take off the list, the address of one to go to."""
NOTE_MS: Final = 600_000
MOST: Final = 12
"""Tenants that a list holds; the oldest goes."""
MOST_NAME: Final = 60
MOST_TEXT: Final = 3_000
"""Characters of the list as a cookie."""


class Place(msgspec.Struct, frozen=True):
    """A tenant: its id, what it is called, and its URL."""

    id: str
    name: str
    url: str


class _Note(msgspec.Struct, frozen=True):
    place: Place
    until: int


class _List(msgspec.Struct, frozen=True):
    places: list[Place]


T = TypeVar("T", _Note, _List)


def known(visit: Visit) -> Sequence[Place]:
    """What this person lists in this browser."""
    found = _opened(visit, cookies.get(visit.work, COOKIE) or "", _whose(visit), _List)
    return found.places if found is not None else ()


def links(visit: Visit) -> Sequence[Link]:
    """The dashboards of these."""
    return [Link(each.id, each.name, f"{each.url}admin") for each in known(visit)]


def page(visit: Visit, _resources: object) -> Shown | Moved:
    """The list, a tenant to go to, and a note to take."""
    problem = ""
    if visit.method == "POST":
        if _wanted(visit) is not None:
            said = "tenant-listed" if visit.form.get(ADD) else "tenant-gone"
            return Moved(visit.href(f"/admin/{NAME}", done=f"frame.done.{said}"))
        problem = visit.texts.t("frame.tenants.stale")
    address = visit.query.get(ADDRESS, "").strip()[:300]
    note = visit.query.get(ADD, "")
    handed, there = _note(visit, note), _found(visit, address)
    if note and handed is None:
        problem = visit.texts.t("frame.tenants.stale")
    return Shown(
        "admin/tenants.html",
        visit.texts.t("frame.tenants.title"),
        {
            "places": known(visit),
            "address": address,
            "there": there,
            "there_href": _hands_over(visit, there) if there else "",
            "nobody": bool(address) and there is None,
            "note": note if handed is not None else "",
            "handed": handed,
            "handed_back": _hands_over(visit, handed) if handed else "",
            "problem": problem,
        },
        status=422 if problem else 200,
    )


def send(visit: Visit, response: Response) -> None:
    """Keep the list that the form comes to."""
    wanted = _wanted(visit)
    if wanted is None:
        return
    text = _sealed(visit, _List(list(wanted)), _whose(visit))
    while len(text) > MOST_TEXT:
        wanted = wanted[1:]
        text = _sealed(visit, _List(list(wanted)), _whose(visit))
    age = cookies.DEVICE_MAX_AGE_S
    cookies.send(visit.work, response, COOKIE, text, max_age_s=age, same_site="Lax")


def _wanted(visit: Visit) -> Sequence[Place] | None:
    """The list as the form wants it; None where it asks for nothing that is good."""
    here = known(visit)
    gone = visit.form.get(REMOVE, "")
    if gone:
        return [each for each in here if each.id != gone]
    handed = _note(visit, visit.form.get(ADD, ""))
    if handed is None:
        return None
    return [*(each for each in here if each.id != handed.id), handed][-MOST:]


def _found(visit: Visit, address: str) -> Place | None:
    """The tenant of this installation that answers there, other than this one."""
    parts = _parts(address)
    config = http.resolve(visit.work.platform, *parts) if parts else None
    if config is None or config.tenant_id == visit.work.tenant_id:
        return None
    return Place(config.tenant_id, config.friendly_name[:MOST_NAME], config.url)


def _parts(address: str) -> tuple[str, str] | None:
    try:
        found = urlsplit(address if "//" in address else f"//{address}")
    except ValueError:  # brackets that are no address
        return None
    return (found.netloc.rpartition("@")[2], found.path or "/") if found.netloc else None


def _hands_over(visit: Visit, there: Place) -> str:
    """The address of the other one's page, with a note about this one."""
    config = visit.work.config
    here = Place(visit.work.tenant_id, config.friendly_name[:MOST_NAME], config.url)
    note = _sealed(visit, _Note(here, clock.now_ms() + NOTE_MS), there.id)
    return f"{there.url}admin/{NAME}?{ADD}={note}"


def _note(visit: Visit, text: str) -> Place | None:
    """The tenant that a note for this one is about."""
    found = _opened(visit, text, visit.work.tenant_id, _Note) if text else None
    return found.place if found is not None and found.until > clock.now_ms() else None


def _whose(visit: Visit) -> str:
    return f"{visit.work.tenant_id}\0{visit.member.session.user_id}"


def _sealed(visit: Visit, what: _Note | _List, whose: str) -> str:
    """As text that only we write, for one tenant or person."""
    body = b64url(msgspec.json.encode(what))
    return f"{body}.{visit.work.platform.csrf_signer.tag(_told(type(what), body, whose))}"


def _opened(visit: Visit, text: str, whose: str, kind: type[T]) -> T | None:
    body, _, tag = text.partition(".")
    if not tag or not visit.work.platform.csrf_signer.check(_told(kind, body, whose), tag):
        return None
    return msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=kind)


def _told(kind: type, body: str, whose: str) -> str:
    """What a tag is about. It begins as no tag of a form's token does."""
    return f"{NAME}\0{kind.__name__}\0{whose}\0{body}"
