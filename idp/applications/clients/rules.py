"""What a client's members may hold, and what a new client gets where it says nothing (security.md W9; contract.md
section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.applications.clients import compliance, encryption, public_keys, sectors, tls
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.secrets import MIN_HS256_BYTES, signs_hs256

MAX_METADATA = 10
MIN_SECRET, MIN_DISTINCT = 16, 8
FORMER_LOGOUT = "oidc_backchannel_logout"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_DEFAULT_GRANTS = {
    "spa": ["authorization_code", "refresh_token"],
    "native": ["authorization_code", "refresh_token", DEVICE_CODE],
    "regular_web": ["authorization_code", "refresh_token"],
    "non_interactive": ["client_credentials"],
    "resource_server": [],
}
_DEFAULTS: Mapping[str, Any] = {
    "oidc_conformant": False,
    "is_token_endpoint_ip_header_trusted": False,
    "cross_origin_authentication": False,
    "sso_disabled": False,
    "custom_login_page_on": True,
    "jwt_configuration": {"lifetime_in_seconds": 36_000, "secret_encoded": False},
}
"""Without ``jwt_configuration.alg`` tokens are signed with RS256."""
SIGNED = (
    "authorization_signed_response_alg",
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
)
"""Members that name the algorithm of something that is signed for the client, besides ID tokens."""
REFRESH = "refresh_token"
_LIFETIMES = {"token_lifetime": 2_592_000, "idle_token_lifetime": 1_296_000}
_KEEPS = {"rotation_type": "non-rotating", "expiration_type": "non-expiring", "leeway": 0}
_ROTATES = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}


def defaults(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members of a new client, its own on top of the defaults. Implicit, hybrid and password grants are
    never default.
    """
    app_type = members.get("app_type")
    public = app_type in {"spa", "native"}
    method = "none" if public else "client_secret_post"
    authenticated = members.get("token_endpoint_auth_method") or method
    base = {
        **_DEFAULTS,
        "token_endpoint_auth_method": method,
        "grant_types": _DEFAULT_GRANTS.get(
            str(app_type), ["authorization_code", "refresh_token", "client_credentials"]
        ),
        REFRESH: _ROTATES if authenticated == "none" else _KEEPS,
    }
    given = {name: value for name, value in members.items() if value is not None}
    for name in ("jwt_configuration", REFRESH):
        given[name] = {**base[name], **given.get(name, {})}
    given[REFRESH] = refresh_settings({}, given[REFRESH], members.get(REFRESH) or {})
    if given.get("client_authentication_methods"):
        del base["token_endpoint_auth_method"]  # it authenticates by those, and by no other
    return {**base, **given}


def refresh_settings(before: Mapping[str, Any], now: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """``refresh_token`` of a client with all that it means: what it was, what it is to be, what this request said.

    An infinite lifetime is only what somebody asked for. Tokens that expire end by both lifetimes, those that do not by
    none; to name a lifetime of tokens that expire is to want it.
    """
    settings = {**_LIFETIMES, **now}
    expiring = settings.get("expiration_type") == "expiring"
    another = settings.get("expiration_type") != before.get("expiration_type")
    for lifetime in _LIFETIMES:
        infinite = f"infinite_{lifetime}"
        if infinite not in sent and (another or infinite not in settings or (expiring and lifetime in sent)):
            settings[infinite] = not expiring
    return settings


def check_secret(secret: str, members: Mapping[str, Any], *, is_new: bool) -> None:
    """Refuse a secret that can be guessed: one that somebody chose, or one that would sign ID tokens.

    :raises BadRequest: ``invalid_body``.
    """
    if is_new and (len(secret) < MIN_SECRET or len(set(secret)) < MIN_DISTINCT):
        raise fault(
            BODY,
            f"A secret has at least {MIN_SECRET} characters, {MIN_DISTINCT} of them different",
            "client_secret",
        )
    for name, alg in signing_algorithms(members).items():
        if alg == "HS256" and not signs_hs256(secret):
            raise fault(BODY, f"HS256 needs a client_secret of {MIN_HS256_BYTES} bytes or more (RFC 7518 3.2)", name)


def signing_algorithms(members: Mapping[str, Any]) -> dict[str, str]:
    """What the client wants signed and how, by the member that says so."""
    named = {
        "jwt_configuration.alg": (members.get("jwt_configuration") or {}).get("alg"),
        **{name: members.get(name) for name in SIGNED},
    }
    return {name: str(alg) for name, alg in named.items() if alg}


def meant(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members as they were sent, with what they mean for others.

    ``oidc_backchannel_logout`` is what ``oidc_logout`` was called before: to set or clear the one is to do so with the
    other. A client has one way to authenticate: the one that is set takes the other's place.

    :raises BadRequest: both ways were sent.
    """
    sent = dict(members)
    if FORMER_LOGOUT in sent:
        sent.setdefault("oidc_logout", sent[FORMER_LOGOUT])
        sent[FORMER_LOGOUT] = None
    if sent.get("oidc_logout") == {}:  # what the Terraform provider sends for none
        sent["oidc_logout"] = None
    by_keys, by_secret = "client_authentication_methods", "token_endpoint_auth_method"
    if sent.get(by_keys) and sent.get(by_secret):
        raise BadRequest(f"A client authenticates by {by_keys} or by {by_secret}, not by both.", "invalid_body")
    if sent.get(by_keys):
        sent[by_secret] = None
    elif sent.get(by_secret):
        sent[by_keys] = None
    return sent


def check_keys(members: Mapping[str, Any]) -> None:
    """Refuse keys that are none, and a client that would authenticate with keys and has none.

    :raises BadRequest: ``invalid_body``.
    """
    for position, jwk in enumerate((members.get("jwks") or {}).get("keys") or ()):
        try:
            public_keys.read(jwk)
        except public_keys.Unusable as error:
            if jwk.get("use") == "enc" and "d" not in jwk:
                continue
            raise fault(BODY, str(error), f"jwks.keys.{position}") from error
    method = members.get("token_endpoint_auth_method")
    if method == "private_key_jwt" and not (members.get("jwks") or members.get("jwks_uri")):
        raise BadRequest("A client that authenticates with private_key_jwt needs jwks or jwks_uri.", "invalid_body")
    alg = members.get("token_endpoint_auth_signing_alg")
    if alg and alg.startswith("HS") != (method == "client_secret_jwt"):
        raise fault(BODY, f"{alg} does not go with the way the client authenticates", "token_endpoint_auth_signing_alg")


def check(members: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    """Refuse members that contradict each other; ``sent`` are those of this request. What each may hold by itself is
    its type's to say (:mod:`.schemas`).

    :raises BadRequest: ``invalid_body``, naming the member.
    """
    check_keys(members)
    tls.check(members)
    sectors.check(members)
    encryption.check(members)
    ping = members.get("backchannel_token_delivery_mode") == "ping"
    if ping and not members.get("backchannel_client_notification_endpoint"):
        raise fault(BODY, "ping needs a backchannel_client_notification_endpoint", "backchannel_token_delivery_mode")
    compliance.check(members)
    metadata = members.get("client_metadata") or {}
    if len(metadata) > MAX_METADATA:
        raise fault(BODY, f"Too many properties defined ({len(metadata)}), maximum {MAX_METADATA}", "client_metadata")
    # a device's application that becomes a machine keeps its grants: tools change the one without the other
    if members.get("app_type") == "non_interactive" and DEVICE_CODE in (sent.get("grant_types") or ()):
        raise fault(BODY, f"The grant {DEVICE_CODE} is not allowed for an app_type of non_interactive", "grant_types")
    if members.get("token_endpoint_auth_method") == "none" and "client_credentials" in (
        members.get("grant_types") or ()
    ):
        raise BadRequest(
            "A client that does not authenticate (token_endpoint_auth_method: none) can't use the "
            "client_credentials grant.",
            "invalid_body",
        )
