"""Background jobs: the outbox loop and the purges, as a process of its own or beside the web server of ``idp dev``."""

from __future__ import annotations

import gc
import signal
import threading
from typing import Any

import structlog

from idp.foundation.kernel import memory, struct_types
from idp.foundation.queue.run import Loop
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
from idp.processes.purges import Purger
from idp.wiring import wire

log = structlog.get_logger(__name__)


class Jobs:
    """Everything that runs in the background of one process."""

    def __init__(self, platform: Platform) -> None:
        wire()
        struct_types.prepare()
        self.loop = Loop(platform)
        self.purger = Purger(platform)

    def start(self) -> None:
        """Run beside the caller."""
        self.loop.start()
        self.purger.start()

    def stop(self) -> None:
        """Finish what is under way."""
        self.loop.stop()
        self.purger.stop()


def run(settings: Settings) -> None:
    """``idp worker``: work until SIGTERM or SIGINT."""
    platform = Platform.open(settings)
    jobs = Jobs(platform)
    memory.few_arenas()
    gc.collect()
    memory.give_back()
    gc.freeze()
    gc.enable()
    _work(platform, jobs)


def work(platform: Platform) -> None:
    """The same in a process that was forked from one with everything in it (``idp serve --with-worker``)."""
    _work(platform, Jobs(platform))


def _work(platform: Platform, jobs: Jobs) -> None:
    stop = threading.Event()

    def ask(_signal: int, _frame: Any) -> None:
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, ask)
    jobs.start()
    log.info("worker started")
    stop.wait()
    jobs.stop()
    platform.db.dispose()
    log.info("worker stopped")
