"""The process in which scripts run, begun by :mod:`.pool` with an empty environment. It imports nothing of the product
but its neighbours in this folder.

Per run it makes a fresh instance of QuickJS inside a WebAssembly sandbox, which knows no file, no socket and no
process; what a script may have besides comes from the other end of the pipe. Around that stand the :mod:`.walls`. Who
began this process ends it where a run takes too long (docs/decisions/0170-scripts-run-in-a-process-of-their-own.md).
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import struct
import time
from pathlib import Path
from typing import Any

from idp.foundation.scripts import computed, walls

HERE = Path(__file__).parent
MODULES = {
    **{name: name for name in ("axios", "bcrypt", "buffer", "crypto", "fetch", "jsonwebtoken", "lodash", "pg")},
    **{name: name for name in ("querystring", "request", "url", "util", "uuid", "mongodb", "mssql", "mysql2", "oauth")},
    "tedious": "tedious",
    "bcryptjs": "bcrypt",
    "mysql": "mysql2",
    "mysql2/promise": "mysql2_promise",
    "node-fetch": "fetch",
    "qs": "querystring",
    "request-promise": "request",
    "request-promise-native": "request",
}
"""What ``require`` knows, and the file it stands in."""
IDLE_S = 300.0
"""A worker that nobody needed for so long ends."""
STACK_BYTES = 192 * 1024
"""The engine's own limit comes before the end of what WebAssembly has."""
CONSOLE_CHARS = 16_384
RESULT_CHARS = 1_000_000
_LENGTH = struct.Struct("<I")
TOO_LONG = {"failed": "timeout", "detail": "it took too long"}
MODULE_TEXTS: dict[str, str] = {}


class Refused(Exception):
    """What the script asked for is not to be had; the text is for the script."""


def read_exactly(fd: int, size: int) -> bytes:
    """That many bytes; fewer where the other end is gone."""
    found = b""
    while len(found) < size and (chunk := os.read(fd, size - len(found))):
        found += chunk
    return found


def receive(fd: int) -> Any:
    """The next message, or None where the other end is gone."""
    head = read_exactly(fd, _LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    return json.loads(read_exactly(fd, size))


def send(fd: int, message: Any) -> None:
    """A message to the other end."""
    data = json.dumps(message).encode()
    data = _LENGTH.pack(len(data)) + data
    while data:
        data = data[os.write(fd, data) :]


class Run:
    """One run of one script."""

    def __init__(self, call: dict[str, Any], into: int, out: int) -> None:
        self._call, self._in, self._out = call, into, out
        self._ends = time.monotonic() + call["seconds"]
        self._room = CONSOLE_CHARS
        self._calls = call["calls"]
        self.console: list[list[str]] = []
        self.done: str | None = None

    def host(self, name: str, text: str) -> str:
        """What the script's surroundings ask for."""
        if name == "done":
            self.done = text if self.done is None else self.done
            return ""
        if name == "console":
            self._say(text)
            return ""
        try:
            return json.dumps({"value": self._answer(name, json.loads(text))})
        except Refused as refused:
            return json.dumps({"error": {"message": str(refused)}})

    def _say(self, text: str) -> None:
        level, line = json.loads(text)
        if self._room > 0:
            kept = line[: self._room]
            self.console.append([level, kept])
            self._room -= len(kept) + 16

    def _answer(self, name: str, request: Any) -> Any:
        if name == "input":
            return {
                key: self._call[key]
                for key in ("source", "style", "entry", "args", "configuration", "global", "globals")
            }
        if name == "module":
            return MODULE_TEXTS.get(request) or _no_such_module(str(request))
        if name == "sleep":
            time.sleep(min(max(0.0, float(request)) / 1000, max(0.0, self.left())))
            if self.left() <= 0:
                raise Refused("no time is left")
            return None
        here = computed.COMPUTED.get(name)
        if here is not None:
            try:
                return here(request)
            except (ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
                raise Refused(str(error)[:200] or "it cannot be computed") from None
        return self._elsewhere(name, request)

    def _elsewhere(self, name: str, request: Any) -> Any:
        """Calls that leave the process are made by whoever began it."""
        if self._calls <= 0:
            raise Refused("too many calls in one run")
        self._calls -= 1
        send(self._out, {"call": name, "request": request})
        answer = receive(self._in)
        if answer is None:
            os._exit(0)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["value"]

    def left(self) -> float:
        """Seconds left."""
        return float(self._ends - time.monotonic())


def _no_such_module(name: str) -> str:
    known = ", ".join(sorted(MODULES))
    raise Refused(f"Cannot find module '{name[:100]}': it is not available to scripts. There is {known}.")


class Engine:
    """QuickJS, compiled once per process."""

    def __init__(self) -> None:
        import quickjs_rs

        self._js = quickjs_rs
        self._prelude = (HERE / "prelude.js").read_text(encoding="utf-8")
        self._loop = asyncio.new_event_loop()

    def run(self, call: dict[str, Any], into: int, out: int) -> dict[str, Any]:
        """The outcome of a run, as :mod:`.pool` reads it."""
        run = Run(call, into, out)
        trouble = self._failure(run, call["memory_bytes"])
        outcome: dict[str, Any] = {"console": run.console}
        if run.done is None:
            silent = {"failed": "silent", "detail": "the callback was never called"}
            return {**outcome, **(TOO_LONG if run.left() <= 0 else trouble or silent)}
        if len(run.done) > RESULT_CHARS:
            return {**outcome, "failed": "too_large", "detail": f"the result is longer than {RESULT_CHARS} characters"}
        try:
            return {**outcome, **json.loads(run.done)}
        except (ValueError, TypeError):
            return {**outcome, "failed": "crashed", "detail": "the script changed what its result is written with"}

    def _failure(self, run: Run, memory_bytes: int) -> dict[str, Any] | None:
        js = self._js
        try:
            with (
                js.Runtime(memory_limit=memory_bytes, stack_limit=STACK_BYTES) as runtime,
                runtime.new_context(timeout=run.left()) as context,
            ):
                context.register("__host", run.host)
                context.eval(self._prelude)
                self._drive(context, run)
        except js.TimeoutError:
            return TOO_LONG
        except js.MemoryLimitError:
            return {"failed": "memory", "detail": "it needs too much memory"}
        except Exception as error:  # noqa: BLE001 - whatever the engine raises, this process goes on
            return {"failed": "crashed", "detail": f"{type(error).__name__}: {error}"[:300]}
        return None

    def _drive(self, context: Any, run: Run) -> None:
        """Microtasks after each step, then the next timer, until there is an outcome or nothing left to do."""
        self._step(context, run, "__run();0")
        while run.done is None and self._step(context, run, "__tick()"):
            pass

    def _step(self, context: Any, run: Run, code: str) -> Any:
        left = run.left()
        if left <= 0:
            raise self._js.TimeoutError("no time is left")
        return self._loop.run_until_complete(context.eval_async(code, timeout=left))


WARM_UP = {
    "source": "async function (cb) { Date(); await null; setTimeout(() => cb(null, 'é'.normalize()), 1); }",
    "style": "callback",
    "entry": "login",
    "args": [],
    "configuration": {},
    "global": {},
    "globals": {},
    "seconds": 10.0,
    "calls": 0,
    "memory_bytes": 16 * 1024 * 1024,
}


def main() -> None:
    """Until the other end is gone, or nobody needed it for a while."""
    walls.limit()
    into, out = 0, 1
    for name, file in MODULES.items():
        MODULE_TEXTS[name] = (HERE / "modules" / f"{file}.js").read_text(encoding="utf-8")
    computed.warm_up()
    engine = Engine()
    first = engine.run(WARM_UP, into, out)  # what is loaded at the first use is loaded while files can be read
    if "values" not in first:
        raise SystemExit(f"the engine does not work: {first}")
    walls.no_files()
    send(out, {"ready": True, "walls": walls.wall_in()})
    while select.select([into], [], [], IDLE_S)[0]:
        call = receive(into)
        if call is None:
            return
        send(out, {"outcome": engine.run(call, into, out)})
