"""The processes in which scripts run: begun at the first run, a few at most, ended where a run does not end by itself.

One process has one run at a time, of whichever owner; the owners of one tenant hold all of them but one at most, so
that one whose scripts hang keeps nobody else waiting.
"""

from __future__ import annotations

import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from idp.foundation.scripts import CALLS, MEMORY_BYTES, Outcome, Script, Thrown

MOST_WORKERS = 4
MOST_PER_OWNER = 3
KEPT_FREE = 1
"""So many processes nobody takes who holds one already, and none of those whose last run did not end in time."""
WAIT_S = 5.0
"""Nobody waits longer for a process to come free."""
START_S = 30.0
"""A process has so long to begin: the engine is compiled meanwhile."""
GRACE_S = 1.0
"""What ends a run from within comes first; the process is ended so much later."""
RUNS = 500
"""After so many runs a process makes room for a new one."""
MESSAGE_BYTES = 4 * 1024 * 1024
"""Longer messages of a worker are none."""
KEPT_OWNERS = 256
"""Whose ``global`` is remembered."""
_LENGTH = struct.Struct("<I")
_ROOT = Path(__file__).parents[3]
_BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); from idp.foundation.scripts.worker import main; main()"
"""``-I`` leaves out the working directory and the variables of the environment."""
Answer = Callable[[str, Any], Any]
"""Makes a call of a script: the name of what it asks for, and what it asks. Raises ValueError with a text for it."""


class Gone(Exception):
    """The process ended, or said what no worker says."""


class TooLate(Exception):
    """Time is up."""


class Worker:
    """One process, as seen from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own words
            [sys.executable, "-I", "-B", "-c", _BEGIN, str(_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            bufsize=0,
            start_new_session=True,
        )
        self.runs = 0
        self.walls = False

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def begin(self) -> None:
        """Wait until it is ready. Raises Gone, TooLate."""
        message = self._receive(time.monotonic() + START_S)
        self.walls = bool(message.get("walls"))

    def run(self, call: dict[str, Any], answer: Answer, ends: float) -> dict[str, Any]:
        """The outcome of one run. Raises Gone, TooLate: then the process is of no more use."""
        self.runs += 1
        self._send(call)
        while True:
            message = self._receive(ends)
            if "outcome" in message:
                outcome: dict[str, Any] = message["outcome"]
                return outcome
            if "call" not in message:
                raise Gone("a message that is none")
            try:
                said: dict[str, Any] = {"value": answer(str(message["call"]), message.get("request"))}
            except ValueError as error:
                said = {"error": str(error)[:500]}
            self._send(said)

    def alive(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it now."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _send(self, message: Any) -> None:
        data = json.dumps(message).encode()
        data = _LENGTH.pack(len(data)) + data
        pipe = self._process.stdin
        try:
            while data and pipe is not None:
                data = data[os.write(pipe.fileno(), data) :]
        except OSError as error:
            raise Gone(str(error)) from error

    def _receive(self, ends: float) -> dict[str, Any]:
        (size,) = _LENGTH.unpack(self._read(_LENGTH.size, ends))
        if size > MESSAGE_BYTES:
            raise Gone(f"a message of {size} bytes")
        found = json.loads(self._read(size, ends))
        if not isinstance(found, dict):
            raise Gone("a message that is none")
        return found

    def _read(self, size: int, ends: float) -> bytes:
        pipe = self._process.stdout
        if pipe is None:
            raise Gone("it has no output")
        found = bytearray()
        while len(found) < size:
            left = ends - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                raise TooLate
            chunk = os.read(pipe.fileno(), size - len(found))
            if not chunk:
                raise Gone("it ended")
            found += chunk
        return bytes(found)


class Pool:
    """The workers of this process of ours."""

    def __init__(self, *, most: int = MOST_WORKERS, per_owner: int = MOST_PER_OWNER, wait_s: float = WAIT_S) -> None:
        self._most, self._per_owner, self._wait_s = most, per_owner, wait_s
        self._forget()

    def _forget(self) -> None:
        self._pid = os.getpid()
        self._free: list[Worker] = []
        self._busy: Counter[str] = Counter()
        self._slow: OrderedDict[str, None] = OrderedDict()
        self._changed = threading.Condition()
        self._globals: OrderedDict[str, Any] = OrderedDict()

    def run(self, script: Script, answer: Answer, seconds: float) -> Outcome:
        """Run it in one of them."""
        if self._pid != os.getpid():
            self._forget()  # a fork: those are the parent's
        if not self._take(script.owner):
            return Outcome(failed="busy", detail="every process for scripts has something to do")
        worker, done, late = None, False, False
        try:
            worker = self._worker()
            call = self._call(script, seconds)
            found = worker.run(call, answer, time.monotonic() + seconds + GRACE_S)
            done, late = True, found.get("failed") == "timeout"
        except TooLate:
            late = True
            return Outcome(failed="timeout", detail="it took too long, and was ended")
        except Exception as error:  # noqa: BLE001 - a run is an outcome, whatever a script makes of what it is given
            return Outcome(failed="crashed", detail=f"{type(error).__name__}: {error}"[:300])
        finally:
            if not done:  # it waits in the middle of a run, whose outcome the next owner's would be taken for
                _end(worker)
                worker = None
            self._give_back(script.owner, worker, late=late)
        try:
            return self._outcome(script.owner, found)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            detail = f"the script changed what its result is written with: {error}"
            return Outcome(failed="crashed", detail=detail[:300])

    def close(self) -> None:
        """End those that have nothing to do."""
        with self._changed:
            free, self._free = self._free, []
        for worker in free:
            worker.end()

    def workers(self) -> list[Worker]:
        """Those that have nothing to do at the moment."""
        return list(self._free)

    def _take(self, owner: str) -> bool:
        def room() -> bool:
            held, all_held = self._held(owner), self._busy.total()
            if all_held >= self._most or held >= self._per_owner:
                return False
            if held and all_held >= self._most - KEPT_FREE:
                return False
            slow = sum(self._busy[each] for each in self._slow) if owner in self._slow else 0
            return slow < self._most - KEPT_FREE

        with self._changed:
            if not self._changed.wait_for(room, self._wait_s):
                return False
            self._busy[owner] += 1
            return True

    def _held(self, owner: str) -> int:
        """Those that the owner's tenant has: each of its connections is an owner of its own (``<tenant>/<id>``)."""
        whose = owner.partition("/")[0]
        return sum(count for each, count in self._busy.items() if each.partition("/")[0] == whose)

    def _worker(self) -> Worker:
        with self._changed:
            while self._free:
                worker = self._free.pop()
                if worker.alive():
                    return worker
                worker.end()
        worker = Worker()
        try:
            worker.begin()
        except BaseException:
            worker.end()
            raise
        return worker

    def _give_back(self, owner: str, worker: Worker | None, *, late: bool) -> None:
        spent = worker is not None and worker.runs >= RUNS
        if worker is not None and spent:
            worker.end()
        with self._changed:
            if worker is not None and not spent:
                self._free.append(worker)
            self._slow.pop(owner, None)
            if late:
                self._slow[owner] = None
                while len(self._slow) > KEPT_OWNERS:
                    self._slow.popitem(last=False)
            self._busy[owner] -= 1
            self._busy += Counter()
            self._changed.notify_all()

    def _call(self, script: Script, seconds: float) -> dict[str, Any]:
        return {
            "source": script.source,
            "style": script.style,
            "entry": script.entry,
            "args": list(script.args),
            "configuration": dict(script.configuration),
            "globals": dict(script.globals),
            "global": self._globals.get(script.owner, {}),
            "seconds": seconds,
            "calls": CALLS,
            "memory_bytes": MEMORY_BYTES,
        }

    def _outcome(self, owner: str, found: dict[str, Any]) -> Outcome:
        console = tuple((str(level), str(line)) for level, line in found.get("console", ()))
        if "failed" in found:
            return Outcome(failed=found["failed"], detail=str(found.get("detail", "")), console=console)
        if "error" in found:
            said = found["error"]
            texts = {name: None if said.get(name) is None else str(said[name]) for name in ("code", "user")}
            thrown = Thrown(str(said["name"]), str(said["message"]), **texts)
            return Outcome(thrown=thrown, detail=_place(said.get("where")), console=console)
        with self._changed:
            self._globals[owner] = found.get("global") or {}
            self._globals.move_to_end(owner)
            while len(self._globals) > KEPT_OWNERS:
                self._globals.popitem(last=False)
        return Outcome(values=tuple(found.get("values", ())), console=console)


def _place(stack: str | None) -> str | None:
    """Where in the script it is: the innermost of its own functions, else where it cannot be read. Frames of what is
    around it are none of its lines.
    """
    frames = [each.strip() for each in (stack or "").splitlines() if "<input>:" in each]
    return next((each for each in frames if "(" in each), next(iter(frames), None))


def _end(worker: Worker | None) -> None:
    if worker is not None:
        worker.end()


pool = Pool()
"""The pool of this process."""
