"""Clients that authenticate with a certificate by what they say of themselves (RFC 8705 2.1.2, 2.2.2): the one name
that their certificate bears, or certificates in their set of keys (``x5c``). Registered credentials say the same to the
Management API (:mod:`.credentials`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, Final

from idp.applications.clients import credentials, public_keys
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

BY_AUTHORITY: Final = "tls_client_auth"
SELF_SIGNED: Final = "self_signed_tls_client_auth"
SUBJECT: Final = "tls_client_auth_subject_dn"
NAMES: Final = (
    SUBJECT,
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
)
"""Of which such a client says exactly one."""
METHODS: Final = (BY_AUTHORITY, SELF_SIGNED)


def check(members: Mapping[str, Any]) -> None:
    """Refuse a client that would authenticate with a certificate that nobody could tell from another one's.

    :raises BadRequest: ``invalid_body``.
    """
    method, said = members.get("token_endpoint_auth_method"), [name for name in NAMES if members.get(name)]
    if method == BY_AUTHORITY:
        if len(said) != 1:
            raise BadRequest(f"A client of {method} says exactly one of {', '.join(NAMES)}.", "invalid_body")
        _check_name(said[0], str(members[said[0]]))
    if method == SELF_SIGNED and not (members.get("jwks_uri") or _any_certificate(members.get("jwks"))):
        raise BadRequest(f"A client that authenticates with {method} needs jwks_uri, or jwks with x5c.", "invalid_body")
    if method == SELF_SIGNED:
        _check_certificates((members.get("jwks") or {}).get("keys") or ())


def offered(work: Work) -> list[str]:
    """The methods that this process can check: certificates are told, and authorities are known."""
    settings = work.platform.settings
    if not settings.tells_certificates:
        return []
    return [*([BY_AUTHORITY] if settings.client_certificate_ca else []), SELF_SIGNED]


def _any_certificate(jwks: Mapping[str, Any] | None) -> bool:
    return any("x5c" in jwk for jwk in (jwks or {}).get("keys") or ())


def _check_certificates(keys: Sequence[Mapping[str, Any]]) -> None:
    for position, jwk in enumerate(keys):
        if "x5c" in jwk and not any(key.certificate for key in public_keys.readable([jwk])):
            raise fault(BODY, "x5c holds no certificate of that key", f"jwks.keys.{position}")


def _check_name(member: str, said: str) -> None:
    try:
        if member == SUBJECT:
            found = bool(list(credentials.distinguished(said)))
        elif member.endswith("_ip"):
            found = bool(ipaddress.ip_address(said))
        else:
            found = "*" not in said
    except ValueError:
        found = False
    if not found:
        raise fault(BODY, "No certificate bears that as a name", member)
