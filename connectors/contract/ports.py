"""What a connector is given: the ways out of the process, the store, secrets, its own configuration."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from connectors.contract.accounts import Account, NewAccount
from connectors.strategy import Options, Strategy

if TYPE_CHECKING:
    from connectors.directories import ScriptRunner, SqlClient


class CredentialStore(Protocol):
    """The built-in store's port: rows in, rows out; it hashes nothing."""

    def by_identifier(self, identifier: str) -> Account | None:
        """The account with that e-mail address or username, compared by the store's one normalization."""

    def by_number(self, number: str) -> Account | None:
        """The account of whoever has that telephone number, in E.164."""

    def insert(self, account: NewAccount, password_hash: str | None) -> Account:
        """Store a new account. Raises AlreadyExists."""

    def set_password(self, account_id: str, password_hash: str, *, remember: int = 0) -> None:
        """Replace the hash, and keep that many of the ones before it."""

    def rehash(self, account_id: str, before: str, after: str) -> None:
        """The same password under other parameters: replaces ``before`` where it still stands, so that no reset is
        undone.
        """

    def remove(self, account_id: str) -> None:
        """Forget the account; unknown ids are no error."""


class Hasher(Protocol):
    """Password hashing with a bounded number of hashes at once."""

    def hash(self, password: str) -> str:
        """A new hash."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it fits; with no hash the same work is done and the answer is False (security.md I2)."""

    def fits(self, password_hash: str, password: str) -> bool:
        """Whether it fits a hash that others made: of Argon2, bcrypt, PBKDF2 or scrypt."""

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""


class HttpAnswer(Protocol):
    """What an outbound call brought."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its header fields, by lower-case names."""

    @property
    def body(self) -> bytes:
        """The content, of bounded size."""

    def json(self) -> object:
        """The body as JSON. Raises ValueError."""


class HttpClient(Protocol):
    """Outbound calls of a connector, through the product's one egress: it refuses addresses that the deployment does
    not allow, and bounds time and size.
    """

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Fetch. Raises ConnectorError where the other side cannot be reached."""

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Send a form (RFC 6749 4.1.3). Raises ConnectorError."""

    def post_json(self, url: str, document: object, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Send a JSON document. Raises ConnectorError."""


class Line(Protocol):
    """An open connection to a checked address. No operation on it takes longer than the time that is left."""

    @property
    def socket(self) -> socket.socket:
        """What to read from and write to; another one after :meth:`secure`."""

    def secure(self, host: str, *, ca: str | None = None) -> None:
        """Speak TLS from now on, with a certificate for ``host`` of an authority in ``ca`` (PEM), else of one that the
        deployment trusts. Raises OSError (``ssl.SSLError`` included).
        """

    def allow(self, seconds: float) -> None:
        """From now on that many seconds are left."""

    def close(self) -> None:
        """End it; closing twice is no error."""


class Dialer(Protocol):
    """Outbound connections that are not HTTP, under the same guard: a connector of a directory or a database goes no
    other way.
    """

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of the host, all of them allowed, for libraries that connect themselves: connect to one of
        these and to nothing else. Raises ConnectorError.
        """

    def connect(self, host: str, port: int, *, seconds: float, silent: float) -> Line:
        """A connection with ``seconds`` for everything, of which at most ``silent`` may pass without a byte. Raises
        ConnectorError.
        """

    def away(self) -> AbstractContextManager[None]:
        """Around a whole exchange: meanwhile the thread holds nothing that others wait for."""


class Clock(Protocol):
    """The time; tests stop it."""

    def __call__(self) -> int:
        """Milliseconds since 1970."""


class SigningKeys(Protocol):
    """Keys of the connection's own, with which it shows who it is."""

    def sign(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """A signed token (JWS compact) of the key in use. Raises ConnectorError: there is none of that algorithm."""


class SecretBox(Protocol):
    """Encryption of what a connector itself must keep, such as tokens of its source."""

    def seal(self, text: str) -> str:
        """The text, sealed."""

    def open(self, sealed: str) -> str:
        """The text again. Raises ValueError."""


@dataclass(frozen=True)
class KeyPair:
    """A private RSA key (of ``cryptography``), its certificate (PEM) and its name in key sets. ``encrypts``: sources
    are asked to encrypt to it.
    """

    private_key: Any
    certificate: str
    kid: str = ""
    encrypts: bool = False


class OwnKeys(Protocol):
    """RSA keys of our own, for sources that want requests signed, or encrypt to us: the connection's where it has some,
    else the tenant's.
    """

    def pairs(self) -> Sequence[KeyPair]:
        """Those that sign or did, the one that signs now first."""

    def decrypting(self) -> Sequence[KeyPair]:
        """Those that may have been encrypted to, the one that is encrypted to now first."""


class OneTimeUse(Protocol):
    """Remembers what a source may say only once."""

    def first_time(self, name: str, *, until: int) -> bool:
        """Whether ``name`` was not said before; it is remembered until ``until`` (ms since 1970)."""


@dataclass(frozen=True, kw_only=True)
class ConnectorContext:
    """What a connector may use. ``options`` is the connection's own configuration, of the type that its strategy
    declares; ``callback_url`` is where a source sends browsers back to; ``base_url`` the tenant's own, with a slash at
    its end; ``tenant`` is the name of whose it is, ``organization`` the one that somebody signs in to.
    """

    connection_id: str
    connection_name: str
    options: Options
    strategy: Strategy
    callback_url: str = ""
    base_url: str = ""
    http: HttpClient | None = None
    dialer: Dialer | None = None
    clock: Clock | None = None
    secrets: SecretBox | None = None
    signing: SigningKeys | None = None
    credentials: CredentialStore | None = None
    hasher: Hasher | None = None
    keys: OwnKeys | None = None
    once: OneTimeUse | None = None
    scripts: ScriptRunner | None = None
    sql: SqlClient | None = None
    tenant: str = ""
    organization: Mapping[str, Any] | None = None
