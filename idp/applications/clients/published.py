"""Keys that a client publishes for encryption (``jwks_uri``), remembered for a while by address."""

from __future__ import annotations

import threading
from collections import OrderedDict
from http import HTTPStatus
from typing import Any

import structlog

from idp.foundation import egress
from idp.foundation.kernel import clock, strict_json
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work

FRESH_S, KEPT_S, AGAIN_S = 300, 3_600, 10
FETCH_S = 4.0
MOST_BYTES, MOST_KEYS, MOST_SETS = 65_536, 50, 500
_sets: OrderedDict[tuple[str, str], tuple[int, int, list[Any]]] = OrderedDict()
"""(tenant, address) -> (fetched at, tried at, keys); seconds."""
_lock = threading.Lock()
log = structlog.get_logger("idp.clients.keys")


def keys(work: Work, url: str) -> list[Any]:
    """The keys at the address as they stand there, five minutes old at most; an hour where it does not answer. Whoever
    comes while they are fetched takes those that were there, or fetches them, too, where there were none.
    """
    now, place = clock.now(), (work.tenant_id, url)
    with _lock:
        fetched_at, tried_at, known = _sets.get(place, (0, 0, []))
        good = known if now - fetched_at <= KEPT_S else []
        if now - fetched_at <= FRESH_S or now - tried_at < AGAIN_S:
            return good
        if good:
            _keep(place, fetched_at, now, known)
    said = document(work, url)
    found = said.get("keys") if said is not None else None
    with _lock:
        if not isinstance(found, list):
            _keep(place, fetched_at, now, known)
            return good
        _keep(place, now, now, found[:MOST_KEYS])
        return found[:MOST_KEYS]


def _keep(place: tuple[str, str], fetched_at: int, tried_at: int, found: list[Any]) -> None:
    _sets[place] = (fetched_at, tried_at, found)
    while len(_sets) > MOST_SETS:
        _sets.popitem(last=False)


def document(work: Work, url: str) -> dict[str, Any] | None:
    """The key set that stands at a client's address (RFC 7517 5); None where it does not answer with one. No
    transaction is open.
    """
    try:
        answer = egress.load().get(work.platform.settings, url, seconds=FETCH_S)
        if answer.status != HTTPStatus.OK or len(answer.body) > MOST_BYTES:
            raise egress.Unreachable(f"status {answer.status}, {len(answer.body)} bytes")
        said = strict_json.decode(answer.body)
    except (egress.EgressError, InvalidJson) as problem:
        log.warning("key set of a client not read", url=url, reason=str(problem), tenant=work.tenant_id)
        return None
    return said if isinstance(said, dict) else None
