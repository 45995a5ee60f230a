"""The token decoder (``/admin/tools/tokens``): what a token says, in words, whose it is, and whether it is one of ours.

It comes by POST alone, is shown in no address, and is kept and logged nowhere. What is stored of it is looked up for
whoever may read people's tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.resource import Resource
from idp.applications.clients import api as clients
from idp.applications.clients import runtime as client_runtime
from idp.applications.resource_servers import api as servers
from idp.applications.resource_servers import runtime as server_runtime
from idp.directory.users import api as users
from idp.directory.users.models import User
from idp.foundation.apikit import Api, Body, View
from idp.foundation.kernel import clock
from idp.foundation.kernel.secret import SECRET
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import api as refresh_tokens
from idp.protocol.tokens import inspection
from idp.protocol.tokens.inspection import Inspected
from idp.tenant.keys.signer import MAX_TOKEN_LENGTH

api = Api("tokens")
PATH, INPUT = "/admin/tools/tokens", "token"
MOMENTS = frozenset({"exp", "iat", "nbf", "auth_time", "updated_at"})
"""Claims that are a NumericDate (RFC 7519 2)."""
LATEST = 253_402_300_799
"""The last second that a date can be written of (the year 9999)."""
BEARER = "bearer "


class TokenBody(Body):
    """The form of the page: nothing is sent anywhere else."""

    token: Annotated[str, SECRET, Meta(max_length=MAX_TOKEN_LENGTH)]


class TokenView(View):
    """What the page says of it in one word."""

    kind: str


@api.post("/tokens", scopes={"read:clients", "read:refresh_tokens", "read:signing_keys"}, summary="Decode a token")
def decode(work: Work, body: TokenBody) -> TokenView:
    """Declared for its right, as the operations on administrators are: the page asks the service itself, since reading
    a token is no change that the log tells.
    """
    return TokenView(inspection.inspect(work, body.token, look_up=False).kind)


@dataclass(frozen=True)
class Claim:
    """A claim as a line of the table: ``at`` (ms) where it is a moment, ``ago`` how far that is from now, in words."""

    name: str
    value: str
    meaning: str
    at: int | None = None
    ago: str = ""


@dataclass(frozen=True)
class Owner:
    """What a token belongs to: ``kind`` is client, api or user."""

    kind: str
    name: str
    href: str


def _page(visit: Visit, resource: Resource) -> Shown:
    typed = visit.form.get(INPUT, "").strip() if visit.method == "POST" else ""
    if typed.lower().startswith(BEARER):
        typed = typed[len(BEARER) :].strip()
    may_look_up = operations.may(visit.work, refresh_tokens.get_refresh_token)
    found = inspection.inspect(visit.work, typed, look_up=may_look_up) if typed else None
    empty = visit.method == "POST" and not typed
    problem = visit.texts.t("tokens.missing") if empty else ""
    if found is not None and found.kind == "too_long":
        problem, found = visit.texts.t("tokens.tooLong", count=MAX_TOKEN_LENGTH), None
    return Shown(
        "admin/tools/tokens.html",
        visit.texts.t("tokens.title"),
        {
            "resource": resource,
            "found": found,
            "problem": problem,
            "action": visit.href(PATH),
            "may_look_up": may_look_up,
            "claims": _claims(visit, found.claims) if found else (),
            "header": _claims(visit, found.header) if found else (),
            "owners": _owners(visit, found) if found else (),
        },
        status=422 if problem else 200,
        current=f"{resource.group}/{resource.name}",
    )


def _claims(visit: Visit, members: Mapping[str, Any]) -> Sequence[Claim]:
    return [_claim(visit, name, value) for name, value in members.items()]


def _claim(visit: Visit, name: str, value: Any) -> Claim:
    meaning = visit.texts.known(f"tokens.claim.{name}", "")
    text = value if isinstance(value, str) else forms.pretty(value)
    if name in MOMENTS and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LATEST:
        return Claim(name, text, meaning, int(value * 1000), _ago(visit, int(value)))
    return Claim(name, text, meaning)


def _ago(visit: Visit, at: int) -> str:
    """``in 5 minutes``, or ``5 minutes ago``."""
    from babel.dates import format_timedelta

    seconds = at - int(clock.now())
    if not seconds:
        return visit.texts.t("page.duration.now")
    said: str = format_timedelta(
        seconds, granularity="second", add_direction=True, locale=visit.texts.locale.replace("-", "_")
    )
    return said


def _owners(visit: Visit, found: Inspected) -> Sequence[Owner]:
    """Whose it is, with the way there for whoever may go."""
    work, owners = visit.work, []
    client = client_runtime.find(work, found.client_id) if found.client_id else None
    if client is not None:
        path = f"/admin/applications/apps/{client.client_id}"
        owners.append(Owner("client", client.name, _way(visit, clients.get_client, path, client.client_id)))
    there = server_runtime.find(work, found.api) if found.api else None
    if there is not None:
        path = f"/admin/applications/apis/{there.id}"
        own = "" if there.is_system else path
        owners.append(Owner("api", there.name, _way(visit, servers.get_resource_server, own)))
    if found.user_id and operations.may(work, users.get_user):
        person = work.rows.get(User, (work.tenant_id, found.user_id))
        if person is not None:
            from idp.admin.desk.lists import object_path
            from idp.admin.users import RESOURCES as USERS

            owners.append(
                Owner("user", person.email or person.user_id, visit.href(object_path(USERS[0], person.user_id)))
            )
    return owners


def _way(visit: Visit, handler: operations.Handler, path: str, client_id: str = "") -> str:
    hidden = bool(client_id) and not visit.work.actor.is_for(client_id)
    return visit.href(path) if path and not hidden and operations.may(visit.work, handler) else ""


RESOURCES = (
    Resource(
        group="tools",
        name="tokens",
        read=decode,
        page=_page,
        unkept=(INPUT,),
        aliases=("JWT", "decode", "introspection", "access token", "ID token", "jwt.io"),
    ),
)
