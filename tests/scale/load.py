"""Callers in closed loops against a running product: how long each call takes, and what CPU it costs whom."""

from __future__ import annotations

import http.client
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.ops.processes import tree

Headers = Mapping[str, str]
TICKS = os.sysconf("SC_CLK_TCK")


class Refused(RuntimeError):
    """An answer that nobody expected."""


class Line:
    """One keep-alive connection of one caller."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
        self.cookies: dict[str, str] = {}

    def send(
        self, method: str, target: str, *, headers: Headers | None = None, body: str | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request: status, headers, body. Cookies are kept whatever their path."""
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        self._connection.request(method, target, body=body, headers=sent)
        answer = self._connection.getresponse()
        read = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers, read

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


Call = Callable[[Line, int], None]
"""One call of a caller, by its number; raises :class:`Refused`."""


@dataclass(frozen=True)
class Workload:
    """What is measured. ``prepare`` is done once for each caller, unmeasured."""

    name: str
    call: Call
    prepare: Call = field(default=lambda _line, _number: None)


@dataclass(frozen=True)
class Figures:
    """What came out: milliseconds of all calls, the refused ones (503 for the most part) too, and CPU milliseconds per
    call of the product and of its database.
    """

    calls: int
    refused: int
    p50: float
    p95: float
    product: float
    database: float


def measure(
    base_url: str, workload: Workload, *, callers: int, seconds: float, product: int, database: int | None
) -> Figures:
    """Let ``callers`` call for ``seconds`` after one unmeasured call each; ``product`` and ``database`` are process
    ids whose descendants count too.

    :raises Exception: whatever else than :class:`Refused` a call or its preparation raises.
    """
    refused = [0] * callers
    took: list[list[float]] = [[] for _ in range(callers)]
    failed: list[Exception] = []
    ready, go = threading.Barrier(callers + 1), threading.Event()
    end = [0.0]

    def run(own: int) -> None:
        line = Line(base_url)
        try:
            workload.prepare(line, own)
            with suppress(Refused):
                workload.call(line, own)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that measures
            failed.append(error)
        ready.wait()
        go.wait()
        number = own
        while not failed and (time.perf_counter() < end[0] or not took[own]):
            number += callers
            begun = time.perf_counter()
            try:
                workload.call(line, number)
            except Refused:
                refused[own] += 1
            except Exception as error:  # noqa: BLE001 - the same
                failed.append(error)
                break
            took[own].append(time.perf_counter() - begun)
        line.close()

    threads = [threading.Thread(target=run, args=(own,)) for own in range(callers)]
    for thread in threads:
        thread.start()
    ready.wait()
    before = cpu_ms(product), cpu_ms(database)
    end[0] = time.perf_counter() + seconds
    go.set()
    for thread in threads:
        thread.join()
    after = cpu_ms(product), cpu_ms(database)
    if failed:
        raise failed[0]
    every = sorted(each * 1000 for one in took for each in one)
    calls = len(every)
    return Figures(
        calls,
        sum(refused),
        every[calls // 2],
        every[min(calls - 1, calls * 95 // 100)],
        (after[0] - before[0]) / calls,
        (after[1] - before[1]) / calls,
    )


def cpu_ms(root: int | None) -> float:
    """CPU time of a process and its descendants, those that ended included; 0 for None."""
    if root is None:
        return 0.0
    return sum(_ticks(pid) for pid in tree(root)) * 1000 / TICKS


def _stat(pid: int) -> list[str]:
    """The fields behind the name: state, parent, and so on; none where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return sum(int(fields[at]) for at in range(11, 15)) if fields else 0
