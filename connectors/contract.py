"""What a connector is given, what it may be able to do, and what it answers.

Capabilities are small Protocols; the runtime asks ``isinstance(connector, PasswordConnector)``, never for a strategy's
name.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from connectors.strategy import Options, Strategy

UNAVAILABLE = "temporarily_unavailable"
"""The code of a source that does not answer, or is ill: others are offered, and it rests where that goes on."""
if TYPE_CHECKING:
    from connectors.directories import ScriptRunner, SqlClient


class ConnectorError(Exception):
    """The source could not do what was asked. ``code`` is stable, the text is for people, ``detail`` for logs."""

    def __init__(self, code: str, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class InvalidCredentials(ConnectorError):
    """Unknown user or wrong password: one error, so that nobody can tell them apart (security.md I1).

    ``user_id`` names the account where one exists, and ``detail`` says what the source said: both for the log only.
    """

    def __init__(self, *, user_id: str | None = None, detail: str | None = None) -> None:
        super().__init__("invalid_user_password", "Wrong email or password.", detail=detail)
        self.user_id = user_id


class AccountRefused(ConnectorError):
    """The source knows the account and lets nobody in with it. ``code`` says why: ``account_disabled``,
    ``account_locked``, ``account_expired``, ``password_expired``, ``password_change_required``, ``not_allowed_now``.

    ``proven``: the password was right, so that this is no guess. ``user_id`` is as in :class:`InvalidCredentials`.
    """

    def __init__(
        self, code: str, message: str, *, detail: str | None = None, user_id: str | None = None, proven: bool = False
    ) -> None:
        super().__init__(code, message, detail=detail)
        self.user_id = user_id
        self.proven = proven


class PasswordRefused(ConnectorError):
    """The source takes no such password: its own rules are not met."""

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__("password_refused", "The directory does not accept this password.", detail=detail)


class RegistrationRefused(ConnectorError):
    """The source takes no such account, and says why in words for people."""


class AlreadyExists(ConnectorError):
    """That identifier is taken; ``field`` is ``email`` or ``username``."""

    def __init__(self, field_name: str) -> None:
        super().__init__("user_exists", "The user already exists.")
        self.field = field_name


@dataclass(frozen=True)
class Identity:
    """An account at a source. ``user_id`` is the source's own id; ``profile`` is normalized, ``raw`` is what the
    source said. ``tokens`` are the source's: ``access_token``, ``refresh_token``, ``expires_at`` (ms since 1970, as a
    text) and ``scope``, as far as there are any. ``session`` is what the source calls the person's session there, as
    its logout will name it: ``sid``, ``sub``, and ``hint``, which it wants to see again. ``told_once`` are attributes
    that the source says at first and never again: what is known of them stays.

    ``metadata`` (``user_metadata``, ``app_metadata``) is given to somebody who is new here, by sources that their
    tenant programs itself. ``prepared_password`` comes with somebody whose account is to be kept here from now on.
    """

    user_id: str
    profile: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    session: Mapping[str, str] = field(default_factory=dict)
    told_once: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    prepared_password: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What sign-up or the Management API asks a source to create."""

    email: str | None = None
    username: str | None = None
    account_id: str | None = None


@dataclass(frozen=True)
class Account:
    """A stored account of the credential store, with its password hash."""

    account_id: str
    email: str | None
    username: str | None
    password_hash: str | None


class CredentialStore(Protocol):
    """The built-in store's port: rows in, rows out; it hashes nothing."""

    def by_identifier(self, identifier: str) -> Account | None:
        """The account with that e-mail address or username, compared by the store's one normalization."""

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
    """A private RSA key (of ``cryptography``) and its certificate (PEM)."""

    private_key: Any
    certificate: str


class TenantKeys(Protocol):
    """The tenant's own keys, for sources that want requests signed, or encrypt to us."""

    def pairs(self) -> Sequence[KeyPair]:
        """Those that are not revoked, the one that signs now first."""


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
    keys: TenantKeys | None = None
    once: OneTimeUse | None = None
    scripts: ScriptRunner | None = None
    sql: SqlClient | None = None
    tenant: str = ""
    organization: Mapping[str, Any] | None = None


@runtime_checkable
class PasswordConnector(Protocol):
    """Signs in with an identifier and a password."""

    def login(self, identifier: str, password: str) -> Identity:
        """The identity. Raises InvalidCredentials, ConnectorError."""


@runtime_checkable
class OwnPassword(Protocol):
    """Lets people change the password that their source keeps. Whether a connection offers it, its options say
    (:meth:`connectors.strategy.Options.changes_passwords`).
    """

    def change_own_password(self, account_id: str, current: str, new: str) -> None:
        """Set another password for whoever has the current one. Raises InvalidCredentials, PasswordRefused,
        ConnectorError.
        """


@runtime_checkable
class Provisioning(Protocol):
    """Keeps accounts of its own."""

    def prepare(self, password: str) -> str:
        """The slow part (hashing), done before the caller opens a transaction. Raises ConnectorError."""

    def create(self, account: NewAccount, prepared: str | None) -> Identity:
        """A new account with a prepared password. Raises AlreadyExists, ConnectorError."""

    def change_password(self, account_id: str, prepared: str) -> None:
        """Set another, prepared password."""

    def delete(self, account_id: str) -> None:
        """Remove the account."""


@dataclass(frozen=True)
class Address:
    """An address or number in the one spelling that it is stored in; ``country`` (ISO 3166) where it has one."""

    value: str
    country: str | None = None


@runtime_checkable
class CodeConnector(Protocol):
    """Knows people by an address that they prove with a one-time code; the rules are ``Options.codes()``."""

    def address(self, typed: str) -> Address | None:
        """What somebody typed as an address of this source, or None where it is none that a code is sent to."""


@dataclass(frozen=True, kw_only=True)
class TextMessage:
    """A short message with a code. ``text`` are words in the reader's language, which a template of the connection's
    own replaces; ``host`` is where the code is typed, for programs that fill it in. ``ip`` and ``user_agent`` are of
    whoever asked.
    """

    to: str
    text: str
    code: str
    host: str
    application: str = ""
    ip: str = ""
    user_agent: str = ""


@runtime_checkable
class TextSender(Protocol):
    """Delivers the codes of its source itself; where it is not configured to, only development shows them."""

    def destination(self) -> str | None:
        """The host that takes the messages, or None where none is configured."""

    def compose(self, message: TextMessage) -> str:
        """The whole text of a message."""

    def send(self, message: TextMessage) -> None:
        """Deliver. Raises ConnectorError ``sms_provider_error`` where whoever takes messages does not, and
        ``invalid_number`` where this one alone is refused.
        """


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A person about to leave for the source. ``state`` comes back unchanged and is good once; ``keep`` is what the
    connector wants to see again when they return (a PKCE verifier, a nonce), and never leaves the product. ``asked``
    are the parameters that the application sent, for those which a connection passes on (``upstream_params``).
    ``connection_scope`` are scopes that it asks of the source besides, as it sent them.
    """

    state: str
    login_hint: str | None = None
    ui_locales: str | None = None
    asked: Mapping[str, str] = field(default_factory=dict)
    connection_scope: str | None = None
    keep: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Somebody comes back from the source: the parameters of its answer, and what :class:`Departure` kept."""

    params: Mapping[str, str]
    keep: Mapping[str, str]


@dataclass(frozen=True)
class FormPost:
    """A form that the browser sends to a source by itself, where an address cannot carry what has to be said."""

    url: str
    fields: Mapping[str, str]


@runtime_checkable
class RedirectConnector(Protocol):
    """Signs in at the source's own pages."""

    def issuer(self) -> str | None:
        """How the source names itself in the ``iss`` of its answers (RFC 9207), or None. The answer of another one is
        refused before the connector sees it.
        """

    def start(self, departure: Departure) -> str | FormPost:
        """The URL to send the browser to, or the form to send it with. Raises ConnectorError."""

    def finish(self, arrival: Arrival) -> Identity:
        """Who it is, once the answer was checked. Raises ConnectorError."""


@dataclass(frozen=True)
class Onward:
    """Where people go who begin at the source: an application, the ``path`` below the tenant's URL where its protocol
    begins, and the query of the request that is made there for it.
    """

    client_id: str
    path: str
    query: str


@runtime_checkable
class TakesUnsolicited(Protocol):
    """Signs in people who begin at the source, and were not sent there (SAML Profiles 4.1.5)."""

    def onward(self) -> Onward | None:
        """Where they go then; None where the connection does not allow it."""

    def receive(self, params: Mapping[str, str]) -> Identity:
        """Who it is, once the answer was checked. Raises ConnectorError."""


@runtime_checkable
class DescribesItself(Protocol):
    """Has a document for the administrators of the source: what has to be entered there."""

    def describe(self) -> tuple[bytes, str]:
        """The document and its content type. Raises ConnectorError."""


@runtime_checkable
class RefreshesTokens(Protocol):
    """Gets new tokens of the source for those that ended."""

    def refresh(self, account_id: str, tokens: Mapping[str, str]) -> Mapping[str, str]:
        """:attr:`Identity.tokens` of that account, anew. Raises ConnectorError: ``access_denied`` where the source
        takes them back.
        """


@runtime_checkable
class LogsOutAtSource(Protocol):
    """Ends the session at the source too (``federated`` of the logout endpoints)."""

    def logout_url(self, session: Mapping[str, str], return_to: str) -> str | None:
        """Where the browser goes to have :attr:`Identity.session` ended, and comes back from to ``return_to``. None
        where the source has no such page.
        """


@dataclass(frozen=True)
class LoggedOut:
    """Who was logged out at the source: a session of that name, else every one of the account ``user_id``. ``token_id``
    names the message, which counts once, until ``until`` (ms).
    """

    user_id: str | None
    session: str | None
    token_id: str
    until: int


@dataclass(frozen=True)
class EndedThere:
    """Sessions that a source wants ended: those of the person it calls ``sub``, only ``sids`` where it names some.
    ``answer`` is the address that tells it whether they were, where it wants to know.
    """

    sub: str
    sids: Sequence[str]
    answer: Callable[[bool], str | None]


@runtime_checkable
class SendsLogouts(Protocol):
    """Sends the browser along with the message that a session ended at the source (SAML Profiles 4.4)."""

    def ended_there(self, params: Mapping[str, str], raw_query: str, *, posted: bool) -> EndedThere:
        """Whom the message is about. Raises ConnectorError where it is not the source's."""


@runtime_checkable
class HearsOfLogouts(Protocol):
    """Is told by the source when somebody is logged out there (OIDC Back-Channel Logout 1.0)."""

    def logged_out(self, message: str) -> LoggedOut:
        """Whom the message is about. Raises ConnectorError where it is not the source's."""


@runtime_checkable
class Probed(Protocol):
    """Can be asked whether its source answers, without anybody signing in."""

    def probe(self) -> Mapping[str, str]:
        """What was asked, and what the source answered, in words for an administrator. Raises ConnectorError."""


@runtime_checkable
class Settles(Protocol):
    """Looks at its source when a connection is saved."""

    def settle(self) -> Mapping[str, Any]:
        """Options that are set from what the source says, beside those that were sent. Raises ConnectorError: the
        configuration cannot work; its text is for the administrator.
        """
