"""Issuers whose tokens say who somebody is: those of a client's ``trusted_issuers`` (RFC 7523 2.1), and the one of a
token exchange profile (RFC 8693). Their keys are pinned by the configuration; nothing in a token names another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from idp.applications.clients import public_keys
from idp.foundation.kernel.documents import fitting
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

SUBJECT = "sub"


class TrustedIssuer(msgspec.Struct, frozen=True):
    """One issuer, its keys, and whose account its tokens name.

    ``claim`` holds the id of the account: one of the connection called ``connection``, or without that a user id of
    this tenant. ``creates_users``: somebody whom that connection does not know yet gets an account. ``audience`` is
    what the issuer calls us, the tenant's issuer unless it says so; ``algorithms`` narrows those of the keys.
    """

    issuer: str
    jwks_uri: str | None = None
    jwks: dict[str, Any] | None = None
    audience: str | None = None
    algorithms: list[str] | None = None
    connection: str | None = None
    claim: str = SUBJECT
    creates_users: bool = False

    def keys(self, work: Work, alg: str, kid: str | None) -> list[public_keys.ClientKey]:
        """The keys that may have made a signature with that algorithm. Whoever calls has no transaction open."""
        if self.algorithms and alg not in self.algorithms:
            return []
        if self.jwks is not None:
            return [key for key in public_keys.readable(self.jwks.get("keys")) if key.fits(alg, kid)]
        if self.jwks_uri is None:
            return []
        return [key for key in public_keys.published(work, self.jwks_uri, alg, kid) if key.fits(alg, kid)]


def read(document: Mapping[str, Any] | None) -> TrustedIssuer | None:
    """The issuer that is stored so; None for none."""
    if not document or not document.get("issuer"):
        return None
    return msgspec.convert(fitting({k: v for k, v in document.items() if v is not None}, TrustedIssuer), TrustedIssuer)


def check(work: Work, document: Mapping[str, Any], field: str) -> None:
    """Refuse an issuer without keys of its own, with two sets of them, or that is this tenant itself, under any of its
    addresses.

    :raises BadRequest: ``invalid_body``, naming the member below ``field``.
    """
    if bool(document.get("jwks")) == bool(document.get("jwks_uri")):
        raise fault(BODY, "An issuer has jwks or jwks_uri", field)
    check_keys(document, field)
    if str(document.get("issuer")).rstrip("/") in {each.rstrip("/") for each in work.urls()}:
        raise fault(BODY, "This tenant's own tokens are no tokens of a trusted issuer", f"{field}.issuer")
    if document.get("creates_users") and not document.get("connection"):
        raise fault(BODY, "Accounts are made in a connection: name one", f"{field}.connection")


def check_keys(document: Mapping[str, Any], field: str) -> None:
    """Refuse keys that are none. Raises BadRequest ``invalid_body``."""
    for position, jwk in enumerate((document.get("jwks") or {}).get("keys") or ()):
        try:
            public_keys.read(jwk)
        except public_keys.Unusable as error:
            raise fault(BODY, str(error), f"{field}.jwks.keys.{position}") from error


def named(trusted: Sequence[Mapping[str, Any]], issuer: object) -> TrustedIssuer | None:
    """The one among them that a token names, which nobody believes yet."""
    found = next((each for each in trusted if each.get("issuer") == issuer), None)
    return read(found)
