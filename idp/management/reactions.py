"""What an administrator's change sets off above the feature that was changed: sessions, tokens, consent, mail, log entries.

Subscribed once per process by :func:`idp.management.mount.register`.
"""

from __future__ import annotations

from functools import cache

from idp.attack_protection import brute_force
from idp.attack_protection import removal as attack_removal
from idp.audit import log
from idp.db.session import UnitOfWork
from idp.ephemeral import removal as ephemeral_removal
from idp.kernel.events import Bus, Event, bus
from idp.login import registration, reset
from idp.sessions import removal as session_removal
from idp.sessions import service as sessions
from idp.tenants.context import Context
from idp.tickets import service as tickets
from idp.tickets.service import Ticket
from idp.tokens import removal as token_removal
from idp.tokens import store as tokens
from idp.user_grants import service as user_grants
from idp.users import reactions as users
from idp.users.identifiers import email_key

CHANGE_TYPES = (("password", "scp"), ("email", "sce"), ("username", "scu"), ("phone_number", "scpn"))


@cache
def subscribe(to: Bus) -> None:
    """Listen, once."""
    users.subscribe(to)
    to.on("user.deleted", forget_user)
    to.on("users.removed", erase_users)
    to.on("user.linked", forget_secondary)
    to.on("user.blocked", end_what_a_blocked_user_opened)
    to.on("user.credentials_changed", end_what_old_credentials_opened)
    to.on("user.email_verification_wanted", send_verification)
    to.on("user_grant.deleted", revoke_what_consent_gave)


def forget_user(event: Event, ctx: Context) -> None:
    """Applications are told that the user's sessions ended."""
    user_id = event.data["user_id"]
    _forget(ctx, user_id, "account-deleted")
    log.write(ctx, "sdu", user_id=user_id, user_name=event.data.get("email") or event.data.get("username"))


def erase_users(event: Event, unit: UnitOfWork) -> None:
    """No row mentions them any more but log entries, logout tokens still to be sent, and sign-ins under way, which end by themselves.

    Otherwise a later user of the same id would inherit what is left (spec/privacy.md, "Erase").
    """
    user_ids = event.data["user_ids"]
    session_removal.erase_of_users(unit, user_ids)
    token_removal.erase_of_users(unit, user_ids)
    user_grants.erase_of_users(unit, user_ids)
    ephemeral_removal.erase_of_subjects(unit, user_ids)
    attack_removal.erase_of_identifiers(unit, event.data["identifiers"])


def forget_secondary(event: Event, ctx: Context) -> None:
    """A linked account is no user of its own any more: what it had opened is closed (spec/linking.md)."""
    _forget(ctx, event.data["secondary"], "account-deactivated")


def end_what_a_blocked_user_opened(event: Event, ctx: Context) -> None:
    """Sessions end and tokens are revoked: lifting the block later brings none of them back (contract.md section 6)."""
    reset.end_everything(ctx, event.data["user_id"], "account-deactivated")


def end_what_old_credentials_opened(event: Event, ctx: Context) -> None:
    """Sessions end; with a new password tokens, tickets and blocks do too (security.md F5, H4, M6)."""
    user_id, changed = event.data["user_id"], set(event.data["changed"])
    reason = "password-changed" if "password" in changed else "email-identifier-changed"
    if "password" in changed:
        reset.end_everything(ctx, user_id, reason)
        for identifier in event.data["identifiers"]:
            brute_force.clear(ctx, email_key(identifier))
    else:
        for session_id in sessions.end_all(ctx, user_id):
            data = {"session_id": session_id, "user_id": user_id, "reason": reason}
            bus.emit(Event("session.ended", ctx.tenant_id, data), ctx)
    if changed & {"password", "email"}:
        tickets.kill_all(ctx, user_id)
    for name, kind in CHANGE_TYPES:
        if name in changed:
            log.write(
                ctx, kind, user_id=user_id, user_name=event.data.get("email"), connection_id=event.data["connection_id"]
            )


def send_verification(event: Event, ctx: Context) -> None:
    """The mail that proves a new address."""
    account_id = event.data.get("account_id") or event.data["user_id"].partition("|")[2]
    registration.send_verification(
        ctx, Ticket(event.data["user_id"], event.data["connection_id"], account_id, event.data["email"])
    )


def revoke_what_consent_gave(event: Event, ctx: Context) -> None:
    """Consent taken back takes the client's token families of that user along (security.md F5)."""
    tokens.revoke_of_user(ctx, event.data["user_id"], event.data["client_id"])


def _forget(ctx: Context, user_id: str, reason: str) -> None:
    reset.end_everything(ctx, user_id, reason)
    user_grants.forget_user(ctx, user_id)
    tickets.kill_all(ctx, user_id)
