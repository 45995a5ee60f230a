"""The request builder (``/admin/tools/requests``): an authorization request of an application put together, what the
endpoint would answer to it, and the calls before and behind it (spec/dashboard.md, "Pages", tools).

Everything stands in the address, and nothing is sent anywhere: what is made up anew each time is the secret of PKCE and
the values that tie an answer to its browser.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from msgspec import Meta
from sqlalchemy import func, select

from idp.admin import api_test_samples as samples
from idp.admin import app_ways
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.resource import Resource
from idp.applications.clients import runtime as clients
from idp.applications.clients.models import Client
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.apikit import Api, Body, View
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize import advice
from idp.protocol.oauth.authorize.steps.response import RESPONSE_MODES, RESPONSE_TYPES, SIGNED_MODES

api = Api("requests")
PATH = "/admin/tools/requests"
MOST_APPS, MOST = 200, 2_000
APP, PKCE = "client_id", "pkce"
USUAL: Mapping[str, str] = {"response_type": "code", "scope": "openid profile email"}
CHOICES: Mapping[str, Sequence[str]] = {
    "response_type": RESPONSE_TYPES,
    "response_mode": (*RESPONSE_MODES, *SIGNED_MODES),
    "prompt": ("none", "login", "consent", "select_account"),
    "screen_hint": ("signup",),
}
FIRST = ("redirect_uri", "response_type", "scope", "audience", "connection", "prompt")
MORE = ("response_mode", "login_hint", "max_age", "acr_values", "ui_locales", "screen_hint", "claims")
"""Parameters of the request, those that most need first."""


class RequestBody(Body):
    """The request as an address."""

    url: Annotated[str, Meta(max_length=20_000)]


class RequestAdvice(View):
    """What is wrong with it, in words; ``refused``: what the endpoint would answer."""

    advice: list[str]
    refused: str | None


@api.post("/requests", scopes={"read:clients"}, summary="Check an authorization request")
def check(work: Work, body: RequestBody) -> RequestAdvice:
    """Declared for its right, as the decoder's: looking at a request is no change that the log tells."""
    asked = advice.read(work, body.url)
    return RequestAdvice(advice.found(asked), advice.refusal(asked))


@dataclass(frozen=True)
class Built:
    """The request: its address, what the page has to say of it, and the calls that belong to it."""

    url: str
    refused: str | None
    advice: Sequence[str]
    pushed: str
    exchange: str


def _page(visit: Visit, resource: Resource) -> Shown:
    given = {name: visit.query.get(name, "")[:MOST] for name in (APP, *FIRST, *MORE)}
    apps = _apps(visit.work, given[APP])
    known = clients.find(visit.work, given[APP]) if given[APP] in [id_ for id_, _ in apps] else None
    with_pkce = visit.query.get(PKCE, "") != "off"
    callbacks = known.data.callbacks if known is not None else []
    usual = {**USUAL, "redirect_uri": next(iter(callbacks), "")}
    given |= {name: value for name, value in usual.items() if name not in visit.query}
    return Shown(
        "admin/tools/requests.html",
        visit.texts.t("requests.title"),
        {
            "resource": resource,
            "apps": apps,
            "given": given,
            "first": FIRST,
            "more": MORE,
            "opened": any(given[name] for name in MORE),
            "choices": CHOICES,
            "callbacks": callbacks,
            "with_pkce": with_pkce,
            "action": visit.href(PATH),
            "built": _built(visit.work, known, given, with_pkce=with_pkce) if known is not None else None,
            "missing": bool(given[APP]) and known is None,
        },
        current=f"{resource.group}/{resource.name}",
    )


def _built(work: Work, client: ClientConfig, given: Mapping[str, str], *, with_pkce: bool) -> Built:
    verifier = secrets.token_urlsafe(32)
    params = {name: value for name, value in given.items() if value}
    params |= {"state": secrets.token_urlsafe(12)}
    if "openid" in params.get("scope", "").split():
        params["nonce"] = secrets.token_urlsafe(12)
    if with_pkce:
        params |= {"code_challenge": _challenge(verifier), "code_challenge_method": "S256"}
    url = f"{work.config.url}authorize?{urlencode(params)}"
    found = check(work, RequestBody(url))
    code = {"grant_type": "authorization_code", "code": "CODE", "redirect_uri": given["redirect_uri"]}
    shown = {**code, **({"code_verifier": verifier} if with_pkce else {})}
    method = client.auth_method
    asked_at = samples.base(work, method)
    return Built(
        url,
        found.refused,
        found.advice,
        samples.call(f"{asked_at}oauth/par", client.client_id, method, params),
        samples.call(f"{asked_at}oauth/token", client.client_id, method, shown)
        if "code" in given["response_type"].split()
        else "",
    )


def _challenge(verifier: str) -> str:
    """RFC 7636 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _apps(work: Work, chosen: str) -> Sequence[tuple[str, str]]:
    """The first ones by name, and the chosen one, which may stand behind them."""
    named = select(Client.client_id, Client.name).where(
        Client.is_global.is_(False), Client.is_system.is_(False), *app_ways.mine(work)
    )
    listed = named.order_by(func.lower(Client.name), Client.client_id).limit(MOST_APPS)
    found = [(client_id, name) for client_id, name in work.rows.execute(listed)]
    if chosen and chosen not in dict(found):
        one = named.where(Client.client_id == chosen)
        found += [(client_id, name) for client_id, name in work.rows.execute(one)]
    return found


RESOURCES = (
    Resource(
        group="tools",
        name="requests",
        read=check,
        page=_page,
        aliases=("authorize URL", "authorization request", "PAR", "PKCE", "OIDC debugger", "rp-check"),
    ),
)
