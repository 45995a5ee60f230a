"""Signing keys (``/admin/settings/keys``): the current one, the next, and those that still verify old tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Filter, Listing, Resource, Tab
from idp.admin.user_tabs import moment
from idp.tenant.keys import api as keys
from idp.tenant.keys.models import SigningKey

STATES = ("current", "next", "previous", "revoked")
TIMES = frozenset({"current_since", "current_until", "revoked_at"})
FACTS = ("kid", "current_since", "current_until", "revoked_at", "fingerprint", "thumbprint")


def _is_current(document: Document) -> bool:
    return bool(document.get("current"))


def _is_previous(document: Document) -> bool:
    return bool(document.get("previous"))


def _details(_visit: Visit, there: Object) -> Mapping[str, Any]:
    document = there.document
    state = next((each for each in STATES if document.get(each)), "")
    return {"state": state, "facts": [(name, _fact(name, document[name])) for name in FACTS if document.get(name)]}


def _fact(name: str, value: Any) -> Cell:
    return moment(value) if name in TIMES else Cell(str(value))


def _rotate(visit: Visit, _there: Object) -> Done:
    made = operations.call(visit.work, keys.rotate, {}, {})
    return Done("keys.done.rotate", href=visit.href(f"/admin/settings/keys/{made['kid']}", done="keys.done.rotate"))


def _revoke(visit: Visit, there: Object) -> None:
    operations.call(visit.work, keys.revoke, there.parameters, {})


RESOURCES = (
    Resource(
        group="settings",
        name="keys",
        read=keys.get_key,
        all=keys.list_keys,
        parameter="kid",
        identifier="kid",
        title=lambda document: str(document["kid"]),
        listing=Listing(
            SigningKey,
            SigningKey.kid,
            (
                Column("kid", lambda row: Cell(row.kid)),
                Column("state", lambda row: Cell(row.state, "state", good=True if row.state == "current" else None)),
                Column("current_since", lambda row: Cell(kind="time", at=row.current_since)),
                Column("current_until", lambda row: Cell(kind="time", at=row.current_until)),
                Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=SigningKey.created_at),
            ),
            order="-created_at",
            filters=(Filter("state", STATES, lambda value: SigningKey.state == value),),
            always=(SigningKey.alg == keys.SHOWN_ALG,),
            title="kid",
        ),
        tabs=(Tab("details", template="admin/keys/details.html", view=_details), raw()),
        actions=(
            Action("rotate", keys.rotate, _rotate, confirm=True, typed=True, fresh=True, when=_is_current),
            Action("revoke", keys.revoke, _revoke, confirm=True, typed=True, fresh=True, when=_is_previous),
        ),
        aliases=("Signing Keys", "JWKS", "rotate", "certificate"),
        api="keys.signing",
    ),
)
