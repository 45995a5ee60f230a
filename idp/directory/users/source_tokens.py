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
from typing import Any

import msgspec
import structlog
from sqlalchemy import bindparam, select, update

from connectors.contract import ConnectorError, RefreshesTokens
from idp.directory.connections import runtime as connections
from idp.directory.connections.availability import sources
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.models import ConnectedAccount as C
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
    account_id: str
    tokens_sealed: str | None


@dataclass(frozen=True)
class Shelf:
    """Where tokens are kept: with the identities that people sign in by, or with accounts that they connected. Keys are
    those of :func:`_key`.
    """

    name: str
    column: Any
    of_user: Statement[_Row]
    one: Statement[_Row]
    change: Statement[Any]


def _shelf(name: str, model: Any, account: Any, *order: Any) -> Shelf:
    columns = (model.connection_id, account.label("account_id"), model.tokens_sealed)
    mine = (model.tenant_id == bindparam("tenant"), model.user_id == bindparam("user"))
    key = (*mine, model.connection_id == bindparam("connection"), account == bindparam("account"))
    return Shelf(
        name,
        model.tokens_sealed,
        Statement(f"{name}_tokens_of_user", select(*columns).where(*mine).order_by(*order), row=_Row),
        Statement(f"{name}_tokens", select(*columns).where(*key), row=_Row),
        Statement(
            f"{name}_tokens_change",
            update(model)
            .where(*key, model.tokens_sealed == bindparam("before"))
            .values(tokens_sealed=bindparam("after")),
        ),
    )


IDENTITIES = _shelf("identity", I, I.identity_user_id, I.position, I.identity_user_id)
CONNECTED = _shelf("connected", C, C.account_id, C.created_at, C.account_id)
SHELVES = (IDENTITIES, CONNECTED)


@dataclass(frozen=True)
class TokenSet:
    """What a source gave with one account of that user. ``sealed`` is how it stands in the row."""

    user_id: str
    connection: ConnectionConfig
    account_id: str
    sealed: str
    tokens: Mapping[str, str]
    shelf: Shelf = IDENTITIES

    @property
    def id(self) -> str:
        """Its name, which tells nothing of what it is made of."""
        place = "" if self.shelf is IDENTITIES else f"{self.shelf.name}\0"
        return _digest(f"{place}{self.connection.id}\0{self.account_id}")

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
    text = _sealer(work, IDENTITIES, "", connection_id, account_id).open(sealed)
    return msgspec.json.decode(text, type=dict[str, str])


def sealed(work: Work, connection_id: str, account_id: str, tokens: Mapping[str, str]) -> str:
    """As :func:`opened` reads them."""
    return _sealer(work, IDENTITIES, "", connection_id, account_id).seal(_text(tokens))


def of_user(work: Work, user_id: str) -> list[TokenSet]:
    """Everything that sources gave with the accounts of that person: those that they sign in by first, then those that
    they connected.
    """
    return [
        found
        for shelf in SHELVES
        for row in work.hot.all(shelf.of_user, tenant=work.tenant_id, user=user_id)
        if (found := _set(work, shelf, user_id, row)) is not None
    ]


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
                _drop(work, held)
            return True
    return False


def _drop(work: Work, held: TokenSet) -> None:
    if held.shelf is CONNECTED:
        account = work.rows.lock_one(C, held.connection.id, held.account_id, held.user_id)
        if account is not None:
            work.rows.delete(account)
    else:
        row = work.rows.lock_one(I, held.connection.id, held.account_id)
        if row is not None:
            row.tokens_sealed = None
    work.rows.flush()


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
    text = _sealer(work, held.shelf, held.user_id, held.connection.id, held.account_id).seal(_text(tokens))
    with work.hot.transaction():
        changed = work.hot.run(held.shelf.change, **_key(work, held), before=held.sealed, after=text)
    return replace(held, sealed=text, tokens=dict(tokens)) if changed else None


def _again(work: Work, held: TokenSet) -> TokenSet | None:
    row = work.hot.one(held.shelf.one, **_key(work, held))
    return _set(work, held.shelf, held.user_id, row) if row is not None else None


def _key(work: Work, held: TokenSet) -> dict[str, str]:
    place = {"connection": held.connection.id, "account": held.account_id}
    return {"tenant": work.tenant_id, "user": held.user_id, **place}


def _set(work: Work, shelf: Shelf, user_id: str, row: _Row) -> TokenSet | None:
    connection = connections.find(work, row.connection_id) if row.tokens_sealed is not None else None
    if connection is None or row.tokens_sealed is None:
        return None
    text = _sealer(work, shelf, user_id, row.connection_id, row.account_id).open(row.tokens_sealed)
    tokens = msgspec.json.decode(text, type=dict[str, str])
    return TokenSet(user_id, connection, row.account_id, row.tokens_sealed, tokens, shelf)


def sealed_of_connected(
    work: Work, user_id: str, connection_id: str, account_id: str, tokens: Mapping[str, str]
) -> str:
    """As the row of a connected account has them."""
    return _sealer(work, CONNECTED, user_id, connection_id, account_id).seal(_text(tokens))


def _text(tokens: Mapping[str, str]) -> str:
    return msgspec.json.encode(tokens).decode()


def _sealer(work: Work, shelf: Shelf, user_id: str, connection_id: str, account_id: str) -> BoundSealer:
    if shelf is CONNECTED:
        return work.sealer(shelf.column, connection_id=connection_id, account_id=account_id, user_id=user_id)
    return work.sealer(shelf.column, connection_id=connection_id, identity_user_id=account_id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:22]
