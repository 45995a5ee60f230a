"""Receives requests for a web process: whole ones go to the room, the others wait here and hold nothing.

granian reads the sockets. Its WSGI mode takes a thread for every head that arrives, so that a hundred senders who
never finish stop the server. Here its ASGI protocol is driven without an event loop: granian calls us with each head,
the future of a body's next part calls back when the part is there, and both happen on granian's one Python thread,
which therefore never waits for anything (decision 0115).
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import unquote_to_bytes

import structlog

from idp.processes import wsgi
from idp.processes.kinds import kind_of
from idp.processes.room import Room
from idp.processes.wsgi import Environ, Headers, Refusal

MOST_ARRIVING: Final = 4_096
"""Bodies on their way at a time; beyond it the one that has taken longest is refused."""
MOST_ARRIVING_BYTES: Final = 128 * 1024 * 1024
"""What all of them may come to."""
MOST_PARTS: Final = 4_096
"""Pieces a body may arrive in."""
SWEEP_S: Final = 0.5
_BROKEN: Final = ("500 Internal Server Error", "Something went wrong.")
log = structlog.get_logger(__name__)


class Loop:
    """What granian's futures ask of an event loop: to call back. It happens at once, on the thread that asks."""

    def call_soon(self, callback: Callable[..., object], *values: object, context: object = None) -> None:
        """Call back."""
        callback(*values)

    call_soon_threadsafe = call_soon


class Arrival:
    """A request whose body is on its way."""

    __slots__ = ("asking", "begun", "environ", "future", "length", "parts", "promised", "size", "there", "watcher")

    def __init__(self, watcher: Any, environ: Environ, length: int | None) -> None:
        self.watcher = watcher
        self.environ = environ
        self.length = length
        self.promised = wsgi.MAX_BODY_BYTES if length is None else length
        self.begun = time.monotonic()
        self.size = 0
        self.parts: list[bytes] = []
        self.future: Any = None
        self.asking = 0
        """The thread that asks for a part just now."""
        self.there: Any = None
        """The future of one that was there when it was asked for."""


class Door(Protocol):
    """Another way in, whose requests go in the same line."""

    def close(self) -> None:
        """Nobody new; safe in a handler of signals."""

    def wait(self, seconds: float) -> bool:
        """Until everybody who came in has their answer, for so long at most."""


class Doorway(Protocol):
    """What opens such a way in."""

    def look(self) -> None:
        """In the parent, every few seconds: bring up to date what workers will begin with. It raises nothing."""

    def open(self, reception: Reception) -> Door:
        """In a worker, once."""


class Reception:
    """What granian calls with each request's head (a "watcher" of its ASGI protocol). It raises nothing."""

    def __init__(self, parts: wsgi.Parts, room: Room) -> None:
        self._app = parts.whole
        self._ready = parts.ready
        self._room = room
        self._arriving: dict[Arrival, None] = {}
        self._promised = 0
        self._lock = threading.Lock()
        self.door: Door | None = None
        """The second one, where there is one."""
        self.closing = threading.Event()
        """Set once the process was told to stop."""
        threading.Thread(target=self._sweep, name="deadlines", daemon=True).start()

    def __call__(self, watcher: Any) -> None:
        """Answer, refuse, wait for the body, or put it in line."""
        try:
            self._receive(watcher)
        except Exception:
            log.exception("a request could not be received")
            _send_refusal(watcher, "", _BROKEN)

    def close(self) -> None:
        """The process stops: what has not arrived is refused, what is in line is answered."""
        self.closing.set()
        if self.door is not None:
            self.door.close()
        while (arrival := self._oldest()) is not None:
            self._give_up(arrival, wsgi.BUSY)

    @property
    def idle(self) -> bool:
        """Whether every request that arrived has its answer."""
        return not self._arriving and self._room.empty

    def _receive(self, watcher: Any) -> None:
        environ = environ_of(watcher.scope)
        if self._ready is not None and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            answer = self._ready.fresh(environ)
            if answer is not None:
                _send(watcher, *answer)
                return
        if len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"]) > wsgi.MAX_TARGET_CHARS:
            _send_refusal(watcher, environ["PATH_INFO"], wsgi.TOO_LONG)
        elif wsgi.has_body(environ):
            length, refusal = wsgi.declared_length(environ)
            if refusal is None and self.closing.is_set():
                refusal = wsgi.BUSY
            if refusal is not None:
                _send_refusal(watcher, environ["PATH_INFO"], refusal)
            else:
                self._await(Arrival(watcher, environ, length))
        else:
            self.admit(watcher, environ, b"")

    def _await(self, arrival: Arrival) -> None:
        if arrival.length == 0 or (arrival.length is None and "HTTP_TRANSFER_ENCODING" not in arrival.environ):
            self.admit(arrival.watcher, arrival.environ, b"")
            return
        with self._lock:
            self._arriving[arrival] = None
            self._promised += arrival.promised
        there = self._next_part(arrival)
        if there is not None:
            self._part_arrived(arrival, there)
        while len(self._arriving) > MOST_ARRIVING or self._promised > MOST_ARRIVING_BYTES:
            oldest = self._oldest()
            if oldest is None:
                break
            self._give_up(oldest, wsgi.TOO_SLOW)

    def _next_part(self, arrival: Arrival) -> Any:
        """Ask for the next part; answers its future where it is there already."""
        future = arrival.watcher.proto.receive()
        arrival.future, arrival.asking = future, threading.get_ident()
        try:
            future.add_done_callback(partial(self._part_arrived, arrival))
        finally:
            arrival.asking = 0
        there, arrival.there = arrival.there, None
        return there

    def _part_arrived(self, arrival: Arrival, future: Any) -> None:
        """Called back, perhaps while it is asked for: then it is taken where that was done, or thousands of parts that
        are there would each be taken within the one before.
        """
        if arrival.asking == threading.get_ident():
            arrival.there = future
            return
        there: Any = future
        while there is not None:
            there = self._took(arrival, there)

    def _took(self, arrival: Arrival, future: Any) -> Any:
        """Take a part; answers the next one's future where that is there already."""
        try:
            return self._next_part(arrival) if self._take(arrival, future) else None
        except Exception:
            log.exception("a body could not be received")
            self._give_up(arrival, _BROKEN)
            return None
        finally:
            if arrival.future is future:  # it keeps this callback, which keeps the arrival, and nothing collects that
                arrival.future = None

    def _take(self, arrival: Arrival, future: Any) -> bool:
        """Whether there is more to come."""
        if arrival not in self._arriving or future.cancelled():
            return False
        message = future.result()
        if message["type"] != "http.request":
            self._give_up(arrival, wsgi.TOO_SHORT)
            return False
        part = message.get("body", b"")
        arrival.parts.append(part)
        arrival.size += len(part)
        if arrival.size > wsgi.MAX_BODY_BYTES or len(arrival.parts) > MOST_PARTS:
            self._give_up(arrival, wsgi.TOO_LARGE)
        elif arrival.size == arrival.length or not message.get("more_body", False):
            self._arrived(arrival)
        else:
            return True
        return False

    def _arrived(self, arrival: Arrival) -> None:
        if not self._forget(arrival):
            return
        if arrival.length is not None and arrival.size < arrival.length:
            _send_refusal(arrival.watcher, arrival.environ["PATH_INFO"], wsgi.TOO_SHORT)
            return
        self.admit(arrival.watcher, arrival.environ, b"".join(arrival.parts))

    def _give_up(self, arrival: Arrival, refusal: Refusal) -> None:
        if self._forget(arrival):
            future, arrival.future = arrival.future, None
            _send_refusal(arrival.watcher, arrival.environ["PATH_INFO"], refusal)
            if future is not None:  # None: it came a moment ago, and another thread ends it
                future.cancel()

    def _forget(self, arrival: Arrival) -> bool:
        """Whether it was still expected: two threads may both want to end it."""
        with self._lock:
            if arrival not in self._arriving:
                return False
            del self._arriving[arrival]
            self._promised -= arrival.promised
            return True

    def _oldest(self) -> Arrival | None:
        """The one that is on its way for longest. Under the lock: others come and go meanwhile."""
        with self._lock:
            return next(iter(self._arriving), None)

    def admit(self, watcher: Any, environ: Environ, body: bytes) -> None:
        """A whole request goes in line; the answer is sent to ``watcher.proto``, from any thread."""
        environ["wsgi.input"] = BytesIO(body)
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        environ[wsgi.BEGAN] = time.perf_counter()
        if not self._room.submit(partial(self._work, watcher, environ), kind_of(environ)):
            _send(watcher, *wsgi.told(environ["PATH_INFO"], wsgi.BUSY))  # it was read: the connection serves on

    def _work(self, watcher: Any, environ: Environ) -> None:
        """On a thread of the room."""
        start = _Start()
        try:
            body = b"".join(self._app(environ, start))
            _send(watcher, start.status, start.headers, body)
        except Exception:
            log.exception("an answer could not be sent", path=environ["PATH_INFO"])
            _send_refusal(watcher, environ["PATH_INFO"], _BROKEN)

    def _sweep(self) -> None:
        """Refuse the bodies that took too long, for ever: nothing that happens with one of them ends that."""
        while True:
            time.sleep(SWEEP_S)
            try:
                self._refuse_late()
            except Exception:
                log.exception("a late request could not be refused")

    def _refuse_late(self) -> None:
        late = time.monotonic() - wsgi.BODY_SECONDS
        while (arrival := self._oldest()) is not None and arrival.begun <= late:
            self._give_up(arrival, wsgi.TOO_SLOW)


class _Start:
    """``start_response`` of WSGI."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status = "500"
        self.headers: Headers = []

    def __call__(self, status: str, headers: Headers, _exc_info: object = None) -> None:
        self.status = status
        self.headers = headers


_FIXED: Final[Environ] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Gatehouse",
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_NAMES: Final[dict[bytes, str | None]] = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
"""Names of headers as WSGI has them, None for those that have none; the usual ones are remembered."""
_MOST_NAMES: Final = 256


def environ_of(scope: dict[str, Any]) -> Environ:
    """The WSGI environment (PEP 3333) of an ASGI scope, with the path as it was sent in ``REQUEST_URI``.

    A header whose name has an underscore is left out: WSGI could not tell ``X_Forwarded_For`` from
    ``X-Forwarded-For``.
    """
    path: bytes = scope["raw_path"]
    query = scope["query_string"].decode("latin-1")
    sent = path.decode("latin-1")
    environ = _FIXED | {
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if b"%" in path else sent,
        "QUERY_STRING": query,
        "REQUEST_URI": f"{sent}?{query}" if query else sent,
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": scope["server"][1],
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.url_scheme": scope["scheme"],
    }
    for name, value in scope["headers"]:
        key = _NAMES.get(name, name)
        if key is name:
            key = _remember(name)
        if key is not None:
            text = value.decode("latin-1")
            known = environ.get(key)
            environ[key] = text if known is None else f"{known}{';' if name == b'cookie' else ','}{text}"
    return environ


def _remember(name: bytes) -> str | None:
    key = None if b"_" in name else "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[name] = key
    return key


def _send(watcher: Any, status: str, headers: Headers, body: bytes) -> None:
    proto = watcher.proto
    proto.send(
        {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
    )
    proto.send({"type": "http.response.body", "body": body})


def _send_refusal(watcher: Any, path: str, refusal: Refusal) -> None:
    status, headers, body = wsgi.told(path, refusal)
    # what is left of the request is never read, so nothing else can follow on this connection
    _send(watcher, status, [*headers, ("Connection", "close")], body)
