"""Auth0's exchange of one of our tokens for one of a person's source (Token Vault; RFC 8693 in form)."""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request
from idp.protocol.oauth import bearer
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import found as tokens
from idp.protocol.tokens import vault
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.proofs import VaultProof

REFRESH = "urn:ietf:params:oauth:token-type:refresh_token"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
MOST_NAME = 128
MOST_HINT = 255


class SourceToken:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
    success = OAuthLog.SOURCE_TOKEN_GIVEN
    failure = OAuthLog.SOURCE_TOKEN_REFUSED

    def find(self, request: TokenRequest) -> FoundToken | None:
        """The subject token with its family."""
        params = request.params
        for name in ("subject_token", "subject_token_type", "connection"):
            if not params.get(name):
                raise invalid_request(f"Missing required parameter: {name}")
        if params.get("requested_token_type", vault.ISSUED_TYPE) != vault.ISSUED_TYPE:
            raise invalid_request(f"requested_token_type must be {vault.ISSUED_TYPE}")
        kind, subject = params["subject_token_type"], params["subject_token"]
        if kind == REFRESH:
            found = tokens.refresh_token(request.work, subject[:512])
            return found if found is not None and found.kind == "refresh" else None
        if kind != ACCESS:
            raise invalid_request("subject_token_type must be that of a refresh token or an access token")
        found, _ = bearer.find(request.work, subject)
        return found if found is not None and found.kind == "access" else None

    def prove(self, request: TokenRequest, client: ClientConfig, found: FoundToken | None) -> VaultProof:
        """Whose tokens are asked for; what stands against it is the gate's."""
        connection, hint = request.params["connection"], request.params.get("login_hint")
        if len(connection) > MOST_NAME or len(hint or "") > MOST_HINT:
            raise OAuthError("invalid_request", "connection or login_hint is too long")
        if found is None:
            raise invalid_grant("The subject token is not valid")
        return VaultProof(subject=found, connection=connection, login_hint=hint)
