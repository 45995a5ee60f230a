"""A second application like one that is there (page ``/admin/applications/apps/<id>/duplicate``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.once import hand_over
from idp.admin.desk.resource import Action, Done
from idp.applications.clients import api as clients
from idp.applications.clients import copies

NAME = "name"
BESIDE = {"grants": copies.WRITE_GRANTS, "connections": copies.WRITE_CONNECTIONS}
"""What may follow the settings, and the right that it takes."""
MOST_NAME = 255


def _asks(visit: Visit, there: Object) -> Mapping[str, Any]:
    sent = visit.method == "POST"
    usual = visit.texts.t("apps.duplicate.name", name=there.title)[:MOST_NAME]
    offered = [name for name, scope in BESIDE.items() if visit.work.actor.has(scope)]
    return {
        "typed": {NAME: visit.form.get(NAME, "") if sent else usual},
        "offered": [(name, not sent or name in visit.form) for name in offered],
        "by_keys": copies.by_keys(there.document),
    }


def _duplicate(visit: Visit, there: Object) -> Done:
    beside = {name: name in visit.form for name in BESIDE}
    body = {NAME: visit.form.get(NAME, "").strip(), **beside}
    made = operations.call(visit.work, clients.duplicate_client, there.parameters, body)
    new = Object(there.resource, str(made["client_id"]), made)
    once = hand_over(visit, {"client_secret": str(made["client_secret"])} if made.get("client_secret") else {})
    return Done("", href=visit.href(new.path("settings"), done="apps.done.duplicate", once=once))


DUPLICATE = Action(
    "duplicate",
    clients.duplicate_client,
    _duplicate,
    confirm=True,
    template="admin/apps/duplicate.html",
    view=_asks,
)
