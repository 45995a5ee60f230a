"""``client_credentials`` (RFC 6749 4.4): a client asks for an API on its own behalf, within its client grant
(security.md E6).
"""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import OAuthError, invalid_request, unauthorized_client
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import issuer, requirements
from idp.protocol.tokens.issuance_policy import may_issue
from idp.protocol.tokens.issuer import Issued
from idp.tenant.audit import log


class ClientCredentials:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "client_credentials"

    def find(self, request: TokenRequest) -> None:
        """Nothing is stored for this grant; only the configuration version is read."""
        request.work.refresh()

    def redeem(self, request: TokenRequest, client: ClientConfig) -> Issued:
        """Scopes: what the grant allows, or the part of it that was asked for."""
        work = request.work
        may_issue(work, client, self.grant_type)
        if client.public:
            raise unauthorized_client("A public client cannot use client_credentials")
        if request.params.get("organization"):
            raise invalid_request("The parameter organization is not allowed for this client")
        api = _api(work, request.params.get("audience"))
        requirements.check_api(api)
        allowed = requirements.scopes_of_client(work, client, api)
        scope = _scope(request.params.get("scope"), allowed)
        issued = issuer.for_client(work, client, api, scope)
        log.batch.add(
            work,
            OAuthLog.CLIENT_CREDENTIALS_EXCHANGED,
            client_id=client.client_id,
            client_name=client.name,
            audience=api.identifier,
            scope=scope or None,
        )
        return issued


def _api(work: Work, audience: str | None) -> ResourceServerConfig:
    audience = audience or work.config.settings.default_audience
    if not audience:
        raise invalid_request("Missing required parameter: audience")
    found = resource_servers.find(work, audience[:600])
    if found is None and audience == work.config.management_audience.replace("http://", "https://", 1):
        found = resource_servers.find(
            work, work.config.management_audience
        )  # SDKs always say https (spec/sdk-acceptance.md 1.3)
    if found is None:
        raise OAuthError("access_denied", "Service not found: the audience names no registered API")
    return found


def _scope(asked: str | None, allowed: list[str]) -> str:
    wanted = scopes.parse(asked)
    return scopes.join([scope for scope in allowed if scope in wanted] if wanted else allowed)
