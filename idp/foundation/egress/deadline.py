"""The end of one exchange with another machine: looking its name up, connecting, TLS, request and answer share it.

A timeout for each read is no end, since whoever sends a byte now and then is waited for as long as they like. Sockets
made here look at the deadline before every single operation, whatever library reads from them.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any, TypeVar

import certifi

CONNECT_S = 3.0
"""For each address of a name."""
LOOK_UP_S = 1.0
"""How often somebody who waits for bytes looks up, to see whether the process is about to end."""
_RECEIVED_AT, _TCP_INFO_BYTES = 128, 136
_closing = {"at": float("inf")}
K = TypeVar("K", bound=socket.socket)
A = TypeVar("A")


class TooLong(TimeoutError):
    """The exchange did not end in time; the text is for logs and operators."""


class TooMuch(OSError):
    """The other side sends more than was allowed; the text is for logs and operators."""


class Deadline:
    """``seconds`` for the whole, of which at most ``idle`` may pass without a byte."""

    def __init__(self, seconds: float, *, idle: float = 10.0) -> None:
        self.seconds = seconds
        self._idle = idle
        self._ends = time.monotonic() + seconds
        self._room: int | None = None

    def allow(self, size: int) -> None:
        """So many bytes may come in from now on: some libraries read an answer whole before anybody sees any of it."""
        self._room = size

    def received(self, size: int) -> None:
        """So many came. Raises TooMuch."""
        if self._room is not None:
            self._room -= size
            if self._room < 0:
                raise TooMuch("the answer is too large")

    def renew(self, seconds: float) -> None:
        """That long again, from now on: for a connection that is kept for the next exchange."""
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that the next operation may take. Raises TooLong."""
        left = min(self._ends, _closing["at"]) - time.monotonic()
        if left <= 0:
            raise TooLong(f"it took longer than {self.seconds:g} s")
        return min(left, self._idle)

    def patiently(self, sock: socket.socket, receive: Callable[[], A]) -> A:
        """What ``receive`` gets from ``sock`` once there is something. Raises TimeoutError."""
        silent_at = time.monotonic() + self.left()
        while True:
            sock.settimeout(min(self.left(), LOOK_UP_S))
            try:
                return receive()
            except TimeoutError:
                if time.monotonic() >= silent_at:
                    raise

    @property
    def over(self) -> bool:
        """Whether nothing is left of it."""
        return time.monotonic() >= min(self._ends, _closing["at"])

    def connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        """A socket to the first of the addresses that answers; it obeys this deadline as long as it lives.

        :raises OSError: none of them answers in time.
        """
        problem: OSError | None = None
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made = _hurried(socket.socket, self)(family, socket.SOCK_STREAM)
            try:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                made.settimeout(min(self.left(), CONNECT_S))
                made.connect((address, port))
                return made
            except OSError as error:
                made.close()
                problem = error
        raise OSError(f"no connection: {problem}") from problem

    def tls(self, ca_file: str | None, *, web: bool = True, only: str | None = None) -> ssl.SSLContext:
        """A context for checked TLS whose sockets obey this deadline. It trusts the system, ``ca_file``, and what
        browsers trust where the exchange is one of the ``web``; or the authorities in ``only`` (PEM) and no others.
        """
        context = ssl.create_default_context(cadata=only)
        if web and not only:
            context.load_verify_locations(certifi.where())
        if ca_file and not only:
            context.load_verify_locations(ca_file)
        context.sslsocket_class = _hurried(ssl.SSLSocket, self)
        return context


def close_soon(seconds: float) -> None:
    """The process is about to end: exchanges under way have ``seconds`` left, whatever they were given."""
    _closing["at"] = time.monotonic() + seconds


def stay_open() -> None:
    """Take :func:`close_soon` back, where one process stops and starts again."""
    _closing["at"] = float("inf")


def metered(fd: int, steps: Generator[Any, Any, A], most: int) -> Generator[Any, Any, A]:
    """The steps of an exchange of a library that reads by itself; before each is looked how much came in. Raises
    TooMuch.
    """
    before = _came_in(fd)
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if _came_in(fd) - before > most:
                raise TooMuch("the answer is too large")
            wanted = steps.send(ready)
    except StopIteration as done:
        found: A = done.value
        return found


def _came_in(fd: int) -> int:
    """Bytes that a connection has received, as Linux counts them (``tcpi_bytes_received`` of linux/tcp.h)."""
    with socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM) as same:
        known = same.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    return int(struct.unpack_from("=Q", known, _RECEIVED_AT)[-1]) if len(known) == _TCP_INFO_BYTES else 0


def _hurried(kind: type[K], deadline: Deadline) -> type[K]:
    """``kind`` with sockets that wait no longer than ``deadline`` has left. TLS wraps a socket by its class and shakes
    hands at once, hence a class per deadline.
    """

    class Hurried(kind):  # type: ignore[misc, valid-type]
        def recv(self, *args: Any, **kwargs: Any) -> Any:
            found = deadline.patiently(self, partial(super().recv, *args, **kwargs))
            deadline.received(len(found))
            return found

        def recv_into(self, *args: Any, **kwargs: Any) -> Any:
            size = deadline.patiently(self, partial(super().recv_into, *args, **kwargs))
            deadline.received(size)
            return size

        def send(self, *args: Any, **kwargs: Any) -> Any:
            self.settimeout(deadline.left())
            return super().send(*args, **kwargs)

        def sendall(self, *args: Any, **kwargs: Any) -> Any:
            self.settimeout(deadline.left())
            return super().sendall(*args, **kwargs)

        def do_handshake(self, *args: Any, **kwargs: Any) -> Any:
            self.settimeout(deadline.left())
            return super().do_handshake(*args, **kwargs)

    return Hurried
