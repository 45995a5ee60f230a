"""What an administrator's change sets off above the feature that was changed: sessions, tokens, consent, mail, log
entries.

Subscribed once per process by :func:`idp.management.mount.register`.
"""

from __future__ import annotations

from idp.directory.users.identifiers import email_key
from idp.directory.users.log_types import UserLog
from idp.foundation.ephemeral import removal as ephemeral_removal
from idp.foundation.kernel.events import (
    CredentialsChanged,
    EmailVerificationWanted,
    SessionEnded,
    UserBlocked,
    UserDeleted,
    UserLinked,
    UsersErased,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection import removal as attack_removal
from idp.signin.login import registration, reset
from idp.signin.sessions import removal as session_removal
from idp.signin.sessions import service as sessions
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import Ticket
from idp.signin.user_grants import service as user_grants
from idp.tenant.audit import log

CHANGE_TYPES = (
    ("password", UserLog.PASSWORD_CHANGED),
    ("email", UserLog.EMAIL_CHANGED),
    ("username", UserLog.USERNAME_CHANGED),
    ("phone_number", UserLog.PHONE_NUMBER_CHANGED),
)


def forget_user(work: Work, event: UserDeleted) -> None:
    """Applications are told that the user's sessions ended."""
    user_id = event.user_id
    _forget(work, user_id, "account-deleted")
    log.write(work, UserLog.DELETED, user_id=user_id, user_name=event.email or event.username)


def erase_users(work: Work, event: UsersErased) -> None:
    """No row mentions them any more but log entries, logout tokens still to be sent, and sign-ins under way, which end
    by themselves.

    Otherwise a later user of the same id would inherit what is left (spec/privacy.md, "Erase").
    """
    user_ids = event.user_ids
    session_removal.erase_of_users(work, user_ids)
    user_grants.erase_of_users(work, user_ids)
    ephemeral_removal.erase_of_subjects(work, user_ids)
    attack_removal.erase_of_identifiers(work, event.identifiers)


def forget_secondary(work: Work, event: UserLinked) -> None:
    """A linked account is no user of its own any more: what it had opened is closed (spec/linking.md)."""
    _forget(work, event.secondary, "account-deactivated")


def end_what_a_blocked_user_opened(work: Work, event: UserBlocked) -> None:
    """Sessions end and tokens are revoked: lifting the block later brings none of them back (contract.md section 6)."""
    reset.end_everything(work, event.user_id, "account-deactivated")


def end_what_old_credentials_opened(work: Work, event: CredentialsChanged) -> None:
    """Sessions end; with a new password tokens, tickets and blocks do too (security.md F5, H4, M6)."""
    user_id, changed = event.user_id, set(event.changed)
    reason = "password-changed" if "password" in changed else "email-identifier-changed"
    if "password" in changed:
        reset.end_everything(work, user_id, reason)
        for identifier in event.identifiers:
            brute_force.clear(work, email_key(identifier))
    else:
        for session_id in sessions.end_all(work, user_id):
            work.emit(SessionEnded(session_id, user_id, reason))
    if changed & {"password", "email"}:
        tickets.kill_all(work, user_id)
    for name, kind in CHANGE_TYPES:
        if name in changed:
            log.write(work, kind, user_id=user_id, user_name=event.email, connection_id=event.connection_id)


def send_verification(work: Work, event: EmailVerificationWanted) -> None:
    """The mail that proves a new address."""
    registration.send_verification(work, Ticket(event.user_id, event.connection_id, event.account_id, event.email))


def _forget(work: Work, user_id: str, reason: str) -> None:
    reset.end_everything(work, user_id, reason)
    user_grants.forget_user(work, user_id)
    tickets.kill_all(work, user_id)


REACTIONS = (
    On(UserDeleted, forget_user),
    On(UsersErased, erase_users),
    On(UserLinked, forget_secondary),
    On(UserBlocked, end_what_a_blocked_user_opened),
    On(CredentialsChanged, end_what_old_credentials_opened),
    On(EmailVerificationWanted, send_verification),
)
