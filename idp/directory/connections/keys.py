"""Key pairs of a connection's own: what it signs with at its source, and what its source encrypts to it.

Signing keys have three states: the source is told of the ``next`` one before it signs, and of the ``previous`` one for
a while after, so that turning them interrupts nobody. One key is encrypted to at a time; what was encrypted to the one
before still opens. docs/decisions/0185.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, delete, select

from connectors.strategy import Options, Strategy
from idp.directory.connections.models import Connection, ConnectionKey
from idp.foundation.db.hot import Statement
from idp.foundation.db.slow_work import slow_work
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.kernel.ids import alphanumeric
from idp.foundation.kernel.place import Slow
from idp.foundation.tenancy.work import Work

if TYPE_CHECKING:
    from idp.tenant.keys.store import PrivateKey

SIGNING, ENCRYPTION = "signing", "encryption"
ENCRYPTION_ALG = "RSA-OAEP-256"
"""What keys are shown as that sources encrypt to; RSA-OAEP opens with them, too."""
TOLD_MS = 600_000
"""How long the source is told of a key that no longer signs: assertions live for a minute, key sets are remembered."""
_BITS = 2048
_CURVES = {"ES256": "SECP256R1", "ES384": "SECP384R1"}
_MOST_OPENED = 1_000
_opened: dict[tuple[str, str], Any] = {}
_ORDER = {"current": 0, "next": 1, "previous": 2}


class Key(msgspec.Struct, frozen=True):
    """One key pair. ``jwk`` is public; ``current_until`` is when it went off duty (ms)."""

    kid: str
    use: str
    alg: str
    state: str
    private_sealed: str
    jwk: Json[dict[str, Any]]
    certificate: str
    current_until: int | None


_OF_CONNECTION = Statement(
    "connection_keys",
    select(
        ConnectionKey.kid,
        ConnectionKey.use,
        ConnectionKey.alg,
        ConnectionKey.state,
        ConnectionKey.private_sealed,
        ConnectionKey.public_jwk.label("jwk"),
        ConnectionKey.certificate,
        ConnectionKey.current_until,
    ).where(ConnectionKey.tenant_id == bindparam("tenant"), ConnectionKey.connection_id == bindparam("connection_id")),
    row=Key,
)


@dataclass(frozen=True)
class Made:
    """A key pair that is in no row yet."""

    use: str
    alg: str
    private: PrivateKey


def ring(work: Work, connection_id: str, use: str) -> tuple[Key, ...]:
    """The connection's keys for that use: current, next, previous. Remembered with the configuration."""
    found = work.config.remember("connection keys", connection_id, lambda: _load(work, connection_id))
    return tuple(key for key in found if key.use == use)


def _load(work: Work, connection_id: str) -> tuple[Key, ...]:
    rows = work.hot.all(_OF_CONNECTION, tenant=work.tenant_id, connection_id=connection_id)
    return tuple(sorted(rows, key=lambda key: (_ORDER[key.state], key.kid)))


def private_key(work: Work, connection_id: str, key: Key) -> Any:
    """The opened private key (of ``cryptography``), remembered by this process."""
    found = _opened.get((connection_id, key.kid))
    if found is None:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        sealer = work.sealer(ConnectionKey.private_sealed, connection_id=connection_id, kid=key.kid)
        found = load_pem_private_key(sealer.open(key.private_sealed).encode(), None)
        if len(_opened) >= _MOST_OPENED:
            _opened.clear()
        _opened[connection_id, key.kid] = found
    return found


def published(work: Work, connection_id: str) -> list[dict[str, Any]]:
    """Public keys as the source reads them (RFC 7517 5): those that sign, will sign or did a moment ago, and the one
    that it encrypts to. Empty where the connection has none of its own.
    """
    told = clock.now_ms() - TOLD_MS
    signing = [
        key for key in ring(work, connection_id, SIGNING) if key.current_until is None or key.current_until > told
    ]
    encryption = [key for key in ring(work, connection_id, ENCRYPTION) if key.state == "current"]
    return [key.jwk for key in (*signing, *encryption)]


def listed(work: Work, connection: Connection) -> list[ConnectionKey]:
    """Every key of the connection: signing before encryption, current, next, previous.

    :raises BadRequest: its strategy has none.
    """
    _strategy(connection)
    rows = work.rows.scalars(select(ConnectionKey).where(ConnectionKey.connection_id == connection.id)).all()
    return sorted(rows, key=lambda row: (row.use != SIGNING, _ORDER[row.state], row.kid))


def create(work: Work, connection: Connection, alg: str | None) -> list[ConnectionKey]:
    """The first keys of the connection: two to sign with, one to encrypt to.

    :raises BadRequest: its strategy has none, or signs with other algorithms.
    :raises Conflict: it has keys.
    """
    alg = _alg(work, connection, alg)
    if ring(work, connection.id, SIGNING):
        raise _taken()
    made = first_keys(alg)
    _lock(work, connection)
    if _rows(work, connection.id):
        raise _taken()
    add(work, connection.id, made)
    return listed(work, connection)


def rotate(work: Work, connection: Connection, alg: str | None) -> ConnectionKey:
    """The next key signs from now on, the current one is the previous; a new one is next and answered. Another key is
    encrypted to. Where there were none they are made. ``alg`` is the new key's.

    :raises BadRequest: the strategy has no keys, or signs with other algorithms.
    """
    before = ring(work, connection.id, SIGNING)
    alg = _alg(work, connection, alg or next((key.alg for key in before if key.state == "next"), None))
    made = [_made(SIGNING, alg), _made(ENCRYPTION)] if before else first_keys(alg)
    _lock(work, connection)
    rows = {(row.use, row.state): row for row in _rows(work, connection.id)}
    if not rows and before:
        raise Conflict("The keys of the connection were changed meanwhile")
    if rows:
        moment = clock.now_ms()
        _retire(work, rows, SIGNING, moment)
        _retire(work, rows, ENCRYPTION, moment)
        turned = rows[SIGNING, "next"]
        turned.state, turned.current_since = "current", moment
        _insert(work, connection.id, made[0], "next", moment)
        _insert(work, connection.id, next(each for each in made if each.use == ENCRYPTION), "current", moment)
        work.rows.flush()
        work.configuration_changed()
    else:
        add(work, connection.id, made)
    return next(row for row in listed(work, connection) if (row.use, row.state) == (SIGNING, "next"))


def needed(work: Work, connection_id: str, options: Options, before: Options | None) -> list[Made]:
    """Keys that a connection needs once it is stored with these options: its first, where it begins to sign, or others
    where it signs with another algorithm than its keys are for. Slow: it goes before a transaction.
    """
    alg = options.signs_with()
    if alg is None:
        return []
    present = ring(work, connection_id, SIGNING) if before is not None else ()
    if not present:  # one that signed with the tenant's keys goes on as its source knows it
        return first_keys(alg) if before is None or before.signs_with() is None else []
    if present[0].alg == alg:
        return []
    return [_made(SIGNING, alg), _made(SIGNING, alg)]


def add(work: Work, connection_id: str, made: Sequence[Made]) -> None:
    """Store what was made: of each use the first is current from now on, the second next. Keys that sign now are the
    previous ones then. The connection is locked, or new.
    """
    moment = clock.now_ms()
    rows = {(row.use, row.state): row for row in _rows(work, connection_id)}
    for use in {each.use for each in made}:
        if (use, "next") in rows:
            work.rows.delete(rows[use, "next"])
        _retire(work, rows, use, moment)
        for each, state in zip((each for each in made if each.use == use), ("current", "next"), strict=False):
            _insert(work, connection_id, each, state, moment)
    work.rows.flush()
    work.configuration_changed()


def forget(work: Work, connection_id: str) -> None:
    """A connection that is gone has no keys."""
    work.rows.execute(delete(ConnectionKey).where(ConnectionKey.connection_id == connection_id))


def first_keys(alg: str) -> list[Made]:
    """Two keys to sign with, one to encrypt to. Slow."""
    return [_made(SIGNING, alg), _made(SIGNING, alg), _made(ENCRYPTION)]


def _retire(work: Work, rows: Mapping[tuple[str, str], ConnectionKey], use: str, moment: int) -> None:
    if (use, "previous") in rows:
        work.rows.delete(rows[use, "previous"])
    if (use, "current") in rows:
        gone = rows[use, "current"]
        gone.state, gone.current_until = "previous", moment


def _rows(work: Work, connection_id: str) -> Sequence[ConnectionKey]:
    return work.rows.lock_all(select(ConnectionKey).where(ConnectionKey.connection_id == connection_id))


def _lock(work: Work, connection: Connection) -> None:
    """Keys are made and turned one at a time: under the connection's row, since one that is being made has none."""
    work.rows.lock(connection)


def _strategy(connection: Connection) -> Strategy:
    from idp.directory.connections import strategies

    found = strategies.named(connection.strategy)
    if not found.key_algorithms:
        raise BadRequest("The strategy of this connection has no keys of its own", "operation_not_supported")
    return found


def _alg(work: Work, connection: Connection, wanted: str | None) -> str:
    from idp.directory.connections import strategies

    strategy = _strategy(connection)
    document = strategies.opened(work, connection.id, strategy.name, connection.options)
    alg = wanted or strategy.read(document).signs_with() or strategy.key_algorithms[0]
    if alg not in strategy.key_algorithms:
        raise BadRequest(
            f"signing_alg must be one of {', '.join(strategy.key_algorithms)} for this connection", "invalid_body"
        )
    return alg


def _taken() -> Conflict:
    return Conflict("The connection has keys already")


def _made(use: str, alg: str = ENCRYPTION_ALG) -> Made:
    """A new key pair. Slow: an RSA key costs a tenth of a second."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    with slow_work("making keys", Slow.HASHING):
        if alg in _CURVES:
            return Made(use, alg, ec.generate_private_key(getattr(ec, _CURVES[alg])()))
        return Made(use, alg, rsa.generate_private_key(65537, _BITS))


def _insert(work: Work, connection_id: str, made: Made, state: str, moment: int) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from idp.tenant.keys import certificates

    kid = alphanumeric(21)
    certificate = certificates.self_signed(made.private)
    pem = made.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    sealer = work.sealer(ConnectionKey.private_sealed, connection_id=connection_id, kid=kid)
    work.rows.add(
        ConnectionKey(
            tenant_id=work.tenant_id,
            connection_id=connection_id,
            kid=kid,
            use=made.use,
            alg=made.alg,
            state=state,
            private_sealed=sealer.seal(pem.decode()),
            public_jwk=_public(made, kid),
            certificate=certificate.public_bytes(Encoding.PEM).decode(),
            created_at=moment,
            current_since=moment if state == "current" else None,
        )
    )


def _public(made: Made, kid: str) -> dict[str, Any]:
    """Its public members. A key to encrypt to names no algorithm: sources choose among those that it opens."""
    from joserfc.jwk import ECKey, RSAKey

    kind: Any = ECKey if made.alg in _CURVES else RSAKey
    members = {
        name: value
        for name, value in kind.import_key(made.private.public_key()).as_dict(private=False).items()
        if name != "kid"
    }
    return {**members, "kid": kid, **({"use": "sig", "alg": made.alg} if made.use == SIGNING else {"use": "enc"})}
