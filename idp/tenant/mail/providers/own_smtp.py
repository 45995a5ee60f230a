"""A tenant's own SMTP server. Its name is an administrator's: it is reached through the guard of all outbound
connections, unlike the operator's own ``SMTP_URL``.
"""

from __future__ import annotations

import smtplib
from functools import partial

from idp.foundation import egress
from idp.foundation.egress import guard
from idp.foundation.egress.deadline import Deadline
from idp.foundation.queue.tasks import Outage, TryLater
from idp.foundation.settings import Settings
from idp.tenant.mail.message import Mail
from idp.tenant.mail.providers.account import Account
from idp.tenant.mail.smtp import Smtp

_IMPLICIT = 465
HEADERS = ("X-MC-ViewContentLink", "X-SES-Configuration-Set")
"""Headers that ``settings.headers`` may set, as documented."""


def deliver(settings: Settings, account: Account, mail: Mail) -> None:
    """Send it. Raises GiveUp, TryLater."""
    try:
        server(settings, account).deliver(mail)
    except Outage as error:
        raise TryLater(str(error)) from error


def server(settings: Settings, account: Account) -> Smtp:
    """The server, as the account names it."""
    port = int(account.credentials.get("smtp_port") or 587)
    chosen = account.settings.get("headers")
    headers = {name: str(chosen[name])[:200] for name in HEADERS if isinstance(chosen, dict) and name in chosen}
    return Smtp(
        host=account.secret("smtp_host"),
        port=port,
        implicit_tls=port == _IMPLICIT,
        username=account.secret("smtp_user") or None,
        password=account.secret("smtp_pass") or None,
        sender=None,
        ca_file=settings.outbound_ca,
        addresses=partial(_addresses, settings),
        headers=tuple(headers.items()),
    )


def _addresses(settings: Settings, host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
    try:
        return guard.check_host(host, port, settings.outbound_allow, partial(_resolve, deadline))
    except egress.EgressError as error:
        raise smtplib.SMTPException(str(error)) from error


def _resolve(deadline: Deadline, host: str, port: int) -> list[str]:
    return guard.resolve(host, port, deadline)
