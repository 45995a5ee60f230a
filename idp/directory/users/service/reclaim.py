"""The owner of an address takes back an account that somebody else may have made with it (security.md N2;
docs/decisions/0102-a-first-proof-ends-what-was-before.md).
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users.log_types import UserLog
from idp.directory.users.models import DatabaseAccount, Identity
from idp.directory.users.models import User as U
from idp.directory.users.provision import FoundUser
from idp.directory.users.service import linking, passwords, profile
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import AccountReclaimed, UserUpdated
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log

_HOLD = Statement(
    "user_hold",
    select(U.user_id).where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user")).with_for_update(),
    row=str,
)


def hold(work: Work, user_id: str) -> None:
    """Keep the user's row to this transaction: what several links of mails would do to them at once, they do one after
    the other.
    """
    work.hot.one(_HOLD, tenant=work.tenant_id, user=user_id)


def address_proven(work: Work, user: FoundUser) -> bool:
    """Whether somebody proved the address of that account before; a linked one has an address of its own."""
    identity = _identity(work, user)
    return (identity.profile_data or {}).get("email_verified") is True if identity.position else user.email_verified


def prove_address(work: Work, user: FoundUser, email: str) -> bool:
    """The person proved the address of that account, provided it is still the account's (security.md M7)."""
    identity = _identity(work, user)
    if identity.position:
        return profile.verify_linked_email(work, identity, email)
    return profile.verify_email(work, user.user_id, email)


def number_of(work: Work, user: FoundUser) -> str | None:
    """The telephone number of that account; a linked one has a number of its own."""
    identity = _identity(work, user)
    return identity.linked_number if identity.position else user.phone_number


def number_proven(work: Work, user: FoundUser) -> bool:
    """Whether somebody proved the telephone number of that account before."""
    identity = _identity(work, user)
    return (
        (identity.profile_data or {}).get("phone_verified") is True if identity.position else bool(user.phone_verified)
    )


def proven_way(work: Work, user: FoundUser, number: str) -> str | None:
    """``number``, where it is that account's and may take it back: one that nobody has proven is none where an address
    was proven.
    """
    identity = _identity(work, user)
    data = identity.profile_data or {}
    if identity.position:
        theirs, proven = data.get("phone_number"), data.get("phone_verified") is True
        by_mail = bool(data.get("email")) and data.get("email_verified") is True
    else:
        theirs, proven = user.phone_number, bool(user.phone_verified)
        by_mail = bool(user.email and user.email_verified)
    return number if theirs == number and (proven or not by_mail) else None


def prove_number(work: Work, user: FoundUser, number: str) -> bool:
    """The person proved the telephone number of that account, provided it is still the account's."""
    identity = _identity(work, user)
    if identity.position:
        return profile.verify_linked_number(work, identity, number)
    if user.phone_number == number and user.phone_verified:
        return True
    row = profile.locked(work, user.user_id)
    if row.phone_number != number:
        return False
    if not row.phone_verified:
        row.phone_verified, row.updated_at = True, clock.now_ms()
        work.rows.flush()
        work.emit(UserUpdated(user.user_id, ("phone_verified",)))
    return True


def reclaim(
    work: Work,
    user: FoundUser,
    prepared_password: str | None,
    *,
    proves: str | None = None,
    proves_number: str | None = None,
    notify_in: str | None = None,
) -> FoundUser:
    """End whatever opened the account before, in the caller's transaction: linked identities become users of their own,
    a linked account leaves the user it was linked to, and the news ends the rest. ``proves`` is the address that counts
    as proven from now on, ``proves_number`` the telephone number instead; what else led to the account, and may be
    somebody else's, is taken off it. Answers the user it is now.
    """
    identity = _identity(work, user)
    mine = linking.of(work, user.user_id)
    for each in [identity] if identity.position else mine[1:]:
        linking.separate(work, user.user_id, each)
    owner = provision.by_identity(work, user.connection_id, user.account_id)
    if owner is None:
        raise AssertionError("the identity was read a moment ago")
    log.write(
        work,
        UserLog.RECLAIMED,
        user_id=owner.user_id,
        user_name=owner.email or owner.username,
        connection_id=owner.connection_id,
    )
    work.emit(AccountReclaimed(owner.user_id))
    _take_off(work, owner, proves_number)
    if proves is not None:
        profile.verify_email(work, owner.user_id, proves)
    if prepared_password is not None:
        passwords.change_password(work, owner, prepared_password, notify_in=notify_in)
    return owner


def _take_off(work: Work, user: FoundUser, number: str | None) -> None:
    """Where people are known by numbers, too, the other way to the account goes: whoever made it may have it."""
    connection = connections.find(work, user.connection_id)
    if connection is None or not connection.known_by_number:
        return
    row = profile.locked(work, user.user_id)
    account = work.rows.lock_one(DatabaseAccount, user.connection_id, user.account_id)
    if number is None:
        row.phone_number, row.phone_verified = None, None
    elif row.phone_number == number:
        row.email, row.email_key, row.email_verified, row.phone_verified = None, None, False, True
        if account is not None:
            account.email, account.email_key = None, None
    row.updated_at = clock.now_ms()
    work.rows.flush()
    work.emit(UserUpdated(user.user_id, ("email", "phone_number", "phone_verified")))


def _identity(work: Work, user: FoundUser) -> Identity:
    return work.rows.get_one(Identity, (work.tenant_id, user.connection_id, user.account_id))
