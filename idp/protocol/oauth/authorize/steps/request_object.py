"""Request objects (OIDC Core 6, RFC 9101): not supported, and said so where the client expects its answer."""

from __future__ import annotations

from typing import Any

from idp.foundation.kernel.errors import OAuthError
from idp.protocol.oauth.authorize.request import Draft
from idp.tenant.keys import signer

ANSWERED_BY = ("state", "response_mode", "response_type")
"""Members that say how an answer travels; nothing else in an object is believed."""


def read_request_object(draft: Draft) -> None:
    """What a readable object says about the way of the answer stands above the parameters beside it (OIDC Core 6.1),
    so that the refusal finds its caller. Its signature does not matter for that: whoever made the request could have
    sent the same as parameters, and the answer goes to the redirect URI that was proven.
    """
    said = _readable(draft.params.get("request") or "")
    if said.get("client_id", draft.known_client.client_id) != draft.known_client.client_id:
        return
    for name in ANSWERED_BY:
        value = said.get(name)
        if isinstance(value, str) and "\0" not in value:
            draft.params[name] = value
    draft.checked["state"] = draft.params.get("state")


def refuse_request_objects(draft: Draft) -> None:
    """OIDC Core 3.1.2.6, conformance.md 0.16, security.md A12."""
    if "request" in draft.params:
        raise OAuthError("request_not_supported", "The request parameter is not supported")
    if "request_uri" in draft.params:
        raise OAuthError("request_uri_not_supported", "The request_uri parameter is not supported")
    if "registration" in draft.params:
        raise OAuthError("registration_not_supported", "The registration parameter is not supported")


def _readable(raw: str) -> dict[str, Any]:
    """The members of a compact JWS, its signature not looked at; none of what is encrypted, too long or no object."""
    try:
        signer.header(raw)
        return signer.unverified(raw)
    except signer.InvalidToken:
        return {}
