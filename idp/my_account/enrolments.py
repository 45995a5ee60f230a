"""Enrolments of the My Account API: begun with one call, proven with another (spec/my-account.md, "Enrol → verify").

What holds the two together is the ``auth_session``: one person's, one client's, of one method, good for ten minutes and
once. The rules of factors, passkeys and passwords are their own services'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from idp.applications.clients import native_apps
from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.identifiers import valid_email
from idp.directory.users.provision import FoundUser
from idp.directory.users.service import checked_password
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import BadRequest, Conflict, Forbidden, NotFound, TooManyRequests
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.my_account import passwords
from idp.my_account.caller import Caller, current, require_recent, require_strong
from idp.my_account.passwords import PASSWORD, Password
from idp.signin.attack_protection import breached
from idp.signin.factors import asking, messages, otp, policy, second, service, settings
from idp.signin.factors.asking import TooMany, Wrong
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked
from idp.signin.factors.kinds.recovery_code import new_code
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.service import NO_METHOD, RECOVERY, New
from idp.signin.passkeys import enrolment as passkeys
from idp.signin.passkeys.enrolment import AlreadyThere, LastMethod, NotMade, TooManyPasskeys
from idp.signin.webauthn import challenges
from idp.signin.webauthn.challenges import TooMany as TooManyChallenges

SESSION: Final = "my-account"
TTL_MS: Final = 600_000
PASSKEY, NEW = "passkey", "new"
NEW_PASSKEY = f"{PASSKEY}|{NEW}"
EXPIRED = "The auth_session is unknown, used or expired."
MEMBERS = {
    "password": {"connection", "identity_user_id"},
    "passkey": {"connection", "identity_user_id", "use_exclude_credentials"},
    "totp": set[str](),
    "recovery-code": set[str](),
    "push-notification": set[str](),
    "email": {"email"},
    "phone": {"phone_number", "preferred_authentication_method"},
}
"""What the body of an enrolment may say beside its type."""
PROOFS = {"password": "new_password", "passkey": "authn_response", "recovery-code": None}
"""What the second call has to carry; ``otp_code`` of all others."""


class Begun(msgspec.Struct, omit_defaults=True):
    """An ``auth_session``. ``first``: the person had no factor when it began, so that a password alone began it."""

    user_id: str
    client_id: str
    method_id: str
    first: bool = False
    connection_id: str = ""
    account_id: str = ""
    code_sealed: str | None = None


@dataclass(frozen=True)
class Started:
    """An enrolment that began: what the first call answers, where it is not None."""

    auth_session: str
    id: str | None = None
    barcode_uri: str | None = None
    manual_input_code: str | None = None
    recovery_code: str | None = None
    options: dict[str, Any] | None = None
    password: Password | None = None


# ---- reading
def methods(work: Work) -> list[M]:
    """Factors and passkeys of the caller, those that are being enrolled included."""
    return service.of_user(work, current(work).person, pending=True)


def factors(work: Work) -> list[tuple[str, list[str]]]:
    """What can be enrolled here, with what it is used for."""
    on = settings.of(work).on
    listed = [(PASSWORD, ["primary"])] if passwords.accounts(work) else []
    if passkeys.account_of(work, current(work).person, current(work).authorization.connection_id) is not None:
        listed.append((PASSKEY, ["primary"]))
    listed += [
        (kind.type, ["secondary"])
        for kind in sorted(KINDS.values(), key=lambda kind: kind.order)
        if kind.factor in on and kind.type in MEMBERS
    ]
    return listed


def method(work: Work, method_id: str) -> M | Password:
    """One of the caller's methods. Raises NotFound, whoever else has one of that id."""
    if method_id.startswith(f"{PASSWORD}|"):
        return passwords.get(work, method_id)
    return service.get(work, current(work).person, method_id[:64])


# ---- enrolling
def begin(work: Work, said: dict[str, Any], locale: str) -> Started:
    """The first call. ``said`` is its body.

    :raises BadRequest: a member is missing, or none of that type.
    :raises Forbidden: the type is not offered, or not to this person now.
    :raises TooManyRequests: they began many a moment ago.
    """
    caller, kind = require_recent(work), str(said["type"])
    wait_s = limits.exceeded(work, limits.ENROLMENTS_BEGUN, caller.person)
    if wait_s is not None:
        raise _wait(wait_s)
    for member in said:
        if member != "type" and member not in MEMBERS[kind]:
            raise fault(BODY, f"Additional properties not allowed: {member}", member)
    if kind == PASSWORD:
        return _begin_password(work, caller, said)
    if kind == PASSKEY:
        return _begin_passkey(work, caller, said)
    if kind not in KINDS or KINDS[kind].factor not in settings.of(work).on:
        raise Forbidden("The factor is not enabled.", "factor_not_enabled")
    enrolled = policy.enrolled(" ".join(service.summary(work, caller.person)))
    if not KINDS[kind].independent and not enrolled:
        raise Forbidden("This factor comes beside another one: enrol that first.", "factor_not_enabled")
    return _begin_factor(work, caller, kind, said, locale, first=not enrolled)


def _begin_factor(work: Work, caller: Caller, kind: str, said: dict[str, Any], locale: str, *, first: bool) -> Started:
    code = new_code() if kind == RECOVERY else None
    seed = otp.new_seed() if kind == "totp" else None
    new = replace(_new(work, kind, said), seed=seed, code=code)
    if new.phone_number is not None and second.adds_nothing(work, caller.person, new.phone_number):
        raise fault(BODY, "You sign in with codes to that number: name another one", "phone_number")
    with work.transaction():
        row = service.begin(work, caller.person, new)
        value = _open(work, caller, Begun(caller.person, caller.client_id, row.id, first))
    if KINDS[kind].sends():
        wait = KINDS[kind].challenge(work, row, _asked(work, caller, value, locale))
        if wait is not None:
            raise _wait(wait)
    uri = None
    if seed is not None:
        user = provision.by_id(work, caller.person)
        account = (user.email or user.username if user else None) or caller.person
        uri = otp.address(seed, issuer=work.config.friendly_name, account=account)
    return Started(value, row.id, barcode_uri=uri, manual_input_code=seed, recovery_code=code)


def _new(work: Work, kind: str, said: dict[str, Any]) -> New:
    """A method, with where the code goes of a kind that sends one."""
    if kind == "email":
        email = valid_email(str(said.get("email", "")))
        if email is None:
            raise fault(BODY, "The address is missing or not valid", "email")
        return New(type=kind, email=email)
    if kind != "phone":
        return New(type=kind)
    number = messages.number(work, str(said.get("phone_number", "")))
    if number is None:
        raise fault(BODY, "The number is missing or not valid", "phone_number")
    ways = settings.of(work).message_types
    way = said.get("preferred_authentication_method") or next(iter(ways), "sms")
    if way not in ways:
        raise fault(BODY, "That way is not enabled", "preferred_authentication_method")
    return New(type=kind, phone_number=number, preferred=way)


def _begin_passkey(work: Work, caller: Caller, said: dict[str, Any]) -> Started:
    account = _account(work, caller, said)
    value = ids.token()
    user = provision.by_id(work, caller.person)
    if account is None or user is None:
        raise Forbidden("No account of yours may have passkeys.", "factor_not_enabled")
    try:
        options = passkeys.offer_to(work, user, _bound(value))
    except TooManyPasskeys as error:
        raise Conflict("You have as many passkeys as anybody may.", "too_many_passkeys") from error
    except TooManyChallenges as error:
        raise _wait(error.wait_s) from error
    if said.get("use_exclude_credentials") is False:
        options["excludeCredentials"] = []
    with work.transaction():
        _open(work, caller, Begun(caller.person, caller.client_id, NEW_PASSKEY, False, *account), value)
    return Started(value, options=options)


def _account(work: Work, caller: Caller, said: dict[str, Any]) -> tuple[str, str] | None:
    """(connection, account) that is named, else the one that the caller signed in with, of those with passkeys."""
    if "connection" not in said and "identity_user_id" not in said:
        return passkeys.account_of(work, caller.person, caller.authorization.connection_id)
    for identity in users.identities_of(work, caller.person):
        named = said.get("connection", identity.connection), said.get("identity_user_id", identity.identity_user_id)
        connection = connections.find(work, identity.connection_id)
        fits = named == (identity.connection, identity.identity_user_id)
        if fits and connection is not None and connection.passkeys is not None:
            return identity.connection_id, identity.identity_user_id
    return None


def _begin_password(work: Work, caller: Caller, said: dict[str, Any]) -> Started:
    for identity in passwords.accounts(work):
        named = said.get("connection", identity.connection), said.get("identity_user_id", identity.identity_user_id)
        found = passwords.of_account(work, identity, new=True)
        if found is not None and named == (identity.connection, identity.identity_user_id):
            begun = Begun(caller.person, caller.client_id, found.id, False, found.connection_id, found.account_id)
            with work.transaction():
                value = _open(work, caller, begun)
            return Started(value, found.id, password=found)
    raise Forbidden("No account of yours has a password here.", "factor_not_enabled")


# ---- proving
def finish(work: Work, method_id: str, said: dict[str, Any], locale: str) -> M | Password:
    """The second call: the proof. The session is spent with what it enrols, a wrong code leaves it.

    :raises BadRequest: the session is none, of something else, or the proof is wrong.
    """
    caller = current(work)
    begun = _begun(work, caller, str(said["auth_session"]), method_id)
    kind, _, _ = method_id.partition("|")
    wanted = PROOFS.get(kind, "otp_code")
    for member in said:
        if member not in {"auth_session", wanted}:
            raise fault(BODY, f"Additional properties not allowed: {member}", member)
    if wanted is not None and wanted not in said:
        raise fault(BODY, f"Missing required property: {wanted}", wanted)
    require_strong(work)
    if kind == PASSKEY:
        return _finish_passkey(work, caller, begun, said)
    if kind == PASSWORD:
        return _finish_password(work, caller, begun, said, locale)
    return _finish_factor(work, caller, begun, said, locale)


def _finish_factor(work: Work, caller: Caller, begun: Begun, said: dict[str, Any], locale: str) -> M:
    value = str(said["auth_session"])
    row = service.get(work, caller.person, begun.method_id)
    if row.confirmed:
        raise BadRequest(EXPIRED, "invalid_auth_session")
    if row.type != RECOVERY:
        match asking.answered(work, row, _asked(work, caller, value, locale), str(said["otp_code"])):
            case Wrong():
                raise BadRequest("The otp_code is wrong or used.", "invalid_otp_code")
            case TooMany(wait_s):
                raise _wait(wait_s)
            case _:
                pass
    with work.transaction():
        _spend(work, value)
        try:
            service.finish(work, row.id, first=begun.first)
        except service.AlreadyEnrolled as error:
            raise Forbidden("There is a factor by now: sign in with it first.", "step_up_required") from error
    return service.get(work, caller.person, row.id)


def _finish_passkey(work: Work, caller: Caller, begun: Begun, said: dict[str, Any]) -> M:
    value = str(said["auth_session"])
    client = clients.find(work, caller.client_id)
    origins = native_apps.origins(client.data) if client is not None else ()
    answer = msgspec.json.encode(said["authn_response"]).decode()
    try:
        new = passkeys.made(
            work, answer, purpose=challenges.ENROL, bound_to=_bound(value), user_id=caller.person, origins=origins
        )
        with work.transaction():
            _spend(work, value)
            return passkeys.add(work, caller.person, begun.connection_id, begun.account_id, new)
    except NotMade as error:
        raise BadRequest("The authn_response proves no passkey.", "invalid_authn_response") from error
    except AlreadyThere as error:
        raise Conflict("That passkey is enrolled already.", "already_enrolled") from error
    except TooManyPasskeys as error:
        raise Conflict("You have as many passkeys as anybody may.", "too_many_passkeys") from error


def _finish_password(work: Work, caller: Caller, begun: Begun, said: dict[str, Any], locale: str) -> Password:
    password = str(said["new_password"])
    connection = connections.find(work, begun.connection_id)
    user = provision.by_identity(work, begun.connection_id, begun.account_id)
    if connection is None or user is None or user.user_id != caller.person:
        raise BadRequest(EXPIRED, "invalid_auth_session")
    prepared = checked_password(work, connection, password, user.about, account_id=begun.account_id)
    _refuse_stolen(work, user, password)
    with work.transaction():
        _spend(work, str(said["auth_session"]))
        users.change_password(
            work, user, prepared, spared_session=caller.authorization.session_id or "", notify_in=locale
        )
    return passwords.get(work, begun.method_id)


def _refuse_stolen(work: Work, user: FoundUser, password: str) -> None:
    about = {"user_id": user.user_id, "user_name": user.email, "connection_id": user.connection_id}
    if breached.reset_refused(work, password, **about):
        raise BadRequest("PasswordLeakedError: The password is known from a data breach.", "password_leaked")


# ---- changing
def change(work: Work, method_id: str, members: dict[str, Any]) -> M:
    """Another name or preferred way. Raises NotFound, BadRequest."""
    person = current(work).person
    if method_id.startswith(f"{PASSWORD}|"):
        passwords.get(work, method_id)
        raise BadRequest("A password has no name.", "invalid_body")
    way = members.pop("preferred_authentication_method", None)
    if way is not None:
        members["preferred"] = way
        if way not in settings.of(work).message_types:
            raise fault(BODY, "That way is not enabled", "preferred_authentication_method")
    with work.transaction():
        return service.change(work, person, method_id[:64], members, by_owner=True)


def remove(work: Work, method_id: str) -> None:
    """Take one away.

    :raises NotFound: it is none of theirs.
    :raises Conflict: it is a password, or the last way in.
    """
    person, found = require_recent(work).person, method(work, method_id)
    if isinstance(found, Password):
        raise Conflict("A password is changed, not removed.", "operation_not_allowed")
    if found.type != PASSKEY:
        service.remove(work, person, [found.id], by_owner=True)
        return
    try:
        passkeys.remove(work, person, found.id)
    except LastMethod as error:
        raise Conflict("Nothing else would let you in.", "operation_not_allowed") from error


# ---- one's own
def _open(work: Work, caller: Caller, begun: Begun, value: str = "") -> str:
    """A session, in the caller's transaction; of one method there is one at a time."""
    value = value or ids.token()
    for hashed, other in one_time.live_of_subject(work, SESSION, caller.person, Begun):
        if other.method_id.partition("|")[0] == begun.method_id.partition("|")[0]:
            one_time.kill(work, SESSION, hashed)
    one_time.put(work, SESSION, value, begun, ttl_ms=TTL_MS, subject=caller.person)
    return value


def _begun(work: Work, caller: Caller, value: str, method_id: str) -> Begun:
    if limits.exceeded(work, limits.FACTOR_FORMS, work.network) is not None:
        raise _wait(limits.FACTOR_FORMS.window_ms // 1000)
    found, _ = one_time.read(work, SESSION, value, Begun)
    if found is None or (found.user_id, found.client_id) != (caller.person, caller.client_id):
        raise BadRequest(EXPIRED, "invalid_auth_session")
    if found.method_id != method_id:
        raise NotFound(NO_METHOD, "inexistent_authentication_method")
    return found


def _spend(work: Work, value: str) -> None:
    if not one_time.take(work, SESSION, value):
        raise BadRequest(EXPIRED, "invalid_auth_session")


def _bound(value: str) -> str:
    return f"{SESSION}\0{one_time.key_hash(SESSION, value)}"


def _asked(work: Work, caller: Caller, value: str, locale: str) -> Asked:
    client = clients.find(work, caller.client_id)
    return Asked(
        bound_to=_bound(value),
        client_id=caller.client_id,
        application=client.name if client else "",
        locale=locale,
        enrolling=True,
    )


def _wait(wait_s: int) -> TooManyRequests:
    return TooManyRequests("Too many attempts.", "too_many_attempts", headers={"Retry-After": str(max(wait_s, 1))})
