"""The place a thread has among those that may work at a time.

Whoever owns a thread says here how it gives up its place for a while; slow work asks for that without knowing whose
thread it is (:func:`idp.foundation.db.slow_work.slow_work`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext


class _OfThisThread(threading.local):
    away: Callable[[], AbstractContextManager[object]] = nullcontext
    """Around slow work; may raise :class:`idp.foundation.kernel.errors.Overloaded` instead of beginning it."""


of_this_thread = _OfThisThread()
