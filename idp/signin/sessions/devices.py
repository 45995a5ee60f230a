"""The browser of a session: as it was when it signed in, and as it was seen last where that is something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import sizes
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.models import Session

_INITIAL = {"last_user_agent": "initial_user_agent", "last_ip": "initial_ip"}
"""What each of these is while nothing else is known."""

DOMAIN = "domain"
"""The custom domain where somebody signed in: what the session's tokens call their issuer. Not shown."""

_DEVICE = Statement(
    "session_device",
    select(Session.device).where(Session.tenant_id == bindparam("tenant"), Session.id == bindparam("session")),
    row=Json[dict[str, Any]],
)


def domain(work: Work, session_id: str) -> str | None:
    """The custom domain where the session began; asked of the store where the tenant has any."""
    if not work.domains():
        return None
    device = work.hot.one(_DEVICE, tenant=work.tenant_id, session=session_id)
    return device.get(DOMAIN) if device else None


def seen(work: Work, known: str | None = None) -> str:
    """What a session's row says of the caller's browser, ``known`` from before where there is something. Hardly any
    browser changes, and its name is a large part of the row: it stands there once.
    """
    agent, address = work.user_agent[: sizes.USER_AGENT.most], work.ip
    device: dict[str, Any] = (
        msgspec.json.decode(known) if known else {"initial_user_agent": agent, "initial_ip": address}
    )
    if known is None and work.config.domain is not None:
        device[DOMAIN] = work.config.domain.name
    for name, value in (("last_user_agent", agent), ("last_ip", address)):
        device.pop(name, None)
        if value != device.get(_INITIAL[name]):
            device[name] = value
    return msgspec.json.encode(device).decode()


def whole(device: Mapping[str, Any]) -> dict[str, Any]:
    """A row's ``device`` with everything that it says."""
    last = {name: device[initial] for name, initial in _INITIAL.items() if initial in device}
    return {name: value for name, value in {**last, **device}.items() if name != DOMAIN}
