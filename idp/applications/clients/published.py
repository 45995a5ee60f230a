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
    """The keys at the address as they stand there, five minutes old at most; an hour where it does not answer."""
    now, place = clock.now(), (work.tenant_id, url)
    with _lock:
        fetched_at, tried_at, known = _sets.get(place, (0, 0, []))
        if now - fetched_at <= FRESH_S or now - tried_at < AGAIN_S:
            return known if now - fetched_at <= KEPT_S else []
        _sets[place] = (fetched_at, now, known)
        while len(_sets) > MOST_SETS:
            _sets.popitem(last=False)
    found = _fetched(work, url)
    with _lock:
        if found is not None:
            _sets[place] = (now, now, found)
            return found
    return known if now - fetched_at <= KEPT_S else []


def _fetched(work: Work, url: str) -> list[Any] | None:
    try:
        answer = egress.load().get(work.platform.settings, url, seconds=FETCH_S)
        if answer.status != HTTPStatus.OK or len(answer.body) > MOST_BYTES:
            raise egress.Unreachable(f"status {answer.status}, {len(answer.body)} bytes")
        said = strict_json.decode(answer.body)
    except (egress.EgressError, InvalidJson) as problem:
        log.warning("key set of a client not read", url=url, reason=str(problem), tenant=work.tenant_id)
        return None
    found = said.get("keys") if isinstance(said, dict) else None
    return found[:MOST_KEYS] if isinstance(found, list) else None
