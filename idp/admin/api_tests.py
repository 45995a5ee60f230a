"""The tab "Test" of an API: how an application that may asks for a token, ready to paste, and such a token on demand
(docs/decisions/0403).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import func, or_, select

from idp.admin import api_test_samples as samples
from idp.admin.app_ways import mine
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Done, Tab
from idp.applications.clients import client_grants_api as grants
from idp.applications.clients import rights, service
from idp.applications.clients import runtime as clients
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers import service as servers
from idp.foundation.apikit import Api, Body, View
from idp.foundation.db.json_text import json_matches, json_member
from idp.foundation.kernel.errors import BadRequest, OAuthError
from idp.foundation.kernel.formats import ClientId
from idp.foundation.kernel.secret import ReadableSecret
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import gate
from idp.protocol.tokens.proofs import ClientProof
from idp.tenant.audit import log

api = Api("api-tests")
GRANT = "client_credentials"
MOST_APPS = 100
_ABLE = (
    json_matches(Client.data, ("grant_types",), (GRANT,)),
    or_(
        json_matches(Client.data, (rights.METHODS,), ()),
        func.coalesce(json_member(Client.data, "token_endpoint_auth_method"), "") != samples.PUBLIC,
    ),
)
"""What applications have that can ask on their own behalf: the grant type, and something to prove themselves with."""


class TestBody(Body):
    """Which application asks, and for what; no ``scope`` is everything that it was granted."""

    client_id: ClientId
    scope: Annotated[str, Meta(max_length=2_000)] = ""


class TestToken(View):
    """A token of the application's, for the API."""

    access_token: ReadableSecret
    expires_in: int
    scope: str = ""


@api.post(
    "/resource-servers/{id}/test",
    scopes={"update:client_keys", "read:resource_servers"},
    every=True,
    summary="Get a token to test an API with",
)
def obtain(work: Work, id: str, body: TestBody) -> TestToken:
    """What the application would get by ``client_credentials``, as the gate decides it at this moment. Whoever may
    change the application's secret could ask the same as the application.
    """
    server = servers.get(work, id)
    client = service.get(work, body.client_id)
    rights.check_keys(work, client)
    known = clients.find(work, client.client_id)
    if known is None:
        raise BadRequest("The client does not exist", "inexistent_client")
    try:
        issued = gate.issue(work, known, GRANT, ClientProof(audience=server.identifier, scope=body.scope or None))
    except OAuthError as refused:
        raise BadRequest(refused.description or refused.error, refused.error) from refused
    log.write(
        work,
        OAuthLog.CLIENT_CREDENTIALS_EXCHANGED,
        client_id=known.client_id,
        client_name=known.name,
        user_id=work.actor.user_id,
        audience=issued.audience,
        scope=issued.scope or None,
        details={"channel": work.actor.channel},
    )
    answer = issued.answer
    return TestToken(str(answer["access_token"]), int(answer["expires_in"]), issued.scope)


def _shown(visit: Visit, there: Object) -> Mapping[str, Any]:
    work, identifier = visit.work, str(there.document["identifier"])
    apps = _apps(work, identifier)
    asked = (visit.form or visit.kept or visit.query).get("client_id", "")[:64]
    chosen = next((each for each in apps if each[0].client_id == asked), apps[0] if apps else None)
    given: dict[str, Any] = {"apps": [client for client, _ in apps], "chosen": None}
    if chosen is None:
        return given
    client, grant = chosen
    method = _method(client.data)
    ask = samples.Ask(f"{samples.base(work, method)}oauth/token", client.client_id, method, identifier, "")
    return {
        **given,
        "chosen": client,
        "granted": list(grant.scope),
        "method": method,
        "samples": samples.of(ask),
        "use": 'curl https://api.example.com/ \\\n  --header "Authorization: Bearer $ACCESS_TOKEN"',
        "may_obtain": operations.may(work, obtain),
        "here": visit.href(there.path("test")),
        "decoder": visit.href("/admin/tools/tokens"),
    }


def _apps(work: Work, identifier: str) -> Sequence[tuple[Client, ClientGrant]]:
    """The applications that may ask for the API on their own behalf, and what each may have."""
    statement = (
        select(Client, ClientGrant)
        .join(ClientGrant, ClientGrant.client_id == Client.client_id)
        .where(ClientGrant.audience == identifier, ClientGrant.subject_type == "client", *mine(work), *_ABLE)
        .order_by(func.lower(Client.name), Client.client_id)
        .limit(MOST_APPS)
    )
    return [(client, grant) for client, grant in work.rows.execute(statement)]


def _method(document: Mapping[str, Any]) -> str:
    by_keys = document.get("client_authentication_methods") or {}
    return next((name for name, value in by_keys.items() if value), str(document.get("token_endpoint_auth_method")))


def _obtain(visit: Visit, there: Object) -> Done:
    body = {"client_id": visit.form.get("client_id", ""), "scope": visit.form.get("scope", "").strip()}
    made = operations.call(visit.work, obtain, there.parameters, body)
    return Done(
        "apis.done.obtain",
        lands="test",
        secrets={"access_token": str(made["access_token"])},
        query={"client_id": body["client_id"]},
    )


TAB = Tab("test", template="admin/apis/test.html", view=_shown, needs=grants.list_grants)
OBTAIN = Action("obtain", obtain, _obtain, fresh=True, tab="test")
