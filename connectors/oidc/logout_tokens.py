"""Logout tokens of providers (OIDC Back-Channel Logout 1.0, 2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import HttpClient, LoggedOut
from connectors.oauth2 import id_tokens
from connectors.oauth2.id_tokens import Expected, refused
from connectors.oauth2.requests import MOST_SID

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_MS = 10 * 60_000
"""How old a message may be, and how long it is remembered that it came: it counts once."""
_MOST_ID = 255


def read(http: HttpClient, message: str, expected: Expected) -> LoggedOut:
    """Whom the token is about.

    :raises ConnectorError: it is no logout token of this provider for us.
    """
    claims = id_tokens.signed(http, message, expected)
    id_tokens.check_parties(claims, expected)
    id_tokens.check_times(claims, expected.now, expires="exp" in claims)
    if claims["iat"] * 1000 + LONGEST_MS < expected.now:
        raise refused("iat is too long ago")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise refused("events does not say that it is about a logout")
    if "nonce" in claims:
        raise refused("a logout token has no nonce")
    token_id, subject, sid = (_word(claims, name) for name in ("jti", "sub", "sid"))
    if token_id is None:
        raise refused("jti is missing")
    if subject is None and sid is None:
        raise refused("neither sub nor sid says who it is about")
    return LoggedOut(subject, sid, token_id, expected.now + LONGEST_MS + 2 * id_tokens.LEEWAY_S * 1000)


def _word(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= (MOST_SID if name == "sid" else _MOST_ID):
        raise refused(f"{name} is no text of a usable length")
    return value
