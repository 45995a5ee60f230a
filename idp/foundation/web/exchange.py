"""One HTTP request and its answer, as endpoints without pages see them: nothing of Flask, so that they are answered
before it (:mod:`idp.foundation.tenancy.thin_edge`) and through it alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from werkzeug.sansio.http import parse_cookie
from werkzeug.wsgi import get_input_stream

from idp.foundation.kernel.errors import OAuthError

Headers = list[tuple[str, str]]
MAX_BODY: Final = 1_048_576
"""Bytes of a body that are read."""
NO_STORE: Final = ("Cache-Control", "no-store")


class Call:
    """An HTTP request, read from its WSGI environment as it is asked for."""

    __slots__ = ("_body", "environ")

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self._body: bytes | None = None

    @property
    def method(self) -> str:
        """``GET``, ``POST``..."""
        method: str = self.environ["REQUEST_METHOD"]
        return method

    @property
    def query(self) -> str:
        """What follows the question mark, as it was sent (one character a byte)."""
        query: str = self.environ.get("QUERY_STRING", "")
        return query

    @property
    def authorization(self) -> str | None:
        """The header ``Authorization``."""
        return self.environ.get("HTTP_AUTHORIZATION")

    @property
    def dpop(self) -> str | None:
        """The header ``DPoP``; several of them are one, with commas."""
        return self.environ.get("HTTP_DPOP")

    @property
    def path(self) -> str:
        """The path as it was sent, escapes and all."""
        target: str = self.environ.get("REQUEST_URI") or self.environ.get("RAW_URI") or ""
        if not target:
            return quote(f"{self.environ.get('SCRIPT_NAME', '')}{self.environ['PATH_INFO']}", encoding="latin-1")
        path = target.partition("?")[0]
        return path if path.startswith("/") else urlsplit(path).path

    @property
    def origin(self) -> str | None:
        """The header ``Origin``, which browsers send with calls from other origins."""
        return self.environ.get("HTTP_ORIGIN")

    @property
    def mimetype(self) -> str:
        """The media type of the body, without parameters, in lower case; empty where none is named."""
        named: str = self.environ.get("CONTENT_TYPE", "")
        return named.partition(";")[0].strip().lower()

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that were sent, others of the host included, in whatever encoding (one character a byte)."""
        return parse_cookie(self.environ.get("HTTP_COOKIE"))

    def body(self) -> bytes:
        """The whole body. Raises OAuthError 413 for one that is too large."""
        if self._body is None:
            declared: str = self.environ.get("CONTENT_LENGTH") or "0"
            if declared.isdigit() and int(declared) > MAX_BODY:
                raise OAuthError("invalid_request", "The request is too large", status=413)
            self._body = get_input_stream(self.environ).read()
        return self._body


class Reply:
    """The answer: status, headers but for the length, and the whole body."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Headers, body: bytes = b"") -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def add(self, headers: Mapping[str, str]) -> Reply:
        """The same reply, with these headers besides."""
        self.headers.extend(headers.items())
        return self


def redirection(location: str, status: int = 303) -> Reply:
    """To ``location``, never cached."""
    return Reply(status, [("Location", location), NO_STORE])
