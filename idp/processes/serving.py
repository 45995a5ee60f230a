"""The web server: one parent that forks ``WEB_CONCURRENCY`` granian workers, replaces the dead, and stops gracefully.

Everything is imported once in the parent, so that workers share its memory; each worker opens its own database
connections.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from idp.foundation.settings import Settings
from idp.processes.wsgi import WSGIApplication

HEADER_TIMEOUT_MS = 10_000
"""Time for a request's headers, and of an idle kept-alive connection."""
HEADER_BUFFER_BYTES = 64 * 1024
THREADS = 64
"""Threads of one worker, started as bodies arrive; only :data:`idp.processes.wsgi.CONCURRENT_REQUESTS` of them work at
a time.
"""
BACKLOG = 2_048
CONNECTIONS = 16_384
"""Open connections of one worker, most of them idle."""
STOP_WITHIN_S = 25
SHORT_LIFE_S = 1.0
LONGEST_PAUSE_S = 2.0
log = structlog.get_logger(__name__)

Opened = tuple[WSGIApplication, Callable[[], None]]
"""An application, and what to call when its worker ends."""


@dataclass(frozen=True)
class Certificate:
    """PEM files to serve TLS with."""

    certificate: Path
    key: Path


class Server(MPServer):
    """The multi-process server of granian with one shared listening socket and a parent that never stops replacing
    workers.

    granian would give each worker its own socket, losing what is queued there when the worker dies, and end itself when
    a worker dies twice within seconds.
    """

    def __init__(
        self, listener: socket.socket, settings: Settings, workers: int, certificate: Certificate | None
    ) -> None:
        address, port = listener.getsockname()[:2]
        super().__init__(
            "gatehouse",
            address=address,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            blocking_threads_idle_timeout=10,
            runtime_threads=1,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS, max_buffer_size=HEADER_BUFFER_BYTES),
            log_level=LogLevels.info if settings.log_level == "debug" else LogLevels.error,
            log_dictconfig={
                "formatters": {},
                "handlers": {},
                "loggers": {"_granian": {"handlers": [], "propagate": True}},
            },
            ssl_cert=certificate.certificate if certificate else None,
            ssl_key=certificate.key if certificate else None,
            ssl_protocol_min=SSLProtocols.tls12,
            workers_kill_timeout=STOP_WITHIN_S,
        )
        self._listener = listener
        self._deaths: dict[int, int] = {}

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder
        self._shd: Any = holder(self._listener.fileno(), False, BACKLOG)
        self._sfd: Any = self._listener.fileno()
        self._ssp = None
        self._sso = None

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait()
            self.main_loop_interrupt.clear()
            dead, self.interrupt_children = list(self.interrupt_children), []
            for index in dead:
                if not self.interrupt_signal:
                    self._replace(index, spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _replace(self, index: int, spawn_target: Any, target_loader: Any) -> None:
        lived = time.monotonic() - self.wrks[index].birth
        self._deaths[index] = self._deaths.get(index, 0) + 1 if lived < SHORT_LIFE_S else 0
        pause = min(0.1 * 2 ** self._deaths[index], LONGEST_PAUSE_S) if self._deaths[index] else 0.0
        log.error("a web process ended unexpectedly and is replaced", lived_s=round(lived, 1), pause_s=pause)
        time.sleep(pause)
        self.wrks[index] = self._spawn_worker(index, spawn_target, target_loader)
        self.wrks[index].start()  # type: ignore[no-untyped-call]


def listen(host: str, port: int) -> socket.socket:
    """The listening socket all workers share. Raises OSError where the port is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def serve(
    listener: socket.socket,
    settings: Settings,
    open_application: Callable[[], Opened],
    *,
    workers: int,
    certificate: Certificate | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. ``open_application`` runs in each worker, after the fork."""
    multiprocessing.set_start_method("fork", force=True)
    _allow_many_connections()
    lifeline = os.pipe()
    server = Server(listener, settings, workers, certificate)
    gc.collect()
    gc.freeze()
    gc.enable()
    server.serve(
        spawn_target=_Worker(open_application, lifeline),
        target_loader=dict,  # type: ignore[arg-type] # granian asks for a loader; workers open their application themselves
        wrap_loader=False,
    )


class _Worker:
    """What runs in a forked worker: open, serve, close."""

    def __init__(self, open_application: Callable[[], Opened], lifeline: tuple[int, int]) -> None:
        self._open = open_application
        self._lifeline = lifeline

    def __call__(self, worker_id: int, process_name: str | None, _loader: Any, *rest: Any) -> None:
        self._end_with_parent()
        for name in [name for name in os.environ if name.startswith("HTTP_")]:
            del os.environ[
                name
            ]  # granian copies the environment into each request, where these would look like headers
        application, close = self._open()
        try:
            MPServer._spawn_wsgi_worker(  # noqa: SLF001 - granian names no public one
                worker_id, process_name, lambda: application, *rest
            )
        finally:
            close()

    def _end_with_parent(self) -> None:
        """A worker never outlives its parent: the pipe's other end closes with it, however it died."""
        import signal

        reading, writing = self._lifeline
        os.close(writing)

        def watch() -> None:
            os.read(reading, 1)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, name="lifeline", daemon=True).start()


def _allow_many_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS * 2 if hard == resource.RLIM_INFINITY else min(hard, CONNECTIONS * 2)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
