"""Background jobs: the outbox loop and the purges, as a process of its own or beside the web server of ``idp dev``."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable
from typing import Any

import structlog

from idp.foundation.kernel import memory, struct_types
from idp.foundation.queue.run import Loop
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
from idp.processes.purges import EVERY_S, Purger
from idp.wiring import wire

log = structlog.get_logger(__name__)


CALM_S = 60.0
"""A process that did something stays for so long after it was last needed: the next one has everything to load again,
which is most of a second of CPU.
"""
CALM_AFTER_PURGE_S = 5.0
"""The like where it only purged."""
LOOK_S = 1.0


class Jobs:
    """Everything that runs in the background of one process. ``first_purge_s``: seconds until its first purge."""

    def __init__(self, platform: Platform, first_purge_s: float = EVERY_S) -> None:
        wire()
        struct_types.prepare()
        self.loop = Loop(platform)
        self.purger = Purger(platform, first_purge_s)

    @property
    def calm(self) -> bool:
        """Whether nothing is due or under way, and has not been for a while."""
        needed = CALM_S if self.loop.did_something else CALM_AFTER_PURGE_S
        return self.purger.waits and self.loop.calm_s >= needed

    def start(self) -> None:
        """Run beside the caller."""
        self.loop.start()
        self.purger.start()

    def stop(self) -> None:
        """Finish what is under way."""
        self.loop.stop()
        self.purger.stop()


def until_calm(settings: Settings, first_purge_s: float) -> None:
    """Work until there is nothing to do for a while, or SIGTERM or SIGINT (``idp worker``)."""
    platform = Platform.open(settings)
    jobs = Jobs(platform, first_purge_s)
    gc.collect()
    memory.give_back()
    gc.freeze()
    gc.enable()
    _work(platform, jobs, until=lambda: jobs.calm)


def work(platform: Platform) -> None:
    """Work until SIGTERM or SIGINT, in a process that was forked from one with everything in it (``idp serve
    --with-worker``).
    """
    jobs = Jobs(platform)
    log.info("worker started")
    _work(platform, jobs, until=lambda: False)
    log.info("worker stopped")


def _work(platform: Platform, jobs: Jobs, *, until: Callable[[], bool]) -> None:
    stop = threading.Event()

    def ask(_signal: int, _frame: Any) -> None:
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, ask)
    jobs.start()
    while not stop.wait(LOOK_S) and not until():
        pass
    jobs.stop()
    platform.db.dispose()
