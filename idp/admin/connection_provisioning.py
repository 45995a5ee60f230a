"""The tab *Provisioning* of an enterprise connection: whether its directory makes accounts here (SCIM 2.0), what is
entered there, what becomes of its attributes, and the tokens it comes with. Each is an operation of the Management API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin.desk import copies, operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import About, Action, Document, Done, Field, Section, Tab
from idp.directory.connections import strategies
from idp.directory.provisioning import api as scim
from idp.directory.provisioning import service
from idp.foundation.kernel.errors import BadRequest, NotFound

NAME, TOKEN = "provisioning", "token_id"
PATH = "scim/v2/connections/{id}"
DAYS: Sequence[tuple[str, int | None]] = (("30", 30), ("90", 90), ("365", 365), ("never", None))
"""How long a new token is good for: its choices, in days."""
DAY_S = 86_400
SCOPES = tuple(sorted(service.SCOPES, key=lambda each: (each.partition(":")[2] != "users", each)))
PRESET = frozenset({"get:users", "post:users", "put:users", "patch:users", "delete:users"})
"""What a directory needs that sends people and no groups."""
SECTIONS = (
    Section(
        "scim",
        (
            Field("user_id_attribute", "text", hint=True, careful=True),
            Field("mapping", "json", hint=True, careful=True),
        ),
    ),
)


def _is_enterprise(document: Document) -> bool:
    return strategies.named(str(document["strategy"])).kind == "enterprise"


def _configuration(visit: Visit, there: Object) -> Document | None:
    """How the connection is provisioned; None where it is not."""
    try:
        found: Document = operations.call(visit.work, scim.get_configuration, there.parameters)
    except NotFound:
        return None
    return found


def _lock(visit: Visit, there: Object) -> None:
    service.lock(visit.work, there.id)


def _parts(_visit: Visit, there: Object) -> Sequence[Section]:
    return SECTIONS if there.document else ()


def _sent(document: Document, members: dict[str, Any]) -> dict[str, Any]:
    """Both, since the operation replaces both."""
    return {**{field.name: document[field.name] for section in SECTIONS for field in section.fields}, **members}


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    work, on = visit.work, _configuration(visit, there) is not None
    may_list = on and operations.may(work, scim.list_tokens)
    tokens = operations.call(work, scim.list_tokens, there.parameters) if may_list else []
    url = work.config.url
    return {
        "latest": None,  # who changed it last stands on the other tabs: this one has its six statements
        "on": on,
        "endpoint": f"{url}{PATH.format(id=there.id)}",
        "tokens": tokens,
        "may_list": may_list,
        "full": len(tokens) >= service.MOST_TOKENS,
        "most": service.MOST_TOKENS,
        "scopes": SCOPES,
        "preset": PRESET,
        "days": [name for name, _ in DAYS],
        "curl": copies.curl(f"{url.rstrip('/')}{operations.path_of(scim.get_configuration, there.parameters)}"),
        "can": {name: operations.may(work, handler) for name, handler in _HANDLERS.items()},
    }


def _on(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, scim.create_configuration, there.parameters, {})
    return Done("connections.done.scim-on", lands=NAME)


def _off(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, scim.delete_configuration, there.parameters)
    return Done("connections.done.scim-off", lands=NAME)


def _defaults(visit: Visit, there: Object) -> Done:
    """The mapping that a new configuration has."""
    now = operations.call(visit.work, scim.get_configuration, there.parameters)
    ours = operations.call(visit.work, scim.get_default_mapping, there.parameters)
    body = {"user_id_attribute": now["user_id_attribute"], "mapping": ours["mapping"]}
    operations.call(visit.work, scim.update_configuration, there.parameters, body)
    return Done("connections.done.scim-defaults", lands=NAME)


def _make(visit: Visit, there: Object) -> Done:
    """A token, shown this once.

    :raises BadRequest: it could do nothing.
    """
    scopes = [each for each in SCOPES if visit.form.get(f"scopes[{each}]")]
    if not scopes:
        raise BadRequest(visit.texts.t("scim.noScopes"), "invalid_body")
    days = dict(DAYS).get(visit.form.get("days", ""), DAYS[-2][1])
    body: dict[str, Any] = {"scopes": scopes, **({"token_lifetime": days * DAY_S} if days else {})}
    made = operations.call(visit.work, scim.create_token, there.parameters, body)
    return Done("connections.done.scim-token", lands=NAME, secrets={"token": str(made["token"])})


def _revoke(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, scim.delete_token, {**there.parameters, TOKEN: _token(visit)})
    return Done("connections.done.scim-revoke", lands=NAME)


def _token(visit: Visit) -> str:
    return (visit.form or visit.query).get(TOKEN, "")[:64]


def _what(visit: Visit, _there: Object) -> str:
    return _token(visit)


def _goes(visit: Visit, there: Object) -> Mapping[str, int]:
    return service.counts(visit.work, there.id)


_HANDLERS: Mapping[str, operations.Handler] = {
    "on": scim.create_configuration,
    "off": scim.delete_configuration,
    "defaults": scim.update_configuration,
    "make": scim.create_token,
    "revoke": scim.delete_token,
}
TAB = Tab(
    NAME,
    template="admin/connections/provisioning.html",
    view=_view,
    parts=_parts,
    may_be=lambda: SECTIONS,
    about=About(_configuration, _lock),
    sent=_sent,
    update=scim.update_configuration,
    when=_is_enterprise,
    needs=scim.get_configuration,
)
ACTIONS = (
    Action("scim-on", scim.create_configuration, _on, fresh=True, tab=NAME, when=_is_enterprise),
    Action("scim-defaults", scim.update_configuration, _defaults, confirm=True, hidden=True, when=_is_enterprise),
    Action("scim-off", scim.delete_configuration, _off, confirm=True, fresh=True, hidden=True, counts=_goes),
    Action("scim-token", scim.create_token, _make, fresh=True, tab=NAME, when=_is_enterprise),
    Action(
        "scim-revoke",
        scim.delete_token,
        _revoke,
        confirm=True,
        fresh=True,
        hidden=True,
        carries=(TOKEN,),
        what=_what,
    ),
)
