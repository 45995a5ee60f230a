"""The account that a tenant has with a provider, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.foundation import egress
from idp.foundation.queue.tasks import GiveUp, TryLater
from idp.foundation.settings import Settings

_PASSES = frozenset({401, 403, 404, 408, 425, 429})
"""Statuses about the account or the moment, not about the mail: an administrator, or time, changes them."""
SHOWN = 200
"""Characters of a refusal that are kept."""


@dataclass(frozen=True)
class Account:
    """``credentials`` and ``settings`` of ``/emails/provider``."""

    name: str
    credentials: Mapping[str, Any]
    settings: Mapping[str, Any]

    def secret(self, name: str) -> str:
        """A member of the credentials; empty where it is not there."""
        return str(self.credentials.get(name) or "")

    @property
    def message(self) -> Mapping[str, Any]:
        """``settings.message``."""
        found = self.settings.get("message")
        return found if isinstance(found, Mapping) else {}


def post(settings: Settings, account: Account, url: str, body: bytes, headers: Mapping[str, str]) -> egress.Answer:
    """Hand a mail over. Raises GiveUp for one that is refused, TryLater for everything that may pass."""
    try:
        answer = egress.post(settings, url, body=body, headers=headers)
    except egress.EgressError as error:
        raise TryLater(f"the provider {account.name} can't be reached: {error}") from error
    if 200 <= answer.status < 300:
        return answer
    said = answer.body[:SHOWN].decode("utf-8", "replace")
    kind = TryLater if answer.status in _PASSES or answer.status >= 500 else GiveUp
    raise kind(f"the provider {account.name} answered {answer.status}: {said}")
