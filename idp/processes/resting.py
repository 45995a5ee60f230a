"""``idp worker``, which is small while there is nothing to do (decision 0475).

The process that was started looks whether anything is due. What is, is done by a process that it forks, which loads the
features and their tasks, stays until it was calm for a minute, and takes the memory of all that with it. Purges have
one, too, every ten minutes.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog

from idp.foundation.kernel import memory
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.queue.due import Lookout, connecting
from idp.foundation.settings import Settings
from idp.processes.apart import Lifeline, told

POLL_S = 1.0
STORE_AWAY_S = 2.0
PURGE_EVERY_S = 600.0
ENDING = (signal.SIGTERM, signal.SIGINT)
log = structlog.get_logger(__name__)

Work = Callable[[float], object]
"""What the forked process does until it is calm, or told to stop; it is given the seconds until its first purge."""


def run(settings: Settings, work: Work) -> None:
    """Until SIGTERM or SIGINT. Ends with the status of a process that did not end well, so that whoever runs this one
    starts it anew.

    :raises SystemExit: a process ended badly; and in each forked process, once it is done.
    """
    _Resting(settings, work).run()


class _Resting:
    def __init__(self, settings: Settings, work: Work) -> None:
        self._lookout = Lookout(told(lambda: connecting(settings.database_url)))
        self._work = work
        self._stop_asked = threading.Event()
        self._child: int | None = None
        self._purge_at = time.monotonic() + PURGE_EVERY_S
        self._lifeline = Lifeline()

    def run(self) -> None:
        for each in ENDING:
            signal.signal(each, self._stop)
        memory.few_arenas()
        gc.collect()
        memory.give_back()
        memory.fill_gaps()
        gc.freeze()
        log.info("worker started")
        while not self._stop_asked.is_set():
            if self._wanted():
                self._do()
            else:
                self._stop_asked.wait(POLL_S)
        log.info("worker stopped")

    def _wanted(self) -> bool:
        if time.monotonic() >= self._purge_at:
            return True
        try:
            return self._lookout.any_due()
        except StoreUnavailable as error:
            log.warning("the worker waits for the database", reason=error.detail)
            self._stop_asked.wait(STORE_AWAY_S)
            return False

    def _do(self) -> None:
        """Fork a process for what there is to do, and wait for its end."""
        self._lookout.close()
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # whoever tells us to stop meanwhile tells the right process
        if self._stop_asked.is_set():  # told since it looked, when there was nobody to pass it on to
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            return
        child = os.fork()
        if child == 0:
            self._in_the_child()
        self._child = child
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        status = self._ended(child)
        while self._purge_at <= time.monotonic():
            self._purge_at += PURGE_EVERY_S
        code = os.waitstatus_to_exitcode(status)
        if code and not (self._stop_asked.is_set() and -code in ENDING):
            log.error("the process that does the work ended unexpectedly", status=code)
            raise SystemExit(max(code, 1))

    def _ended(self, child: int) -> int:
        """Its status, once it ended. Until it is collected its id is nobody else's; from then on nobody is told."""
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        _, status = os.waitpid(child, 0)
        self._child = None
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        _collect_strays()
        return status

    def _in_the_child(self) -> None:
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)  # until the work has its own answer to it
        self._lifeline.hang()  # what it had taken is taken again once its lease ends
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        self._work(max(0.0, self._purge_at - time.monotonic()))
        raise SystemExit(0)

    def _stop(self, number: int, _frame: Any) -> None:
        self._stop_asked.set()
        if self._child is not None:
            os.kill(self._child, number)


def _collect_strays() -> None:
    """The first process of a container is the parent of whatever another one left behind: those that run scripts end a
    moment after the process that had them, and would stand there as long as this one.
    """
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass
