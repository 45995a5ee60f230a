"""Tokens of issuers that a tenant trusts: verified with the keys that its configuration pins, and whom they are about
(RFC 7523 3, RFC 8693 2.1).
"""

from __future__ import annotations

import math
from typing import Any, Final

from connectors.contract import Identity, InvalidCredentials
from idp.applications.clients import public_keys
from idp.applications.clients.runtime import ClientConfig
from idp.applications.clients.trusted_issuers import TrustedIssuer
from idp.directory.connections import runtime as connections
from idp.directory.users.attributes import ATTRIBUTES, Kind
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import client_jws
from idp.protocol.possession import addresses
from idp.signin.login import direct
from idp.signin.login.direct import Proven
from idp.tenant.keys import signer

TYPES: Final = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
"""``typ`` of tokens that say who somebody is; those for logouts, proofs and requests say something else."""
MOST_ID: Final = 255
MOST_JTI: Final = 1_024
_USED: Final = "trusted-assertion"


class NotTrusted(Exception):
    """A token that is not what the configuration trusts; the text is for the log."""


def claims(
    work: Work, client: ClientConfig, trusted: TrustedIssuer, raw: str, *, most_s: int, once: bool
) -> dict[str, Any]:
    """What the token says, once it is the issuer's, for us, and of now; ``most_s`` is how far ahead its end may lie.
    ``once``: it counts once, on any process. Raises NotTrusted. No transaction is open.
    """
    try:
        said = _signed(work, trusted, raw)
    except signer.InvalidToken as error:
        raise NotTrusted(str(error)) from error
    ours = {trusted.audience} if trusted.audience else {work.config.issuer, *addresses.of_endpoint(work, "oauth/token")}
    account = said.get(trusted.claim)
    jti = said.get("jti")
    rules = (
        (said.get("iss") == trusted.issuer, "iss is another one"),
        (not ours.isdisjoint(client_jws.audience(said)), "aud is somebody else"),
        (client_jws.timely(said, most_s), "exp is missing, over or too far ahead, or it is not good yet"),
        (_is_id(account), f"{trusted.claim[:40]} is missing"),
        ("cnf" not in said, "it is bound to a key, and nobody proves that one here"),
        (not once or jti is None or (isinstance(jti, str) and 0 < len(jti) <= MOST_JTI), "jti is no text"),
    )
    problem = next((text for holds, text in rules if not holds), None)
    if problem is not None:
        raise NotTrusted(problem)
    if once:
        left_ms = math.ceil(said["exp"] + client_jws.SKEW_S - clock.now()) * 1000
        try:
            one_time.put(work, _USED, f"{client.client_id}\0{trusted.issuer}\0{_name(raw, jti)}", None, ttl_ms=left_ms)
        except UniqueViolation as error:
            raise NotTrusted("the assertion was used before") from error
    return said


def person(work: Work, client: ClientConfig, trusted: TrustedIssuer, said: dict[str, Any]) -> Proven:
    """Whom it is about. Raises InvalidCredentials, and what :mod:`idp.signin.login.direct` raises."""
    named = str(said[trusted.claim])
    if trusted.connection is None:
        return direct.known(work, client, user_id=named)
    connection = connections.named(work, trusted.connection)
    if connection is None or not connections.enabled(work, client.client_id, connection.id):
        raise InvalidCredentials
    if not trusted.creates_users:
        account = connection.account_id(named)
        return direct.known(work, client, connection_id=connection.id, account_id=account)
    identity = Identity(named, profile(said), raw=said)
    return direct.with_identity(work, connection, identity, (connection.source.amr,))


def profile(said: dict[str, Any]) -> dict[str, Any]:
    """Attributes of ours that the token says something about, by the names of their claims."""
    found: dict[str, Any] = {}
    for row in ATTRIBUTES:
        value = said.get(row.claim) if row.claim else None
        fits = isinstance(value, bool) if row.kind is Kind.FLAG else isinstance(value, str)
        if fits and row.kind in (Kind.TEXT, Kind.FLAG):
            found[row.name] = value
    if "email" in found:
        found["email_verified"] = said.get("email_verified") is True
    return found


def _name(raw: str, jti: str | None) -> str:
    """What an assertion is known by: its ``jti``, or else what was signed. A signature on a curve can be written in two
    ways, so it is no part of that.
    """
    return jti if jti is not None else "\0" + digest(raw.rpartition(".")[0])


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_ID and value.isprintable()


def _signed(work: Work, trusted: TrustedIssuer, raw: str) -> dict[str, Any]:
    head, said = signer.opened(raw, TYPES)
    alg, kid = str(head.get("alg")), head.get("kid")
    if alg not in public_keys.ALGORITHMS:
        raise signer.InvalidToken(f"signed with {alg[:20]!r}")
    body, signature = client_jws.parts(raw)
    keys = trusted.keys(work, alg, kid if isinstance(kid, str) else None)
    if not any(key.verifies(alg, body, signature) for key in keys):
        raise signer.BadSignature(f"no key of the issuer made this signature ({alg}, kid {str(kid)[:64]!r})")
    return said
