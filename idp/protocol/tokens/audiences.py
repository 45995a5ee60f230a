"""The APIs that authorizations and clients ask for, as the gate finds them."""

from __future__ import annotations

from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import requirements

MAX_AUDIENCE = 600
"""Characters of an audience that are looked at: no API's identifier is longer."""


def of_authorization(work: Work, audience: str | None, api_id: str | None) -> ResourceServerConfig | None:
    """The API that ``audience`` names, if it is still the one of ``api_id`` (None: any). Raises OAuthError for one that
    asks for more than there is here.
    """
    api = resource_servers.find(work, audience) if audience else None
    if api is None or api_id not in (None, api.id):
        return None
    requirements.check_api(api)
    return api


def of_client(work: Work, audience: str) -> ResourceServerConfig:
    """The API that a client asks for on its own behalf, the tenant's default one where it names none. Raises
    OAuthError.
    """
    audience = audience or work.config.default_audience or ""
    if not audience:
        raise invalid_request("Missing required parameter: audience")
    management = work.config.management_audience
    found = resource_servers.find(work, audience[:MAX_AUDIENCE])
    if found is None and audience == management.replace("http://", "https://", 1):
        found = resource_servers.find(work, management)  # SDKs always say https (spec/sdk-acceptance.md 1.3)
    if found is None:
        raise OAuthError("access_denied", "Service not found: the audience names no registered API")
    return found
