"""Factors, passkeys and trusted browsers of one user, and what is done about them: operations of the Management API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from idp.admin import deliveries, user_tabs
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Cell, Done
from idp.foundation.kernel.errors import BadRequest
from idp.signin.factors import api as enrolments
from idp.signin.factors import trust
from idp.signin.factors import users_api as factors
from idp.signin.factors.models import AuthenticationMethod

MOST = 50
PASSKEY = "passkey"


@dataclass(frozen=True)
class Method:
    """A factor or passkey as a row: ``detail`` tells it from others of its kind."""

    id: str
    kind: str
    detail: str
    made: Cell
    used: Cell


@dataclass(frozen=True)
class TrustedBrowser:
    """A browser in which they are not asked for a second factor; moments in ms."""

    agent: str
    ip: str
    used: int


def authentication(visit: Visit, there: Object) -> Mapping[str, Any]:
    """The tab: password and address, then what proves who they are beside it."""
    work = visit.work
    found: list[Method] = []
    sees = operations.may(work, factors.list_methods)
    if sees:
        answer = operations.call(work, factors.list_methods, there.parameters, query={"per_page": str(MOST)})
        found = [_method(each) for each in (answer["authenticators"] if isinstance(answer, dict) else answer)]
    browsers = [
        TrustedBrowser(row.user_agent or "", row.ip or "", row.last_used_at) for row in trust.of_user(work, there.id)
    ]
    return {
        **user_tabs.authentication(visit, there),
        "deliveries": deliveries.of_user(visit, there.id),
        "sees_methods": sees,
        "methods": found,
        "browsers": browsers,
        "may": {name: operations.may(work, handler) for name, handler in _HANDLERS.items()},
        "latest": None,  # who changed them last stands on the other tabs: this one has its six statements
        "has_factors": any(each.kind != PASSKEY for each in found),
    }


def _method(each: Mapping[str, Any]) -> Method:
    told = ("name", "phone_number", "email", "relying_party_identifier")
    detail = next((str(each[name]) for name in told if each.get(name)), "")
    return Method(
        str(each["id"]),
        str(each["type"]),
        detail,
        user_tabs.moment(each.get("created_at")),
        user_tabs.moment(each.get("last_auth_at")),
    )


def remove(visit: Visit, there: Object) -> Done:
    """Take one away; its owner is told."""
    params = {**there.parameters, "authentication_method_id": visit.form.get("method", "")[:64]}
    if not params["authentication_method_id"]:
        raise BadRequest(visit.texts.t("users.factors.none"))
    operations.call(visit.work, factors.delete_method, params)
    return Done("users.done.factor", lands="authentication")


def reset(visit: Visit, there: Object) -> Done:
    """Take every second factor away: at the next sign-in they set one up anew, where one is wanted."""
    operations.call(visit.work, factors.delete_authenticators, there.parameters)
    return Done("users.done.reset-factors", lands="authentication")


def forget_browsers(visit: Visit, there: Object) -> Done:
    """Ask in every browser again."""
    operations.call(visit.work, factors.invalidate_browsers, there.parameters)
    return Done("users.done.browsers", lands="authentication")


def recovery_code(visit: Visit, there: Object) -> Done:
    """Another recovery code, shown this once."""
    made = operations.call(visit.work, factors.regenerate_recovery_code, there.parameters)
    return Done(
        "users.done.recovery-code", lands="authentication", secrets={"recovery_code": str(made["recovery_code"])}
    )


def enrolment(visit: Visit, there: Object) -> Done:
    """A link by which they set a factor up, for the administrator to hand on."""
    body = {"user_id": there.id, "allow_multiple_enrollments": True}
    made = operations.call(visit.work, enrolments.create_ticket, {}, body)
    return Done("users.done.enrolment", lands="authentication", secrets={"ticket_url": str(made["ticket_url"])})


def goes(visit: Visit, there: Object) -> Mapping[str, int]:
    """What a reset takes away."""
    mine = select(func.count()).select_from(AuthenticationMethod).where(AuthenticationMethod.user_id == there.id)
    counted = mine.where(AuthenticationMethod.type != PASSKEY)
    return {"factors": int(visit.work.rows.scalar(counted) or 0), "browsers": len(trust.of_user(visit.work, there.id))}


_HANDLERS: Mapping[str, operations.Handler] = {
    "remove": factors.delete_method,
    "reset": factors.delete_authenticators,
    "browsers": factors.invalidate_browsers,
    "recovery": factors.regenerate_recovery_code,
    "enrol": enrolments.create_ticket,
}
ACTIONS = (
    Action("factor", factors.delete_method, remove, fresh=True, tab="authentication"),
    Action("browsers", factors.invalidate_browsers, forget_browsers, tab="authentication"),
    Action("recovery-code", factors.regenerate_recovery_code, recovery_code, fresh=True, tab="authentication"),
    Action("enrolment", enrolments.create_ticket, enrolment, fresh=True, tab="authentication"),
    Action("reset-factors", factors.delete_authenticators, reset, confirm=True, fresh=True, danger=True, counts=goes),
)
