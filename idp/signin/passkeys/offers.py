"""When somebody is offered a passkey for the device they sit at: once in thirty days in each browser, later where they
said so. The browser itself remembers (a cookie): for each of a few people a short name and the day until which they are
left alone.
"""

from __future__ import annotations

from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work

DAY_MS = 86_400_000
AGAIN_DAYS, SNOOZED_DAYS, REFUSED_DAYS = 30, 14, 365
COOKIE, COOKIE_S = "passkey-offers", 365 * 86_400
MOST = 8
"""People whom one browser remembers; the one that was asked longest ago is forgotten first."""
_NAME_LETTERS = 16


def due(work: Work, user_id: str, said: str | None) -> bool:
    """Whether they may be asked; ``said`` is the cookie."""
    until = _read(said).get(_name(work, user_id), 0)
    return until <= clock.now_ms() // DAY_MS


def noted(work: Work, user_id: str, said: str | None, days: int) -> str:
    """The cookie that leaves them alone for so many days."""
    found = _read(said)
    found.pop(_name(work, user_id), None)
    found[_name(work, user_id)] = clock.now_ms() // DAY_MS + days
    return ".".join(f"{name}-{day}" for name, day in list(found.items())[-MOST:])


def _name(work: Work, user_id: str) -> str:
    return digest(f"passkey offer\0{work.tenant_id}\0{user_id}")[:_NAME_LETTERS]


def _read(said: str | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in (said or "")[:400].split(".")[:MOST]:
        name, _, day = each.partition("-")
        if len(name) == _NAME_LETTERS and day.isascii() and day.isdigit():
            found[name] = int(day[:6])
    return found
