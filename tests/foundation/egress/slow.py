"""Servers on loopback that take their time: each does one thing slowly, and goes on until the caller hangs up."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAUSE_S = 0.05
Behaviour = Callable[[socket.socket, threading.Event], None]


def silent(peer: socket.socket, over: threading.Event) -> None:
    """Takes the connection, and that is all."""
    over.wait()


def dripping(begin: bytes, piece: bytes) -> Behaviour:
    """Sends ``begin`` at once, and ``piece`` now and then."""

    def drip(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(begin)
        while not over.wait(PAUSE_S):
            peer.sendall(piece)

    return drip


drips_headers = dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: to come\r\n")
drips_one_header = dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x")
"""The bytes of a single line, which never ends."""
drips_interim_answers = dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
"""None of them is the answer."""
drips_body = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x")
drips_chunks = dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")


def reads_slowly(peer: socket.socket, over: threading.Event) -> None:
    """Takes the request a few bytes at a time."""
    while not over.wait(PAUSE_S):
        peer.recv(64)


@contextmanager
def serving(behave: Behaviour) -> Iterator[int]:
    """A server that behaves so towards everybody; its port."""
    over = threading.Event()
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        accepting = threading.Thread(target=_accept, args=(listening, behave, over), daemon=True)
        accepting.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            accepting.join(5)


def _accept(listening: socket.socket, behave: Behaviour, over: threading.Event) -> None:
    while not over.is_set():
        try:
            peer, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(peer, behave, over), daemon=True).start()


def _one(peer: socket.socket, behave: Behaviour, over: threading.Event) -> None:
    with peer, contextlib.suppress(OSError):
        behave(peer, over)
