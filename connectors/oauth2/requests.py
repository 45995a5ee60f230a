"""The authorization request, and the answer that the browser brings back (RFC 6749 4.1, RFC 7636, RFC 9700)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Literal

from connectors.contract import Arrival, ConnectorError
from connectors.oauth2.documents import MOST_TOKEN
from connectors.oauth2.id_tokens import refused
from connectors.oauth2.options import OAuthOptions
from connectors.oauth2.provider import Provider

CANCELLED = "You did not allow the sign-in at the identity provider."
FAILED = "The identity provider did not sign you in."
MOST_CODE = 4_096
_PASSED_ON = frozenset({"temporarily_unavailable", "server_error"})


def scopes(provider: Provider, options: OAuthOptions) -> list[str]:
    """What is asked for: the provider's own, switches of the connection, what the operator wrote; each once."""
    switched = [
        scope for name, scope in provider.scope_options.items() if scope and getattr(options, name, None) is True
    ]
    return list(dict.fromkeys((*provider.scopes, *switched, *options.scopes())))


def protect(params: dict[str, str], keep: dict[str, str], *, pkce: bool | Literal["plain"], nonce: bool) -> None:
    """PKCE and a nonce, in what is sent and in what is kept."""
    if pkce:
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        verifier = keep["verifier"] = secrets.token_urlsafe(48)
        params["code_challenge"] = verifier if pkce == "plain" else create_s256_code_challenge(verifier)
        params["code_challenge_method"] = "plain" if pkce == "plain" else "S256"
    if nonce:
        keep["nonce"] = params["nonce"] = secrets.token_urlsafe(24)


def address(endpoint: str, params: Mapping[str, str]) -> str:
    """The endpoint with ``params``, which go before what its own query may say of them (RFC 6749 3.1)."""
    from authlib.common.urls import add_params_to_uri

    return str(add_params_to_uri(endpoint, list(params.items()))) if params else endpoint


def code(arrival: Arrival) -> str:
    """The code that came back.

    :raises ConnectorError: an error came instead (RFC 6749 4.1.2.1), or nothing of use.
    """
    fail(arrival.params)
    found = arrival.params.get("code", "")
    if not found or len(found) > MOST_CODE:
        raise ConnectorError("access_denied", FAILED, detail="the answer holds no code")
    return found


def fail(params: Mapping[str, str]) -> None:
    """Raises ConnectorError where the provider answered with an error."""
    error = params.get("error")
    if error is None:
        return
    detail = f"{error[:100]}: {params.get('error_description', '')[:500]}"
    if error == "access_denied":
        raise ConnectorError("access_denied", CANCELLED, detail=detail)
    raise ConnectorError(error if error in _PASSED_ON else "access_denied", FAILED, detail=detail)


def same_subject(claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> None:
    """Userinfo is about whom the ID token is about (OIDC Core 5.3.2). Raises ConnectorError."""
    if "sub" in userinfo and userinfo["sub"] != claims.get("sub"):
        raise refused("userinfo is about somebody else: another sub")


def session_of(claims: Mapping[str, Any], id_token: object) -> dict[str, str]:
    """What the provider calls the session, as far as it says."""
    subject, sid = claims.get("sub"), claims.get("sid")
    if not isinstance(subject, str):
        return {}
    found = {"sub": subject}
    if isinstance(sid, str) and sid:
        found["sid"] = sid[:MOST_SID]
    if isinstance(id_token, str) and len(id_token) <= MOST_TOKEN // 4:
        found["hint"] = id_token
    return found


MOST_SID = 255
