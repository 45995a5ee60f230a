"""What a client may have of an API on its own behalf (RFC 6749 4.4), for :mod:`idp.protocol.tokens.gate`."""

from __future__ import annotations

from dataclasses import dataclass

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import invalid_request, unauthorized_client
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import audiences, binding, details, issuer, requirements
from idp.protocol.tokens.binding import Shown
from idp.protocol.tokens.issuer import Issued
from idp.protocol.tokens.proofs import ClientProof


@dataclass(frozen=True)
class _OwnAccess:
    """What a client may have of an API on its own behalf; ``scope`` is all of it."""

    api: ResourceServerConfig
    scopes: tuple[str, ...]
    scope: str


def issue(work: Work, client: ClientConfig, proof: ClientProof, shown: Shown) -> Issued:
    """Part of the gate: what the client is allowed now. Raises OAuthError where something does not allow it."""
    if client.public:
        raise unauthorized_client("A public client cannot use client_credentials")
    if proof.organization:
        raise invalid_request("The parameter organization is not allowed for this client")
    audience = (proof.audience or "")[: audiences.MAX_AUDIENCE]
    key = f"{client.client_id}\0{audience}"
    own = work.config.remember("own access", key, lambda: _configured(work, client, audience))
    requested = scopes.parse(proof.scope)
    scope = scopes.join([each for each in own.scopes if each in requested]) if requested else own.scope
    wanted = details.of_client(work, client, own.api, proof.details)
    issued = issuer.for_client(work, client, own.api, scope, binding.wanted(client, own.api, shown), wanted)
    shown.spend()
    return issued


def _configured(work: Work, client: ClientConfig, audience: str) -> _OwnAccess:
    """What the client is allowed; that alone is remembered. Raises OAuthError where it is not."""
    api = audiences.of_client(work, audience)
    requirements.check_api(api)
    allowed = requirements.scopes_of_client(work, client, api)
    return _OwnAccess(api, tuple(allowed), scopes.join(allowed))
