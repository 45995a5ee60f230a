"""Use cases on having passkeys: making one, naming it, taking it away (spec/login-factors.md, acceptance 25, 30, 32,
38). Rows, news and mails of a change are :mod:`idp.signin.factors.service`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.directory.users.models import DatabaseAccount
from idp.directory.users.provision import FoundUser
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.signin.factors import service as factors
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.service import New
from idp.signin.passkeys.log_types import PasskeyLog
from idp.signin.passkeys.service import TYPE, UNVERIFIED, here
from idp.signin.webauthn import ceremonies, challenges, relying_party
from idp.signin.webauthn.ceremonies import Attestation, NotProven
from idp.signin.webauthn.challenges import Challenge
from idp.tenant.audit import log

MOST = 20
API_MEMBERS = ("challenge", "timeout", "rp", "user", "pubKeyCredParams", "authenticatorSelection")
"""What ``/passkey/register`` answers of the options (spec/authentication-api.md section 3)."""
LONGEST_NAME = 64
LONGEST_AGENT = 512


class TooManyPasskeys(Exception):
    """The person has as many as anybody may."""


class AlreadyThere(Exception):
    """Somebody has that passkey."""


class LastMethod(Exception):
    """Without it nobody could sign in to the account any more."""


class NotMade(Exception):
    """No passkey was made that counts here; ``detail`` is for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class Made:
    """A passkey that was made, and what was said when it was asked for."""

    attestation: Attestation
    challenge: Challenge


def of_user(work: Work, user_id: str) -> list[M]:
    """Somebody's passkeys, the oldest first, whatever the relying party."""
    found = select(M).where(M.user_id == user_id, M.type == TYPE, M.confirmed.is_(True))
    return list(work.rows.scalars(found.order_by(M.created_at, M.id)))


def working(work: Work, user_id: str) -> list[M]:
    """Those of them that were made for a host of this tenant: a tenant that moved leaves the others behind."""
    names = relying_party.names(work)
    return [each for each in of_user(work, user_id) if each.rp_id in names]


def owners(work: Work) -> Select[str]:
    """Whoever has one of those, as part of a statement: ids of users."""
    names = sorted(relying_party.names(work))
    mine = (M.tenant_id == work.tenant_id, M.type == TYPE, M.confirmed.is_(True), M.rp_id.in_(names))
    return select(M.user_id).where(*mine)


def made_for(work: Work, name: str) -> int:
    """How many passkeys and security keys of this tenant belong to that relying party."""
    return work.rows.scalar(select(func.count()).where(M.rp_id == name, M.confirmed.is_(True))) or 0


def others(work: Work, user_id: str) -> bool:
    """Whether somebody has any method enrolled: then a new one needs more than their password (security.md O3)."""
    found = select(M.id).where(M.user_id == user_id, M.confirmed.is_(True)).limit(1)
    return work.rows.scalar(found) is not None


def offer_to(work: Work, user: FoundUser, bound_to: str) -> dict[str, Any]:
    """What ``navigator.credentials.create`` takes for another passkey of somebody.

    :raises TooManyPasskeys: they have enough.
    :raises TooMany: challenges of the network.
    """
    rp, mine = here(work), of_user(work, user.user_id)
    if len(mine) >= MOST:
        raise TooManyPasskeys
    known = [each for each in mine if each.rp_id == rp.id]
    handle = next((each.user_handle for each in known if each.user_handle), None) or ceremonies.new_handle()
    made = Challenge(challenges.ENROL, bound_to, rp.id, user_id=user.user_id, user_handle=handle)
    name = user.email or user.username or user.name or user.user_id
    exclude = [(each.credential_id or "", each.transports or ()) for each in known]
    return ceremonies.creation_options(
        rp,
        challenges.issue(work, made),
        handle=handle,
        name=name,
        display_name=user.name or name,
        exclude=exclude,
    )


def offer_to_newcomer(work: Work, bound_to: str, *, name: str) -> dict[str, Any]:
    """The same for somebody who has no account yet. Whether anybody has that address is not looked at."""
    rp, handle = here(work), ceremonies.new_handle()
    made = Challenge(challenges.SIGNUP, bound_to, rp.id, user_handle=handle)
    return ceremonies.creation_options(rp, challenges.issue(work, made), handle=handle, name=name, display_name=name)


def offer_by_api(
    work: Work, bound_to: str, *, connection_id: str, account: dict[str, Any], name: str, display_name: str
) -> dict[str, Any]:
    """The like for an application with pages of its own, which says of whom it makes an ``account``. Raises TooMany."""
    rp, handle = here(work), ceremonies.new_handle()
    made = Challenge(
        challenges.API_SIGNUP, bound_to, rp.id, user_handle=handle, connection_id=connection_id, account=account
    )
    value = challenges.issue(work, made)
    log.write(work, PasskeyLog.STARTED)
    found = ceremonies.creation_options(
        rp, value, handle=handle, name=name, display_name=display_name, verification="preferred"
    )
    return {member: found[member] for member in API_MEMBERS}


def account_of(work: Work, user_id: str, connection_id: str | None) -> tuple[str, str] | None:
    """(connection, account) that a new passkey of somebody signs in: the one that they signed in with, else their
    first that may have passkeys; None where none may.
    """
    able = []
    for identity in users.identities_of(work, user_id):
        connection = connections.find(work, identity.connection_id)
        if connection is not None and connection.passkeys is not None:
            able.append((identity.connection_id, identity.identity_user_id))
    return next((each for each in able if connection_id in each), None) or next(iter(able), None)


def made(work: Work, raw: str, *, purpose: str, bound_to: str, user_id: str = "", origins: Sequence[str] = ()) -> Made:
    """The passkey that a browser says it made; its challenge is spent. Nothing is stored. Raises NotMade, which is
    logged.
    """
    try:
        return _made(work, raw, purpose, bound_to, user_id, origins)
    except NotProven as error:
        log.write(work, PasskeyLog.NOT_ENROLLED, error.detail, user_id=user_id or None)
        raise NotMade(error.detail) from error


def add(work: Work, user_id: str, connection_id: str, account_id: str, new: Made, *, name: str = "") -> M:
    """Keep it, in the caller's transaction: the person proved themselves just now.

    :raises TooManyPasskeys: they have enough.
    :raises AlreadyThere: it is somebody's already.
    """
    users.hold(work, user_id)
    mine = of_user(work, user_id)
    if len(mine) >= MOST:
        raise TooManyPasskeys
    key = new.attestation
    columns = {
        "credential_id": key.credential_id,
        "public_key": key.public_key,
        "sign_count": key.sign_count,
        "aaguid": key.aaguid,
        "transports": list(key.transports) or None,
        "user_handle": new.challenge.user_handle,
        "rp_id": new.challenge.rp_id,
        "backup_eligible": key.backup_eligible,
        "backed_up": key.backed_up,
        "identity_user_id": account_id,
        "user_agent": work.user_agent[:LONGEST_AGENT] or None,
        "details": {"connection_id": connection_id},
    }
    taken = select(M.id).where(M.credential_hash == ceremonies.credential_hash(new.challenge.rp_id, key.credential_id))
    if work.rows.scalar(taken) is not None:
        raise AlreadyThere
    try:
        rows = factors.add(work, user_id, [New(type=TYPE, name=name[:LONGEST_NAME], webauthn=columns)], by_owner=True)
    except UniqueViolation as error:
        raise AlreadyThere from error
    return rows[0]


def rename(work: Work, user_id: str, passkey_id: str, name: str) -> None:
    """Another name. Raises NotFound."""
    with work.transaction():
        _own(work, user_id, passkey_id)
        factors.change(work, user_id, passkey_id, {"name": name[:LONGEST_NAME]}, by_owner=True)


def remove(work: Work, user_id: str, passkey_id: str) -> None:
    """Take it away.

    :raises NotFound: it is none of theirs.
    :raises LastMethod: it is the last way in.
    """
    with work.transaction():
        users.hold(work, user_id)
        _own(work, user_id, passkey_id)
        left = [each for each in working(work, user_id) if each.id != passkey_id]
        if not left and not has_other_way(work, user_id):
            raise LastMethod
        factors.remove(work, user_id, [passkey_id], by_owner=True)


def forget_those_without_account(work: Work, user_id: str) -> None:
    """Passkeys of accounts that are theirs no more sign nobody in, and must not look like a way in: they go, in the
    caller's transaction. What an administrator brought along is of no account.
    """
    made = {row.id: ((row.details or {}).get("connection_id"), row.identity_user_id) for row in of_user(work, user_id)}
    theirs = (
        [(each.connection_id, each.identity_user_id) for each in users.identities_of(work, user_id)] if made else ()
    )
    gone = [passkey_id for passkey_id, account in made.items() if account[0] and account not in theirs]
    if gone:
        factors.remove(work, user_id, gone)


def has_other_way(work: Work, user_id: str) -> bool:
    """Whether somebody can sign in without any passkey: with a password, or at another source."""
    for identity in users.identities_of(work, user_id):
        connection = connections.find(work, identity.connection_id)
        if connection is None:
            continue
        if not connection.keeps_accounts:
            return True
        account = work.rows.get(DatabaseAccount, (work.tenant_id, identity.connection_id, identity.identity_user_id))
        if account is not None and account.password_hash:
            return True
    return False


def _own(work: Work, user_id: str, passkey_id: str) -> M:
    row = factors.get(work, user_id, passkey_id)
    if row.type != TYPE:
        raise NotFound(factors.NO_METHOD, "inexistent_authentication_method")
    return row


def _made(work: Work, raw: str, purpose: str, bound_to: str, user_id: str, origins: Sequence[str]) -> Made:
    response = ceremonies.read(raw)
    challenge = challenges.take(work, response.challenge, purpose, bound_to)
    if challenge is None or challenge.user_id != user_id:
        raise NotProven("the challenge is used, too old, or of another sign-in")
    found = ceremonies.attested(
        response,
        challenge=response.challenge,
        rp_id=challenge.rp_id,
        origins=[here(work).origin, *origins],
        verified=purpose not in UNVERIFIED,
    )
    return Made(found, challenge)
