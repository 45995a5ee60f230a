"""``/users/{id}/impersonate``: ours, in the shape of the older call of that name (spec/misc.md). Whoever may make links
that open somebody's account may make these.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Body, View, changes
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import Reference, UserId, whole
from idp.foundation.kernel.secret import ReadableSecret
from idp.foundation.tenancy.work import Work
from idp.protocol.impersonation import service
from idp.protocol.tokens import impersonated

api = Api("impersonation")


class AdditionalParameters(Body):
    """How the application is told. ``audience`` is accepted and ignored: what comes of it opens no API. Of applications
    of SAML and WS-Federation ``callback_url`` and ``state`` count, which is ``RelayState`` or ``wctx`` there.
    """

    response_type: Literal["code", "token", "id_token"] = "code"
    response_mode: Literal["query", "fragment", "form_post"] | UnsetType = UNSET
    state: Annotated[str, Meta(max_length=8_192)] | UnsetType = UNSET
    nonce: Annotated[str, Meta(max_length=1_024)] | UnsetType = UNSET
    scope: Annotated[str, Meta(max_length=4_096)] = "openid"
    callback_url: Annotated[str, Meta(max_length=2_048)] | UnsetType = UNSET
    code_challenge: Annotated[str, whole(r"[A-Za-z0-9._~-]{43,128}")] | UnsetType = UNSET
    audience: Annotated[str, Meta(max_length=2_048)] | UnsetType = UNSET


class Impersonate(Body, kw_only=True):
    """POST /users/{id}/impersonate."""

    protocol: Literal["oauth2", "samlp", "wsfed", "wstrust-usernamemixed"] = "oauth2"
    impersonator_id: UserId
    client_id: Reference
    additionalParameters: AdditionalParameters | UnsetType = UNSET  # noqa: N815 - Auth0's name


class ImpersonationView(View):
    """The link, which is told by this answer and by no other."""

    url: ReadableSecret
    expires_at: str


@api.post("/users/{id}/impersonate", scopes={impersonated.RIGHT}, summary="Make an impersonation link")
def impersonate(work: Work, id: UserId, body: Impersonate) -> ImpersonationView:
    """A link, good once and for five minutes, by which one user gets into an application as another."""
    made = service.create(work, id, changes(body))
    return ImpersonationView(url=made.url, expires_at=clock.iso(made.expires_at))
