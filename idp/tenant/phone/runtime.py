"""Text messages as whoever sends them reads it: the tenant's provider, and its words, remembered with the
configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog

from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.foundation.web import liquid
from idp.tenant.phone import stored

log = structlog.get_logger(__name__)
TEMPLATE: Final = "phone-template"
OTP: Final = "otp_verify"
"""Type of the template for a code that proves a number."""
WORDS: Final[Mapping[str, str]] = {
    "otp_verify": "{{ code }} is your verification code for {{ friendly_name }}",
    "otp_enroll": "{{ code }} is your verification code for {{ friendly_name }}. Enter it to enroll your device.",
    "change_password": "{{ code }} is your password change code for {{ friendly_name }}",
    "blocked_account": "Your account at {{ friendly_name }} was blocked after too many sign-in attempts",
    "password_breach": "Your password for {{ friendly_name }} was found in a leak. Change it, please.",
}
"""The first words of each type."""
EXAMPLE: Final[Mapping[str, Any]] = {"code": "123456", "application": {"name": "Example application"}, "locale": "en"}
"""Made-up values for a preview."""


def options(work: Work) -> dict[str, Any] | None:
    """The tenant's provider as options of a connection that sends messages; None where none that sends is enabled."""
    for name, document in documents.of_kind(work, stored.PROVIDER).items():
        if not document.get("disabled") and (found := as_options(work, name, document)) is not None:
            return found
    return None


def as_options(work: Work, name: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
    """A stored provider as such options, whether it is enabled or not; None where it sends no texts."""
    found = stored.opened(work, name, document)
    configuration = found.get("configuration") or {}
    if found["name"] != "twilio" or "text" not in configuration["delivery_methods"]:
        return None
    chosen = {
        "provider": "twilio",
        "twilio_sid": configuration["sid"],
        "twilio_token": found["credentials"]["auth_token"],
        "from": configuration.get("default_from"),
        "messaging_service_sid": configuration.get("mssid"),
    }
    return {option: value for option, value in chosen.items() if value}


def words(work: Work, kind: str, values: Mapping[str, Any]) -> str | None:
    """What the tenant's template of that type says; None where there is none that is enabled."""
    for document in documents.of_kind(work, TEMPLATE).values():
        source = ((document.get("content") or {}).get("body") or {}).get("text")
        if document["type"] == kind and not document.get("disabled") and source:
            return rendered(work, source, values) or None
    return None


def rendered(work: Work, source: str, values: Mapping[str, Any]) -> str:
    """What a template says; nothing where it fails."""
    try:
        return render(work, source, values)
    except liquid.TemplateError as error:
        log.warning("a phone template failed, ours is sent", reason=str(error))
        return ""


def render(work: Work, source: str, values: Mapping[str, Any]) -> str:
    """What a template says. Raises TemplateError."""
    known = {"friendly_name": work.config.friendly_name, "tenant": work.tenant_id, **values}
    return liquid.text(source, known).strip()
