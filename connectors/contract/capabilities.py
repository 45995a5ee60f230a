"""What a connector may be able to do, one small Protocol each, and what is said on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from connectors.contract.accounts import Account, Identity, NewAccount
from connectors.contract.errors import ConnectorError

CHANGED = "This way to sign in was changed meanwhile. Please try again."


@runtime_checkable
class PasswordConnector(Protocol):
    """Signs in with an identifier and a password."""

    def login(self, identifier: str, password: str) -> Identity:
        """The identity. Raises InvalidCredentials, ConnectorError."""


@runtime_checkable
class TicketConnector(Protocol):
    """Signs in whoever's browser holds a ticket for us and brings it by itself (HTTP Negotiate, RFC 4559). Whose
    browsers are asked for one, the options say (:meth:`connectors.strategy.Options.negotiates`).
    """

    def negotiated(self, token: bytes) -> Identity:
        """Who it is. Raises TicketRefused, InvalidCredentials, AccountRefused, ConnectorError."""


@runtime_checkable
class KnowsNames(Protocol):
    """Says whose name it is that somebody types, among the accounts that are kept here."""

    def known(self, identifier: str) -> Account | None:
        """The account, by whatever identifies people there; a telephone number is one in E.164."""


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


@runtime_checkable
class VoiceSender(Protocol):
    """Says codes by telephone."""

    def say(self, message: TextMessage) -> None:
        """Call, and say the message twice. Raises ConnectorError like :meth:`TextSender.send`."""


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A person about to leave for the source. ``state`` comes back unchanged and is good once; ``keep`` is what the
    connector wants to see again when they return (a PKCE verifier, a nonce), and never leaves the product. ``asked``
    are the parameters that the application sent, for those which a connection passes on (``upstream_params``).
    ``connection_scope`` are scopes that it asks of the source besides, as it sent them. ``address`` is the one that
    they come from, as far as the product knows it.
    """

    state: str
    address: str = ""
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

    def kept(self, name: str) -> str:
        """What the connector kept under that name. Raises ConnectorError where it kept none: the connection was told to
        speak another protocol while somebody was away.
        """
        if name not in self.keep:
            raise ConnectorError("access_denied", CHANGED, detail=f"no {name} was kept when they left")
        return self.keep[name]


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


@dataclass(frozen=True, kw_only=True)
class NativeArrival:
    """What an application with a sign-in of the source's own brings: the ``token`` that it got there, and what it knows
    of the ``profile`` where the source tells that to applications alone. ``client_id`` is what the source calls the
    application, where that is not what the connection is registered as.
    """

    token: str
    client_id: str | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class TakesNativeTokens(Protocol):
    """Says who it is by what the source gave an application (:class:`connectors.strategy.NativeTokens`)."""

    def native(self, arrival: NativeArrival) -> Identity:
        """Whose token it is, once it was checked that it was made for us. Raises ConnectorError."""


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
class CleansUp(Protocol):
    """Sends the browser along to say that its session there ended, by a message that proves nothing (WS-Federation 1.2,
    13.2.4).
    """

    def way_back(self, params: Mapping[str, str]) -> str | None:
        """Where the message wants the browser back, if that is at the source itself. Asks nobody."""


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
class Maps(Protocol):
    """Says what it would make of a profile of its source, without asking the source: for whoever writes its mapping."""

    def example(self) -> Mapping[str, Any]:
        """A profile as the source may say it, to begin with."""

    def configured(self) -> Mapping[str, str]:
        """What the connection's own mapping says, by attribute: where its value comes from."""

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """Who that would be. Raises ConnectorError: nothing in it names the account."""

    def recalled(self, known: Identity) -> Mapping[str, Any]:
        """What the source said of an account, as far as it was kept, in the form of a profile that :meth:`maps` reads.
        ``known`` has the id at the source, the ``raw`` of its last sign-in, and the attributes of today as its
        ``profile``. Empty where nothing was kept.
        """


@runtime_checkable
class Settles(Protocol):
    """Looks at its source when a connection is saved."""

    def settle(self) -> Mapping[str, Any]:
        """Options that are set from what the source says, beside those that were sent. Raises ConnectorError: the
        configuration cannot work; its text is for the administrator.
        """
