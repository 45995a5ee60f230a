"""A second door of a web process, for clients with certificates (RFC 8705): TLS that asks everybody for one.

The web server can't ask without insisting and tells the application of none (decision 0385), so connections to
``IDP_MTLS_PORT`` are served here: OpenSSL ends TLS in memory, h11 reads HTTP/1.1 (:mod:`idp.processes.conversation`),
one thread's event loop does both and waits for nobody, and whole requests go in the same line as all others. Any
certificate is taken, self-signed ones too: the handshake proves the key, and whose it is is decided by
:mod:`idp.protocol.oauth.client_auth.certificate` (decision 0417).
"""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL, crypto

from idp.foundation.settings import Settings
from idp.processes import wsgi
from idp.processes.conversation import Arriving, Conversation, Place
from idp.processes.reception import Reception

HANDSHAKE_S: Final = 10.0
"""From the connection to the end of its handshake."""
FAREWELL_S: Final = 2.0
"""How long what a refused client still sends is read and thrown away, so that it gets its answer."""
TAKEN_S: Final = 30.0
"""How long the last answer of a connection may take to be taken."""
CONNECTIONS: Final = 512
"""Open connections of one process, some 50 KiB each; beyond it the oldest that nobody works for is ended."""
BACKLOG: Final = 256
RELOAD_S: Final = 10.0
"""How often the files of the certificate are looked at."""
CIPHERS: Final = b":".join(
    f"ECDHE-{key}-{cipher}".encode()
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384")
    for key in ("ECDSA", "RSA")
)
"""Of TLS 1.2 (BCP 195, and all that FAPI 2.0 takes); 1.3 has its own."""
_READ: Final = 64 * 1024
log = structlog.get_logger(__name__)


def context_of(certificate: Path, key: Path) -> SSL.Context:
    """TLS 1.2 or 1.3 that asks for any certificate. Sessions are not resumed: each connection shows what it has.

    :raises ValueError: the files hold no certificate and its key, or the key wants a password.
    """
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)
    made.set_options(SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION | SSL.OP_NO_TICKET)
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    made.set_session_id(b"gatehouse")
    made.set_cipher_list(CIPHERS)
    made.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    made.set_alpn_select_callback(
        lambda _connection, offered: b"http/1.1" if b"http/1.1" in offered else SSL.NO_OVERLAPPING_PROTOCOLS
    )
    try:
        made.use_certificate_chain_file(str(certificate))
        made.use_privatekey(load_pem_private_key(key.read_bytes(), None))  # type: ignore[arg-type] # of any other kind it says so
        made.check_privatekey()
    except (SSL.Error, ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise ValueError(f"{certificate} and {key} are no certificate in PEM with its key") from problem
    return made


class Identity:
    """The certificate of the server, read anew when its files change, so that renewing it stops nothing. The parent has
    read it before any worker: one that takes a dead one's place needs no file.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._changed = self._times()
        self._looked = time.monotonic()
        self._context = context_of(certificate, key)
        self._told = False

    def context(self) -> SSL.Context:
        """For the next connection."""
        if time.monotonic() - self._looked > RELOAD_S:
            self.look()
        return self._context

    def look(self) -> None:
        """Read what changed. What can't be read (one of two is new, or gone) is said once, and tried again later."""
        self._looked = time.monotonic()
        try:
            times = self._times()
            if times != self._changed:
                self._context, self._changed = context_of(*self._files), times
            self._told = False
        except (OSError, ValueError) as problem:
            if not self._told:
                self._told = True
                log.error("the certificate for IDP_MTLS_PORT can't be read; the last one serves on", why=str(problem))  # noqa: TRY400 - a state of files: where it was found says nothing

    def _times(self) -> tuple[float, ...]:
        return tuple(file.stat().st_mtime for file in self._files)


class Door:
    """Serves a listening socket on a thread of its own until it is closed."""

    def __init__(self, listener: socket.socket, identity: Identity, reception: Reception, settings: Settings) -> None:
        self._listener = listener
        self._identity = identity
        self._reception = reception
        self._open: dict[Line, None] = {}
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._ended = threading.Event()
        self.place = Place(settings, listener.getsockname()[1])
        self.closing = False
        self.arriving = Arriving()

    def start(self) -> None:
        """Begin; requests come to the reception from now on."""
        threading.Thread(target=self._run, name="certificates", daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and end each once it has its answer. Safe in a handler of signals."""
        self.closing = True
        try:
            self._loop.call_soon_threadsafe(self._close)
        except RuntimeError:  # the loop has ended before
            self._ended.set()

    def wait(self, seconds: float) -> bool:
        """Until it is closed and everybody has their answer, for so long at most; whether that is so."""
        return self._ended.wait(seconds)

    def call(self, callback: Callable[..., object], *values: object) -> None:
        """From any thread: on the thread of the connections. Nothing happens once they are gone."""
        try:
            self._loop.call_soon_threadsafe(callback, *values)
        except RuntimeError:
            log.debug("an answer came after the end")

    def later(self, seconds: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call back after so long."""
        return self._loop.call_later(seconds, callback)

    def opened(self, line: Line) -> None:
        """One more; whoever keeps a place longest without work for us makes room."""
        self._open[line] = None
        if len(self._open) > CONNECTIONS:
            oldest = next((each for each in self._open if not each.worked_for), line)
            del self._open[oldest]  # now: it says that it is gone later, and others may come before
            oldest.abort()

    def gone(self, line: Line) -> None:
        """One less."""
        self._open.pop(line, None)
        if self.closing and not self._open:
            self._loop.stop()

    def admit(self, watcher: Any, environ: wsgi.Environ, body: bytes) -> None:
        """A whole request."""
        self._reception.admit(watcher, environ, body)

    def context(self) -> SSL.Context:
        """For a new connection."""
        return self._identity.context()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(_say)
        try:
            self._loop.run_until_complete(self._listen())
            self._loop.run_forever()
        except Exception:
            log.exception("clients with certificates are not served")
        finally:
            self._listener.close()
            self._loop.close()
            self._ended.set()

    async def _listen(self) -> None:
        self._listener.setblocking(False)
        self._server = await self._loop.create_server(lambda: Line(self), sock=self._listener, backlog=BACKLOG)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in list(self._open):
            line.rest()
        if not self._open:
            self._loop.stop()


def _say(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("a connection with a certificate failed", what=context.get("message"), exc_info=context.get("exception"))


class Line(asyncio.Protocol):
    """One connection: TLS in memory, and the conversation in it."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._tls: SSL.Connection | None = None
        self._transport: Any = None
        self._talk: Conversation | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._leaving = False
        self.full = False
        """Whether something that was written still waits to be taken."""

    @property
    def worked_for(self) -> bool:
        """Whether a request of it is at work."""
        return self._talk is not None and self._talk.working

    def connection_made(self, transport: Any) -> None:
        """A stranger."""
        self._transport = transport
        transport.set_write_buffer_limits(high=0)
        self._tls = SSL.Connection(self._door.context(), None)
        self._tls.set_accept_state()
        self.within(HANDSHAKE_S)
        self._door.opened(self)

    def connection_lost(self, _why: Exception | None) -> None:
        """Gone, whoever ended it."""
        self._leaving = True
        if self._timer is not None:
            self._timer.cancel()
        if self._talk is not None:
            self._talk.forget()
        self._door.gone(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of TLS, or none."""
        if self._leaving or self._tls is None:
            return
        self._tls.bio_write(data)
        try:
            if self._talk is None:
                self._tls.do_handshake()
                address = self._transport.get_extra_info("peername") or ("", 0)
                self._talk = Conversation(self, self._door, _shown(self._tls), str(address[0]))
            while not self._leaving:
                self._talk.receive(self._tls.recv(_READ))
        except SSL.WantReadError:
            self._flush()
        except SSL.ZeroReturnError:  # it says no more, and may wait for an answer
            self._last()
        except SSL.Error:  # garbage, or an alert
            self._flush()
            self.leave()

    def eof_received(self) -> bool:
        """The client sends no more; whether the connection stays for an answer."""
        self._last()
        return self.worked_for

    def pause_writing(self) -> None:
        """The client takes its answer slowly."""
        self.full = True

    def resume_writing(self) -> None:
        """All of it was taken."""
        self.full = False
        if self._leaving:
            self.within(FAREWELL_S)
        elif self._talk is not None:
            self._talk.go_on()

    def send(self, data: bytes) -> None:
        """Bytes of HTTP, sealed."""
        if self._leaving or self._tls is None or not data:
            return
        try:
            for start in range(0, len(data), _READ):
                self._tls.sendall(data[start : start + _READ])
        except SSL.Error:
            self.abort()
            return
        self._flush()

    def within(self, seconds: float) -> None:
        """What comes next has so long; then the connection ends."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._door.later(seconds, self.abort)

    def hold(self, *, reading: bool) -> None:
        """Whether the client is listened to."""
        if not self._leaving:
            (self._transport.resume_reading if reading else self._transport.pause_reading)()

    def rest(self) -> None:
        """The process stops: the end for whoever waits for no answer."""
        if not self.worked_for:
            self.leave()

    def leave(self) -> None:
        """Say farewell, and read on for a moment: a client that still sends would lose the answer otherwise."""
        if self._leaving or self._tls is None:
            return
        with suppress(SSL.Error):
            self._tls.shutdown()
        self._flush()
        self._leaving = True
        self.within(TAKEN_S if self.full else FAREWELL_S)
        self._transport.resume_reading()
        self._transport.write_eof()

    def abort(self) -> None:
        """At once."""
        self._leaving = True
        self._transport.abort()

    def _last(self) -> None:
        if self._talk is not None and self._talk.working:
            self._talk.last = True
        else:
            self.leave()

    def _flush(self) -> None:
        if self._tls is None or self._transport.is_closing():
            return
        while True:
            try:
                self._transport.write(self._tls.bio_read(_READ))
            except SSL.WantReadError:
                return


def _shown(tls: SSL.Connection) -> str | None:
    """The client's certificate, base64 of its DER as a proxy would tell it; it may be any bytes that OpenSSL reads."""
    found = tls.get_peer_certificate()
    if found is None:
        return None
    return base64.b64encode(crypto.dump_certificate(crypto.FILETYPE_ASN1, found)).decode()


class Doorway:
    """What opens the door in each worker, on a listening socket that all of them share.

    :raises ValueError: there is no certificate of the server, or it can't be read.
    """

    def __init__(self, listener: socket.socket, settings: Settings) -> None:
        if settings.mtls_certificate is None or settings.mtls_key is None:
            raise ValueError("IDP_MTLS_CERTIFICATE and IDP_MTLS_KEY are not set")
        self._listener = listener
        self._settings = settings
        self._identity = Identity(Path(settings.mtls_certificate), Path(settings.mtls_key))

    def look(self) -> None:
        """In the parent, now and then: whoever it forks has the newest certificate that could be read."""
        self._identity.look()

    def open(self, reception: Reception) -> Door:
        """In a worker: serve from now on."""
        door = Door(self._listener, self._identity, reception, self._settings)
        door.start()
        return door
