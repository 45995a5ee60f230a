"""Client authentication, one file per way in. The method is a property of the client, not of the request (security.md E8)."""

from __future__ import annotations

from idp.clients import runtime as clients
from idp.clients.runtime import ClientConfig
from idp.kernel.errors import invalid_client
from idp.kernel.secrets import equal
from idp.oauth.client_auth.presented import Presented, presented
from idp.tenants.context import Context
from idp.tokens import demands

__all__ = ["Presented", "authenticate", "presented"]


def authenticate(ctx: Context, shown: Presented) -> ClientConfig:
    """The client whose credentials were shown, as the configuration stands now.

    A secret may come in the header or the body, whichever of the two the client is set to (spec/authentication-api.md section 3).
    Raises ``invalid_client``: 401, one text for unknown clients and wrong secrets.
    """
    client = clients.find(ctx, shown.client_id)
    if client is None:
        raise invalid_client(detail=f"unknown client {shown.client_id[:64]!r}")
    demands.check_authentication(client)
    if client.public:
        if shown.secret is not None and (client.secret is None or not equal(client.secret, shown.secret)):
            raise invalid_client(detail=f"public client {client.client_id} sent a wrong secret")
        return client
    if shown.secret is None or client.secret is None or not equal(client.secret, shown.secret):
        raise invalid_client(detail=f"wrong or missing secret of {client.client_id}")
    return client
