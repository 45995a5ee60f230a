"""How the answer comes back."""

from __future__ import annotations

from idp.foundation.kernel import redirects
from idp.foundation.kernel.errors import OAuthError, PageError, invalid_request
from idp.protocol.oauth.authorize.request import Draft

RESPONSE_MODES = ("query", "fragment", "form_post", "web_message")
RESPONSE_TYPES = ("code",)
FRONT_CHANNEL = frozenset({"token", "id_token"})
"""Words of a response type that ask for tokens in the answer itself."""


def check_response_mode(draft: Draft) -> None:
    """Runs before any error may redirect, since errors use the same mode as the answer would (conformance.md 0.13):
    what brings tokens to the browser never answers in the query (OAuth 2.0 Multiple Response Types 3.0).
    """
    usual = "query" if FRONT_CHANNEL.isdisjoint((draft.params.get("response_type") or "").split()) else "fragment"
    mode = draft.params.get("response_mode") or usual
    if mode not in RESPONSE_MODES:
        draft.checked["response_mode"] = usual
        raise invalid_request("Unsupported response_mode")
    draft.checked["response_mode"] = usual if mode == "query" else mode
    if mode == "web_message":
        _check_web_origin(draft)


def _check_web_origin(draft: Draft) -> None:
    """The target origin must be one the client registered (security.md A15)."""
    data = draft.known_client.data
    target = redirects.origin(draft.checked["redirect_uri"])
    allowed = {origin.rstrip("/").lower() for origin in (*data.web_origins, *data.allowed_origins)}
    allowed |= {found for found in map(redirects.origin, data.callbacks) if found}
    if target is None or target not in allowed:
        raise PageError("invalid_request", "The origin of redirect_uri is not allowed to receive web messages.")


def check_response_type(draft: Draft) -> None:
    """RFC 6749 4.1.1; tokens never travel in URLs here (security.md A5)."""
    response_type = draft.params.get("response_type")
    if not response_type:
        raise invalid_request("Missing required parameter: response_type")
    if response_type not in RESPONSE_TYPES:
        raise OAuthError("unsupported_response_type", "Unsupported response type")
    if not draft.known_client.allows("authorization_code"):
        raise OAuthError("unauthorized_client", "Grant type 'authorization_code' not allowed for the client.")
