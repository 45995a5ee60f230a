"""The authentication profile (``/admin/authentication/profile``): what people are asked for first, whether devices'
passkeys stand in for passwords, and the page that begins with (spec/dashboard.md, "Pages").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.objects import Object
from idp.admin.desk.preview import PATH
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Document, Field, Resource, Section, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import runtime
from idp.tenant.appearance import api as looks
from idp.tenant.settings import api as tenant

FIRST: Final = "identifier_first"
DEVICES: Final = "webauthn_platform_first_factor"
TOGETHER, APART, BY_DEVICE = "false", "true", "device"
PAGES: Final = {TOGETHER: "login", APART: "login/identifier", BY_DEVICE: "login/device"}
"""The page that shows what is chosen: the one on which signing in begins, or its second step."""


@dataclass(frozen=True)
class Database:
    """A connection whose people have accounts here: whether they sign in with passkeys, and whether it asks who
    somebody is first, whatever the profile says. ``href`` leads to its options, for whoever may see them.
    """

    name: str
    passkeys: bool
    asks_first: bool
    href: str


def _chosen(document: Document) -> str:
    if not document.get(FIRST):
        return TOGETHER
    return BY_DEVICE if document.get(DEVICES) else APART


def _shown(document: Document) -> Document:
    return {**document, FIRST: _chosen(document)}


def _sent(_document: Document, members: dict[str, Any]) -> dict[str, Any]:
    if FIRST not in members:
        return members
    chosen = members[FIRST]
    return {**members, FIRST: chosen != TOGETHER, DEVICES: chosen == BY_DEVICE}


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    chosen = _chosen(there.document)
    asked = visit.query.get("as", "")
    shown = asked if asked in PAGES else chosen
    seen = operations.may(visit.work, connections.get_connection)
    databases = [
        Database(
            each.name,
            each.passkeys is not None,
            each.asks_who_first,
            visit.href(f"/admin/authentication/connections/{each.id}/options") if seen else "",
        )
        for each in runtime.everywhere(visit.work)
        if each.keeps_accounts
    ]
    may_look = operations.may(visit.work, looks.get_branding)
    return {
        "databases": databases,
        "screen": PAGES[shown],
        "ways": [(way, visit.href(there.path(), **{"as": way}), way == shown) for way in PAGES],
        "frame": visit.href(PATH, screen=PAGES[shown], lang=visit.texts.locale) if may_look else "",
    }


RESOURCES = (
    Resource(
        group="authentication",
        name="profile",
        read=tenant.get_prompts,
        update=tenant.update_prompts,
        single=True,
        title=lambda _document: "",
        tabs=(
            Tab(
                "profile",
                (
                    Section("first", (Field(FIRST, "radio", (TOGETHER, APART, BY_DEVICE)),)),
                    Section("pages", (Field("universal_login_experience", hint=True),), folded=True),
                ),
                "admin/profile/profile.html",
                _view,
                shown=_shown,
                sent=_sent,
                framed=True,
            ),
            raw(),
            history(),
        ),
        recorded=("tenants", ""),
        part=("prompts",),
        aliases=("Authentication Profile", "prompts", "identifier first", "biometrics", "passkeys", "Universal Login"),
    ),
)
