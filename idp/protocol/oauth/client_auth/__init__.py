"""Client authentication, one file per way in. The method is a property of the client, not of the request (security.md
E8).
"""

from __future__ import annotations

from idp.applications.clients import tls
from idp.applications.clients.runtime import ClientConfig
from idp.applications.federation import entities
from idp.foundation.kernel.errors import invalid_client
from idp.foundation.kernel.secrets import equal
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.client_auth import assertion, certificate
from idp.protocol.oauth.client_auth.presented import Presented, presented
from idp.protocol.tokens import requirements

__all__ = ["Presented", "authenticate", "presented"]


def authenticate(
    work: Work, credentials: Presented, *, pushing: bool = False, request: str | None = None
) -> ClientConfig:
    """The client that the credentials are of, as the configuration stands now.

    A secret may come in the header or the body, whichever of the two the client is set to (spec/authentication-api.md
    section 3); a client that signs assertions, or has a certificate, is let in by nothing else. ``pushing``: it pushes
    a request, for which a client of a federation names us and nobody else; or its ``request`` object says who it is,
    which is for whoever opens that to see (OpenID Federation 1.0, 12.1.1.2).

    Raises ``invalid_client``: 401, one text for unknown clients and wrong secrets; what is wrong with the trust in one
    of a federation, see :func:`.entities.client`.
    """
    client = _client(work, credentials, request)
    requirements.check_profile(client)
    if pushing and client.federated and request and credentials.proves_nothing:
        return client
    signs = client.auth_method in (assertion.BY_KEY, assertion.BY_SECRET)
    if signs != (credentials.assertion is not None):
        raise invalid_client(detail=f"client {client.client_id} authenticates by {client.auth_method}")
    if credentials.assertion is not None:
        assertion.check(work, client, credentials.assertion, strict=pushing and client.federated)
        return client
    if client.auth_method in tls.METHODS:
        if credentials.secret is not None:
            raise invalid_client(detail=f"client {client.client_id} authenticates by {client.auth_method}")
        certificate.check(work, client)
        return client
    requirements.check_authentication(client)
    if client.public:
        if credentials.secret is not None and (client.secret is None or not equal(client.secret, credentials.secret)):
            raise invalid_client(detail=f"public client {client.client_id} sent a wrong secret")
        return client
    if credentials.secret is None or client.secret is None or not equal(client.secret, credentials.secret):
        raise invalid_client(detail=f"wrong or missing secret of {client.client_id}")
    return client


def _client(work: Work, credentials: Presented, request: str | None) -> ClientConfig:
    try:
        client = entities.client(work, credentials.client_id, shown=credentials.assertion or request)
    except entities.NotSigned as problem:
        if credentials.assertion is None:
            raise
        raise invalid_client(detail=problem.detail) from problem
    if client is None:
        raise invalid_client(detail=f"unknown client {credentials.client_id[:64]!r}")
    return client
