"""Second factors for applications that show pages of their own: the token that stands for somebody who proved a
password, and what may be done with it (spec/authentication-api.md section 5; security.md O2, O7).

It is no access token: it is stored in a table of its own, good for ten minutes, for one person and one client, and
opens nothing but this.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from idp.directory.users.imported_factors import IMPORTED
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.signin.factors import asking, messages, otp, policy, second, service, settings
from idp.signin.factors.asking import TooMany, Wrong
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked, Proof
from idp.signin.factors.kinds.recovery_code import new_code
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.service import RECOVERY
from idp.tenant.audit import log

TOKEN: Final = "mfa-token"  # noqa: S105 - a kind, no secret
OOB: Final = "mfa-oob"
TTL_MS: Final = 600_000
LONGEST: Final = 8_192
"""Characters of a token: of an access token, where that takes its place."""
CHANNELS: Final = {"sms": "phone", "voice": "phone", "email": "email"}
ENROLLED: Final = ("access_denied", "User is already enrolled.")
Authenticator = Literal["otp", "oob", "recovery-code"]


class Pending(msgspec.Struct, omit_defaults=True):
    """What a token stands for: who proved what to which client, and what they asked for. ``enrolling`` is the app that
    is being set up with it, ``codes_sealed`` the recovery code that was told with that.
    """

    user_id: str
    client_id: str
    connection_id: str
    methods: tuple[str, ...]
    audience: str | None = None
    scope: str | None = None
    gty: str = ""
    enrolling: str | None = None
    several: bool = False
    """A second factor was proven for it: another one may be set up beside those that there are."""
    codes_sealed: str | None = None


class Message(msgspec.Struct, omit_defaults=True):
    """What an ``oob_code`` stands for: the method that a code was sent to."""

    user_id: str
    method_id: str
    client_id: str


@dataclass(frozen=True)
class Held:
    """A token that is good, with what it stands for."""

    value: str
    pending: Pending


# ---- the token
def required(work: Work, pending: Pending) -> OAuthError:
    """``mfa_required``: the token, and what can be done with it."""
    value = ids.token()
    with work.transaction():
        one_time.put(work, TOKEN, value, pending, ttl_ms=TTL_MS, subject=pending.user_id)
        log.write(work, FactorLog.REQUIRED, user_id=pending.user_id, client_id=pending.client_id)
    able = _methods(work, pending)
    if able:
        found = {"challenge": [{"type": each} for each in _types(able)]}
    else:
        found = {"enroll": [{"type": kind.action} for kind in service.enrollable(work)]}
    extra: dict[str, object] = {"mfa_token": value, "mfa_requirements": found}
    return OAuthError("mfa_required", "Multifactor authentication required", status=403, extra=extra)


def held(work: Work, value: str, client_id: str | None = None) -> Held:
    """The token, of that client if one is named. Raises OAuthError ``expired_token`` or ``invalid_token``."""
    if value and len(value) <= LONGEST:
        found, _ = one_time.read(work, TOKEN, value, Pending)
        if found is not None and client_id in (None, found.client_id):
            return Held(value, found)
        if found is None and one_time.peek(work, TOKEN, value, Pending) is not None:
            raise OAuthError("expired_token", "mfa_token is expired", status=401)
    raise OAuthError("invalid_token", "Malformed mfa_token", status=401)


def by_access_token(work: Work, value: str, pending: Pending) -> Held:
    """An access token of the API of factors, with which somebody sets one up: from now on it does what an ``mfa_token``
    does, for that person and client, and as long. Raises OAuthError where it was exchanged already.
    """
    if one_time.peek(work, TOKEN, value, Pending) is None:
        with suppress(UniqueViolation), work.transaction():  # another call with it came at the same moment
            one_time.put(work, TOKEN, value, pending, ttl_ms=TTL_MS, subject=pending.user_id)
    return held(work, value, pending.client_id)


def spend(work: Work, token: Held) -> None:
    """In the transaction that issues: of two that come at once one wins. Raises OAuthError."""
    if not one_time.take(work, TOKEN, token.value):
        raise OAuthError("invalid_grant", "The mfa_token was used already.")


def void(work: Work, user_ids: Collection[str]) -> None:
    """What these people began by a password ends, in the caller's transaction."""
    one_time.kill_of_subjects(work, (TOKEN, OOB), user_ids)


# ---- what there is
def authenticators(work: Work, user_id: str, pending: Pending | None = None) -> list[dict[str, object]]:
    """What the person has, as ``GET /mfa/authenticators`` lists it; for a sign-in that is ``pending`` also the mail
    that can be asked for without having been enrolled.
    """
    listed: list[dict[str, object]] = []
    rows = service.of_user(work, user_id, pending=True)
    known = {row.id for row in rows}
    more = [each for each in _methods(work, pending) if each.id not in known] if pending is not None else []
    for row in (*rows, *more):
        kind = KINDS.get(row.type)
        if kind is None:
            continue
        named: dict[str, object] = {
            "id": row.id,
            "authenticator_type": _authenticator(row),
            "active": row.confirmed,
            "type": kind.action,
        }
        if kind.sends():
            channel = _channel(row)
            named |= {"oob_channel": channel, "oob_channels": [channel], "name": kind.shown(row)}
        listed.append(named)
    return listed


def remove(work: Work, user_id: str, method_id: str) -> None:
    """Take a second factor of theirs away; they are told. Raises OAuthError where it is none of theirs."""
    mine = {row.id for row in service.of_user(work, user_id, pending=True) if row.type in KINDS}
    if method_id not in mine:
        raise OAuthError("invalid_request", "The authenticator does not exist.", status=404)
    service.remove(work, user_id, [method_id], by_owner=True)


def _methods(work: Work, pending: Pending) -> list[M]:
    if IMPORTED in service.summary(work, pending.user_id):
        service.take_imported(work, pending.user_id)
    return second.offered(work, pending.user_id, pending.connection_id, pending.methods)


def _types(methods: Sequence[M]) -> list[str]:
    return list(dict.fromkeys(KINDS[row.type].action for row in methods))


def _authenticator(row: M) -> Authenticator:
    if row.type == RECOVERY:
        return "recovery-code"
    return "oob" if KINDS[row.type].sends() else "otp"


def _channel(row: M) -> str:
    return "email" if row.type == "email" else (row.preferred or "sms")


# ---- enrolment
def associate_app(work: Work, token: Held, *, account: str) -> dict[str, object]:
    """Begin to set an app up: its key, and the recovery code that will hold. Raises OAuthError."""
    _refuse_enrolled(work, token, "otp")
    seed = otp.new_seed()
    with work.transaction():
        row = service.begin(work, token.pending.user_id, service.New(type="totp", seed=seed))
        token.pending.enrolling = row.id
        codes = _recovery_codes(work, token)
        one_time.change(work, TOKEN, token.value, token.pending)
    link = otp.address(seed, issuer=work.config.friendly_name, account=account)
    return {"authenticator_type": "otp", "id": row.id, "secret": seed, "barcode_uri": link, **codes}


def associate_address(work: Work, token: Held, asked: Asked, *, channel: str, to: str) -> dict[str, object]:
    """Begin to set a phone up: a code goes there. Raises OAuthError."""
    kind = CHANNELS.get(channel)
    if kind != "phone":
        raise OAuthError("unsupported_challenge_type", "The channel is none of sms and voice.")
    _refuse_enrolled(work, token, kind)
    if channel not in settings.of(work).message_types:
        raise OAuthError("unsupported_challenge_type", "The channel is not enabled.")
    number, pending = messages.number(work, to), token.pending
    if number is None:
        raise OAuthError("invalid_phone_number", "The phone_number is missing or not valid.")
    if second.adds_nothing(work, pending.user_id, number, pending.connection_id, pending.methods):
        raise OAuthError("invalid_phone_number", "The user signs in with codes to that phone_number: name another one.")
    with work.transaction():
        new = service.New(type="phone", phone_number=number, preferred=channel)
        row = service.begin(work, token.pending.user_id, new)
        codes = _recovery_codes(work, token)
        one_time.change(work, TOKEN, token.value, token.pending)
    answer = _send(work, token, row, asked)
    return {"authenticator_type": "oob", "id": row.id, "oob_channel": channel, **answer, **codes}


def _refuse_enrolled(work: Work, token: Held, action: str) -> None:
    """Nobody sets a factor up by a password alone who has one (security.md O3); whoever signed in with the only one
    does (decision 0421).
    """
    pending = token.pending
    if not pending.several and policy.enrolled(" ".join(service.summary(work, pending.user_id))):
        only = second.proven_first(work, pending.user_id, pending.connection_id, pending.methods)
        if not only or _methods(work, pending):
            raise OAuthError(*ENROLLED, status=403)
    if action not in {each for kind in service.enrollable(work) for each in (kind.action, kind.type)}:
        raise OAuthError("unsupported_challenge_type", "The factor is not enabled.")


def _recovery_codes(work: Work, token: Held) -> dict[str, object]:
    """The code that is told with the first factor, and holds once that is proven."""
    if RECOVERY not in settings.of(work).on:
        return {}
    code = new_code()
    token.pending.codes_sealed = one_time.sealer(work, TOKEN, token.value).seal(code)
    return {"recovery_codes": [code]}


# ---- challenge
def challenge(work: Work, token: Held, asked: Asked, *, wanted: Sequence[str], method_id: str) -> dict[str, object]:
    """Ask for one of the ``wanted`` kinds (``otp``, ``oob``), or for a method by its id. Raises OAuthError."""
    found = _methods(work, token.pending)
    if not found:
        raise OAuthError("association_required", "The user has no factor: associate one first.")
    able = [row for row in found if _authenticator(row) in wanted and method_id in ("", row.id)]
    if not able:
        raise OAuthError("unsupported_challenge_type", "User is not enrolled with that type of factor.")
    row, *_ = able
    if not KINDS[row.type].sends():
        return {"challenge_type": "otp"}
    return {"challenge_type": "oob", **_send(work, token, row, asked)}


def _send(work: Work, token: Held, row: M, asked: Asked) -> dict[str, object]:
    value = ids.token()
    wait = KINDS[row.type].challenge(work, row, _bound(asked, row, token))
    if wait is not None:
        raise OAuthError("too_many_attempts", f"Too many messages. Try again in {wait} seconds.", status=429)
    with work.transaction():
        message = Message(token.pending.user_id, row.id, token.pending.client_id)
        one_time.put(work, OOB, value, message, ttl_ms=TTL_MS, subject=token.pending.user_id)
    return {"oob_code": value, "binding_method": "prompt"}


def _bound(asked: Asked, row: M, token: Held) -> Asked:
    """A code belongs to the token that it was asked for with."""
    bound_to = f"{TOKEN}\0{one_time.key_hash(TOKEN, token.value)}"
    return Asked(
        bound_to=bound_to,
        client_id=asked.client_id,
        application=asked.application,
        locale=asked.locale,
        enrolling=not row.confirmed,
    )


# ---- answers
def with_app(work: Work, token: Held, asked: Asked, code: str) -> Proof:
    """A code of an app: of one that is being set up with this token, or of the person's own. Raises OAuthError."""
    pending = service.find(work, token.pending.enrolling) if token.pending.enrolling else None
    if pending is not None and not pending.confirmed and pending.user_id == token.pending.user_id:
        _refuse_enrolled(work, token, pending.type)
        proof = _answered(work, pending, _bound(asked, pending, token), code)
        _finish(work, token, pending)
        return proof
    found = [row for row in _methods(work, token.pending) if row.type == "totp"]
    if not found:
        raise OAuthError("association_required", "The user has no app: associate one first.")
    row, *_ = found
    return _answered(work, row, _bound(asked, row, token), code)


def with_message(work: Work, token: Held, asked: Asked, oob_code: str, code: str) -> Proof:
    """The code that was sent. Raises OAuthError."""
    sent, _ = one_time.read(work, OOB, oob_code[:200], Message) if oob_code else (None, None)
    if sent is None or sent.user_id != token.pending.user_id or sent.client_id != token.pending.client_id:
        raise OAuthError("invalid_grant", "Malformed oob_code")
    if not code:
        raise OAuthError("invalid_request", "Missing required parameter: binding_code")
    mine = [*_methods(work, token.pending), *service.of_user(work, sent.user_id, pending=True)]
    row = next((each for each in mine if each.id == sent.method_id), None)
    if row is None:
        raise OAuthError("invalid_grant", "The factor was removed.")
    if not row.confirmed:
        _refuse_enrolled(work, token, row.type)
    proof = _answered(work, row, _bound(asked, row, token), code)
    if not row.confirmed:
        _finish(work, token, row)
    return proof


def with_recovery_code(work: Work, token: Held, asked: Asked, code: str) -> Proof:
    """A recovery code. Raises OAuthError."""
    row = next((each for each in _methods(work, token.pending) if each.type == RECOVERY), None)
    if row is None:
        raise OAuthError("invalid_grant", "The user has no recovery code.")
    return _answered(work, row, _bound(asked, row, token), code)


def _answered(work: Work, row: M, asked: Asked, code: str) -> Proof:
    match asking.answered(work, row, asked, code):
        case Wrong():
            raise OAuthError("invalid_grant", "Invalid otp_code." if row.type == "totp" else "Invalid binding_code.")
        case TooMany(wait_s):
            raise OAuthError("too_many_attempts", f"Too many attempts. Try again in {wait_s} seconds.", status=429)
        case proof:
            return proof


def _finish(work: Work, token: Held, row: M) -> None:
    sealed = token.pending.codes_sealed
    code = one_time.sealer(work, TOKEN, token.value).open(sealed) if sealed else None
    pending = token.pending
    known = second.proven_first(work, pending.user_id, pending.connection_id, pending.methods)
    try:
        service.finish(work, row.id, recovery_code=code, first=not pending.several, beside=known)
    except service.AlreadyEnrolled as error:
        raise OAuthError(*ENROLLED, status=403) from error
