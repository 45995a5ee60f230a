"""HTTP/1.1 with a client that may have shown a certificate: requests in, one after the other, and their answers out.

h11 keeps the grammar (RFC 9112); limits and deadlines are those of the other door (:mod:`idp.processes.reception`).
Nobody stands between such a client and us, so nothing counts that proxies say: the headers are left out, and what the
handshake showed stands in the environment under a name that no header has.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, Protocol, Self
from urllib.parse import urlsplit

import h11
import structlog

from idp.foundation.settings import Settings
from idp.foundation.tenancy import peer
from idp.processes import wsgi
from idp.processes.reception import MOST_PARTS, environ_of

HEAD_BYTES: Final = 64 * 1024
HEAD_S: Final = 15.0
"""From the first byte of a head to its last."""
IDLE_S: Final = 75.0
"""Between requests, and until an answer is taken."""
BODY_S: Final = wsgi.BODY_SECONDS
WORK_S: Final = 120.0
"""Until an answer is there; what asks others has shorter deadlines of its own."""
ARRIVING_BYTES: Final = 64 * 1024 * 1024
"""What all bodies on their way to one process may come to; beyond it the one that has taken longest is refused."""
_BAD: Final = ("400 Bad Request", "This is no request that can be understood.")
_OF_PROXIES: Final = (b"x-forwarded-", b"forwarded", b"x-real-ip")
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
log = structlog.get_logger(__name__)


class Place:
    """Under which name a tenant is asked for at this door: its own host, at another port."""

    def __init__(self, settings: Settings, port: int) -> None:
        self.port = port
        self._own = urlsplit(settings.public_url)
        self._alias = urlsplit(settings.mtls_url).netloc.lower() if settings.mtls_url else None
        header = settings.client_certificate_header
        self._dropped = header.lower().encode() if header else None

    def host(self, said: str) -> str:
        """The tenant's host for a Host header: the default tenant's for ``IDP_MTLS_URL``, else the same name at the
        port of ``IDP_PUBLIC_URL``.
        """
        named = said.lower()
        if self._alias in (named, named.removesuffix(":443")):
            return self._own.netloc
        name, colon, port = named.rpartition(":")
        bare = name if colon and port.isdigit() else named
        return f"{bare}:{self._own.port}" if self._own.port else bare

    def counts(self, name: bytes) -> bool:
        """Whether a header (lower case) of whoever is connected is read."""
        return not name.startswith(_OF_PROXIES) and name != self._dropped


class Wire(Protocol):
    """The connection, as the conversation needs it."""

    full: bool

    def send(self, data: bytes) -> None:
        """To the client."""

    def within(self, seconds: float) -> None:
        """A deadline for what comes next, in place of the one before."""

    def hold(self, *, reading: bool) -> None:
        """Whether the client is listened to."""

    def leave(self) -> None:
        """The end, after what was sent."""


class House(Protocol):
    """What stands behind the connections."""

    place: Place
    closing: bool
    arriving: Arriving

    def admit(self, watcher: Any, environ: wsgi.Environ, body: bytes) -> None:
        """A whole request, whose answer comes by ``watcher.proto.send``."""

    def call(self, callback: Any, *values: object) -> None:
        """On the thread of the connections."""


class Arriving:
    """The bodies on their way to one process, on the thread of their connections. Whoever promises much and sends
    little makes room for the others: nobody else is refused for it (security.md X2).
    """

    def __init__(self) -> None:
        self._promised: dict[Conversation, int] = {}
        self._bytes = 0

    def begin(self, of: Conversation, promised: int) -> None:
        """One more, of so many bytes."""
        self._promised[of] = promised
        self._bytes += promised
        while self._bytes > ARRIVING_BYTES:
            slowest = next(iter(self._promised))
            self.end(slowest)
            slowest.give_up()

    def end(self, of: Conversation) -> None:
        """It is there, or never will be."""
        self._bytes -= self._promised.pop(of, 0)


class Conversation:
    """With one client; on the thread of its connection but for :meth:`send`."""

    def __init__(self, wire: Wire, house: House, shown: str | None, address: str) -> None:
        self._wire = wire
        self._house = house
        self._shown = shown
        self._address = address
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self._environ: wsgi.Environ | None = None
        self._body = bytearray()
        self._parts = 0
        self._method = ""
        self._path = ""
        self._began = False
        self._start: dict[str, Any] = {}
        self._over = False
        self.working = False
        """Whether a request is at work."""
        self.last = False
        """Whether the client sends nothing more."""
        wire.within(IDLE_S)

    @property
    def proto(self) -> Self:
        """What answers are sent to: that of a watcher, as granian's has it."""
        return self

    # ---- in
    def receive(self, data: bytes) -> None:
        """Bytes of the client."""
        if self._over:
            return
        if not self._began and self._environ is None and not self.working:
            self._began = True
            self._wire.within(HEAD_S)
        try:
            self._http.receive_data(data)
            self._read()
        except h11.RemoteProtocolError as problem:
            self._refuse(_too_large(problem))

    def go_on(self) -> None:
        """The last answer was taken: what the client sent meanwhile is next."""
        if self._over or self.working or self._http.our_state is not h11.DONE:
            return
        if self.last or self._house.closing or self._http.their_state is not h11.DONE:
            self._end()
            return
        self._http.start_next_cycle()
        self._path = ""
        waiting, _ = self._http.trailing_data
        self._began = bool(waiting)
        self._wire.within(HEAD_S if waiting else IDLE_S)
        self._wire.hold(reading=True)
        try:
            self._read()
        except h11.RemoteProtocolError as problem:
            self._refuse(_too_large(problem))

    def give_up(self) -> None:
        """Its body takes too long."""
        self._refuse(wsgi.TOO_SLOW)

    def forget(self) -> None:
        """The client is gone."""
        self._over = True
        self._arrived()

    def _read(self) -> None:
        while not self._over and not self.working:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                if self._http.they_are_waiting_for_100_continue:
                    self._say(h11.InformationalResponse(status_code=100, headers=[]))
                return
            if event is h11.PAUSED:
                return
            if isinstance(event, h11.ConnectionClosed):
                self._end()
            elif isinstance(event, h11.Request):
                self._head(event)
            elif isinstance(event, h11.Data):
                self._part(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._whole()

    def _head(self, request: h11.Request) -> None:
        self._began = False
        self._method = request.method.decode("ascii")
        path, _, query = request.target.partition(b"?")
        if not path.startswith(b"/"):  # of a proxy, or of OPTIONS for everything
            self._refuse(_BAD)
            return
        headers = [(name, value) for name, value in request.headers if self._house.place.counts(name)]
        environ = environ_of(
            {
                "raw_path": path,
                "query_string": query,
                "method": self._method,
                "client": (self._address, ""),
                "server": ("", str(self._house.place.port)),
                "http_version": request.http_version.decode("ascii"),
                "scheme": "https",
                "headers": headers,
            }
        )
        self._path = environ["PATH_INFO"]
        environ["HTTP_HOST"] = self._house.place.host(environ.get("HTTP_HOST", ""))
        environ["SERVER_NAME"] = environ["HTTP_HOST"].partition(":")[0]
        environ[peer.SHOWN] = self._shown
        length, refusal = wsgi.declared_length(environ)
        if len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"]) > wsgi.MAX_TARGET_CHARS:
            refusal = wsgi.TOO_LONG
        promised = wsgi.MAX_BODY_BYTES if "HTTP_TRANSFER_ENCODING" in environ else length or 0
        if refusal is None and "HTTP_TRANSFER_ENCODING" in environ and "CONTENT_LENGTH" in environ:
            refusal = _BAD  # two lengths: somebody before us may have believed the other one (RFC 9112 6.1)
        if refusal is None and self._house.closing:
            refusal = wsgi.BUSY
        if refusal is not None:
            self._refuse(refusal)
            return
        self._environ = environ
        self._wire.within(BODY_S)
        self._house.arriving.begin(self, promised)

    def _part(self, data: bytes) -> None:
        self._body += data
        self._parts += 1
        if len(self._body) > wsgi.MAX_BODY_BYTES or self._parts > MOST_PARTS:
            self._refuse(wsgi.TOO_LARGE)

    def _whole(self) -> None:
        environ, body = self._environ, bytes(self._body)
        self._arrived()
        if environ is None:
            return
        self._environ, self.working = None, True
        self._wire.hold(reading=False)
        self._wire.within(WORK_S)
        self._house.admit(self, environ, body)

    def _arrived(self) -> None:
        self._house.arriving.end(self)
        self._body.clear()
        self._parts = 0

    # ---- out
    def send(self, message: dict[str, Any]) -> None:
        """A part of the answer (ASGI's ``http.response.start`` or ``.body``), from the thread that worked."""
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self._house.call(self._answer, self._start, message["body"])

    def _answer(self, start: dict[str, Any], body: bytes) -> None:
        self.working = False
        if self._over:
            return
        headers = list(start["headers"])
        names = {name.lower() for name, _ in headers}
        if self._house.closing and b"connection" not in names:
            headers.append((b"Connection", b"close"))
        status = HTTPStatus(start["status"])
        if b"content-length" not in names and status not in _BODILESS:
            headers.append((b"Content-Length", str(len(body)).encode()))
        try:
            self._say(h11.Response(status_code=status, headers=headers, reason=status.phrase.encode()))
            if body and self._method != "HEAD" and status not in _BODILESS:
                self._say(h11.Data(data=body))
            self._say(h11.EndOfMessage())
        except h11.LocalProtocolError:
            log.exception("an answer could not be sent")
            self._end()
            return
        self._wire.within(IDLE_S)
        if self._http.our_state is not h11.DONE:
            self._end()
        elif not self._wire.full:
            self.go_on()

    def _refuse(self, refusal: wsgi.Refusal) -> None:
        """Nothing follows on this connection: what is left of the request is never read."""
        if self._over:
            return
        self._arrived()
        status, about, body = wsgi.told(self._path, refusal)
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            headers = [*about, ("Connection", "close")]
            self._say(h11.Response(status_code=int(status[:3]), headers=headers, reason=status[4:].encode()))
            if self._method != "HEAD":
                self._say(h11.Data(data=body))
        self._end()

    def _say(self, event: Any) -> None:
        self._wire.send(self._http.send(event) or b"")

    def _end(self) -> None:
        self._over = True
        self._wire.leave()


def _too_large(problem: h11.RemoteProtocolError) -> wsgi.Refusal:
    """A head that is too long, or something that is no request."""
    too_long = problem.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    return ("431 Request Header Fields Too Large", "The head of the request is too large.") if too_long else _BAD
