"""What applications with a sign-in of the source's own bring: a code, an ID token or an access token, each checked to
be made for us before anything of it is believed (spec/authentication-api.md section 3, "token-exchange").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec

from connectors.contract import Identity, NativeArrival
from connectors.oauth2 import exchange, id_tokens, profiles
from connectors.oauth2.documents import MOST_TOKEN, alive, document, garbage
from connectors.oauth2.id_tokens import Expected
from connectors.oauth2.quirks import Call, Quirks
from connectors.strategy import NativeTokens

MOST_CODE = 4_096
MOST_PROFILE = 4_096
"""Bytes of a profile that an application tells."""


def by_code(call: Call, expected: Expected, endpoint: str, arrival: NativeArrival) -> Identity:
    """Whose code it is, redeemed as the application that it was given to. Raises ConnectorError."""
    if not 0 < len(arrival.token) <= MOST_CODE:
        raise id_tokens.refused("it is no code")
    named = arrival.client_id or call.client_id
    call = replace(call, client_id=named)
    quirks = call.provider.quirks(call)
    answer = exchange.ask(call, quirks, endpoint, {"grant_type": "authorization_code", "code": arrival.token})
    claims = id_tokens.verified(call.http, answer.get("id_token"), replace(expected, client_id=named))
    told = {"user": _text(arrival.profile)} if arrival.profile else {}
    found = quirks.profile(quirks.claims(claims), answer, told)
    return _identity(call, found, exchange.kept(call, answer))


def by_id_token(call: Call, quirks: Quirks, expected: Expected, arrival: NativeArrival) -> Identity:
    """Whose ID token it is; one that was made for an application that is none of ours is refused."""
    ours = tuple(getattr(call.options, "allowed_audiences", None) or ())
    claims = id_tokens.verified(call.http, arrival.token, replace(expected, also_for=(call.client_id, *ours)))
    return _identity(call, quirks.claims(claims), {})


def by_access_token(call: Call, native: NativeTokens, arrival: NativeArrival) -> Identity:
    """Whose access token it is, as the source says: one of another application is refused, whoever's it is. The rest of
    the profile is what the application says, and no address in it is proven.
    """
    if not 0 < len(arrival.token) <= MOST_TOKEN:
        raise id_tokens.refused("it is no access token")
    asked = {"input_token": arrival.token, "access_token": f"{call.client_id}|{call.client_secret}"}
    answer = alive(call.http.get(f"{native.inspected}?{urlencode(asked)}"), "inspection")
    said = document(answer, "inspection")
    exchange.check(said, call.provider.faults, answer.status, "inspection")
    about = said.get("data")
    if not isinstance(about, dict) or about.get("is_valid") is not True:
        raise id_tokens.refused("the access token is not valid")
    if str(about.get("app_id")) != call.client_id:
        raise id_tokens.refused("the access token was given to another application")
    if len(_text(arrival.profile)) > MOST_PROFILE:
        raise garbage("profile", f"it is longer than {MOST_PROFILE} characters")
    return _identity(call, {**arrival.profile, "id": about.get("user_id")}, {})


def _identity(call: Call, said: Mapping[str, Any], tokens: Mapping[str, str]) -> Identity:
    provider = call.provider
    return Identity(
        profiles.account_id(provider.id, said),
        profiles.attributes(provider, said),
        raw=said,
        tokens=tokens,
        told_once=provider.told_once,
    )


def _text(profile: Mapping[str, Any]) -> str:
    return msgspec.json.encode(profile).decode()
