"""Work that a process has to do once before its own, and shall not remember: databases are brought up to date."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from typing import Any


class Lifeline:
    """What the process that makes it holds until it ends, however it does: a pipe whose other end closes with it. Those
    that it forks end with it where they :meth:`hang` on that.
    """

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()

    def hang(self) -> None:
        """In a forked process: from now on it never outlives its parent. It is killed, as its parent may have been."""
        os.close(self._writing)

        def watch() -> None:
            os.read(self._reading, 1)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=watch, name="lifeline", daemon=True).start()

    def close(self) -> None:
        """In the process that made it, once all that hung on it have ended."""
        os.close(self._reading)
        os.close(self._writing)


def apart(work: Callable[[], object]) -> None:
    """Do ``work`` in a forked process and wait for it. What it loads and leaves behind (migrations above all) is never
    in this process, nor in those that it forks afterwards.

    What fails there is told there, as it would have been here, and ends this process with the same status; it ends with
    this one: who stopped a command that waits for the database wants no migration later. For commands that have no
    thread and no connection yet.

    :raises SystemExit: it failed; and in the forked process, once it is done.
    """
    lifeline = Lifeline()
    child = os.fork()
    if child == 0:
        lifeline.hang()
        work()
        raise SystemExit(0)
    _, status = os.waitpid(child, 0)
    lifeline.close()
    if status:
        raise SystemExit(max(os.waitstatus_to_exitcode(status), 1))


def told(work: Callable[[], Any]) -> Any:
    """What ``work`` answers (as JSON has it), done :func:`apart`.

    :raises SystemExit: see :func:`apart`.
    """
    reading, writing = os.pipe()  # holds more than any answer
    with os.fdopen(reading, "rb") as ours, os.fdopen(writing, "wb") as theirs:

        def tell() -> None:
            theirs.write(json.dumps(work()).encode())
            theirs.flush()

        apart(tell)
        theirs.close()
        return json.loads(ours.read())
