"""The web server: one parent that forks ``WEB_CONCURRENCY`` granian workers, replaces the dead, and stops gracefully.

Everything is imported once in the parent, so that workers share its memory; each worker opens its own database
connections.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from granian import _granian, _signals
from granian.constants import HTTPModes, Interfaces, RuntimeModes, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.common import WORKERS_METHODS
from granian.server.mp import MPServer

from idp.foundation.kernel import memory
from idp.foundation.settings import Settings
from idp.processes.reception import Doorway, Loop, Reception
from idp.processes.room import Room
from idp.processes.wsgi import Parts

KEEP_ALIVE_MS = 75_000
"""How long a connection may be idle, and how long a request's head may take: granian has one figure for both. Clients
that keep connections for a minute (Node, Go) never meet one that was just closed.
"""
HEADER_BUFFER_BYTES = 64 * 1024
BACKLOG = 2_048
CONNECTIONS = 16_384
"""Open connections of one worker, most of them idle."""
ENDING = (signal.SIGTERM, signal.SIGINT)
"""Signals that end a worker."""
STOP_WITHIN_S = 10
"""A worker that was told to stop and still answers something is ended after this long."""
STOP_POLL_S = 0.5
"""How often a stopping worker looks whether it has answered everything: it does not wait for heads that never end."""
SHORT_LIFE_S = 1.0
LONGEST_PAUSE_S = 2.0
LOOK_S = 10.0
"""How often the parent looks after what a second way in begins with."""
log = structlog.get_logger(__name__)

Opened = tuple[Parts, Callable[[], None]]
"""What answers requests, and what to call when its worker ends."""


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
        self,
        listener: socket.socket,
        settings: Settings,
        workers: int,
        certificate: Certificate | None,
        doorway: Doorway | None = None,
    ) -> None:
        address, port = listener.getsockname()[:2]
        super().__init__(
            "gatehouse",
            address=address,
            port=port,
            interface=Interfaces.ASGINL,
            workers=workers,
            blocking_threads=1,
            runtime_threads=1,
            http=HTTPModes.http1,
            websockets=False,
            backlog=BACKLOG,
            backpressure=CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=KEEP_ALIVE_MS, max_buffer_size=HEADER_BUFFER_BYTES),
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
        self._doorway = doorway
        self._deaths: dict[int, int] = {}

    def _init_shared_socket(self) -> None:
        holder: Any = _granian.SocketHolder
        self._shd: Any = holder(self._listener.fileno(), False, BACKLOG)
        self._sfd: Any = self._listener.fileno()
        self._ssp = None
        self._sso = None

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        while not self.interrupt_signal:
            self._wait()
            self.main_loop_interrupt.clear()
            dead, self.interrupt_children = list(self.interrupt_children), []
            for index in dead:
                if not self.interrupt_signal:
                    self._replace(index, spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _wait(self) -> None:
        """Until there is something to do. Meanwhile, in this thread and no other (it forks), what workers begin with is
        kept up to date.
        """
        while not self.main_loop_interrupt.wait(None if self._doorway is None else LOOK_S):
            if self._doorway is not None:
                self._doorway.look()

    def _stop_workers(self) -> None:
        """A worker that had died just before is none that failed: whoever asked for the end gets it, with status 0."""
        super()._stop_workers()  # type: ignore[no-untyped-call]
        self.interrupt_children.clear()

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
    beside: Callable[[], None] | None = None,
    doorway: Doorway | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. ``open_application`` runs in each worker, after the fork, and then ``doorway``,
    for a second way in; ``beside`` in one more process of the same kind, which serves nobody and ends when it is told
    to.
    """
    multiprocessing.set_start_method("fork", force=True)
    memory.few_arenas()
    _allow_many_connections()
    lifeline = os.pipe()
    server = Server(listener, settings, workers if beside is None else workers + 1, certificate, doorway)
    gc.collect()
    memory.give_back()
    memory.fill_gaps()
    gc.freeze()
    gc.enable()
    server.serve(
        spawn_target=_Worker(
            open_application, doorway, beside, workers, lifeline, lambda: bool(server.interrupt_signal)
        ),
        target_loader=dict,  # type: ignore[arg-type] # granian asks for a loader; workers open their application themselves
        wrap_loader=False,
    )


class _Worker:
    """What runs in a forked worker: open, serve, close; or, in the one behind the ``serving`` ones, what runs
    ``beside`` them. ``stopped``: whether the parent was told to end when it forked, or this process in its stead.
    """

    def __init__(
        self,
        open_application: Callable[[], Opened],
        doorway: Doorway | None,
        beside: Callable[[], None] | None,
        serving: int,
        lifeline: tuple[int, int],
        stopped: Callable[[], bool],
    ) -> None:
        self._open = open_application
        self._doorway = doorway
        self._beside = beside
        self._serving = serving
        self._lifeline = lifeline
        self._stopped = stopped

    def __call__(
        self,
        worker_id: int,
        _process_name: str | None,
        _loader: Any,
        sock: Any,
        ipc: Any,
        _loop: Any,
        _log_enabled: Any,
        _log_level: Any,
        _log_config: Any,
        _env_files: Any,
        *rest: Any,
    ) -> None:
        _end_at_once_until_serving()
        if self._stopped():
            return
        self._end_with_parent()
        if self._beside is not None and worker_id > self._serving:
            self._beside()
            return
        for name in [name for name in os.environ if name.startswith("HTTP_")]:
            del os.environ[
                name
            ]  # granian copies the environment into each request, where these would look like headers
        parts, close = self._open()
        reception = Reception(parts, Room())
        if self._doorway is not None:
            reception.door = self._doorway.open(reception)
        try:
            _receive(worker_id, reception, sock[0], _sender(ipc), *rest)
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


def _sender(ipc: Any) -> Any:
    """The end that a process has of what granian's tell their parent, as granian opens it. Beside that granian's own
    start would make an event loop that nothing runs on, and set logging up anew.
    """
    if not ipc:
        return None
    ours = os.dup(ipc.fileno())
    os.set_blocking(ours, False)
    handle: Any = _granian.IPCSenderHandle
    return handle(ours)


def _receive(
    worker_id: int,
    reception: Reception,
    sock: Any,
    ipc: Any,
    runtime_mode: RuntimeModes,
    *options: Any,
) -> None:
    """Granian's own ASGI worker without an event loop: what it calls back runs on its own thread. Ends after a
    signal.
    """
    (threads, other_threads, our_threads, idle_timeout, backpressure, _task_impl, http_mode, http1, http2) = options[:9]
    (websockets, static_path, _access_log, tls, _scope_opts, metrics) = options[9:]
    ended = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)  # one that comes between these lines is for all of them
    asked = _signals.set_sync_signals()  # type: ignore[no-untyped-call]
    asked.add_cb(ended.set)
    _on_signals(reception.close)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    worker_type: Any = _granian.ASGIWorker  # granian's stubs lag behind its signatures
    scheduler_type: Any = _granian.CallbackScheduler
    worker = worker_type(
        worker_id,
        sock,
        ipc,
        threads,
        other_threads,
        our_threads,
        idle_timeout,
        backpressure,
        http_mode,
        http1,
        http2,
        websockets,
        static_path,
        *tls,
        metrics,
    )
    scheduler = scheduler_type(Loop(), None, None, None, None)
    scheduler._schedule_fn = reception  # noqa: SLF001 - what granian's own schedulers set
    getattr(worker, WORKERS_METHODS[runtime_mode][False])(scheduler, Loop(), asked)
    reception.closing.wait()
    while not ended.wait(STOP_POLL_S) and not reception.idle:
        pass
    if reception.door is not None:
        reception.door.wait(STOP_WITHIN_S)


def _end_at_once_until_serving() -> None:
    """A forked process has its parent's answers to signals, which end nobody else: a stop while a worker opens would be
    lost, and the parent would wait for that worker until it kills it. Nothing is served yet that had to be finished;
    Ctrl-C goes to the parent too, which tells its workers.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _on_signals(first: Callable[[], None]) -> None:
    """Call ``first`` before what already answers the signals that end a worker."""
    for number in ENDING:
        before = signal.getsignal(number)

        def handle(given: int, frame: Any, before: Any = before) -> None:
            first()
            if callable(before):
                before(given, frame)

        signal.signal(number, handle)


def _allow_many_connections() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS * 2 if hard == resource.RLIM_INFINITY else min(hard, CONNECTIONS * 2)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
