"""The Redis client of this process. ``rediss://`` checks certificate and name: against the system's authorities, and
those of ``IDP_OUTBOUND_CA``.
"""

from __future__ import annotations

from typing import Any

from idp.foundation.settings import Settings

CONNECT_S = 1
_clients: dict[tuple[str, float], Any] = {}


def client(settings: Settings, *, answer_s: float = 1) -> Any:
    """The client for ``REDIS_URL``, connected at its first use; an answer may take
    ``answer_s`` seconds. Raises ImportError where the ``redis`` extra is not
    installed.
    """
    url = str(settings.redis_url)
    if (url, answer_s) not in _clients:
        import redis

        _clients[url, answer_s] = redis.Redis.from_url(
            url, socket_timeout=answer_s, socket_connect_timeout=CONNECT_S, **_trust(settings)
        )
    return _clients[url, answer_s]


def forget() -> None:
    """Close and drop every client: before a fork, and between tests."""
    for each in _clients.values():
        each.close()
    _clients.clear()


def _trust(settings: Settings) -> dict[str, Any]:
    if not str(settings.redis_url).startswith("rediss://"):
        return {}
    trusted = {"ssl_ca_certs": settings.outbound_ca} if settings.outbound_ca else {}
    return {"ssl_cert_reqs": "required", "ssl_check_hostname": True, **trusted}
