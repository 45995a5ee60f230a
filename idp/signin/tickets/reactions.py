"""What tickets do about news from below."""

from __future__ import annotations

from idp.directory.users import service as users
from idp.foundation.kernel.events import (
    AccountReclaimed,
    EmailVerificationWanted,
    IdentifiersChanged,
    PasswordChanged,
    UserLinked,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.tickets import service
from idp.signin.tickets.service import Ticket


def send_verification(work: Work, event: EmailVerificationWanted) -> None:
    """The mail that proves an address: in the language of who asks for it, or the one that the person has picked."""
    locale = event.locale or users.get(work, event.user_id).language
    ticket = Ticket(event.user_id, event.connection_id, event.account_id, event.email, event.client_id, locale=locale)
    service.send_verification(work, ticket)


def kill_after_new_password(work: Work, event: PasswordChanged) -> None:
    """Links that were mailed before are void (security.md M6), and the owner is told, with the way to a new one."""
    service.kill_all(work, event.user_id)
    if event.notify_in is not None and event.email:
        service.tell_of_new_password(work, event)


def kill_of_reclaimed(work: Work, event: AccountReclaimed) -> None:
    """Links from before are void (security.md N2)."""
    service.kill_all(work, event.user_id)


def kill_after_new_address(work: Work, event: IdentifiersChanged) -> None:
    """Links that went to the old address are void (security.md M7)."""
    if "email" in event.changed:
        service.kill_all(work, event.user_id)


def kill_of_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more."""
    service.kill_all(work, event.secondary)


REACTIONS = (
    On(EmailVerificationWanted, send_verification),
    On(AccountReclaimed, kill_of_reclaimed),
    On(PasswordChanged, kill_after_new_password),
    On(IdentifiersChanged, kill_after_new_address),
    On(UserLinked, kill_of_linked),
)
