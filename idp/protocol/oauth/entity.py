"""``/.well-known/openid-federation``: what this provider says of itself in federations, signed by itself (OpenID
Federation 1.0, 9). Its superiors vouch for it; it vouches for nobody, so that it neither lists nor resolves entities.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from idp.applications.federation.fetching import KIND, WELL_KNOWN
from idp.applications.federation.statements import FEDERATION_ENTITY, TYPE
from idp.foundation.kernel import clock
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import discovery
from idp.tenant.keys import signer, store

GOOD_S = 86_400
AGAIN_S = 300
"""How long one statement is given out before another is signed: whoever asks often costs nothing."""
OPENID_PROVIDER = "openid_provider"
blueprint = Blueprint("entity", __name__)


@blueprint.get(f"/{WELL_KNOWN}")
def configuration() -> Response:
    """The provider as an entity of a federation (OpenID Federation 1.0, 9), while the tenant is one."""
    work = http.current()
    work.refresh()
    if not work.config.settings.federation.enabled:
        raise NotFound
    response = Response(signed(work), mimetype=KIND)
    response.headers.update(discovery.HEADERS)
    return response


def signed(work: Work) -> str:
    """The entity configuration, a JWS that is good for a day."""
    kept: dict[str, tuple[int, str]] = work.config.remember("entity configuration", "", dict)
    made_at, raw = kept.get("", (0, ""))
    now = clock.now()
    if not 0 <= now - made_at < AGAIN_S:
        raw = signer.sign_for_federation(work, said(work, now), typ=TYPE)
        kept[""] = now, raw
    return raw


def said(work: Work, now: int) -> dict[str, Any]:
    """Its claims (3.1)."""
    issuer, settings = work.config.issuer, work.config.settings
    about = {"organization_name": settings.friendly_name, "contacts": _contacts(settings.support_email)}
    found: dict[str, Any] = {
        "iss": issuer,
        "sub": issuer,
        "iat": now,
        "exp": now + GOOD_S,
        "jwks": {"keys": [key.jwk for key in store.ring(work).for_federation()]},
        "metadata": {
            OPENID_PROVIDER: discovery.document(work),
            FEDERATION_ENTITY: {name: value for name, value in about.items() if value},
        },
    }
    if settings.federation.authority_hints:
        found["authority_hints"] = settings.federation.authority_hints
    return found


def _contacts(email: str | None) -> list[str]:
    return [email] if email else []
