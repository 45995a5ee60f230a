"""Use cases on passkeys: what is asked of a browser, whose passkey an answer is of, and what its counter says
(spec/login-factors.md, acceptance 25 to 28; security.md O10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select, update

from idp.directory.users import provision
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import throttling
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.passkeys.log_types import PasskeyLog
from idp.signin.webauthn import ceremonies, challenges, relying_party
from idp.signin.webauthn.ceremonies import Assertion, NotProven, Response, Stored
from idp.signin.webauthn.challenges import API_LOGIN, API_SIGNUP, Challenge
from idp.signin.webauthn.relying_party import RelyingParty
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

TYPE = "passkey"
UNVERIFIED = frozenset({API_LOGIN, API_SIGNUP})
"""Purposes for which a device may leave out to make sure who uses it: one factor then, not two."""


class _Row(msgspec.Struct, frozen=True):
    """A passkey as signing in reads it."""

    id: str
    user_id: str
    public_key: str
    sign_count: int | None
    user_handle: str | None
    backup_eligible: bool | None
    identity_user_id: str | None
    details: str | None
    """JSON."""


_BY_CREDENTIAL = Statement(
    "passkey_by_credential",
    select(
        M.id,
        M.user_id,
        M.public_key,
        M.sign_count,
        M.user_handle,
        M.backup_eligible,
        M.identity_user_id,
        M.details,
    ).where(
        M.tenant_id == bindparam("tenant"),
        M.credential_hash == bindparam("hash"),
        M.type == bindparam("type"),
        M.confirmed.is_(True),
    ),
    row=_Row,
)
_USED = Statement(
    "passkey_used",
    update(M)
    .where(
        M.tenant_id == bindparam("tenant"),
        M.id == bindparam("id"),
        or_(M.backup_eligible.is_(True), M.sign_count.is_(None), M.sign_count == 0, M.sign_count < bindparam("count")),
    )
    .values(sign_count=bindparam("count"), backed_up=bindparam("backed_up"), last_auth_at=bindparam("now")),
)


class Refused(Exception):
    """No passkey was shown that counts here. ``detail`` is for the log; ``known``: somebody has that passkey."""

    def __init__(self, detail: str, user_id: str | None = None, *, known: bool = True) -> None:
        super().__init__(detail)
        self.detail = detail
        self.user_id = user_id
        self.known = known


@dataclass(frozen=True)
class Shown:
    """Whose passkey it is: the account ``account_id`` of the connection. ``verified``: the device made sure who used
    it; ``synced``: several devices have it; ``from_elsewhere``: it was shown by another device than the browser's.
    """

    passkey_id: str
    user_id: str
    connection_id: str
    account_id: str
    verified: bool
    synced: bool
    from_elsewhere: bool

    def methods(self, *, one_factor: bool = False) -> tuple[str, ...]:
        """Values of ``amr`` (RFC 8176). A passkey whose device made sure who used it is two factors, unless the tenant
        counts it as one (``compatibility.passkey_requires_mfa``).
        """
        key = "swk" if self.synced else "hwk"
        return ("mfa", key, "user") if self.verified and not one_factor else (key, "user")


def here(work: Work) -> RelyingParty:
    """The relying party of this request. Raises PageError where a host has none."""
    found = relying_party.of(work)
    if found is None:
        raise PageError("invalid_request", "Passkeys need a host name, not an address.", status=400)
    return found


def is_new(raw: str) -> bool:
    """Whether an answer says that it made a passkey, and does not show one that was made before."""
    try:
        return "attestationObject" in ceremonies.read(raw).document["response"]
    except NotProven:
        return False


def ask_by_api(work: Work, bound_to: str) -> dict[str, Any]:
    """The same for an application with pages of its own. Raises TooMany."""
    rp = here(work)
    value = challenges.issue(work, Challenge(API_LOGIN, bound_to, rp.id))
    log.write(work, PasskeyLog.STARTED)
    return ceremonies.request_options(rp, value, verification="preferred")


def ask(work: Work, purpose: str, bound_to: str) -> dict[str, Any]:
    """Ask for whichever passkey somebody has here: what ``navigator.credentials.get`` takes. Raises TooMany."""
    rp = here(work)
    value = challenges.issue(work, Challenge(purpose, bound_to, rp.id))
    return ceremonies.request_options(rp, value)


def shown(work: Work, raw: str, *, purpose: str, bound_to: str, origins: Sequence[str] = ()) -> Shown:
    """Whose passkey the browser's answer is of; its challenge is spent and its counter kept. ``origins`` are those of
    an application beside our own. Raises Refused, which is logged.
    """
    try:
        return _shown(work, raw, purpose, bound_to, origins)
    except NotProven as error:
        refused = Refused(error.detail)
    except Refused as error:
        refused = error
    throttling.failed(work)
    log.write(work, PasskeyLog.FAILED, refused.detail, user_id=refused.user_id)
    raise refused


def _shown(work: Work, raw: str, purpose: str, bound_to: str, origins: Sequence[str]) -> Shown:
    response = ceremonies.read(raw)
    challenge = challenges.take(work, response.challenge, purpose, bound_to)
    if challenge is None:
        raise Refused("the challenge is used, too old, or of another sign-in")
    found = ceremonies.credential_hash(challenge.rp_id, response.credential_id)
    row = work.hot.one(_BY_CREDENTIAL, tenant=work.tenant_id, hash=found, type=TYPE)
    if row is None:
        raise Refused("nobody has that passkey", known=False)
    try:
        proven = _proven(work, response, row, challenge, origins)
    except NotProven as error:
        raise Refused(error.detail, row.user_id) from error
    _count(work, row, proven)
    return Shown(
        passkey_id=row.id,
        user_id=row.user_id,
        connection_id=_connection_id(row),
        account_id=row.identity_user_id or "",
        verified=proven.user_verified,
        synced=proven.backup_eligible,
        from_elsewhere=response.cross_platform,
    )


def _connection_id(row: _Row) -> str:
    """Where the account is; empty for a passkey that an administrator brought along."""
    kept = msgspec.json.decode(row.details) if row.details else None
    return str(kept.get("connection_id", "")) if isinstance(kept, dict) else ""


def _proven(work: Work, response: Response, row: _Row, challenge: Challenge, origins: Sequence[str]) -> Assertion:
    return ceremonies.asserted(
        response,
        Stored(row.public_key, row.user_handle, row.backup_eligible),
        challenge=response.challenge,
        rp_id=challenge.rp_id,
        origins=[here(work).origin, *origins],
        verified=challenge.purpose not in UNVERIFIED,
    )


def _count(work: Work, row: _Row, proven: Assertion) -> None:
    """WebAuthn 7.2 step 22: a counter that does not grow says that there are two of them. Those that several devices
    share may run backwards, which is noted; one that cannot be copied must not.
    """
    before = row.sign_count or 0
    behind = proven.sign_count <= before and (proven.sign_count or before)
    said = f"the counter went from {before} to {proven.sign_count}"
    if behind and not proven.backup_eligible:
        _warn(work, row)
        raise Refused(f"{said}: the passkey may have been copied", row.user_id)
    if behind:
        log.write(work, PasskeyLog.FAILED, f"{said}; let in, since several devices have it", user_id=row.user_id)
    kept = work.hot.run(
        _USED,
        tenant=work.tenant_id,
        id=row.id,
        count=proven.sign_count,
        backed_up=proven.backed_up,
        now=clock.now_ms(),
    )
    if not kept:
        raise Refused("the passkey was used or removed at the same moment", row.user_id)


def _warn(work: Work, row: _Row) -> None:
    """Tell the owner that their passkey may have been copied."""
    user = provision.by_id(work, row.user_id)
    if user is None or not user.email:
        return
    with work.transaction():
        mail.send(
            work,
            "passkey_copied",
            user.email,
            user.language or mail.TENANTS_LANGUAGE,
            about={"user_id": user.user_id, "connection_id": user.connection_id},
            email=user.email,
            account_url=f"{work.config.url}account",
            support_url=work.config.settings.support_url,
        )
