"""What every API of ours does with a call, whatever its operations, its callers and its errors are: the path as it was
sent, browsers of other origins, the count of requests, the body, and errors in the API's own words.

The order is the specification: 401 before anything is said about paths or bodies, 404, 429, 403, then validation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from flask import Response, request
from werkzeug.routing import BaseConverter

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.apikit import Actor, Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.path import Match, Router
from idp.foundation.apikit.request import MAX_BYTES, RawRequest
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Platform, Work
from idp.management.limits import Limiter
from idp.protocol.possession import resource

METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD"]
MAX_SENT = 2**31


class Render(Protocol):
    """How an API says what went wrong."""

    def __call__(self, error: Exception, *, request_id: str) -> Answer:
        """The answer to any failure."""


class Rest(BaseConverter):
    """Whatever follows, empty and doubled slashes included: nothing below the prefix is anybody else's."""

    regex = ".*?"
    part_isolating = False


@dataclass(frozen=True)
class SentPath:
    """What stands behind the prefix of an API. ``segments`` are decoded one by one where the server kept the path as it
    was sent, so that ``%2F`` stays inside of one; None where it did not.
    """

    decoded: str
    segments: tuple[str, ...] | None


class Edge(ABC):
    """The Flask side of an API at ``prefix``, for ``browsers`` of other origins."""

    prefix: str
    api: str
    """Where it is below the issuer, as its audience says."""
    browsers: CrossOrigin

    def __init__(self, platform: Platform, render: Render) -> None:
        self._platform = platform
        self._render = render
        self._limiter = Limiter(lambda: clock.now_ms() / 1000, enforced=platform.settings.rate_limits)

    def answer(self, rest: str = "") -> Response:
        """Any request below the prefix."""
        del rest  # the segments are read from the undecoded path
        headers: dict[str, str] = {}
        work: Work | None = None
        try:
            work = http.current(orm=True)
            work.refresh()
            origin = request.headers.get("Origin")
            if request.method == "OPTIONS":
                return response(Answer(204), self.browsers.preflight(work, origin))
            headers |= self.browsers.headers(work, origin)
            return response(self.operate(work, headers), headers)
        except Exception as error:  # noqa: BLE001 - this is the edge: every failure becomes an answer
            return response(self._described(work, self._render(error, request_id=http.request_id())), headers)

    def _described(self, work: Work | None, refused: Answer) -> Answer:
        """What asks for a token says where one is found."""
        said = refused.headers.get(resource.CHALLENGE)
        if work is None or said is None:
            return refused
        return replace(
            refused, headers={**refused.headers, resource.CHALLENGE: resource.described(work, self.api, said)}
        )

    @abstractmethod
    def operate(self, work: Work, headers: dict[str, str]) -> Answer:
        """Ask who calls, find the operation and run it; ``headers`` go out with whatever comes of it."""

    def admit(self, work: Work, actor: Actor, caller: str, headers: dict[str, str]) -> None:
        """They are let in: origins of their application count from now on, and so does the call, for the ``caller``.

        :raises TooManyRequests: of the caller's.
        """
        work.actor = actor
        if origin := request.headers.get("Origin"):
            headers.clear()
            headers |= self.browsers.headers(work, origin, actor.client_id)
        headers |= work.told
        headers |= self._limiter.take(f"{work.tenant_id}\0{caller}").headers()

    def raw(self, found: Match[Endpoint], body: bytes = b"", **parts: Any) -> RawRequest:
        """What the operation is given."""
        return RawRequest(
            found.params,
            list(request.args.items(multi=True)),
            content_type=request.headers.get("Content-Type", ""),
            body=body,
            development=self._platform.settings.development,
            **parts,
        )


def find(routes: Router[Endpoint], path: SentPath) -> Match[Endpoint]:
    """The operation of the request. Raises NotFound."""
    method = "GET" if request.method == "HEAD" else request.method
    if path.segments is None:
        found = routes.match_decoded(method, path.decoded)
    else:
        found = routes.match(method, list(path.segments))
    if found is None:
        raise NotFound("Not Found")
    return found


def sent_path(prefix: str) -> SentPath:
    """The path of the request behind ``prefix``. The one that was sent counts only where it says the same as the
    decoded one that everything else looked at (security.md W2).
    """
    target = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or "")
    sent = target.partition("?")[0] if target.startswith("/") else urlsplit(target).path
    whole = request.script_root + request.path
    decoded = request.path.removeprefix(prefix)[1:]
    if not sent or unquote(sent) != whole:
        return SentPath(decoded, None)
    parts = sent.split("/")[len(request.script_root.split("/")) - 1 + len(prefix.split("/")) :]
    return SentPath(decoded, tuple(map(unquote, parts)) or ("",))


def body(most: int = MAX_BYTES, too_large: Callable[[], Exception] | None = None) -> bytes:
    """What was sent. Raises a fault of the body, or ``too_large``, for more than ``most`` bytes."""
    request.max_content_length = MAX_SENT  # the limit that counts is the one below, answered in the API's own words
    content = request.stream.read(most + 1)
    if len(content) <= most:
        return content
    raise too_large() if too_large is not None else fault(BODY, f"Body is larger than {most} bytes")


def response(answer: Answer, headers: dict[str, Any]) -> Response:
    """The answer as it leaves; nobody keeps it."""
    found = Response(answer.body, status=answer.status)
    found.headers.update({"Cache-Control": "no-store", **headers, **answer.headers})
    if not answer.body:
        found.headers.pop("Content-Type", None)
    return found
