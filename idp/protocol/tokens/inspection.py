"""What a token is, for somebody who was sent one and asks: read, held against the tenant's keys, and looked up. Nothing
of it is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from idp.applications.clients import runtime as clients
from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import audiences, blacklist, found, gate
from idp.protocol.tokens.found import FoundToken
from idp.tenant.keys import signer, store
from idp.tenant.keys.signer import InvalidToken

Kind = Literal["jwt", "encrypted", "opaque", "too_long"]
Signature = Literal["", "ours", "revoked_key", "bad", "foreign", "none", "api_secret", "client_secret"]
Standing = Literal["", "active", "expired", "revoked", "used", "refused", "unknown"]
ENCRYPTED_PARTS: Final = 5
SIGNED_PARTS: Final = 3
MOST_AUDIENCES: Final = 16
"""Audiences that are looked up: each asks the store, and whoever wrote the token may be anybody."""


@dataclass(frozen=True)
class Stored:
    """What is stored of a token: ``kind`` is access or refresh, times are in ms."""

    kind: str
    scope: str
    audience: str | None
    created_at: int
    expires_at: int | None


@dataclass(frozen=True)
class Inspected:
    """What a token is.

    ``header`` and ``claims`` are as they are written, and believed only where ``signature`` says so. ``standing`` is
    empty where nobody looked it up. ``client_id``, ``api`` (an identifier) and ``user_id`` are whose it is, as far as
    that is known of a token of ours.
    """

    kind: Kind
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    signature: Signature = ""
    issued_here: bool = False
    standing: Standing = ""
    stored: Stored | None = None
    client_id: str = ""
    api: str = ""
    user_id: str = ""


def inspect(work: Work, token: str, *, look_up: bool) -> Inspected:
    """What ``token`` is. Without ``look_up`` nothing is asked of what is stored about people: a signed token is read
    and verified, of an opaque one nothing is said.
    """
    if len(token) > signer.MAX_TOKEN_LENGTH:
        return Inspected("too_long")
    parts = token.count(".") + 1
    try:
        head = signer.protected(token) if parts in {SIGNED_PARTS, ENCRYPTED_PARTS} else None
        claims = signer.unverified(token) if head is not None and parts == SIGNED_PARTS else {}
    except InvalidToken:
        head, claims = None, {}
    if head is None:
        return _opaque(work, token) if look_up else Inspected("opaque")
    if parts == ENCRYPTED_PARTS:
        return Inspected("encrypted", head)
    return _signed(
        work, token, Inspected("jwt", head, claims, issued_here=claims.get("iss") == work.config.issuer), look_up
    )


def _signed(work: Work, token: str, read: Inspected, look_up: bool) -> Inspected:
    work.refresh()
    signature = _signature(work, token, read.header, read.claims)
    read = replace(read, signature=signature)
    if signature not in {"ours", "api_secret", "client_secret"}:
        return read
    jti, subject = _name(read.claims.get("jti")), _name(read.claims.get("sub"))
    client_id = read.claims.get("azp") or read.claims.get("client_id")
    read = replace(
        read,
        client_id=_client(work, [client_id, *_audiences(read.claims)]),
        api=_api(work, read.claims),
        user_id=subject,
    )
    expires = read.claims.get("exp")
    if isinstance(expires, int) and expires <= clock.now():
        return replace(read, standing="expired")
    if not look_up:
        return read
    kept = found.by_jti(work, jti) if jti else None
    if blacklist.holds(work, read.claims):
        return replace(read, standing="refused")
    return read if kept is None else _told(work, read, kept)


def _opaque(work: Work, token: str) -> Inspected:
    kept = found.by_token(work, token)
    work.ensure_current()
    return Inspected("opaque", standing="unknown") if kept is None else _told(work, Inspected("opaque"), kept)


def _told(work: Work, read: Inspected, kept: FoundToken) -> Inspected:
    stored = Stored(kept.kind, kept.scope, kept.audience, kept.created_at, kept.expires_at)
    return replace(
        read,
        standing=_standing(work, kept),
        stored=stored,
        issued_here=True,
        client_id=kept.client_id,
        api=kept.audience or "",
        user_id=kept.granted.user_id,
    )


def _standing(work: Work, kept: FoundToken) -> Standing:
    """As introspection says it, with the reason that it does not say."""
    if kept.revoked_at is not None or kept.granted.revoked_at is not None:
        return "revoked"
    if kept.used_at is not None:
        return "used"
    if kept.expires_at is not None and kept.expires_at <= clock.now_ms():
        return "expired"
    return "active" if gate.presented(work, kept) is not None else "refused"


def _signature(work: Work, token: str, head: Mapping[str, Any], claims: Mapping[str, Any]) -> Signature:
    alg = head.get("alg")
    if alg is None or alg == "none":  # it may be anything, a list too
        return "none"
    if alg == "HS256":
        return _by_secret(work, token, claims)
    key = next((each for each in store.ring(work).keys if each.kid == head.get("kid")), None)
    if key is None:
        return "foreign"
    if key.state == "revoked":
        return "revoked_key"
    try:
        signer.verify(work, token)
    except InvalidToken:
        return "bad"
    return "ours"


def _by_secret(work: Work, token: str, claims: Mapping[str, Any]) -> Signature:
    """Signed with the secret of the API, or of the application, that it is for."""
    for name in _audiences(claims):
        api = resource_servers.find(work, name[: audiences.MAX_AUDIENCE])
        if api is not None and api.signing_secret and _fits(api.signing_secret, token):
            return "api_secret"
        client = clients.find(work, name[: clients.MOST_ID])
        if client is not None and client.secret and _fits(client.secret, token):
            return "client_secret"
    return "foreign"


def _fits(secret: str, token: str) -> bool:
    try:
        signer.verify_hs256(secret, token)
    except InvalidToken:
        return False
    return True


def _audiences(claims: Mapping[str, Any]) -> list[str]:
    said = claims.get("aud")
    found = (_name(each) for each in (said if isinstance(said, list) else [said])[:MOST_AUDIENCES])
    return [name for name in found if name]


def _name(said: Any) -> str:
    """What may be looked up: a text, and no NUL, which no store takes."""
    return said if isinstance(said, str) and "\0" not in said else ""


def _client(work: Work, names: list[Any]) -> str:
    known = (clients.find(work, name) for each in names if (name := _name(each)) and len(name) <= clients.MOST_ID)
    return next((each.client_id for each in known if each is not None), "")


def _api(work: Work, claims: Mapping[str, Any]) -> str:
    known = (resource_servers.find(work, name[: audiences.MAX_AUDIENCE]) for name in _audiences(claims))
    return next((each.identifier for each in known if each is not None), "")
