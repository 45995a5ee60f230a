"""Counters of the web processes, in memory that all of them share: whichever process is scraped answers for all.

The parent makes the memory before it forks (one small page); prometheus_client writes the exposition.
"""

from __future__ import annotations

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

ENDPOINTS: Final = (
    "authorize",
    "token",
    "userinfo",
    "introspection",
    "revocation",
    "logout",
    "login",
    "account",
    "management",
    "discovery",
    "other",
)
"""Groups of endpoints; a few of them instead of hundreds of routes."""
CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_PER_ENDPOINT: Final = len(CLASSES) + len(BUCKETS_S) + 2
_PER_PROCESS: Final = _PER_ENDPOINT * len(ENDPOINTS)
PROCESSES: Final = 64
"""Processes that count apart; more of them share places, and may lose a count to each other."""


class Counters:
    """Requests by endpoint group and status class, and their duration in seconds."""

    def __init__(self) -> None:
        self._cells = memoryview(mmap.mmap(-1, _PER_PROCESS * PROCESSES * 8)).cast("d")
        self._lock = threading.Lock()

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one request of this process."""
        row = (os.getpid() % PROCESSES) * _PER_PROCESS + _INDEX.get(endpoint, _OTHER) * _PER_ENDPOINT
        bucket = row + len(CLASSES) + bisect_left(BUCKETS_S, seconds)
        with self._lock:
            self._cells[row + min(max(status // 100 - 2, 0), 3)] += 1
            self._cells[bucket] += 1
            self._cells[row + _PER_ENDPOINT - 1] += seconds

    def clear(self) -> None:
        """Forget what was counted: before the first process serves."""
        with self._lock:
            for index in range(len(self._cells)):
                self._cells[index] = 0.0

    def totals(self) -> dict[str, list[float]]:
        """Endpoint group -> its row, summed over all processes."""
        sums = {endpoint: [0.0] * _PER_ENDPOINT for endpoint in ENDPOINTS}
        for process in range(PROCESSES):
            for index, endpoint in enumerate(ENDPOINTS):
                at = process * _PER_PROCESS + index * _PER_ENDPOINT
                row = self._cells[at : at + _PER_ENDPOINT]
                sums[endpoint] = [a + b for a, b in zip(sums[endpoint], row, strict=True)]
        return sums


_INDEX: Final = {endpoint: index for index, endpoint in enumerate(ENDPOINTS)}
_OTHER: Final = _INDEX["other"]
counters = Counters()
"""The counters of this process and of those forked from it."""


def exposition(gauges: dict[str, tuple[str, float]]) -> bytes:
    """Everything in Prometheus' text format; ``gauges`` are name -> (help, value) of this moment."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(gauges))
    return generate_latest(registry)


class _Collector:
    def __init__(self, gauges: dict[str, tuple[str, float]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Any]:
        """prometheus_client's interface."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily("gatehouse_http_requests", "Requests answered.", labels=["endpoint", "status"])
        seconds = HistogramMetricFamily("gatehouse_http_request_seconds", "Time to answer.", labels=["endpoint"])
        for endpoint, row in counters.totals().items():
            for name, count in zip(CLASSES, row, strict=False):
                requests.add_metric([endpoint, name], count)
            seconds.add_metric([endpoint], list(_cumulative(row[len(CLASSES) : -1])), row[-1])
        yield requests
        yield seconds
        for name, (text, value) in self._gauges.items():
            yield GaugeMetricFamily(f"gatehouse_{name}", text, value=value)


def _cumulative(counts: list[float]) -> Iterator[tuple[str, float]]:
    total = 0.0
    for limit, count in zip([*map(str, BUCKETS_S), "+Inf"], counts, strict=True):
        total += count
        yield limit, total
