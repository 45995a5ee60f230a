"""The vault: the access token that somebody's source gave, for an application that may speak to the source in their
name (Auth0's Token Vault, spec/authentication-api.md section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract import UNAVAILABLE, ConnectorError
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import source_tokens
from idp.directory.users.source_tokens import TokenSet
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request, unauthorized_client
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import binding
from idp.protocol.tokens.binding import Shown
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.proofs import VaultProof

ISSUED_TYPE = "http://auth0.com/oauth/token-type/federated-connection-access-token"
NOT_FOUND = "federated_connection_refresh_token_not_found"
FAILED = "federated_connection_refresh_token_flow_failed"


def check(work: Work, client: ClientConfig, subject: FoundToken, shown: Shown) -> None:
    """Whether the client may ask with that token at all: it knows a secret, is the tenant's own, and the token is its
    own, or of an API that is it.

    :raises OAuthError: it may not, or the request did not prove what the token is bound to.
    """
    if subject.kind == "refresh":
        binding.check(subject.bound, shown, "refresh token")
    if client.public or not client.is_first_party:
        raise unauthorized_client("Only the tenant's own applications that authenticate may ask for tokens of sources")
    own = subject.client_id == client.client_id
    if subject.kind == "refresh":
        if own and client.refresh.rotation_type == "rotating":
            raise invalid_request("A refresh token that rotates is no subject: turn refresh token rotation off")
    else:
        api = resource_servers.find(work, subject.audience) if subject.audience else None
        own = api is not None and api.data.client_id == client.client_id
    if not own:
        raise invalid_grant("The subject token is another client's")


def give(work: Work, client: ClientConfig, proof: VaultProof) -> dict[str, Any]:
    """The answer of the token endpoint: the access token of the person's account at the connection that is named,
    refreshed where it was over.

    :raises OAuthError: the connection gives none, the person has no account there, or the source does not answer.
    """
    connection = connections.named(work, proof.connection)
    if connection is None or not connections.enabled(work, client.client_id, connection.id):
        raise invalid_request("The connection is not enabled for this client")
    if not connection.gives_tokens:
        raise invalid_request("The connection does not give its tokens to applications (connected_accounts.active)")
    held = _fitting(source_tokens.of_user(work, proof.subject.granted.user_id), connection, proof.login_hint)
    if held is None:
        raise OAuthError(NOT_FOUND, "The user has no tokens of that connection")
    if held.bound:
        raise OAuthError(NOT_FOUND, "The tokens of that connection are bound to a key (dpop_signing_alg)")
    try:
        found = source_tokens.fresh(work, held)
    except ConnectorError as error:
        if error.code == UNAVAILABLE:
            raise OAuthError(UNAVAILABLE, error.message, status=503, detail=error.detail) from error
        raise OAuthError(FAILED, "The identity provider gave no new token", detail=error.detail) from error
    if found.ended() or "access_token" not in found.tokens:
        raise OAuthError(NOT_FOUND, "The token is over, and there is nothing to refresh it with")
    source_tokens.used(work, found)
    ends = found.moment("expires_at")
    answer: dict[str, Any] = {
        "access_token": found.tokens["access_token"],
        "issued_token_type": ISSUED_TYPE,
        "token_type": "Bearer",
    }
    if ends is not None:
        answer["expires_in"] = max((ends - clock.now_ms()) // 1000, 0)
    if found.tokens.get("scope"):
        answer["scope"] = found.tokens["scope"]
    return answer


def _fitting(sets: Sequence[TokenSet], connection: ConnectionConfig, login_hint: str | None) -> TokenSet | None:
    """The account at that connection; of several the one that ``login_hint`` names, else the first."""
    of_connection = [each for each in sets if each.connection.id == connection.id]
    if login_hint:
        return next((each for each in of_connection if connection.id_at_source(each.account_id) == login_hint), None)
    return next(iter(of_connection), None)
