"""Signing in to an application as one of the users (spec/misc.md, "Impersonation"): a tab that makes the link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Done, Tab
from idp.applications.clients.models import Client
from idp.directory.connections.models import ConnectionClient
from idp.directory.users.models import Identity
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import BadRequest
from idp.protocol.impersonation import api as impersonation
from idp.protocol.impersonation import assertions
from idp.protocol.impersonation import service as impersonation_service
from idp.protocol.tokens import impersonated
from idp.tenant.settings import api as tenant

NAME = "impersonation"
MOST = 100
"""Applications that are offered; the Management API takes any other."""
TYPES, MODES = ("code", "token", "id_token"), ("", "query", "fragment", "form_post")
PROTOCOLS = (impersonation_service.OAUTH2, *sorted(assertions.ADDONS))


def view(visit: Visit, there: Object) -> Mapping[str, Any]:
    """Which applications the user could be signed in to, and how."""
    allowed = impersonated.allowed(visit.work)
    may_set = operations.may(visit.work, tenant.get_settings)
    return {
        "allowed": allowed,
        "settings": visit.href("/admin/settings/tenant/advanced") if may_set else "",
        "choices": _applications(visit, there.id) if allowed and there.id != visit.work.actor.user_id else [],
        "protocols": PROTOCOLS,
        "types": TYPES,
        "modes": MODES,
        "suggested": ids.alphanumeric(12),
        "problem": "",
        "typed": {},
    }


def _applications(visit: Visit, user_id: str) -> Sequence[tuple[str, str]]:
    """Those that could be gone back to, and that the user's connection is enabled for (spec/misc.md)."""
    enabled = (
        select(ConnectionClient.client_id)
        .join(Identity, Identity.connection_id == ConnectionClient.connection_id)
        .where(Identity.user_id == user_id, Identity.position == 0)
    )
    found = select(Client).where(Client.client_id.in_(enabled)).order_by(Client.name, Client.client_id).limit(MOST)
    return [(row.client_id, row.name) for row in visit.work.rows.scalars(found) if row.data.get("callbacks")]


def impersonate(visit: Visit, there: Object) -> Done:
    """The link, to be opened or copied once. Its answer carries the state that was typed: without one an application
    could not tell it from one that somebody else sent.
    """
    typed = {name: visit.form.get(name, "").strip() for name in ("response_type", "response_mode", "scope", "state")}
    if not typed["state"]:
        raise BadRequest(visit.texts.t("users.impersonation.noState"), "invalid_body")
    body = {
        "impersonator_id": visit.work.actor.user_id,
        "client_id": visit.form.get("client_id", ""),
        "protocol": visit.form.get("protocol", "") or impersonation_service.OAUTH2,
        "additionalParameters": {name: value for name, value in typed.items() if value},
    }
    made = operations.call(visit.work, impersonation.impersonate, there.parameters, body)
    return Done("users.done.impersonate", lands=NAME, secrets={"url": str(made["url"])})


TAB = Tab(NAME, template="admin/users/impersonation.html", view=view, needs=impersonation.impersonate)
ACTION = Action("impersonate", impersonation.impersonate, impersonate, fresh=True, tab=NAME)
