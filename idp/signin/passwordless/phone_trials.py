"""One message to try a phone provider or a template out: sent at once, so that the answer says what became of it."""

from __future__ import annotations

from typing import Any

from connectors.contract import ConnectorError, TextMessage, TextSender
from idp.directory.connections import runtime as connections
from idp.directory.connections import strategies
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import BadRequest, TooManyRequests
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import deliveries, mailbox
from idp.tenant.mail.message import Mail
from idp.tenant.phone import runtime as phone
from idp.tenant.phone import service

CODE = "123456"
"""What a trial has for a code: good for nothing."""
NUMBER = "phone_number"


def try_provider(work: Work, provider_id: str, to: str, method: str) -> None:
    """Send a message through that provider, enabled or not. Raises NotFound, BadRequest, TooManyRequests."""
    with work.looking():
        row = service.provider(work, provider_id)
        options = phone.as_options(work, row.name, row.document)
    _send(work, options, phone.OTP, to, method, "")


def try_template(work: Work, template_id: str, to: str, method: str) -> None:
    """Send what the template says through the tenant's provider. Raises NotFound, BadRequest, TooManyRequests."""
    with work.looking():
        document = service.template(work, template_id).document
        words = phone.rendered(work, document["content"]["body"].get("text") or "", {"code": CODE, "locale": "en"})
    _send(work, phone.options(work), str(document["type"]), to, method, words)


def _send(work: Work, options: dict[str, Any] | None, template: str, to: str, method: str, words: str) -> None:
    if method != "text":
        raise BadRequest("Only text messages are sent.", "operation_not_supported")
    sender = _sender(work, options or {})
    number = sender.address(to)  # type: ignore[attr-defined]  # whoever sends texts knows numbers
    if number is None:
        raise BadRequest("The number is not one that messages are sent to.", "invalid_phone_number")
    wait = limits.exceeded(work, limits.PHONE_TRIALS, "")
    if wait is not None:
        raise TooManyRequests("Too many trial messages.", headers={"Retry-After": str(wait)})
    host = work.config.host.partition(":")[0]
    text = words or f"{CODE} is a trial of {work.config.friendly_name}"
    message = TextMessage(
        to=number.value, text=text, code=CODE, host=host, application=work.config.friendly_name, ip=work.ip
    )
    try:
        if sender.destination() is not None:
            sender.send(message)
        elif work.platform.settings.development:
            _keep(work, sender.compose(message), message.to)
        else:
            raise BadRequest("No phone provider is enabled.", "operation_not_supported")
    except ConnectorError as error:
        deliveries.tried_out(work, deliveries.SMS, template, message.to, error.detail or error.message, CODE)
        raise BadRequest(error.message, error.code, detail=error.detail) from error
    deliveries.tried_out(work, deliveries.SMS, template, message.to)


def _sender(work: Work, options: dict[str, Any]) -> TextSender:
    """Whoever sends messages for a passwordless connection, without the connection."""
    source = next(each for each in strategies.every() if each.kind == "passwordless" and each.account_key == NUMBER)
    config = ConnectionConfig("", "trial", source.name, source.read({**source.defaults, **options}), options, {})
    made = connections.runtime.open(work, config)
    if not isinstance(made, TextSender):
        raise TypeError(f"strategy {source.name} said that it sends messages")
    return made


def _keep(work: Work, text: str, to: str) -> None:
    kept = Mail(sender="", sender_name="", to=to, subject="SMS", text=text, html="", message_id=ids.alphanumeric(24))
    mailbox.keep(work.hot, work.tenant_id, kept)
