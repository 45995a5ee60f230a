"""A token that somebody presents, and what is known of it: read from itself and from its family's row."""

from __future__ import annotations

import msgspec

from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import handles, multi, store, stored
from idp.protocol.tokens.binding import Binding
from idp.protocol.tokens.handles import Access
from idp.protocol.tokens.models import ADOPTED, Authorization
from idp.protocol.tokens.store import Exchange, Granted

MOST_REVOKED = 200
"""Access tokens of one family that are revoked by themselves while they would live; one more revokes the family."""
LONG_AGO = 0


class FoundToken(msgspec.Struct, frozen=True):
    """A token with its authorization and user. Times in ms. ``key`` is its name in the family, or the hash by which it
    is ``stored``; ``bound`` is what whoever presents it has to prove.
    """

    kind: str
    key: str
    scope: str
    audience: str | None
    created_at: int
    expires_at: int | None
    used_at: int | None
    revoked_at: int | None
    granted: Granted
    stored: bool = False
    bound: Binding | None = None

    @property
    def client_id(self) -> str:
        """The client it was issued to."""
        return self.granted.client_id

    def live(self, now_ms: int) -> bool:
        """Neither expired, used up nor revoked, itself or with its family."""
        return (
            self.used_at is None
            and self.revoked_at is None
            and self.granted.revoked_at is None
            and (self.expires_at is None or self.expires_at > now_ms)
        )


def by_token(work: Work, token: str) -> FoundToken | None:
    """An opaque access token or a refresh token, live or not. Brings the configuration version along."""
    read = handles.read_access(work, handles.ACCESS, token)
    return _access(work, read) if read is not None else refresh_token(work, token)


def by_jti(work: Work, jti: str) -> FoundToken | None:
    """The access token that is a JWT with that ``jti``."""
    read = handles.read_access(work, handles.JWT_ID, jti)
    return _access(work, read) if read is not None else _stored(work, jti)


def refresh_token(work: Work, token: str) -> FoundToken | None:
    """A refresh token, spent or not."""
    read = handles.read_spent_once(work, handles.REFRESH, token)
    if read is None:
        return _stored(work, token)
    granted = store.by_id(work, read.family)
    if granted is None or granted.code_used_at is None or read.generation > granted.generation:
        return None
    used_at = None
    if read.generation < granted.generation:
        used_at = granted.exchanged_at if read.generation == granted.generation - 1 else LONG_AGO
    return FoundToken(
        kind="refresh",
        key=str(read.generation),
        scope=granted.scope,
        audience=granted.audience,
        created_at=granted.exchanged_at or granted.code_used_at,
        expires_at=granted.idle_expires_at,
        used_at=used_at,
        revoked_at=None,
        granted=granted,
        bound=read.bound,
    )


def rotate(work: Work, token: FoundToken, exchange: Exchange) -> bool:
    """Spend a refresh token for its successor. True for exactly one caller (security.md F2)."""
    if not token.stored:
        return store.rotate(work, token.granted, exchange)
    with work.hot.transaction():
        return stored.use(work, token.key) and store.rotate(work, token.granted, exchange)


def revoked_alone(granted: Granted, name: str) -> bool:
    """Whether the access token of that name was revoked by itself."""
    return any(each.partition(":")[0] == name for each in (granted.revoked_tokens or "").split())


def revoke(work: Work, token: FoundToken) -> None:
    """Revoke one access token, in the caller's transaction."""
    if token.stored:
        stored.revoke(work, token.key)
        return
    family = work.rows.lock_one(Authorization, token.granted.id)
    if family is None or token.expires_at is None:
        return
    now_ms = clock.now_ms()
    others = [each for each in (family.revoked_tokens or "").split() if int(each.partition(":")[2]) > now_ms]
    if len(others) < MOST_REVOKED:
        family.revoked_tokens = " ".join((*others, f"{token.key}:{token.expires_at}"))
    else:
        family.revoked_at = now_ms


def _access(work: Work, read: Access) -> FoundToken | None:
    granted = store.by_id(work, read.family)
    if granted is None:
        return None
    scope = granted.scope
    if read.scope is not None and read.scope.startswith(handles.BESIDE):
        _, beside, scope = read.scope.split(handles.BESIDE, 2)
        granted = multi.beside(granted, beside, scope)
    elif read.scope is not None:
        had = set(scopes.parse(granted.scope))
        scope = scopes.join([each for each in scopes.parse(read.scope) if each in had])
    return FoundToken(
        kind="access",
        key=read.name,
        scope=scope,
        audience=granted.audience,
        created_at=read.issued_at * 1000,
        expires_at=(read.issued_at + read.lifetime) * 1000,
        used_at=None,
        revoked_at=LONG_AGO if revoked_alone(granted, read.name) else None,
        granted=granted,
        bound=read.bound,
    )


def _stored(work: Work, token: str) -> FoundToken | None:
    key = digest(token)
    found = stored.by_hash(work, key)
    if found is None:
        return None
    members = {name: getattr(found, name) for name in found.__struct_fields__}
    if found.kind in {"refresh", ADOPTED}:
        members["kind"] = "refresh"
        ends = [end for end in (found.expires_at, found.granted.idle_expires_at) if end is not None]
        members["expires_at"] = min(ends, default=None)
    return FoundToken(key=key, stored=True, **members)
