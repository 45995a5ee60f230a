"""Signing keys of providers, remembered in this process for each connection (security.md CO1, CO12).

Only the configured address is ever asked. An unknown key id is looked up again at most once a minute, so that tokens
with invented ids make nobody ask; keys that are there stay good while the provider does not answer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.contract import ConnectorError, HttpClient
from connectors.oauth2.documents import alive, document

if TYPE_CHECKING:
    from joserfc.jwk import Key

MOST_KEYS = 50
MOST_SETS = 1_000
"""Connections whose keys are remembered; the longest unused are forgotten."""
FRESH_MS = 3_600_000
ASK_AGAIN_MS = 60_000


@dataclass
class _Known:
    keys: Sequence[dict[str, Any]]
    fetched_at: int
    asked_at: int


_known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
_lock = threading.Lock()


def forget() -> None:
    """Everything: tests begin so."""
    with _lock:
        _known.clear()


def fitting(http: HttpClient, owner: str, url: str, header: dict[str, Any], now: int) -> list[Key]:
    """The keys of the set at ``url`` that may have signed a token with this header. ``owner`` is the connection.

    One that names a key id is looked for under that id, one without under every key of the algorithm's type.

    :raises ConnectorError: the keys cannot be fetched.
    """
    algorithm, kid = str(header.get("alg")), header.get("kid")
    known = _remembered(owner, url)
    if known is None or now - known.fetched_at >= FRESH_MS:
        known = _fetched(http, owner, url, known, now)
    found = _matching(known.keys, algorithm, kid)
    if not found and now - known.asked_at >= ASK_AGAIN_MS:
        known = _fetched(http, owner, url, known, now)
        found = _matching(known.keys, algorithm, kid)
    return found


def again(http: HttpClient, owner: str, url: str, header: dict[str, Any], now: int) -> list[Key]:
    """The keys once more, after none of those that fit did verify: a provider may change a key and keep its id. Empty
    where it was asked a moment ago.
    """
    known = _remembered(owner, url)
    if known is not None and now - known.asked_at < ASK_AGAIN_MS:
        return []
    return _matching(_fetched(http, owner, url, known, now).keys, str(header.get("alg")), header.get("kid"))


def _remembered(owner: str, url: str) -> _Known | None:
    with _lock:
        found = _known.get((owner, url))
        if found is not None:
            _known.move_to_end((owner, url))
        return found


def _fetched(http: HttpClient, owner: str, url: str, before: _Known | None, now: int) -> _Known:
    try:
        answer = alive(http.get(url, headers={"Accept": "application/json"}), "keys")
        listed = document(answer, "keys").get("keys")
        keys = [each for each in listed if isinstance(each, dict)][:MOST_KEYS] if isinstance(listed, list) else []
    except ConnectorError:
        if before is None:
            raise
        found = _Known(before.keys, before.fetched_at, now)  # those that are known are as good as they were
    else:
        found = _Known(keys, now, now)
    with _lock:
        _known[(owner, url)] = found
        _known.move_to_end((owner, url))
        while len(_known) > MOST_SETS:
            _known.popitem(last=False)
    return found


_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def _matching(keys: Sequence[dict[str, Any]], algorithm: str, kid: object) -> list[Key]:
    fitting_ones = [each for each in keys if _fits(each, algorithm) and (kid is None or each.get("kid") == kid)]
    if kid is not None and not fitting_ones and len(keys) == 1 and "kid" not in keys[0]:
        fitting_ones = [each for each in keys if _fits(each, algorithm)]  # a set of one key that has no name
    return [key for each in fitting_ones if (key := _imported(each)) is not None]


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    return (
        key.get("kty") == _TYPES.get(algorithm[:2])
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and key.get("crv", _CURVES.get(algorithm)) in (_CURVES.get(algorithm), "Ed25519")
    )


def _imported(key: dict[str, Any]) -> Key | None:
    from joserfc import jwk
    from joserfc.errors import JoseError

    try:
        return jwk.import_key({name: value for name, value in key.items() if name not in _PRIVATE})
    except (JoseError, ValueError, TypeError):
        return None


_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "key_ops"})
