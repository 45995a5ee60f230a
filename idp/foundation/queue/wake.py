"""Tells waiting workers that something was put into the outbox: in this process by an event, in others through Redis.

Only makes things faster. Workers look once a second whatever they hear, so a lost word costs that second at most.
"""

from __future__ import annotations

import threading

import structlog

from idp.foundation.redis_client import client
from idp.foundation.settings import Settings

CHANNEL = "gatehouse:outbox"
ANSWER_S = 2.0
_RETRY_S = 5.0
log = structlog.get_logger(__name__)
_here = threading.Event()


def nudge(settings: Settings | None) -> None:
    """Something is about to be committed to the outbox; other processes hear of it with ``settings``."""
    _here.set()
    if settings is not None and settings.redis_url:
        try:
            client(settings, answer_s=ANSWER_S).publish(CHANNEL, "1")
        except Exception as error:  # noqa: BLE001 - whatever Redis says, workers look by themselves
            log.debug("redis was not told about new work", reason=type(error).__name__)


def wait(seconds: float) -> None:
    """Until somebody nudges, at most ``seconds``."""
    _here.wait(seconds)
    _here.clear()


class Listener(threading.Thread):
    """Hears other processes' nudges through Redis and passes them on."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="outbox-listener", daemon=True)
        self._settings = settings
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
        with client(self._settings, answer_s=ANSWER_S).pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(CHANNEL)
            while not self._stop_asked.is_set():
                if channel.get_message(timeout=0.9):
                    _here.set()
