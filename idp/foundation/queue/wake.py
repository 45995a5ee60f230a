"""Tells waiting workers that something was put into the outbox: in this process by an event, in others through Redis.

Only makes things faster. Workers look once a second whatever they hear, so a lost word costs that second at most.
"""

from __future__ import annotations

import threading
from typing import Any

import structlog

CHANNEL = "gatehouse:outbox"
_RETRY_S = 5.0
log = structlog.get_logger(__name__)
_here = threading.Event()
_clients: dict[str, Any] = {}


def nudge(redis_url: str | None) -> None:
    """Something is about to be committed to the outbox."""
    _here.set()
    if redis_url:
        try:
            _client(redis_url).publish(CHANNEL, "1")
        except Exception as error:  # noqa: BLE001 - whatever Redis says, workers look by themselves
            log.debug("redis was not told about new work", reason=type(error).__name__)


def wait(seconds: float) -> None:
    """Until somebody nudges, at most ``seconds``."""
    _here.wait(seconds)
    _here.clear()


class Listener(threading.Thread):
    """Hears other processes' nudges through Redis and passes them on."""

    def __init__(self, redis_url: str) -> None:
        super().__init__(name="outbox-listener", daemon=True)
        self._url = redis_url
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        """End within a second."""
        self._stop_asked.set()

    def run(self) -> None:
        """Listen, and listen again after Redis was away."""
        while not self._stop_asked.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - polling goes on meanwhile
                log.warning("redis does not answer; the outbox is polled", reason=type(error).__name__)
                self._stop_asked.wait(_RETRY_S)

    def _listen(self) -> None:
        with _client(self._url).pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(CHANNEL)
            while not self._stop_asked.is_set():
                if channel.get_message(timeout=0.9):
                    _here.set()


def _client(redis_url: str) -> Any:
    if redis_url not in _clients:
        import redis

        options: dict[str, Any] = {"ssl_cert_reqs": None} if redis_url.startswith("rediss://") else {}
        _clients[redis_url] = redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=1, **options)
    return _clients[redis_url]
