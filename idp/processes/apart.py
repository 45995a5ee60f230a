"""Work that a process has to do once before its own, and shall not remember: databases are brought up to date."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any


def apart(work: Callable[[], object]) -> None:
    """Do ``work`` in a forked process and wait for it. What it loads and leaves behind (migrations above all) is never
    in this process, nor in those that it forks afterwards.

    What fails there is told there, as it would have been here, and ends this process with the same status. For commands
    that have no thread and no connection yet.

    :raises SystemExit: it failed; and in the forked process, once it is done.
    """
    child = os.fork()
    if child == 0:
        work()
        raise SystemExit(0)
    _, status = os.waitpid(child, 0)
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
