"""What administrators do with the factors of people, in the words of the Management API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.directory.users import service as users
from idp.directory.users.identifiers import valid_email
from idp.directory.users.imported_factors import IMPORTED
from idp.directory.users.models import User
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.signin.factors import enrolment, messages, otp, policy, service, trust
from idp.signin.factors.enrolment import Ticket
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.service import New
from idp.tenant.mail import service as mail
from idp.tenant.members import service as administrators

PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "google-authenticator": ("totp",),
    "guardian": ("totp", "phone", "push-notification", "webauthn-roaming", "webauthn-platform", "recovery-code"),
    "duo": ("duo",),
}
"""What ``DELETE /users/{id}/multifactor/{provider}`` takes away."""
SECOND_FACTORS = (
    "totp",
    "phone",
    "email",
    "push-notification",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
)


def ticket(work: Work, members: Mapping[str, Any]) -> tuple[str, str]:
    """A link by which somebody sets a factor up: its value and address. Mailed where that is wanted.

    :raises NotFound: no such user.
    :raises BadRequest: they have a factor already, or nothing can be set up (or not as their first), or the mail has
        nowhere to go.
    """
    user = _subject(work, members["user_id"])
    several = bool(members.get("allow_multiple_enrollments"))
    if policy.enrolled(user.factors) and not several:
        raise BadRequest("The user has a factor already; say allow_multiple_enrollments.", "already_enrolled")
    able = {kind.action for kind in service.enrollable(work, beside=policy.enrolled(user.factors))}
    factor = members.get("factor")
    if not able or (factor is not None and factor not in able):
        raise BadRequest("That factor is not enabled.", "factor_not_enabled")
    address = members.get("email") or user.email
    if members.get("send_mail") and not (address and valid_email(address)):
        raise fault(BODY, "Object didn't pass validation for format email", "email")
    locale = members.get("email_locale") or user.language
    value, url = enrolment.create(work, Ticket(user.user_id, factor=factor, several=several, locale=locale))
    if members.get("send_mail") and address:
        mail.send(
            work,
            "enrollment_email",
            address,
            locale or mail.TENANTS_LANGUAGE,
            about={"user_id": user.user_id},
            email=address,
            url=url,
            expires_in=enrolment.TTL_MS // 1000,
        )
    return value, url


def enrollment(work: Work, method_id: str) -> M:
    """One method, whoever has it. Raises NotFound."""
    found = service.find(work, method_id)
    if found is None:
        raise NotFound("The enrollment does not exist.", "enrollment_not_found")
    return found


def delete_enrollment(work: Work, method_id: str) -> None:
    """Take it away. Raises NotFound."""
    found = enrollment(work, method_id)
    _subject(work, found.user_id)
    service.remove(work, found.user_id, [found.id])


def methods(work: Work, user_id: str) -> list[M]:
    """Everything somebody has, with what they brought along in an import. Raises NotFound."""
    user = users.get(work, user_id)
    if IMPORTED in (user.factors or "").split():
        service.take_imported(work, user_id)
    return service.of_user(work, user_id, pending=True)


@dataclass(frozen=True)
class Made:
    """A method that was given to somebody. ``seed``: the key of an authenticator app that was made up for it, told this
    once; None where the caller knows it.
    """

    row: M
    seed: str | None


def create(work: Work, user_id: str, members: Mapping[str, Any]) -> Made:
    """Give somebody a method. Raises NotFound, BadRequest; Conflict where the credential is known already."""
    _subject(work, user_id)
    new = _new(work, members)
    try:
        (row,) = service.add(work, user_id, [new])
    except UniqueViolation as error:
        raise Conflict(
            "An authentication method with this key_id exists already.", "authentication_method_exists"
        ) from error
    return Made(row, _made_up(new, members))


def replace(work: Work, user_id: str, wanted: Sequence[Mapping[str, Any]]) -> list[Made]:
    """Give somebody these methods instead of those that can be set so. Raises NotFound, BadRequest."""
    _subject(work, user_id)
    new = [_new(work, each) for each in wanted]
    service.remove_types(work, user_id, ("totp", "phone", "email"))
    rows = service.add(work, user_id, new)
    return [Made(row, _made_up(each, said)) for row, each, said in zip(rows, new, wanted, strict=True)]


def change(work: Work, user_id: str, method_id: str, members: Mapping[str, Any]) -> M:
    """Another name or preferred way. Raises NotFound, BadRequest."""
    _subject(work, user_id)
    said = {"preferred" if name == "preferred_authentication_method" else name: v for name, v in members.items()}
    return service.change(work, user_id, method_id, said)


def remove_all(work: Work, user_id: str) -> None:
    """Take everything away. Raises NotFound."""
    _subject(work, user_id)
    service.remove(work, user_id)


def remove(work: Work, user_id: str, method_id: str) -> None:
    """Take one away. Raises NotFound."""
    _subject(work, user_id)
    service.get(work, user_id, method_id)
    service.remove(work, user_id, [method_id])


def remove_second_factors(work: Work, user_id: str) -> None:
    """Take every second factor away; passkeys stay. Raises NotFound."""
    _subject(work, user_id)
    methods(work, user_id)
    service.remove_types(work, user_id, SECOND_FACTORS)


def remove_provider(work: Work, user_id: str, provider: str) -> None:
    """Take the factors of one of Auth0's providers away. Raises NotFound, BadRequest."""
    if provider not in PROVIDERS:
        raise BadRequest("The provider is none of duo, google-authenticator and guardian.", "invalid_uri")
    _subject(work, user_id)
    methods(work, user_id)
    service.remove_types(work, user_id, PROVIDERS[provider])


def new_recovery_code(work: Work, user_id: str) -> str:
    """Another recovery code. Raises NotFound, also where the person has no factor that it could stand in for."""
    user = _subject(work, user_id)
    if not policy.enrolled(user.factors):
        raise NotFound("The user has no factor.", "enrollment_not_found")
    methods(work, user_id)
    return service.new_recovery_code(work, user_id)


def _new(work: Work, members: Mapping[str, Any]) -> New:
    kind = members["type"]
    if kind == "totp":
        seed = members.get("totp_secret") or otp.new_seed()
        if otp.key_of(seed) is None:
            raise fault(BODY, "Object didn't pass validation for format base32", "totp_secret")
        return New(type=kind, name=members.get("name"), seed=seed)
    if kind == "phone":
        number = messages.number(work, members.get("phone_number") or "")
        if number is None:
            raise fault(BODY, "Object didn't pass validation for format phone number", "phone_number")
        preferred = members.get("preferred_authentication_method")
        return New(type=kind, name=members.get("name"), phone_number=number, preferred=preferred)
    if kind == "email":
        address = valid_email(members.get("email") or "")
        if address is None:
            raise fault(BODY, "Object didn't pass validation for format email", "email")
        return New(type=kind, name=members.get("name"), email=address)
    return _credential(kind, members)


def _made_up(new: New, members: Mapping[str, Any]) -> str | None:
    return None if members.get("totp_secret") else new.seed


def _credential(kind: str, members: Mapping[str, Any]) -> New:
    """A credential of WebAuthn that was registered elsewhere."""
    for name in ("key_id", "public_key", "relying_party_identifier"):
        if not members.get(name):
            raise fault(BODY, f"Missing required property: {name}", name)
    device = members.get("credential_device_type")
    columns = {
        "credential_id": members["key_id"],
        "public_key": members["public_key"],
        "rp_id": members["relying_party_identifier"],
        "sign_count": 0,
        "aaguid": members.get("aaguid"),
        "transports": members.get("transports"),
        "user_handle": members.get("user_handle"),
        "identity_user_id": members.get("identity_user_id"),
        "user_agent": members.get("user_agent"),
        "backup_eligible": None if device is None else device == "multi_device",
        "backed_up": members.get("credential_backed_up"),
    }
    return New(type=kind, name=members.get("name"), webauthn=columns)


def forget_known_browsers(work: Work, user_id: str, connection: str) -> None:
    """What adaptive policies know of somebody's browsers goes. Raises NotFound, also where no account of theirs is of
    that connection.
    """
    users.get(work, user_id)
    if connection not in {each.connection for each in users.identities_of(work, user_id)}:
        raise NotFound("The user has no account of that connection.", "inexistent_user")
    trust.forget_known(work, user_id)


def forget_browsers(work: Work, user_id: str) -> None:
    """No browser of somebody is trusted any more. Raises NotFound."""
    _subject(work, user_id)
    trust.forget_all(work, [user_id])


def _subject(work: Work, user_id: str) -> User:
    """Whose factors an administrator changes: nobody's who has more rights (spec/dashboard.md, "Administrators").

    :raises NotFound: no such user.
    :raises Forbidden: they have more rights.
    """
    user = users.get(work, user_id)
    administrators.refuse_stronger(work, [user_id])
    return user
