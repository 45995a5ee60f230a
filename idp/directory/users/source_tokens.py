"""Tokens that sources gave with people: kept sealed in the identity, refreshed when somebody needs them, given to those
who may have them (decision 0187).

One caller refreshes at a time: a source that turns refresh tokens takes a second use of one for theft. Who refreshes
says so in the row, by a write that fails where somebody else was first; the others wait for what comes of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import structlog
from sqlalchemy import bindparam, select, update

from connectors.contract import ConnectorError, RefreshesTokens
from idp.directory.connections import runtime as connections
from idp.directory.connections.availability import sources
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.models import Identity as I
from idp.foundation.db.hot import Statement
from idp.foundation.db.slow_work import slow_work
from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import BoundSealer
from idp.foundation.tenancy.work import Work

EARLY_MS = 30_000
"""A token that ends so soon counts as ended: its way to the application and to the source takes time, too."""
LEASE_MS = 8_000
"""Who refreshes has that long before somebody else may."""
PATIENCE_S = 5.0
_LOOK_AGAIN_S = 0.1
_USED_EVERY_MS = 60_000
REFRESHING = "refreshing_until"
BOUND = "DPoP"
log = structlog.get_logger("idp.source_tokens")


class _Row(msgspec.Struct, frozen=True):
    connection_id: str
    identity_user_id: str
    tokens_sealed: str | None


_COLUMNS = (I.connection_id, I.identity_user_id, I.tokens_sealed)
_OF_USER = Statement(
    "identity_tokens_of_user",
    select(*_COLUMNS)
    .where(I.tenant_id == bindparam("tenant"), I.user_id == bindparam("user"))
    .order_by(I.position, I.identity_user_id),
    row=_Row,
)
_KEY = (
    I.tenant_id == bindparam("tenant"),
    I.connection_id == bindparam("connection"),
    I.identity_user_id == bindparam("account"),
)
_ONE = Statement("identity_tokens", select(*_COLUMNS).where(*_KEY), row=_Row)
_CHANGE = Statement(
    "identity_tokens_change",
    update(I).where(*_KEY, I.tokens_sealed == bindparam("before")).values(tokens_sealed=bindparam("after")),
)


@dataclass(frozen=True)
class TokenSet:
    """What a source gave with one account. ``sealed`` is how it stands in the row."""

    connection: ConnectionConfig
    account_id: str
    sealed: str
    tokens: Mapping[str, str]

    @property
    def id(self) -> str:
        """Its name, which tells nothing of what it is made of."""
        return _digest(f"{self.connection.id}\0{self.account_id}")

    @property
    def bound(self) -> bool:
        """Whether it is good for nobody without a key that only the sign-in had (RFC 9449)."""
        return self.tokens.get("token_type") == BOUND

    def moment(self, name: str) -> int | None:
        """One of its times (ms): ``expires_at``, ``issued_at``, ``created_at``, ``last_used_at``."""
        said = self.tokens.get(name)
        return int(said) if said and said.isascii() and said.isdigit() else None

    def ended(self) -> bool:
        """Whether the access token is over, or about to be."""
        ends = self.moment("expires_at")
        return ends is not None and ends - EARLY_MS <= clock.now_ms()

    @property
    def refreshable(self) -> bool:
        """Whether its source gives another one for it."""
        return "refresh_token" in self.tokens and self.connection.can(RefreshesTokens)


def kept(new: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """What is kept of tokens that came with a sign-in: a source that gives a refresh token only once means the one it
    gave.
    """
    moment = str(clock.now_ms())
    lasting = {name: before[name] for name in ("refresh_token", "created_at", "last_used_at") if name in before}
    return {"created_at": moment, **lasting, **new, "issued_at": moment}


def opened(work: Work, connection_id: str, account_id: str, sealed: str | None) -> dict[str, str]:
    """The tokens of an identity; empty where there are none."""
    if sealed is None:
        return {}
    return msgspec.json.decode(_sealer(work, connection_id, account_id).open(sealed), type=dict[str, str])


def sealed(work: Work, connection_id: str, account_id: str, tokens: Mapping[str, str]) -> str:
    """As :func:`opened` reads them."""
    return _sealer(work, connection_id, account_id).seal(msgspec.json.encode(tokens).decode())


def of_user(work: Work, user_id: str) -> list[TokenSet]:
    """Everything that sources gave with the accounts of that person."""
    rows = work.hot.all(_OF_USER, tenant=work.tenant_id, user=user_id)
    return [found for row in rows if (found := _set(work, row)) is not None]


def fresh(work: Work, held: TokenSet) -> TokenSet:
    """It, or what its source gives for it where it is over and can be refreshed. Asks the source: no transaction may be
    open.

    :raises ConnectorError: the source gives nothing, or does not answer.
    """
    ends = time.monotonic() + PATIENCE_S
    while held.ended() and held.refreshable:
        leased = _leased(work, held)
        if leased is not None:
            return _refreshed(work, leased)
        with slow_work("waiting for tokens of a source"):
            time.sleep(_LOOK_AGAIN_S)
        found = _again(work, held)
        if found is None:
            raise ConnectorError("access_denied", "The tokens of that account are gone.")
        held = found
        if time.monotonic() >= ends:
            raise ConnectorError("temporarily_unavailable", "The tokens of that account are being refreshed.")
    return held


def refresh_of_user(work: Work, user_id: str) -> None:
    """Bring the tokens of that person up to date before they are shown; those that cannot be are shown as they are."""
    for held in of_user(work, user_id):
        try:
            fresh(work, held)
        except ConnectorError as error:
            log.info("not refreshed", connection=held.connection.name, code=error.code, detail=error.detail)


def used(work: Work, held: TokenSet) -> None:
    """Remember that it was given out, once a minute at most."""
    moment, before = clock.now_ms(), held.moment("last_used_at")
    if before is None or moment - before >= _USED_EVERY_MS:
        _replace(work, held, {**held.tokens, "last_used_at": str(moment)})


def forget(work: Work, user_id: str, token_set_id: str) -> bool:
    """Drop one of that person's token sets. False where there is none of that id."""
    for held in of_user(work, user_id):
        if held.id == token_set_id:
            with work.transaction():
                row = work.rows.lock_one(I, held.connection.id, held.account_id)
                if row is not None:
                    row.tokens_sealed = None
                    work.rows.flush()
            return True
    return False


def _leased(work: Work, held: TokenSet) -> TokenSet | None:
    """It, with the word that it is being refreshed, for exactly one caller."""
    moment, until = clock.now_ms(), held.moment(REFRESHING)
    if until is not None and until > moment:
        return None
    return _replace(work, held, {**held.tokens, REFRESHING: str(moment + LEASE_MS)})


def _refreshed(work: Work, held: TokenSet) -> TokenSet:
    before = {name: value for name, value in held.tokens.items() if name != REFRESHING}
    connector = connections.runtime.open(work, held.connection)
    if not isinstance(connector, RefreshesTokens):
        raise TypeError(f"strategy {held.connection.strategy} said that it refreshes tokens")
    after = before
    try:
        with sources.asking(work, held.connection):
            found = connector.refresh(held.connection.id_at_source(held.account_id), before)
        after = kept(found, before)
    finally:
        done = _replace(work, held, after)
    # a sign-in came between: what it brought stands in the row, and is newer
    return done or _again(work, held) or replace(held, tokens=after)


def _replace(work: Work, held: TokenSet, tokens: Mapping[str, str]) -> TokenSet | None:
    text = sealed(work, held.connection.id, held.account_id, tokens)
    with work.hot.transaction():
        changed = work.hot.run(
            _CHANGE,
            tenant=work.tenant_id,
            connection=held.connection.id,
            account=held.account_id,
            before=held.sealed,
            after=text,
        )
    return replace(held, sealed=text, tokens=dict(tokens)) if changed else None


def _again(work: Work, held: TokenSet) -> TokenSet | None:
    row = work.hot.one(_ONE, tenant=work.tenant_id, connection=held.connection.id, account=held.account_id)
    return _set(work, row) if row is not None else None


def _set(work: Work, row: _Row) -> TokenSet | None:
    connection = connections.find(work, row.connection_id) if row.tokens_sealed is not None else None
    if connection is None or row.tokens_sealed is None:
        return None
    tokens = opened(work, row.connection_id, row.identity_user_id, row.tokens_sealed)
    return TokenSet(connection, row.identity_user_id, row.tokens_sealed, tokens)


def _sealer(work: Work, connection_id: str, account_id: str) -> BoundSealer:
    return work.sealer(I.tokens_sealed, connection_id=connection_id, identity_user_id=account_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:22]
