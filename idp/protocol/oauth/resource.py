"""Which API a request is about: Auth0's ``audience``, or ``resource`` (RFC 8707)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.audiences import MAX_AUDIENCE

BY_AUDIENCE = "audience"
"""The tenant's ``resource_parameter_profile`` that knows no ``resource``."""


def audience(work: Work, params: Mapping[str, str]) -> str | None:
    """The identifier of the API, as the request names it; ``audience`` comes first. Raises ``invalid_target``."""
    return params.get("audience") or named(work, params)


def meant(work: Work, params: Mapping[str, str]) -> str | None:
    """The same for what somebody authorizes: where the request names none it is the tenant's default; None: no API at
    all. Whoever looks at what a token will be for asks here. Raises ``invalid_target``.
    """
    found = audience(work, params) or work.config.default_audience
    return None if not found or found == f"{work.config.issuer}userinfo" else found


def named(work: Work, params: Mapping[str, str]) -> str | None:
    """``resource``: an absolute URI that is an API's identifier (RFC 8707 2). Raises ``invalid_target``."""
    if work.config.settings.resource_parameter_profile == BY_AUDIENCE:
        return None
    raw = params.get("resource")
    if not raw:
        return None
    if len(raw) > MAX_AUDIENCE or not _absolute(raw) or resource_servers.find(work, raw) is None:
        raise OAuthError("invalid_target", "The resource is none of the APIs here")
    return raw


def _absolute(uri: str) -> bool:
    try:
        return bool(urlsplit(uri).scheme) and "#" not in uri
    except ValueError:
        return False
