"""How the answer comes back, and what is in it."""

from __future__ import annotations

from idp.foundation.kernel import redirects
from idp.foundation.kernel.errors import OAuthError, PageError, invalid_request
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.tokens import requirements
from idp.protocol.tokens.requirements import FRONT_CHANNEL

RESPONSE_MODES = ("query", "fragment", "form_post", "web_message")
SIGNED = ".jwt"
"""How the modes end whose answer is one signed token (JARM 2.3)."""
SIGNED_MODES = ("jwt", "query.jwt", "fragment.jwt", "form_post.jwt")
RESPONSE_TYPES = (
    "code",
    "token",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
)
"""Each in the order that registries write it; requests may use any (OAuth 2.0 Multiple Response Types 3)."""
_KNOWN = {frozenset(each.split()): each for each in RESPONSE_TYPES}


def check_response_mode(draft: Draft) -> None:
    """Runs before any error may redirect, since errors use the same mode as the answer would (conformance.md 0.13):
    what brings tokens to the browser never answers in the query (OAuth 2.0 Multiple Response Types 3.0), not even in a
    signed one, which anybody can read (JARM 2.3.1).
    """
    usual = "query" if FRONT_CHANNEL.isdisjoint((draft.params.get("response_type") or "").split()) else "fragment"
    mode = draft.params.get("response_mode") or usual
    if mode not in RESPONSE_MODES and mode not in SIGNED_MODES:
        draft.checked["response_mode"] = usual
        raise invalid_request("Unsupported response_mode")
    if mode in ("query", "query.jwt", "jwt"):
        mode = usual if mode == "query" else f"{usual}{SIGNED}"
    draft.checked["response_mode"] = mode
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
    """RFC 6749 4.1.1, OAuth 2.0 Multiple Response Types 5; tokens come to the browser only where the client's grant
    types say so (security.md A5).
    """
    words = (draft.params.get("response_type") or "").split()
    if not words:
        raise invalid_request("Missing required parameter: response_type")
    known = _KNOWN.get(frozenset(words)) if len(set(words)) == len(words) else None
    if known is None:
        raise OAuthError("unsupported_response_type", "Unsupported response type")
    requirements.check_response_type(draft.known_client, words)
    draft.checked["response_type"] = known


def check_id_token_request(draft: Draft) -> None:
    """What an ID token in the answer itself needs: the scope that asks for one, and a nonce, without which it could be
    somebody else's (OIDC Core 3.2.2.1, 3.3.2.11).
    """
    if "id_token" not in draft.checked["response_type"].split():
        return
    if "openid" not in draft.checked["scope"].split():
        raise invalid_request("A response_type with id_token needs the scope openid")
    if not draft.checked.get("nonce"):
        raise invalid_request("A response_type with id_token needs the parameter nonce")
