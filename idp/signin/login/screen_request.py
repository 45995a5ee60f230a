"""One request for a page below ``/u/``: who is asking for what. No page needs to know more, so none knows Flask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral.one_time import Over
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.signin.factors import devices
from idp.signin.login import connection_choice
from idp.signin.login import transaction as transactions
from idp.signin.login.browser import NONE, Browser
from idp.signin.login.connection_choice import Choices, Route, Wish
from idp.signin.login.transaction import Transaction
from idp.signin.passkeys import offers
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.signin.tickets.service import Ticket

MAX_IDENTIFIER = 320


@dataclass
class PageRequest:
    """What every page has: the work, and the words of the browser's language."""

    work: Work
    texts: Texts

    @property
    def locale(self) -> str:
        """The page's language tag; mails that the page sets off speak it too."""
        return self.texts.locale


@dataclass
class ScreenRequest(PageRequest):
    """A request for a page of a login attempt.

    ``session_secret`` is the browser's session cookie.
    """

    state: str
    transaction: Transaction
    client: ClientConfig
    session_secret: str | None = None
    last_used: str | None = None
    """Id of the connection that somebody signed in with last in this browser."""
    browser: Browser = NONE
    makes_passkeys: bool = False
    """Whether the browser says that this device makes passkeys."""
    passkey_offers: str | None = None
    """What the browser remembers of whom it offered one (:mod:`idp.signin.passkeys.offers`)."""
    from_elsewhere: bool = False
    """Whether the sign-in under way was with a passkey of another device."""

    @cached_property
    def session(self) -> LiveSession | None:
        """The browser's session, whoever it belongs to."""
        return sessions.read(self.work, self.session_secret)

    @property
    def signed_in(self) -> LiveSession:
        """Whoever signed in in this attempt. Raises Expired where nobody did, or somebody else meanwhile."""
        session = self.session
        if session is None or self.transaction.session_id not in (None, session.id):
            raise transactions.expired(self.work, self.transaction)
        return session

    @property
    def just_signed_in(self) -> LiveSession:
        """The same, of whoever did so in this very attempt: a session that the browser merely has is not enough where
        something is added to an account (security.md O3). Raises Expired.
        """
        session = self.signed_in
        first = self.transaction.linking
        if session.id not in (self.transaction.session_id, first.session_id if first is not None else None):
            raise transactions.expired(self.work, self.transaction)
        return session

    @property
    def connection(self) -> ConnectionConfig:
        """The connection that checks passwords here. Raises PageError where there is none."""
        return connection_choice.for_passwords(self.work, self.client, self.wish())

    def connection_for(self, identifier: str) -> ConnectionConfig:
        """The one connection that is asked about the password of what was typed. Raises PageError where there is
        none.
        """
        return connection_choice.for_passwords(self.work, self.client, self.wish(identifier))

    @property
    def choices(self) -> Choices:
        """Every way to sign in here. Raises PageError where there is none."""
        return connection_choice.choices(self.work, self.client, self.wish())

    def wish(self, identifier: str | None = None) -> Wish:
        """What the application asked for, the person picked, and who is signing in, ``identifier`` where that was just
        typed.
        """
        known = self.identifier if identifier is None else identifier
        transaction = self.transaction
        return Wish(asked_id=transaction.connection_id, picked_id=transaction.picked_id, identifier=known)

    def route(self, identifier: str) -> Route:
        """Where that address leads."""
        return connection_choice.route(self.work, self.client, self.wish(identifier))

    def pick(self, connection_id: str) -> None:
        """The person chose how to sign in. Raises Expired."""
        self.transaction.picked_id = connection_id
        self.save()

    @property
    def identifier(self) -> str:
        """Who is signing in, as far as it is known."""
        return self.transaction.identifier or self.transaction.login_hint or ""

    def keep_identifier(self, typed: str) -> None:
        """Remember who is signing in, as it was typed. Raises Expired."""
        wanted = typed[:MAX_IDENTIFIER].strip()
        if wanted and wanted != self.transaction.identifier:
            self.transaction.identifier = wanted
            self.save()

    def may_offer(self, user_id: str) -> bool:
        """Whether somebody may be offered a passkey in this browser again."""
        return offers.due(self.work, user_id, self.passkey_offers)

    def note_device(self, key: str | None) -> str | None:
        """The cookie of a browser in which that key of its device was just used, or made; None for every other key, and
        where devices stand in for no password.
        """
        if key is None or not devices.is_one(key) or not devices.stand_in(self.work):
            return None
        return devices.noted(self.work, self.browser.devices, key)

    def url(self, path: str, **more: str) -> str:
        """Another page of this attempt."""
        return self.work.href(path, state=self.state, **more)

    def save(self) -> None:
        """Store what the transaction has learned. Raises Expired when it was used meanwhile."""
        transactions.save(self.work, self.state, self.transaction)


@dataclass
class TicketRequest(PageRequest):
    """A request for a page behind the link of a mail; ``value`` is the ticket itself."""

    value: str
    ticket: Ticket
    browser: Browser = NONE

    def url(self, path: str, **more: str) -> str:
        """Another page behind the same link."""
        return self.work.href(path, ticket=self.value, **more)


@dataclass
class GoneRequest(PageRequest):
    """A request for the page behind a link that is good no more; ``over`` is None where nobody knows it any more."""

    over: Over[Ticket] | None

    @property
    def ticket(self) -> Ticket | None:
        """What the link was good for."""
        return self.over.data if self.over else None

    @property
    def replaced(self) -> bool:
        """Whether a newer link was sent that is good."""
        return self.over is not None and self.over.newer
