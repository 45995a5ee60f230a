"""What a tenant says about second factors (``/guardian/...``), as requests read it: remembered with the configuration
(spec/login-factors.md, "Policy", "Management settings").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import structlog

from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.foundation.web import liquid
from idp.signin.factors.documents import SHAPES

log = structlog.get_logger(__name__)
KIND: Final = "guardian"
"""Kind of the documents that hold all of it, each under a name of :data:`DEFAULTS`."""
ALL_APPLICATIONS, CONFIDENCE_SCORE = "all-applications", "confidence-score"
FACTORS: Final = (
    "push-notification",
    "sms",
    "email",
    "duo",
    "otp",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
)
"""The switches, in the order in which they are listed; official tools know no other. Passkeys are a connection's."""
HOUR_S, DAY_S = 3_600, 86_400
DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "factors": {"recovery-code": True},
    "policies": {"policies": []},
    "settings": {
        "display_remember_me_checkbox": True,
        "remember_me_default_value": False,
        "mfa_session_inactivity_timeout": 7 * DAY_S,
        "mfa_session_overall_timeout": 30 * DAY_S,
    },
    "phone/message-types": {"message_types": ["sms"]},
    "phone/selected-provider": {"provider": "auth0"},
    "phone/settings": {"otp_length": 6, "otp_expiration_time": 300},
    "phone/twilio": {"from": None, "messaging_service_sid": None, "auth_token": None, "sid": None},
    "phone/templates": {
        "enrollment_message": "{{code}} is your verification code for {{tenant.friendly_name}}."
        " Please enter this code to verify your enrollment.",
        "verification_message": "{{code}} is your verification code for {{tenant.friendly_name}}",
    },
    "email/settings": {"otp_length": 6, "otp_expiration_time": 300},
    "duo/settings": {},
    "push-notification/selected-provider": {"provider": "guardian"},
    "push-notification/apns": {"sandbox": False, "bundle_id": None},
    "push-notification/fcm": {},
    "push-notification/fcmv1": {},
    "push-notification/sns": {},
    "webauthn-roaming/settings": {"overrideRelyingParty": False, "userVerification": "preferred"},
    "webauthn-platform/settings": {"overrideRelyingParty": False},
    "risk/settings": {"enabled": False},
    "risk/new-device": {"remember_for": 30},
}
"""What holds where nobody said anything, by the name of the document."""


class CodeRules(msgspec.Struct, frozen=True):
    """How a code that is sent looks, and how long it is good."""

    length: int
    lifetime_s: int


class Guardian(msgspec.Struct, frozen=True):
    """The settings in force. Timeouts are in seconds."""

    on: frozenset[str]
    policies: tuple[str, ...]
    offers_to_remember: bool
    remembers_by_default: bool
    inactivity_s: int
    overall_s: int
    message_types: tuple[str, ...]
    phone: CodeRules
    email: CodeRules
    assesses: bool = False
    """Whether sign-ins are assessed, and the log says how they look, whatever the policy is."""
    known_for_ms: int = 30 * DAY_S * 1000
    """How long a browser is known that somebody does not sign in with."""

    @property
    def always(self) -> bool:
        """Whether everybody is asked, by every application."""
        return ALL_APPLICATIONS in self.policies

    @property
    def adaptive(self) -> bool:
        """Whether those are asked whose sign-in looks like somebody else's."""
        return CONFIDENCE_SCORE in self.policies and not self.always

    @property
    def knows_browsers(self) -> bool:
        """Whether browsers are kept in mind that people sign in with."""
        return self.adaptive or self.assesses


def of(work: Work) -> Guardian:
    """The settings in force."""
    return work.config.remember(KIND, "", lambda: _read(work))


def document(work: Work, name: str) -> dict[str, Any]:
    """One document as it is in force, secrets opened, remembered like :func:`of`."""
    stored = documents.of_kind(work, KIND).get(name) or {}
    return {**DEFAULTS[name], **opened(work, name, stored)}


def words(work: Work, code: str, *, enrolling: bool) -> str | None:
    """What ``phone/templates`` makes of a code; None where nobody wrote one."""
    if "phone/templates" not in documents.of_kind(work, KIND):
        return None
    source = document(work, "phone/templates")["enrollment_message" if enrolling else "verification_message"]
    known = {"code": code, "tenant": {"friendly_name": work.config.friendly_name}}
    try:
        return liquid.text(source, known).strip() or None
    except liquid.TemplateError as error:
        log.warning("a template of a text message failed, ours is sent", reason=str(error))
        return None


def opened(work: Work, name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document with its secrets."""
    shape = SHAPES.get(name)
    if shape is None:
        return dict(stored)
    found: dict[str, Any] = document_encryption.opened(dict(stored), shape, documents.sealer(work, KIND, name))
    return found


def sealed(work: Work, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A document as it is stored."""
    shape = SHAPES.get(name)
    if shape is None:
        return dict(given)
    found: dict[str, Any] = document_encryption.seal(dict(given), shape, documents.sealer(work, KIND, name))
    return found


def _read(work: Work) -> Guardian:
    told = {name: document(work, name) for name in ("factors", "policies", "settings", *_CODES, *_RISK)}
    limits = told["settings"]
    return Guardian(
        on=frozenset(name for name, enabled in told["factors"].items() if enabled),
        policies=tuple(told["policies"]["policies"]),
        offers_to_remember=limits["display_remember_me_checkbox"],
        remembers_by_default=limits["remember_me_default_value"],
        inactivity_s=limits["mfa_session_inactivity_timeout"],
        overall_s=limits["mfa_session_overall_timeout"],
        message_types=tuple(told["phone/message-types"]["message_types"]),
        phone=_rules(told["phone/settings"]),
        email=_rules(told["email/settings"]),
        assesses=told["risk/settings"]["enabled"],
        known_for_ms=told["risk/new-device"]["remember_for"] * DAY_S * 1000,
    )


_RISK = ("risk/settings", "risk/new-device")
_CODES = ("phone/message-types", "phone/settings", "email/settings")


def _rules(told: Mapping[str, Any]) -> CodeRules:
    return CodeRules(told["otp_length"], told["otp_expiration_time"])
