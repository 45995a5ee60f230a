"""The worker's half of a code that is sent: by mail, as a text message, or said by telephone.

A text message goes through the provider that ``/guardian/factors/phone`` names, else through the tenant's own
(``/branding/phone``); development keeps it in the mailbox.
"""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.contract import Address, CodeConnector, ConnectorError, TextMessage, TextSender, VoiceSender
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.foundation.kernel import ids, struct_types
from idp.foundation.kernel.log_types import LogType
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings
from idp.signin.factors.log_types import FactorLog
from idp.tenant.audit import log
from idp.tenant.mail import deliveries, mailbox
from idp.tenant.mail import service as mail
from idp.tenant.mail.message import Mail
from idp.tenant.phone import runtime as phone

TEXT_TASK = "factors.text"
PROVIDER_ERROR = "sms_provider_error"
OTP_ENROL = "otp_enroll"
_ready: list[object] = []


class Wanted(msgspec.Struct, frozen=True):
    """A code that is to be sent, ``by`` ``email``, ``sms`` or ``voice``."""

    user_id: str
    method_id: str
    by: str
    to: str
    code: str
    lifetime_s: int
    enrolling: bool = False
    client_id: str = ""
    application: str = ""
    locale: str = ""
    ip: str = ""
    user_agent: str = ""
    delivery: str = ""


SENT = {"sms": FactorLog.SMS_SENT, "voice": FactorLog.VOICE_SENT, "email": FactorLog.EMAIL_SENT}
NOT_SENT = {"sms": FactorLog.SMS_NOT_SENT, "voice": FactorLog.VOICE_NOT_SENT, "email": FactorLog.EMAIL_NOT_SENT}


def prepare() -> None:
    """Import what messages need: by one thread, with the first one."""
    from idp.foundation.tenancy import branding
    from idp.foundation.web import i18n

    struct_types.prepare()
    _ready.extend((branding, i18n))


def number(work: Work, typed: str) -> str | None:
    """A telephone number in E.164, or None for what is none that codes are sent to (spec/login-factors.md, "SMS")."""
    found = address(work, typed)
    return found.value if found else None


def address(work: Work, typed: str) -> Address | None:
    """The like with its country."""
    connector = connections.messenger(work, _region(work))
    return connector.address(typed) if isinstance(connector, CodeConnector) and typed else None


def send(work: Work, payload: dict[str, Any]) -> None:
    """Decide whether it goes out, and hand it on. Handler of ``factors.send``."""
    wanted = msgspec.convert(payload, Wanted)
    work.ip, work.user_agent = wanted.ip, wanted.user_agent
    user = provision.by_id(work, wanted.user_id)
    if user is None:
        return
    with work.transaction():
        if user.blocked:
            _write(work, wanted, NOT_SENT[wanted.by], "user is blocked")
            return
        if wanted.by != "email":
            connector, told = _sender(work), deliveries.new_id()
            task_id = outbox.put(work, TEXT_TASK, {**payload, "delivery": told}, receiver=connector.destination())
            kind = OTP_ENROL if wanted.enrolling else phone.OTP
            deliveries.queued(work, told, wanted.by, kind, wanted.to, wanted.user_id, task_id)
            return
        mail.send(
            work,
            "mfa_oob_code",
            wanted.to,
            user.language or wanted.locale or mail.TENANTS_LANGUAGE,
            about={"user_id": wanted.user_id, "client_id": wanted.client_id, "connection_id": user.connection_id},
            email=wanted.to,
            code=wanted.code,
            application=wanted.application,
            expires_in=wanted.lifetime_s,
        )
        _write(work, wanted, FactorLog.EMAIL_SENT, None)


def send_text(work: Work, payload: dict[str, Any]) -> None:
    """Deliver one message. Handler of :data:`TEXT_TASK`. It is not tried again: whoever waits asks for another."""
    wanted = msgspec.convert(payload, Wanted)
    work.ip, work.user_agent = wanted.ip, wanted.user_agent
    connector, message = _sender(work), _message(work, wanted)
    try:
        _deliver(work, wanted, connector, message)
    except ConnectorError as error:
        deliveries.tried(work, wanted.delivery, deliveries.FAILED, error.detail or error.message, wanted.code)
        _write(work, wanted, NOT_SENT[wanted.by], error.message, code=error.code, detail=error.detail)
        return
    deliveries.tried(work, wanted.delivery, deliveries.SENT)
    _write(work, wanted, SENT[wanted.by], None)


def _deliver(work: Work, wanted: Wanted, connector: TextSender, message: TextMessage) -> None:
    """Raises ConnectorError."""
    if connector.destination() is not None:
        if wanted.by == "voice" and isinstance(connector, VoiceSender):
            connector.say(message)
        else:
            connector.send(message)
    elif work.platform.settings.development:
        text, named = connector.compose(message), "SMS" if wanted.by == "sms" else "Voice"
        kept = Mail(
            sender="", sender_name="", to=message.to, subject=named, text=text, html="", message_id=ids.alphanumeric(24)
        )
        mailbox.keep(work.hot, work.tenant_id, kept)
    else:
        raise ConnectorError(PROVIDER_ERROR, "The message was not sent.", detail="no provider is configured")


def _sender(work: Work) -> TextSender:
    connector = connections.messenger(work, {**_region(work), **_provider(work)})
    if not isinstance(connector, TextSender):
        raise TypeError("the strategy of text messages sends them")
    return connector


def _provider(work: Work) -> dict[str, Any]:
    """Options of whoever sends: what ``/guardian`` names, else the tenant's provider; nothing where there is none."""
    if settings.document(work, "phone/selected-provider")["provider"] == "twilio":
        told = settings.document(work, "phone/twilio")
        chosen = {
            "provider": "twilio",
            "twilio_sid": told["sid"],
            "twilio_token": told["auth_token"],
            "from": told["from"],
            "messaging_service_sid": told["messaging_service_sid"],
        }
        if told["sid"] and told["auth_token"]:
            return {name: value for name, value in chosen.items() if value}
    return phone.options(work) or {}


def _region(work: Work) -> dict[str, Any]:
    """The country of numbers that are typed without one, and those that codes are sent to: as the tenant's connection
    that sends text messages has it.
    """
    for each in connections.everywhere(work):
        if each.can(TextSender):
            return {name: each.document[name] for name in ("default_region", "countries") if each.document.get(name)}
    return {}


def _message(work: Work, wanted: Wanted) -> TextMessage:
    from idp.foundation.web.i18n import negotiate, texts_for

    language = negotiate(wanted.locale, None, work.config.settings.enabled_locales)
    about = {"code": wanted.code, "application": {"name": wanted.application}, "locale": language}
    kind = OTP_ENROL if wanted.enrolling else phone.OTP
    text = phone.words(work, kind, about) or settings.words(work, wanted.code, enrolling=wanted.enrolling)
    text = text or texts_for(language).t(
        "mail.passwordless_sms.text", code=wanted.code, companyName=work.config.friendly_name
    )
    return TextMessage(
        to=wanted.to,
        text=text,
        code=wanted.code,
        host=work.config.host.partition(":")[0],
        application=wanted.application or work.config.friendly_name,
        ip=wanted.ip,
        user_agent=wanted.user_agent,
    )


def _write(work: Work, wanted: Wanted, kind: LogType, description: str | None, **details: Any) -> None:
    told = {"factor": wanted.method_id.partition("|")[0], **details}
    log.write(work, kind, description, user_id=wanted.user_id, client_id=wanted.client_id or None, details=told)
