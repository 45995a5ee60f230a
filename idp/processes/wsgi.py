"""The WSGI application of a web process: ready bytes before limits before Flask.

``app()`` is the factory for any WSGI server; ``idp serve`` uses the same pieces in :mod:`idp.processes.serving`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import structlog

from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.logging import request_id
from idp.foundation.tenancy.work import Platform
from idp.foundation.web import spoken

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]
Refusal = tuple[str, str]
Place = tuple[str, str]
"""Host header, and the path of the issuer without its trailing slash."""
WSGIApplication = Callable[[Environ, Any], Iterable[bytes]]

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_TARGET_CHARS: Final = 32 * 1024
CONCURRENT_REQUESTS: Final = 4
"""Requests one process works on at a time; a slow sender's body is awaited outside of these (security.md X2)."""
BODY_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024
_FRESH_S: Final = 0.1
_MAX_READY: Final = 4_000
_NOTHING: Final[dict[str, Answer]] = {}
REQUEST_ID: Final = "gatehouse.request_id"
BEGAN: Final = "gatehouse.began"
log = structlog.get_logger(__name__)


class ReadyBytes:
    """Serves documents that only change with a tenant's configuration (discovery, JWKS) without entering Flask.

    ``locate(path)`` says which document of which issuer's path is asked for; ``build(host, root, document)`` makes the
    answer (status line, headers, body) or None; ``version(host, root)`` is the one cheap read, made at most every tenth
    of a second for a tenant, that tells whether what was built is still true. While the database is away the last
    answer serves. ``hops``: proxies whose ``X-Forwarded-Host`` counts, as for the application.
    """

    def __init__(
        self,
        app: WSGIApplication,
        locate: Callable[[str], tuple[str, str] | None],
        build: Callable[[str, str, str], Answer | None],
        version: Callable[[str, str], int | None],
        hops: int = 0,
    ) -> None:
        self._app = app
        self._hops = hops
        self._locate = locate
        self._build = build
        self._version = version
        self._ready: dict[Place, dict[str, Answer]] = {}
        self._checked: dict[Place, tuple[int, float]] = {}

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        asked = self._locate(environ["PATH_INFO"])
        if asked is not None and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            root, document = asked
            try:
                answer = self._answer((self._host(environ), root), document)
            except StoreUnavailable:
                answer = None  # the application says so in its own words
            if answer is not None:
                status, headers, body = answer
                start_response(status, headers)
                return [body if environ["REQUEST_METHOD"] == "GET" else b""]
        return self._app(environ, start_response)

    def fresh(self, environ: Environ) -> Answer | None:
        """The answer where it needs no look at the store: it was checked within the last tenth of a second."""
        asked = self._locate(environ["PATH_INFO"])
        if asked is None:
            return None
        place = self._host(environ), asked[0]
        checked = self._checked.get(place)
        if checked is None or time.monotonic() - checked[1] > _FRESH_S:
            return None
        return self._ready.get(place, _NOTHING).get(asked[1])

    def _host(self, environ: Environ) -> str:
        """The host that was asked for, as ``ProxyFix`` tells it to the application."""
        forwarded = environ.get("HTTP_X_FORWARDED_HOST", "").split(",") if self._hops else ()
        named: str = forwarded[-self._hops].strip() if len(forwarded) >= self._hops > 0 else ""
        return named or environ.get("HTTP_HOST", "")

    def _answer(self, place: Place, document: str) -> Answer | None:
        checked = self._checked.get(place)
        if checked is None or time.monotonic() - checked[1] > _FRESH_S:
            self._check(place, checked)
        found = self._ready.get(place, _NOTHING).get(document)
        if found is None:
            found = self._build(*place, document)
            if found is not None and place in self._checked:
                self._ready.setdefault(place, {})[document] = found
        return found

    def _check(self, place: Place, known: tuple[int, float] | None) -> None:
        try:
            version = self._version(*place)
        except StoreUnavailable:
            if known is None:
                raise
            return
        if version is None:
            self._forget(place)
            return
        if known is None or known[0] != version:
            self._forget(place)
        if len(self._checked) >= _MAX_READY:
            self._checked.clear()
            self._ready.clear()
        self._checked[place] = (version, time.monotonic())

    def _forget(self, place: Place) -> None:
        self._checked.pop(place, None)
        self._ready.pop(place, None)


class Net:
    """The last net around Flask: one request id, no traceback to anyone (security.md X8, LOG2)."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> list[bytes]:
        """WSGI, the whole answer at once."""
        environ.setdefault(BEGAN, time.perf_counter())
        environ[REQUEST_ID] = identifier = secrets.token_hex(8)
        mark = request_id.set(identifier)
        try:
            return self._collected(environ, start_response)
        except Exception:
            log.exception("request failed", method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"])
            failure = ("500 Internal Server Error", f"Something went wrong. Reference: {identifier}")
            return refuse(start_response, environ["PATH_INFO"], failure)
        finally:
            request_id.reset(mark)

    def _collected(self, environ: Environ, start_response: Any) -> list[bytes]:
        """Everything, so that nothing of the application runs after the answer."""
        parts = self._app(environ, start_response)
        try:
            return list(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()


class Edge:
    """Sizes, whole bodies and a number of slots around the application, for WSGI servers that start a thread with the
    head of a request (security.md X1-X4). ``idp serve`` has a :class:`idp.processes.reception.Reception` instead.
    """

    def __init__(self, app: WSGIApplication, *, slots: int = CONCURRENT_REQUESTS) -> None:
        self._app = app
        self._slots = threading.Semaphore(slots)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        environ[BEGAN] = time.perf_counter()
        if len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"]) > MAX_TARGET_CHARS:
            return refuse(start_response, environ["PATH_INFO"], TOO_LONG)
        if has_body(environ):
            refusal = take_body(environ)
            if refusal is not None:
                return refuse(start_response, environ["PATH_INFO"], refusal)
        with self._slots:
            return self._app(environ, start_response)


def has_body(environ: Environ) -> bool:
    """Whether bytes follow the head."""
    return environ["REQUEST_METHOD"] not in _BODYLESS or environ.get("CONTENT_LENGTH") not in _NO_BODY


def declared_length(environ: Environ) -> tuple[int | None, Refusal | None]:
    """What the head says of the body's length (None: chunked), and why that is refused (security.md RL17)."""
    declared = environ.get("CONTENT_LENGTH") or None
    if declared is None:
        return None, None
    if not (declared.isascii() and declared.isdigit()):
        return None, NO_LENGTH
    length = int(declared)
    return length, TOO_LARGE if length > MAX_BODY_BYTES else None


_BODYLESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_BODY: Final = frozenset({None, "", "0"})


def take_body(environ: Environ) -> Refusal | None:
    """Read the whole body before any work begins; answers why it was refused, or None.

    A declared length over the limit is refused before a byte of it is read; chunked bodies are counted.
    """
    declared, refusal = declared_length(environ)
    if refusal is not None:
        return refusal
    deadline = time.monotonic() + BODY_SECONDS
    body = bytearray()
    while declared is None or len(body) < declared:
        wanted = MAX_BODY_BYTES + 1 - len(body) if declared is None else declared - len(body)
        part = environ["wsgi.input"].read(min(_CHUNK, wanted))
        if not part:
            break
        body += part
        if len(body) > MAX_BODY_BYTES:
            return TOO_LARGE
        if time.monotonic() > deadline:
            return TOO_SLOW
    if declared is not None and len(body) < declared:
        return TOO_SHORT
    put_body(environ, bytes(body))
    return None


def put_body(environ: Environ, body: bytes) -> None:
    """Give the application the whole body."""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


TOO_LONG: Final = ("414 URI Too Long", "The address is too long.")
NO_LENGTH: Final = ("400 Bad Request", "The Content-Length is not a number.")
TOO_LARGE: Final = ("413 Content Too Large", "The request is larger than 1 MiB.")
TOO_SLOW: Final = ("408 Request Timeout", "The request took too long to arrive.")
TOO_SHORT: Final = ("400 Bad Request", "The request is shorter than it says.")
BUSY: Final = ("503 Service Unavailable", "The service is busy. Try again in a moment.")


def refuse(start_response: Any, path: str, refusal: Refusal) -> list[bytes]:
    """Answer what the application never sees."""
    status, headers, body = told(path, refusal)
    start_response(status, headers)
    return [body]


def told(path: str, refusal: Refusal) -> Answer:
    """A refusal in the words of the address: an API's own, or plain text (contract.md section 6)."""
    status, text = refusal
    speech = spoken.of(path)
    body = speech.told(int(status[:3]), text) if speech else text.encode()
    headers = [
        ("Content-Type", speech.media_type if speech else "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return status, [*headers, ("Retry-After", "1")] if status.startswith("503") else headers, body


@dataclass(frozen=True)
class Parts:
    """What a web process answers with, in the pieces that its server puts together."""

    whole: WSGIApplication
    """Ready bytes before Flask; requests come to it with their whole body."""
    ready: ReadyBytes | None


def parts(platform: Platform, *, slots: int | None = None) -> Parts:
    """Everything a web process answers with. ``features`` names its ready documents in
    ``app.extensions["ready_bytes"]``:

    ``(locate, build, version)``, the arguments of :class:`ReadyBytes`. ``slots``: with an :class:`Edge` that limits and
    reads bodies itself.
    """
    from idp.app import create_app, ready_to_fork

    flask_app = create_app(platform)
    ready_to_fork(flask_app)
    inner: WSGIApplication = Net(flask_app.wsgi_app)
    if slots is not None:
        inner = Edge(inner, slots=slots)
    documents = flask_app.extensions.get("ready_bytes")
    ready: ReadyBytes | None = None
    if documents:
        locate, build, version = documents
        ready = ReadyBytes(inner, locate, build, version, platform.settings.trusted_proxies)
    return Parts(ready or inner, ready)


def application(platform: Platform, *, slots: int = CONCURRENT_REQUESTS) -> WSGIApplication:
    """The same for any WSGI server."""
    return parts(platform, slots=slots).whole


def app() -> WSGIApplication:
    """Factory for other WSGI servers (``gunicorn 'idp.processes.wsgi:app()'``): settings from the environment, schema
    as it is.
    """
    from idp.foundation import logging
    from idp.foundation.settings import Settings

    settings = Settings.from_env()
    logging.configure(settings.log_level)
    return application(Platform.open(settings))
