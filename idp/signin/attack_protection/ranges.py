"""The range service: whether a password is known from a breach, asked by the first five letters of its SHA-1 hash. The
service tells every hash that begins so, and never learns which was meant.

``GET <url><five letters>`` answers lines ``REST:COUNT``; ``Add-Padding`` asks for lines with a count of 0 among them,
so that the length of the answer tells nothing either. One that does not answer keeps nobody out: it is left alone for a
while, and the list on this machine is what counts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

from idp.foundation.egress.guard import Refused, Unreachable
from idp.foundation.settings import Settings

SECONDS = 1.5
"""For one question; somebody waits for it."""
RESTS_S = 30.0
KEPT_S = 3_600.0
MOST_KEPT = 4_096
_LETTERS = 5
log = structlog.get_logger(__name__)


class RangeService:
    """What a process knows of the service: whether it answers, and what it said a moment ago."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self._key = secrets.token_bytes(32)
        self._said: OrderedDict[bytes, tuple[bool, float]] = OrderedDict()

    def knows(self, settings: Settings, password: str) -> bool:
        """Whether the service knows the password; False where it does not answer."""
        if settings.breached_passwords_url is None:
            return False
        digest = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
        name = hmac.digest(self._key, digest.encode(), "sha256")  # nothing that a password could be guessed from
        moment = self._now()
        with self._lock:
            said, until = self._said.get(name, (None, 0.0))
            if said is not None and until > moment:
                return said
            if self._rests_until > moment:
                return False
        found = self._ask(settings, settings.breached_passwords_url, digest)
        if found is None:
            return False
        with self._lock:
            self._said[name] = (found, moment + KEPT_S)
            while len(self._said) > MOST_KEPT:
                self._said.popitem(last=False)
        return found

    def _ask(self, settings: Settings, url: str, digest: str) -> bool | None:
        from idp.foundation.egress import client  # with the first question: most processes ask none

        try:
            answer = client.get(settings, f"{url}{digest[:_LETTERS]}", headers={"Add-Padding": "true"}, seconds=SECONDS)
        except (Refused, Unreachable) as error:
            self._rest(str(error))
            return None
        if answer.status != 200:
            self._rest(f"status {answer.status}")
            return None
        return _named(answer.body, digest[_LETTERS:].encode())

    def _rest(self, reason: str) -> None:
        with self._lock:
            self._rests_until = self._now() + RESTS_S
        log.warning("the range service of breached passwords does not answer", reason=reason)


def _named(body: bytes, rest: bytes) -> bool:
    """Whether a line names that hash with a count above 0."""
    for line in body.upper().splitlines():
        text, _, amount = line.partition(b":")
        if text.strip() == rest:
            return bool(amount.strip().strip(b"0"))
    return False


service = RangeService()
"""This process's."""
