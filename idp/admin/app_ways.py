"""From an application to the tools that are about it: its authorization request, and what a sign-in would come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Document
from idp.applications.clients import api as clients
from idp.applications.clients.models import Client
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.simulation import api as simulations

BUILDER, SIMULATOR = "/admin/tools/requests", "/admin/tools/simulator"


def mine(work: Work) -> Sequence[Any]:
    """The applications of an administrator who is for some of them."""
    confined = work.actor.clients
    return () if confined is None else (Client.client_id.in_(sorted(confined)),)


def signs_people_in(document: Document) -> bool:
    """Whether an application sends people here."""
    return document.get("app_type") not in {"non_interactive", "resource_server"}


def _try(visit: Visit, there: Object) -> str:
    return visit.href(BUILDER, client_id=there.id)


def _simulate(visit: Visit, there: Object) -> str:
    return visit.href(SIMULATOR, client_id=there.id)


ACTIONS = (
    Action("try", clients.get_client, elsewhere=_try, when=signs_people_in),
    Action("simulate", simulations.simulate, elsewhere=_simulate, when=signs_people_in),
)
