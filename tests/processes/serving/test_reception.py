"""Requests on their way hold nothing. Granian's side is played by hand here; real sockets are in ``test_edge``."""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from idp.processes import reception as module
from idp.processes import wsgi
from idp.processes.kinds import KINDS
from idp.processes.reception import Reception, environ_of
from idp.processes.room import Room
from tests.security.rows import row
from tests.world.fixtures import OpenWorld
from tests.world.templates import HOST, TWO_BELOW_PATHS

SOON = 10


class Future:
    """What ``receive()`` answers."""

    def __init__(self) -> None:
        self.message: dict[str, Any] | None = None
        self.callback: Callable[[Future], None] | None = None
        self.gone = False

    def add_done_callback(self, callback: Callable[[Future], None]) -> None:
        self.callback = callback

    def cancelled(self) -> bool:
        return self.gone

    def cancel(self) -> None:
        self.gone = True

    def result(self) -> dict[str, Any]:
        assert self.message is not None
        return self.message


class Request:
    """A watcher of granian: the head has arrived, the body comes part by part."""

    def __init__(self, method: str = "POST", path: bytes = b"/", **headers: str) -> None:
        self.scope = {
            "method": method,
            "raw_path": path,
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "http_version": "1.1",
            "scheme": "http",
            "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
        }
        self.proto = self
        self.future = Future()
        self.sent: list[dict[str, Any]] = []
        self.answered = threading.Event()

    def receive(self) -> Future:
        self.future = Future()
        return self.future

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.answered.set()

    def arrives(self, body: bytes, *, more: bool = True) -> None:
        self.future.message = {"type": "http.request", "body": body, "more_body": more}
        assert self.future.callback is not None
        self.future.callback(self.future)

    def breaks_off(self) -> None:
        self.future.message = {"type": "http.disconnect"}
        assert self.future.callback is not None
        self.future.callback(self.future)

    @property
    def answer(self) -> tuple[int, bytes]:
        assert self.answered.wait(SOON)
        return self.sent[0]["status"], self.sent[1]["body"]


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read(), b"|", environ.get("CONTENT_LENGTH", "-").encode()]


@pytest.fixture
def reception() -> Reception:
    return Reception(wsgi.Parts(echo, None), Room(places=1))


def test_a_body_arrives_in_parts(reception: Reception) -> None:
    request = Request(content_length="6")
    reception(request)
    request.arrives(b"abc")
    assert not request.answered.is_set()
    request.arrives(b"def")
    assert request.answer == (200, b"abcdef|6")


def test_a_chunked_body_has_its_length_then(reception: Reception) -> None:
    request = Request(transfer_encoding="chunked")
    reception(request)
    request.arrives(b"abc")
    request.arrives(b"", more=False)
    assert request.answer == (200, b"abc|3")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_no_body_is_awaited_where_none_is_announced(reception: Reception, method: str) -> None:
    request = Request(method)
    reception(request)
    assert request.answer == (200, b"|-")


@row("X1")
@pytest.mark.parametrize(("length", "status"), [(str(wsgi.MAX_BODY_BYTES + 1), 413), ("-1", 400), ("ten", 400)])
def test_a_length_is_refused_with_the_head(reception: Reception, length: str, status: int) -> None:
    request = Request(content_length=length)
    reception(request)
    assert request.answer[0] == status


@row("X1")
def test_a_chunked_body_is_counted(reception: Reception) -> None:
    request = Request(transfer_encoding="chunked")
    reception(request)
    for _ in range(17):
        if not request.answered.is_set():
            request.arrives(b"x" * 65_536)
    assert request.answer[0] == 413
    assert request.future.gone


class Hasty(Request):
    """Parts of it are there whenever they are asked for."""

    def __init__(self, parts: int) -> None:
        super().__init__(transfer_encoding="chunked")
        self.left = parts

    def receive(self) -> Future:
        self.left -= 1
        self.future = Ready({"type": "http.request", "body": b"x", "more_body": self.left > 0})
        return self.future


class Ready(Future):
    """It calls back while it is asked to."""

    def __init__(self, message: dict[str, Any]) -> None:
        super().__init__()
        self.message = message

    def add_done_callback(self, callback: Callable[[Future], None]) -> None:
        callback(self)


@pytest.mark.timeout(30)
def test_parts_that_are_there_are_taken_one_after_the_other(reception: Reception) -> None:
    """And not each within the one before, which would end at the depth of the stack."""
    request = Hasty(3_000)
    reception(request)
    assert request.answer == (200, b"x" * 3_000 + b"|3000")


@row("X2")
def test_crumbs_are_counted_too(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PARTS", 3)
    request = Request(transfer_encoding="chunked")
    reception(request)
    for _ in range(4):
        request.arrives(b"x")
    assert request.answer[0] == 413


def test_a_sender_who_goes_away_is_forgotten(reception: Reception) -> None:
    request = Request(content_length="6")
    reception(request)
    request.breaks_off()
    assert reception.idle


@row("X2")
@pytest.mark.parametrize("end", ["whole", "in parts", "gone", "late", "too large"])
def test_nothing_is_kept_of_a_body_that_ended(reception: Reception, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """Granian's futures keep their callback and are none of those that Python's collector looks into: a circle
    through one of them stays for ever, 7 KiB for each request with a body.
    """
    if end == "late":
        monkeypatch.setattr(wsgi, "BODY_SECONDS", 0.0)
    gc.disable()
    try:
        request = Request(content_length="6") if end != "too large" else Request(transfer_encoding="chunked")
        reception(request)
        first = weakref.ref(request.future)
        if end == "whole":
            request.arrives(b"abcdef")
        elif end == "in parts":
            request.arrives(b"abc")
            request.arrives(b"def")
        elif end == "gone":
            request.breaks_off()
        elif end == "too large":
            request.arrives(b"x" * (wsgi.MAX_BODY_BYTES + 1))
        if end != "gone":
            assert request.answered.wait(SOON)
        last = weakref.ref(request.future)
        request.future = Future()
        until = time.monotonic() + SOON
        while (first() or last()) and time.monotonic() < until:
            time.sleep(0.01)  # the thread that refuses the late has the last word
        assert first() is None
        assert last() is None
    finally:
        gc.enable()


@row("X2")
def test_a_body_has_a_deadline(reception: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi, "BODY_SECONDS", 0.0)
    request = Request(content_length="6")
    reception(request)
    assert request.answer[0] == 408
    assert (b"Connection", b"close") in request.sent[0]["headers"]
    request.arrives(b"abcdef")
    assert len(request.sent) == 2, "answered once"


@row("X2")
@pytest.mark.parametrize("limit", ["MOST_ARRIVING", "MOST_ARRIVING_BYTES"])
def test_when_too_many_are_on_their_way_the_slowest_goes(
    reception: Reception, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(module, limit, {"MOST_ARRIVING": 2, "MOST_ARRIVING_BYTES": 20}[limit])
    first, second, third = (Request(content_length="9") for _ in range(3))
    for request in (first, second, third):
        reception(request)
    assert first.answer[0] == 408
    second.arrives(b"123456789")
    third.arrives(b"123456789")
    assert (second.answer[0], third.answer[0]) == (200, 200)


@row("X2")
def test_a_full_line_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reception = Reception(wsgi.Parts(echo, None), _line(0))
    request = Request("GET")
    reception(request)
    assert request.answer[0] == 503
    assert (b"Retry-After", b"1") in request.sent[0]["headers"]


@row("X2")
@pytest.mark.parametrize(
    ("path", "told"),
    [
        (b"/oauth/token", {"error": "temporarily_unavailable", "error_description": wsgi.BUSY[1]}),
        (b"/auth/api/v2/users", {"statusCode": 503, "error": "Service Unavailable", "message": wsgi.BUSY[1]}),
    ],
)
def test_who_finds_the_line_full_is_told_in_the_words_of_the_edge(path: bytes, told: dict[str, object]) -> None:
    request = Request("GET", path)
    Reception(wsgi.Parts(echo, None), _line(0))(request)
    status, body = request.answer
    assert (status, json.loads(body)) == (503, told)


def test_a_process_that_stops_refuses_what_has_not_arrived(reception: Reception) -> None:
    waiting, later, quick = Request(content_length="6"), Request(content_length="6"), Request("GET")
    reception(waiting)
    reception.close()
    reception(later)
    reception(quick)
    assert (waiting.answer[0], later.answer[0], quick.answer[0]) == (503, 503, 200)


def test_the_environment_of_a_request() -> None:
    request = Request("GET", b"/api/v2/users/auth0%7Ca%2Fb", host="a.test", cookie="a=1", x_a="ü")
    request.scope["query_string"] = b"q=%20"
    request.scope["headers"] += [(b"cookie", b"b=2"), (b"x-a", b"2"), (b"x_forwarded_for", b"spoofed")]
    environ = environ_of(request.scope)
    assert environ["PATH_INFO"] == "/api/v2/users/auth0|a/b"
    assert environ["REQUEST_URI"] == "/api/v2/users/auth0%7Ca%2Fb?q=%20"
    assert (environ["HTTP_HOST"], environ["HTTP_COOKIE"], environ["HTTP_X_A"]) == ("a.test", "a=1;b=2", "ü,2")
    assert "HTTP_X_FORWARDED_FOR" not in environ


METADATA = ("openid-configuration", "oauth-authorization-server")


def _line(most_waiting: int) -> Room:
    """With no place in line, whatever is answered was ready."""
    return Room(places=1, kinds=[replace(kind, waiting=most_waiting) for kind in KINDS])


def _issuer(request: Request) -> str:
    status, body = request.answer
    assert status == 200, body
    return str(json.loads(body)["issuer"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ready_bytes_are_those_of_the_tenant_at_that_path(
    open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Two tenants of one host; behind the issuer and with its path inserted (RFC 8414 3.1)."""
    monkeypatch.setattr(wsgi, "_FRESH_S", 3_600)
    first = open_world(TWO_BELOW_PATHS)
    parts = wsgi.parts(first.platform)
    waiting, at_once = Reception(parts, _line(8)), Reception(parts, _line(0))
    issuers = {"/auth": first.issuer, "/acme/eu": first.second_tenant().issuer}
    for root, issuer in issuers.items():
        for path in [f"{root}/.well-known/{name}" for name in METADATA] + [f"/.well-known/{n}{root}" for n in METADATA]:
            for reception in (waiting, at_once):
                asked = Request("GET", path.encode(), host=HOST)
                reception(asked)
                assert _issuer(asked) == issuer
        keys = [Request(method, f"{root}/.well-known/jwks.json".encode(), host=HOST) for _ in range(2)]
        waiting(keys[0])
        assert keys[0].answer[0] == 200
        at_once(keys[1])
        assert keys[1].answer[0] == 200
    for path in ("/.well-known/openid-configuration", "/acme/.well-known/jwks.json", "/.well-known/jwks.json/auth"):
        beside = Request("GET", path.encode(), host=HOST)
        waiting(beside)
        assert beside.answer[0] == 404


def test_ready_bytes_know_the_host_that_a_trusted_proxy_names(
    open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wsgi, "_FRESH_S", 3_600)
    first = open_world(TWO_BELOW_PATHS, IDP_TRUSTED_PROXIES="1")
    other = first.other_tenant("elsewhere", "https://other.example.test/auth/")
    reception = Reception(wsgi.parts(first.platform), _line(8))
    for _ in range(2):
        for host, issuer in ((HOST, first.issuer), ("other.example.test", other.issuer)):
            for forwarded in (host, f"forged.example.test, {host}"):
                asked = Request("GET", b"/auth/.well-known/openid-configuration", host=HOST, x_forwarded_host=forwarded)
                reception(asked)
                assert _issuer(asked) == issuer


class Broken(Request):
    """Whoever is answered here fails."""

    def send(self, message: dict[str, Any]) -> None:
        super().send(message)
        raise RuntimeError("the connection is in no state to be answered")


@row("X2")
def test_deadlines_go_on_whatever_happens_with_one_of_them(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, late = Broken(content_length="6"), Request(content_length="6")
    reception(broken)
    monkeypatch.setattr(wsgi, "BODY_SECONDS", 0.0)
    while not broken.sent:
        threading.Event().wait(0.01)
    reception(late)
    assert late.answer[0] == 408


@row("X2")
def test_deadlines_are_kept_while_others_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at who is oldest while the collection changes must not end the thread that looks."""
    switching = sys.getswitchinterval()
    reception = Reception(wsgi.Parts(echo, None), Room(places=1))
    monkeypatch.setattr(wsgi, "BODY_SECONDS", 3_600.0)
    over, faults = threading.Event(), list[str]()

    def look() -> None:
        try:
            while not over.is_set():
                reception._refuse_late()
        except RuntimeError as error:
            faults.append(str(error))

    looking = threading.Thread(target=look)
    sys.setswitchinterval(1e-6)
    try:
        looking.start()
        for _ in range(60):
            crowd = [Request(content_length="6") for _ in range(40)]
            for request in crowd:
                reception(request)
            for request in crowd:
                request.breaks_off()
    finally:
        sys.setswitchinterval(switching)
        over.set()
        looking.join(SOON)
    assert not faults


def test_whoever_came_as_the_process_stopped_is_refused(reception: Reception) -> None:
    request = Request(content_length="6")
    receive = request.receive

    def stops() -> Future:
        reception.close()
        return receive()

    request.receive = stops  # type: ignore[method-assign]
    reception(request)
    assert request.answer[0] == 503
    request.arrives(b"abcdef")
    assert len(request.sent) == 2, "answered once"
