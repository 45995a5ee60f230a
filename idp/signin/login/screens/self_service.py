"""``/u/address-change/*``: is the address of your account to change? ``/u/keep-account``: is your account to
stay, whose deletion you asked for?
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes
from idp.signin.login import transaction as transactions
from idp.signin.login.screen import End, Form, Result, Resume, Screen, TicketScreen
from idp.signin.login.screen_request import GoneRequest, ScreenRequest, TicketRequest
from idp.signin.self_service import address_change, deletion
from idp.signin.self_service.address_change import Outcome
from idp.signin.tickets.service import KEEP_ACCOUNT, NEW_ADDRESS, OLD_ADDRESS

NOT_ME = "not-me"
OLD, NEW = "josephine.baker@example.com", "jo@example.org"


@dataclass(frozen=True)
class OldAddressView(PageView):
    """The reader of the old address agrees, or calls it off."""

    email: str
    new_email: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Two addresses."""
        return cls(OLD, NEW)


class NewAddressView(OldAddressView):
    """The like for the reader of the new one."""


@dataclass(frozen=True)
class AddressChangeResultView(PageView):
    """What became of it: ``outcome`` is ``waiting`` (for ``other``, masked), ``changed``, ``taken``, ``cancelled`` or
    ``over``.
    """

    template: ClassVar[str] = "login/address-change/result.html"
    outcome: str
    continue_url: str
    email: str = ""
    new_email: str = ""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It is changed."""
        return cls("changed", "/account", OLD, NEW)


class _AddressChange(TicketScreen):
    """A link to one of the two addresses."""

    def good(self, request: TicketRequest) -> bool:
        """The change is still under way."""
        return address_change.of_ticket(request.work, request.ticket) is not None

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """Yes, or no."""
        work, ticket, addresses = request.work, request.ticket, _addresses(request)
        if form.action == NOT_ME:
            address_change.disown(work, self.kind, request.value, ticket)
            return _result(work, "cancelled", 200, *addresses)
        outcome = address_change.confirm(work, self.kind, request.value, ticket)
        if outcome is Outcome.SPENT:
            return _result(work, "over", 400)
        return _result(work, outcome.value, 409 if outcome is Outcome.TAKEN else 200, *addresses)

    def gone(self, request: GoneRequest) -> End:
        """Confirmed already, called off, or too old."""
        return _result(request.work, "over", 400)


class OldAddress(_AddressChange):
    """Of the old address."""

    prompt, screen = "address-change", "old"
    kind = OLD_ADDRESS

    def view(self, request: TicketRequest) -> OldAddressView:
        """The question."""
        return OldAddressView(*_addresses(request))


class NewAddress(_AddressChange):
    """Of the new one."""

    prompt, screen = "address-change", "new"
    kind = NEW_ADDRESS

    def view(self, request: TicketRequest) -> NewAddressView:
        """The question."""
        return NewAddressView(*_addresses(request))


@dataclass(frozen=True)
class KeepAccountView(PageView):
    """The account is erased at ``due``, unless its owner has it kept."""

    email: str
    due: datetime

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """In two weeks."""
        return cls(OLD, datetime(2026, 12, 4, 14, 30, tzinfo=UTC))


class KeepAccountLinkView(KeepAccountView):
    """The like, reached by the link in the mail."""


@dataclass(frozen=True)
class KeptView(PageView):
    """The account stays, or the link is over (``kept`` is False)."""

    template: ClassVar[str] = "login/keep-account/done.html"
    kept: bool
    continue_url: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It stays."""
        return cls(True, "/account")


class KeepAccount(Screen):
    """Asked of whoever signs in to an account that is to be deleted. Without a yes nobody goes on."""

    prompt, screen = "keep-account", "keep-account"
    cancellable = True

    def view(self, request: ScreenRequest) -> KeepAccountView:
        """The question."""
        session = request.signed_in
        if session.deletion_due is None:
            raise transactions.expired(request.work, request.transaction)
        return KeepAccountView(session.email or session.name or "", _moment(session.deletion_due))

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """It stays."""
        deletion.keep(request.work, request.signed_in.user_id)
        return Resume()


class KeepAccountLink(TicketScreen):
    """The same question of the reader of the mail."""

    prompt, screen = "keep-account", "link"
    kind = KEEP_ACCOUNT

    def good(self, request: TicketRequest) -> bool:
        """There is something to undo."""
        return deletion.due_of(request.work, request.ticket.user_id) is not None

    def view(self, request: TicketRequest) -> KeepAccountLinkView:
        """The question."""
        due = deletion.due_of(request.work, request.ticket.user_id)
        if due is None:
            raise PageError("invalid_request", "The account was kept or erased a moment ago.", status=400)
        return KeepAccountLinkView(request.ticket.email or "", _moment(due))

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """It stays; who it is, signing in will say."""
        kept = deletion.keep_by_link(request.work, request.value, request.ticket)
        return _kept(request.work, kept=kept)

    def gone(self, request: GoneRequest) -> End:
        """It stays already, or is gone."""
        return _kept(request.work, kept=False)


def _addresses(request: TicketRequest) -> tuple[str, str]:
    """The old and the new one. Raises PageError for a change that ended since the link was found good."""
    found = address_change.of_ticket(request.work, request.ticket)
    if found is None:
        raise PageError("invalid_request", "The change of the address ended a moment ago.", status=400)
    return found.old_email, found.new_email


def _kept(work: Work, *, kept: bool) -> End:
    return End(KeptView(kept, login_routes.account_url(work)), 200 if kept else 400)


def _result(work: Work, outcome: str, status: int, email: str = "", new_email: str = "") -> End:
    return End(AddressChangeResultView(outcome, login_routes.account_url(work), email, new_email), status)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
