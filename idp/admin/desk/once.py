"""What a page shows one time alone, right after it was made: handed from the answer to a form to the page it leads to,
sealed, for a minute, to the same session.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec

from idp.admin.desk.frame import Visit
from idp.foundation.ephemeral import one_time

KIND = "dashboard_secret"
FOR_MS = 60_000


class _Handed(msgspec.Struct):
    sealed: dict[str, str]


def hand_over(visit: Visit, values: Mapping[str, str]) -> str | None:
    """The key under which the next page finds ``values``; None for nothing."""
    if not values:
        return None
    key = secrets.token_urlsafe(32)
    sealer = one_time.sealer(visit.work, KIND, key)
    sealed = {name: sealer.seal(value) for name, value in values.items()}
    with visit.work.transaction():
        one_time.put(visit.work, KIND, key, {"sealed": sealed}, ttl_ms=FOR_MS, subject=visit.member.session.id)
    return key


def handed_over(visit: Visit) -> dict[str, str]:
    """What the page before handed over, by API field name."""
    key = visit.query.get("once", "")[:64]
    if not key:
        return {}
    found, session = one_time.read(visit.work, KIND, key, _Handed)
    if found is None or session != visit.member.session.id:
        return {}
    sealer = one_time.sealer(visit.work, KIND, key)
    return {name: sealer.open(value) for name, value in found.sealed.items()}
