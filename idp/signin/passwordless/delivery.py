"""The worker's half: who a code or link goes to, and the ways it goes.

Nobody blocked, and nobody new where people may not register themselves. A text message goes through the connection's
own provider; development keeps it in the mailbox instead.
"""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.contract import ConnectorError, TextMessage, TextSender
from idp.directory.connections import runtime as connections
from idp.directory.connections import strategies
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.kernel import ids, struct_types
from idp.foundation.kernel.log_types import LogType
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.factors import messages
from idp.signin.factors.kinds import sent_codes
from idp.signin.passwordless import service
from idp.signin.passwordless.log_types import CodeLog
from idp.tenant.audit import log
from idp.tenant.mail import deliveries, mailbox
from idp.tenant.mail import service as mail
from idp.tenant.mail.message import Mail
from idp.tenant.phone import runtime as phone

SMS_TASK = "sms.send"
PROVIDER_ERROR = "sms_provider_error"


class Wanted(msgspec.Struct, frozen=True):
    """A code or a link that is to be sent; ``code`` or ``url``."""

    connection_id: str
    address: str
    country: str | None = None
    client_id: str = ""
    application: str = ""
    locale: str = ""
    ip: str = ""
    user_agent: str = ""
    code: str = ""
    url: str = ""
    delivery: str = ""


def prepare() -> None:
    """Import what messages need: by one thread, with the first one."""
    from idp.foundation.tenancy import branding
    from idp.foundation.web import i18n

    struct_types.prepare()
    _ready.extend((branding, i18n))


def send(work: Work, payload: dict[str, Any]) -> None:
    """Decide whether it is sent, and hand it on. Handler of :data:`service.TASK`."""
    wanted = msgspec.convert(payload, Wanted)
    work.ip, work.user_agent = wanted.ip, wanted.user_agent
    connection = connections.find(work, wanted.connection_id)
    if connection is None or connection.codes is None:
        return
    user = users.of_address(work, connection, wanted.address)
    reason = _refusal(work, connection, user, wanted)
    with work.transaction():
        if reason is not None:
            _write(work, connection, wanted, CodeLog.NOT_SENT, reason, user.user_id if user else None)
            return
        if user is not None and connection.accounts is not None and wanted.country is not None:
            _text_account(work, connection, user, wanted)
            return
        if connection.can(TextSender):
            connector, told = _sender(work, connection), deliveries.new_id()
            task_id = outbox.put(work, SMS_TASK, {**payload, "delivery": told}, receiver=connector.destination())
            who = user.user_id if user else None
            deliveries.queued(work, told, deliveries.SMS, phone.OTP, wanted.address, who, task_id)
            return
        language = (user.language if user else None) or wanted.locale or mail.TENANTS_LANGUAGE
        who = user.user_id if user else None
        about = {"user_id": who, "client_id": wanted.client_id, "connection_id": connection.id}
        said = {"email": wanted.address, "application": wanted.application, "expires_in": connection.codes.lifetime_s}
        if wanted.url:
            mail.send(work, "passwordless_link", wanted.address, language, about=about, url=wanted.url, **said)
        else:
            mail.send(work, "passwordless_code", wanted.address, language, about=about, code=wanted.code, **said)
        _write(work, connection, wanted, CodeLog.SENT, None, user.user_id if user else None)


def send_text(work: Work, payload: dict[str, Any]) -> None:
    """Deliver one text message. Handler of :data:`SMS_TASK`. It is not tried again: whoever waits asks for another."""
    wanted = msgspec.convert(payload, Wanted)
    work.ip, work.user_agent = wanted.ip, wanted.user_agent
    connection = connections.find(work, wanted.connection_id)
    if connection is None or not connection.can(TextSender):
        return
    connector, message = _sender(work, connection), _message(work, wanted)
    try:
        _deliver(work, connector, message)
    except ConnectorError as error:
        if error.code == PROVIDER_ERROR:
            service.note_trouble(work, connection.id)
        deliveries.tried(work, wanted.delivery, deliveries.FAILED, error.detail or error.message, wanted.code)
        details = {"code": error.code, "detail": error.detail}
        _write(work, connection, wanted, CodeLog.NOT_SENT, error.message, None, details=details)
        return
    deliveries.tried(work, wanted.delivery, deliveries.SENT)
    _write(work, connection, wanted, CodeLog.SENT, None, None)


def _deliver(work: Work, connector: TextSender, message: TextMessage) -> None:
    """Raises ConnectorError."""
    if connector.destination() is not None:
        connector.send(message)
    elif work.platform.settings.development:
        _keep(work, connector, message)
    else:
        raise ConnectorError(PROVIDER_ERROR, "The message was not sent.", detail="no provider is configured")


def _refusal(work: Work, connection: ConnectionConfig, user: FoundUser | None, wanted: Wanted) -> str | None:
    """Why nothing is sent; None where it is."""
    if user is not None:
        if user.blocked:
            return "user is blocked"
        by_text = connection.accounts is not None and _too_many_to(work, user, wanted)
        return "too many messages to that number" if by_text else None
    if connection.codes is None or not connection.codes.signup:
        return "nobody has that address, and sign-up is disabled"
    if users.address_refused(work, wanted.address):
        return "nobody has that address, and its domain is refused"
    if wanted.country is not None and _too_many(work, connection, wanted.country):
        return f"too many messages to new numbers of {wanted.country}"
    return None


def _too_many_to(work: Work, user: FoundUser, wanted: Wanted) -> bool:
    """A number that nobody has proven is anybody's, whatever accounts were made with it (toll fraud)."""
    if wanted.country is None or users.number_proven(work, user):
        return False
    return sent_codes.too_often_to(work, wanted.address) is not None


def _text_account(work: Work, connection: ConnectionConfig, user: FoundUser, wanted: Wanted) -> None:
    """To the number of an account, by the tenant's own provider; what becomes of it is in the log as of a factor."""
    message = messages.Wanted(
        user_id=user.user_id,
        method_id="phone|sign-in",
        by="sms",
        to=wanted.address,
        code=wanted.code,
        lifetime_s=service.rules(connection).lifetime_s,
        client_id=wanted.client_id,
        application=wanted.application,
        locale=wanted.locale,
        ip=wanted.ip,
        user_agent=wanted.user_agent,
    )
    outbox.put(work, sent_codes.TASK, msgspec.to_builtins(message))


def _too_many(work: Work, connection: ConnectionConfig, country: str) -> bool:
    newcomers = service.rules(connection).newcomers
    limit = Limit(limits.CODES_TO_COUNTRY.name, newcomers, limits.CODES_TO_COUNTRY.window_ms)
    return limits.exceeded(work, limit, f"{connection.id}:{country}") is not None


def _sender(work: Work, connection: ConnectionConfig) -> TextSender:
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, TextSender):
        raise TypeError(f"strategy {connection.strategy} said that it sends messages")
    own = phone.options(work) if connector.destination() is None else None
    return connector if own is None else _through(work, connection, own)


def _through(work: Work, connection: ConnectionConfig, provider: dict[str, Any]) -> TextSender:
    """The connection's sender, which names no provider itself, with the tenant's."""
    options = strategies.named(connection.strategy).read({**connection.document, **provider})
    connector = connections.runtime.open(work, msgspec.structs.replace(connection, options=options))
    if not isinstance(connector, TextSender):
        raise TypeError(f"strategy {connection.strategy} said that it sends messages")
    return connector


def _message(work: Work, wanted: Wanted) -> TextMessage:
    from idp.foundation.web.i18n import negotiate, texts_for

    language = negotiate(wanted.locale, None, work.config.settings.enabled_locales)
    about = {"code": wanted.code, "application": {"name": wanted.application}, "locale": language}
    text = phone.words(work, phone.OTP, about) or texts_for(language).t(
        "mail.passwordless_sms.text", code=wanted.code, companyName=work.config.friendly_name
    )
    return TextMessage(
        to=wanted.address,
        text=text,
        code=wanted.code,
        host=work.config.host.partition(":")[0],
        application=wanted.application or work.config.friendly_name,
        ip=wanted.ip,
        user_agent=wanted.user_agent,
    )


def _keep(work: Work, connector: TextSender, message: TextMessage) -> None:
    """In development, for ``/dev/mailbox``."""
    text = connector.compose(message)
    kept = Mail(
        sender="", sender_name="", to=message.to, subject="SMS", text=text, html="", message_id=ids.alphanumeric(24)
    )
    mailbox.keep(work.hot, work.tenant_id, kept)


def _write(
    work: Work,
    connection: ConnectionConfig,
    wanted: Wanted,
    kind: LogType,
    description: str | None,
    user_id: str | None,
    **more: Any,
) -> None:
    log.write(
        work,
        kind,
        description,
        user_id=user_id,
        user_name=wanted.address,
        client_id=wanted.client_id or None,
        connection=connection.name,
        connection_id=connection.id,
        strategy=connection.strategy,
        strategy_type=connection.strategy_type,
        **more,
    )


_ready: list[object] = []
