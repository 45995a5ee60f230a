"""Devices that stand in for passwords (``webauthn_platform_first_factor`` of ``/prompts``): whether they do, and which
of their keys a browser can reach.

The browser itself remembers that, in a cookie: for each of a few keys a part of its id and a tag by which the cookie is
known as ours. It opens nothing. Without it nobody is asked for a device, so that nothing is told of anybody's account
to a browser in which its owner has not used the key (security.md I1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.webauthn import Platform
from idp.signin.factors.models import AuthenticationMethod as M

COOKIE, COOKIE_S = "device-keys", 365 * 86_400
MOST: Final = 8
"""Keys that one browser remembers; the one that was used longest ago is forgotten first."""
LONGEST = 800
KIND: Final = Platform.type
_PREFIX = f"{KIND}|dev_"


def stand_in(work: Work) -> bool:
    """Whether devices are asked for instead of passwords: the tenant says so, and has not switched them off."""
    return work.config.prompts.webauthn_platform_first_factor and KIND in settings.of(work).on


def stand_in_at(work: Work, connection: ConnectionConfig) -> bool:
    """Whether people of that connection are asked so: they say who they are first, and have accounts with us."""
    first = connection.asks_who_first or work.config.prompts.identifier_first
    return first and connection.keeps_accounts and connection.checks_passwords and stand_in(work)


def known(work: Work, said: str | None) -> list[M]:
    """The keys that the browser of that cookie used, the one used last first; those that are gone are not there."""
    names = _read(work, said)
    if not names:
        return []
    wanted = [f"{_PREFIX}{each}" for each in names]
    found = select(M).where(M.id.in_(wanted), M.type == KIND, M.confirmed.is_(True))
    rows = {row.id: row for row in work.rows.scalars(found)}
    return [rows[each] for each in reversed(wanted) if each in rows]


def working(work: Work, user_id: str) -> bool:
    """Whether somebody has a device here that stands in for their password."""
    if not stand_in(work):
        return False
    mine = select(M).where(M.user_id == user_id, M.type == KIND, M.confirmed.is_(True))
    return any(KINDS[KIND].usable(work, each) for each in work.rows.scalars(mine))


def is_one(method_id: str) -> bool:
    """Whether a method is a device's key."""
    return method_id.startswith(_PREFIX)


def noted(work: Work, said: str | None, method_id: str) -> str:
    """The cookie of a browser that just used that key."""
    name = method_id.removeprefix(_PREFIX)
    names = [*(each for each in _read(work, said) if each != name), name][-MOST:]
    return ".".join(f"{each}:{work.platform.device_signer.tag(_bound(work, each))}" for each in names)


def _read(work: Work, said: str | None) -> Sequence[str]:
    """The names in a cookie that we wrote, the one used last at the end."""
    found = []
    for each in (said or "")[:LONGEST].split(".")[:MOST]:
        name, _, tag = each.partition(":")
        if tag and work.platform.device_signer.check(_bound(work, name), tag):
            found.append(name)
    return found


def _bound(work: Work, name: str) -> str:
    return f"{work.tenant_id}\0{name}"
