"""The place a thread has among those that may work at a time.

Whoever owns a thread says here how it gives up its place for a while; slow work asks for that without knowing whose
thread it is (:func:`idp.foundation.db.slow_work.slow_work`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import Enum


class Slow(Enum):
    """Kinds of slow work, each of which is bounded for itself."""

    HASHING = "hashing"
    """A password is hashed: the processor is what it waits for."""
    CALLS = "calls"
    """Another machine is asked: an identity provider, an application, a mail server."""
    WAITING = "waiting"
    """A receiver of signals waits for one: for nothing but time."""


class _OfThisThread(threading.local):
    away: Callable[[Slow], AbstractContextManager[object]] = nullcontext
    """Around slow work; may raise :class:`idp.foundation.kernel.errors.Overloaded` instead of beginning it."""


of_this_thread = _OfThisThread()
