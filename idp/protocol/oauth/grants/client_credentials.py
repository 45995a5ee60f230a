"""``client_credentials`` (RFC 6749 4.4): a client asks for an API on its own behalf, within its client grant
(security.md E6).
"""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers import shared_signals
from idp.foundation.kernel import scopes
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import details
from idp.protocol.tokens.proofs import ClientProof


class ClientCredentials:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "client_credentials"
    success = OAuthLog.CLIENT_CREDENTIALS_EXCHANGED
    failure = OAuthLog.CLIENT_CREDENTIALS_EXCHANGE_FAILED

    def find(self, _request: TokenRequest) -> None:
        """Nothing is stored for this grant."""

    def prove(self, request: TokenRequest, _client: ClientConfig, _found: None) -> ClientProof:
        """The client's authentication is all the proof."""
        params = request.params
        return ClientProof(
            audience=request.audience or self._signals(request),
            scope=params.get("scope"),
            organization=params.get("organization"),
            details=details.read(params.get("authorization_details")),
        )

    @staticmethod
    def _signals(request: TokenRequest) -> str | None:
        """The API of shared signals, where it is there and its scopes are asked for without an audience."""
        named = shared_signals.meant_by(request.work, scopes.parse(request.params.get("scope")))
        return named if named is not None and resource_servers.find(request.work, named) is not None else None
