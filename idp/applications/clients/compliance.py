"""``compliance_level`` of a client: the profiles of FAPI 2.0 as facts (Security Profile 5.3, Message Signing 5).

A level stands for members of the client, whatever these say themselves (:func:`applied`), and for rules that requests
keep; who checks which says so at the rule. Auth0's levels of FAPI 1 are kept and not served.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.foundation.kernel.errors import BadRequest

ALGORITHMS = frozenset({"PS256", "ES256", "EdDSA"})
"""Security Profile 5.4.1."""
GRANTS = frozenset({"authorization_code", "refresh_token", "client_credentials", "urn:openid:params:grant-type:ciba"})
BY_CERTIFICATE = frozenset({"tls_client_auth", "self_signed_tls_client_auth"})
SIGNED_IF_NAMED = (
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
    "token_endpoint_auth_signing_alg",
    "request_object_signing_alg",
    "backchannel_authentication_request_signing_alg",
)
"""Further members that name an algorithm; without one there is another rule for it, or nothing is signed."""
MOST_OBJECT_S = 3_600
"""How long a request object may be good, and how old it may be (Message Signing 5.3.1)."""


@dataclass(frozen=True)
class Level:
    """What a level demands: how the client authenticates, to what its tokens are bound, whether it signs requests."""

    authenticates_by: frozenset[str]
    bound: str
    signs_requests: bool = False


_KEY = frozenset({"private_key_jwt"})
LEVELS: Mapping[str, Level] = {
    "fapi2_sp_pkj_mtls": Level(_KEY, "mtls"),
    "fapi2_sp_mtls_mtls": Level(BY_CERTIFICATE, "mtls"),
    "fapi2_sp_pkj_dpop": Level(_KEY, "dpop"),
    "fapi2_sp_mtls_dpop": Level(BY_CERTIFICATE, "dpop"),
    "fapi2_ms_pkj_mtls": Level(_KEY, "mtls", signs_requests=True),
    "fapi2_ms_mtls_mtls": Level(BY_CERTIFICATE, "mtls", signs_requests=True),
    "fapi2_ms_pkj_dpop": Level(_KEY, "dpop", signs_requests=True),
    "fapi2_ms_mtls_dpop": Level(BY_CERTIFICATE, "dpop", signs_requests=True),
}
"""Auth0's first two, and ours in their manner."""


def of(level: str | None) -> Level | None:
    """The profile; None for clients without one, and for levels that are not served."""
    return LEVELS.get(level or "")


def applied(document: Mapping[str, Any]) -> dict[str, Any]:
    """The client's document as its level makes it: requests are pushed (5.3.2.2 no. 2), tokens bound (no. 4), refresh
    tokens not turned (no. 9), of its grants those that the profile knows, and answers name their issuer (no. 7). Token
    exchange is no name among the grants, but whatever may be exchanged.
    """
    level = of(document.get("compliance_level"))
    if level is None:
        return dict(document)
    object_ = document.get("signed_request_object") or {}
    return {
        **document,
        "require_pushed_authorization_requests": True,
        "dpop_bound_access_tokens": level.bound == "dpop",
        "tls_client_certificate_bound_access_tokens": level.bound == "mtls",
        "refresh_token": {**(document.get("refresh_token") or {}), "rotation_type": "non-rotating"},
        "grant_types": [each for each in document.get("grant_types") or () if each in GRANTS],
        "token_exchange": None,
        "native_social_login": None,
        "signed_request_object": {**object_, "required": level.signs_requests or bool(object_.get("required"))},
        "compatibility": {
            **(document.get("compatibility") or {}),
            "authorization_response_iss": True,
            "plain_pkce": False,
            "callback_wildcards": False,
        },
    }


def check(members: Mapping[str, Any]) -> None:
    """Refuse a client whose own members contradict its level.

    :raises BadRequest: ``invalid_body``.
    """
    name = members.get("compliance_level")
    level = of(name)
    if level is None:
        return
    ways = {way for way, value in (members.get("client_authentication_methods") or {}).items() if value}
    way = next(iter(ways), str(members.get("token_endpoint_auth_method")))
    signed = {
        "jwt_configuration.alg": (members.get("jwt_configuration") or {}).get("alg"),
        "authorization_signed_response_alg": members.get("authorization_signed_response_alg"),
    }
    others = next((name for name in SIGNED_IF_NAMED if members.get(name) not in {None, *ALGORITHMS}), "")
    rules = (
        (
            way in level.authenticates_by,
            f"a client that authenticates by {' or '.join(sorted(level.authenticates_by))}",
        ),
        (signed["jwt_configuration.alg"] in ALGORITHMS, "jwt_configuration.alg PS256, ES256 or EdDSA"),
        (
            signed["authorization_signed_response_alg"] in ALGORITHMS or not level.signs_requests,
            "authorization_signed_response_alg PS256, ES256 or EdDSA",
        ),
        (not others, f"{others} PS256, ES256 or EdDSA"),
        (
            all(_secure(each, members) for each in members.get("callbacks") or ()),
            "callbacks that begin with https://",
        ),
    )
    problem = next((text for holds, text in rules if not holds), None)
    if problem is not None:
        raise BadRequest(f"The compliance_level {name} needs {problem}.", "invalid_body")


def object_problem(said: Mapping[str, Any], alg: str, now: float) -> str | None:
    """What is wrong with a client's request object by Message Signing 5.3.1; None: nothing."""
    begins, ends = said.get("nbf"), said.get("exp")
    if alg not in ALGORITHMS:
        return "it is signed with an algorithm that the profile does not have"
    if not _moment(begins) or not _moment(ends) or "aud" not in said:
        return "aud, exp and nbf have to be there"
    if float(begins or 0) < now - MOST_OBJECT_S or float(ends or 0) - float(begins or 0) > MOST_OBJECT_S:
        return "it is too old, or good for too long"
    return None


def _moment(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _secure(uri: str, members: Mapping[str, Any]) -> bool:
    return uri.startswith("https://") or (members.get("app_type") == "native" and not uri.startswith("http://"))
