"""How mails leave: a provider each, by its name in the Management API (``/emails/provider``).

A provider is an account of the tenant's: what goes wrong with it is one tenant's trouble, so its mails come back later
while everybody else's go on (:class:`idp.foundation.queue.tasks.TryLater`), and nothing here is an outage of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from idp.foundation.queue.tasks import GiveUp
from idp.foundation.settings import Settings
from idp.tenant.mail.message import Mail
from idp.tenant.mail.providers import amazon, by_http, microsoft, own_smtp
from idp.tenant.mail.providers.account import Account

Deliver = Callable[[Settings, Account, Mail], None]
PROVIDERS: Mapping[str, Deliver] = {
    "smtp": own_smtp.deliver,
    "ses": amazon.deliver,
    "azure_cs": microsoft.deliver_azure,
    "ms365": microsoft.deliver_ms365,
    **dict.fromkeys(by_http.CALLS, by_http.deliver),
}
"""Those that send. ``custom`` is an Action's to do: it is stored, and the deployment's own server sends meanwhile."""


def deliver(settings: Settings, name: str, account: Mapping[str, Any], options: Mapping[str, Any], mail: Mail) -> None:
    """Send it through the tenant's provider. Raises GiveUp, TryLater."""
    found = PROVIDERS.get(name)
    if found is None:
        raise GiveUp(f"nobody sends through the provider {name}")
    found(settings, Account(name, account, options), mail)
