"""Refresh tokens of the tenant that applications were moved from (spec/migration.md, docs/decisions/0250).

An application that was moved still holds them. One that is not known here is shown to the former tenant's token
endpoint, once and with the application's own credentials; what it says decides who the person is, and from then on the
token is one of an authorization of ours. Off unless the tenant setting ``former_tenant`` names an issuer.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.users.models import Identity
from idp.foundation import egress
from idp.foundation.db.hot import Statement
from idp.foundation.egress import EgressError
from idp.foundation.ephemeral import counters, limits
from idp.foundation.kernel import clock, strict_json
from idp.foundation.kernel.errors import OAuthError, invalid_grant
from idp.foundation.kernel.secrets import digest
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.configuration import mfa_audience, my_account_audience
from idp.foundation.tenancy.settings import FormerTenant
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.audiences import MAX_AUDIENCE
from idp.protocol.tokens.proofs import PersonProof

LONGEST = 512
"""Characters of a refresh token that are looked at."""
AGAIN_MS = 30_000
"""How long a token that was shown to the former tenant is not shown again."""
SKEW_S = 60
INVALID = "Unknown or invalid refresh token."
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}")
_CONNECTION = Statement(
    "former_user_connection",
    select(Identity.connection_id)
    .where(Identity.tenant_id == bindparam("tenant"), Identity.user_id == bindparam("user"))
    .order_by(Identity.position)
    .limit(1),
    row=str,
)


class Said(msgspec.Struct, frozen=True):
    """What the former tenant said: whose token it is, and what it gives."""

    subject: str
    scope: str
    audiences: tuple[str, ...]
    auth_time: int | None = None
    """When they signed in there (s), if it says so."""


def exchange(work: Work, client: ClientConfig, token: str, narrowed: str | None) -> PersonProof | None:
    """Whose refresh token it was there; None where nobody is asked. ``narrowed`` is the request's ``scope``.

    :raises OAuthError: ``invalid_grant`` where the former tenant refuses it or the person is not here;
        ``temporarily_unavailable`` while it does not answer, or the same token is being asked about.
    """
    former = work.config.settings.former_tenant
    if former is None or not former.had(client.client_id) or not client.allows("refresh_token"):
        return None
    if not _TOKEN.fullmatch(token):
        return None
    key = digest(token)
    _take_turn(work, client, key)
    said = _read(former, client, _answer(work, former, client, token))
    connection_id = work.hot.one(_CONNECTION, tenant=work.tenant_id, user=said.subject)
    if connection_id is None:
        raise invalid_grant(INVALID, detail="the person of the former tenant is not here")
    return PersonProof(
        user_id=said.subject,
        connection_id=connection_id,
        amr=(),
        auth_time=said.auth_time,
        audience=_audience(work, former, said),
        scope=said.scope,
        gty="refresh_token",
        narrowed=narrowed,
        adopts=key,
    )


def _take_turn(work: Work, client: ClientConfig, key: str) -> None:
    for limit, who in ((limits.FORMER_BY_IP, work.network), (limits.FORMER_OF_CLIENT, client.client_id)):
        if limits.exceeded(work, limit, who) is not None:
            raise OAuthError("too_many_attempts", "Too many unknown refresh tokens. Try again later.", status=429)
    count, _ = counters.increment(work, f"former-token:{key}", AGAIN_MS)
    if count > 1:
        raise _later("the token was shown to the former tenant a moment ago")


def _answer(work: Work, former: FormerTenant, client: ClientConfig, token: str) -> Mapping[str, Any]:
    """What its token endpoint answers; nothing is tried again. Raises OAuthError."""
    form = {"grant_type": "refresh_token", "client_id": client.client_id, "refresh_token": token}
    if not client.public and client.secret is not None:
        form["client_secret"] = client.secret
    try:
        answer = egress.post(work.platform.settings, f"{former.issuer}oauth/token", form=form)
    except EgressError as error:
        raise _later(str(error)) from error
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _later(f"the former tenant answers {answer.status}")
    if answer.status != HTTPStatus.OK:
        raise invalid_grant(INVALID, detail=f"the former tenant answers {answer.status}")
    try:
        found = strict_json.decode(answer.body)
    except InvalidJson as error:
        raise _later("the former tenant's answer is no JSON") from error
    return found if isinstance(found, dict) else {}


def _read(former: FormerTenant, client: ClientConfig, answer: Mapping[str, Any]) -> Said:
    """The person and what was granted. The answer came from the issuer itself over TLS, which stands for the signature
    (OpenID Connect Core 3.1.3.7, point 6); issuer, audience and end are looked at nevertheless.
    """
    access, identity = _claims(answer.get("access_token")), _claims(answer.get("id_token"))
    subjects = {str(claims.get("sub")) for claims in (access, identity) if claims}
    good = [
        claims.get("iss") == former.issuer and _lives(claims) and isinstance(claims.get("sub"), str)
        for claims in (access, identity)
        if claims
    ]
    if not good or not all(good) or len(subjects) != 1:
        raise invalid_grant(INVALID, detail="the former tenant does not say whose token it is")
    if identity and client.client_id not in _several(identity.get("aud")):
        raise invalid_grant(INVALID, detail="the former tenant's ID token is another client's")
    if access and access.get("azp", client.client_id) != client.client_id:
        raise invalid_grant(INVALID, detail="the former tenant's access token is another client's")
    scope = answer.get("scope", access.get("scope"))
    granted = scope if isinstance(scope, str) else "openid" if identity else ""
    names = dict.fromkeys((*granted.split(), "offline_access"))
    return Said(subjects.pop(), " ".join(names), tuple(_several(access.get("aud"))), _moment(identity.get("auth_time")))


def _audience(work: Work, former: FormerTenant, said: Said) -> str:
    """The API that the token was for: the same one here, or our Management API for its."""
    own = f"{work.config.issuer}userinfo"
    urls = (former.issuer, *work.urls())
    personal = {name(url) for url in urls for name in (my_account_audience, mfa_audience)}
    for audience in said.audiences:
        if audience == f"{former.issuer}userinfo":
            continue
        if audience in personal:  # nobody proved anything a moment ago, and that is what such a token says
            raise invalid_grant(INVALID, detail="the former tenant's token is for what people change of their account")
        here = work.config.management_audience if audience == f"{former.issuer}api/v2/" else audience
        if len(here) <= MAX_AUDIENCE and resource_servers.find(work, here) is None:
            raise invalid_grant(INVALID, detail="the API of the former tenant's token is not here")
        return here
    return own


def _claims(token: Any) -> dict[str, Any]:
    """What a JWT says; nothing of one that is opaque."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return {}
    try:
        claims = strict_json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, InvalidJson):
        return {}
    return claims if isinstance(claims, dict) else {}


def _lives(claims: Mapping[str, Any]) -> bool:
    ends = claims.get("exp")
    return isinstance(ends, int | float) and ends > clock.now() - SKEW_S


def _moment(value: Any) -> int | None:
    """When they signed in there (s), where it says so."""
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= clock.now()
    return value if whole else None


def _several(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _later(detail: str) -> OAuthError:
    return OAuthError("temporarily_unavailable", "The token cannot be exchanged now.", status=503, detail=detail)
