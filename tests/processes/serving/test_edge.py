"""The edge around Flask: limits, whole bodies, ready bytes; and the real server against rough clients."""

import io
import resource
import select
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import requests

from idp.foundation.kernel.errors import StoreUnavailable
from idp.processes.serving import KEEP_ALIVE_MS
from idp.processes.wsgi import BODY_SECONDS, MAX_BODY_BYTES, MAX_TARGET_CHARS, Edge, Net, ReadyBytes, take_body
from tests.counterparts.product import Product
from tests.security.rows import row


def environ(method: str = "GET", path: str = "/", body: bytes = b"", **more: Any) -> dict[str, Any]:
    made = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": "a.test",
        "wsgi.input": io.BytesIO(body),
    }
    if body:
        made["CONTENT_LENGTH"] = str(len(body))
    return made | more


class Caller:
    """Calls a WSGI application and keeps the status."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.status = ""

    def __call__(self, env: dict[str, Any]) -> bytes:
        return b"".join(self.app(env, self.start))

    def start(self, status: str, _headers: list[tuple[str, str]]) -> None:
        self.status = status


def echo(env: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [env["wsgi.input"].read()]


def test_bodies_arrive_whole() -> None:
    call = Caller(Edge(echo))
    assert call(environ("POST", body=b"x" * 200_000)) == b"x" * 200_000
    chunked = environ("POST", **{"wsgi.input": io.BytesIO(b"y" * 100_000)})
    assert call(chunked) == b"y" * 100_000


class Untouched(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_: object) -> bytes:  # type: ignore[override]
        raise AssertionError("read")


def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    call = Caller(Edge(echo))
    call(environ("POST", CONTENT_LENGTH=str(MAX_BODY_BYTES + 1), **{"wsgi.input": Untouched()}))
    assert call.status.startswith("413")


def test_a_chunked_body_is_counted() -> None:
    call = Caller(Edge(echo))
    call(environ("POST", **{"wsgi.input": io.BytesIO(b"x" * (MAX_BODY_BYTES + 1))}))
    assert call.status.startswith("413")


@pytest.mark.parametrize("length", ["-1", "ten", "1e3", "٣"])
def test_a_length_that_is_no_number(length: str) -> None:
    call = Caller(Edge(echo))
    call(environ("POST", CONTENT_LENGTH=length, **{"wsgi.input": Untouched()}))
    assert call.status.startswith("400")


def test_a_body_that_breaks_off_is_refused() -> None:
    call = Caller(Edge(echo))
    call(environ("POST", CONTENT_LENGTH="100", **{"wsgi.input": io.BytesIO(b"abc")}))
    assert call.status.startswith("400")


def test_a_body_that_drips_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    class Drip(io.BytesIO):
        def read(self, *_: object) -> bytes:  # type: ignore[override]
            now[0] += BODY_SECONDS / 2
            return b"x"

    refusal = take_body(environ("POST", CONTENT_LENGTH="100", **{"wsgi.input": Drip()}))
    assert refusal is not None
    assert refusal[0].startswith("408")


def test_long_addresses_are_refused() -> None:
    call = Caller(Edge(echo))
    call(environ(QUERY_STRING="x" * (MAX_TARGET_CHARS + 1)))
    assert call.status.startswith("414")


def test_an_exception_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_env: dict[str, Any], _start: Any) -> list[bytes]:
        raise ValueError("postgres://user:password@host")

    call = Caller(Net(broken))
    text = call(environ())
    assert call.status.startswith("500")
    assert b"password" not in text


def located(path: str) -> tuple[str, str] | None:
    """One document, of an issuer without a path."""
    return ("", path) if path == "/doc" else None


class Documents:
    """One document whose version the test changes."""

    def __init__(self) -> None:
        self.current: int | None = 1
        self.built = 0
        self.checked = 0
        self.away = False

    def build(self, host: str, _root: str, _document: str) -> tuple[str, list[tuple[str, str]], bytes] | None:
        self.built += 1
        return ("200 OK", [("X", "y")], f"{host} {self.current}".encode()) if self.current else None

    def version(self, _host: str, _root: str) -> int | None:
        self.checked += 1
        if self.away:
            raise StoreUnavailable
        return self.current


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_ready_bytes_are_built_once_and_follow_the_version(clock: list[float]) -> None:
    documents = Documents()
    call = Caller(ReadyBytes(echo, located, documents.build, documents.version))
    assert call(environ(path="/doc")) == call(environ(path="/doc")) == b"a.test 1"
    assert (documents.built, documents.checked) == (1, 1)
    documents.current = 2
    clock[0] += 1.1
    assert call(environ(path="/doc")) == b"a.test 2"
    assert call(environ("HEAD", path="/doc")) == b""
    assert call(environ("POST", path="/doc", body=b"else")) == b"else"
    assert call(environ(path="/other")) == b""


def test_ready_bytes_go_on_while_the_database_is_away(clock: list[float]) -> None:
    documents = Documents()
    call = Caller(ReadyBytes(echo, located, documents.build, documents.version))
    call(environ(path="/doc"))
    documents.away = True
    clock[0] += 60
    assert call(environ(path="/doc")) == b"a.test 1"
    assert call(environ(path="/doc", HTTP_HOST="never-seen.test")) == b"", "the application answers for it"


def test_hosts_of_no_tenant_are_not_remembered(clock: list[float]) -> None:
    documents = Documents()
    documents.current = None
    ready = ReadyBytes(echo, located, documents.build, documents.version)
    for number in range(50):
        Caller(ready)(environ(path="/doc", HTTP_HOST=f"{number}.test"))
    assert ready._ready == {}
    assert ready._checked == {}


def raw(product: Product, data: bytes, *, seconds: float = 5) -> bytes:
    """Everything the server says to these bytes."""
    with socket.create_connection(("127.0.0.1", product.port), timeout=seconds) as connection:
        connection.sendall(data)
        return connection.recv(65_536)


HEAD = b" HTTP/1.1\r\nHost: localhost\r\n"
ROUGH = {
    "garbage": (b"\x00\x01\x02 garbage\r\n\r\n", {b"400"}),
    "a great header": (b"GET /" + HEAD + b"X: " + b"a" * 500_000 + b"\r\n\r\n", {b"400", b"431"}),
    "many headers": (b"GET /" + HEAD + b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"\r\n", {b"431"}),
    "a long address": (b"GET /?" + b"a" * 40_000 + HEAD + b"\r\n", {b"414"}),
    "a path that is no text": (b"GET /%ff%fe/..%2f" + HEAD + b"\r\n", {b"400", b"404"}),
    "an unknown method": (b"BREW /" + HEAD + b"\r\n", {b"405"}),
    "two lengths": (
        b"POST /oauth/token" + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {b"400", b"401"},
    ),
}


@row("X5")
@pytest.mark.slow
@pytest.mark.parametrize("name", list(ROUGH))
def test_rough_bytes_get_a_refusal(product: Product, name: str) -> None:
    data, statuses = ROUGH[name]
    answer = raw(product, data)
    assert answer.split(b" ", 2)[1] in statuses, answer[:200]
    assert product.answers()


SLOW = {
    "a body that never comes": b"POST /oauth/token" + HEAD + b"Content-Length: 1000\r\n\r\nabc",
    "a head that never ends": b"POST /oauth/token" + HEAD + b"X-A:",
    "nothing at all": b"",
}


@row("X2")
@pytest.mark.slow
@pytest.mark.parametrize("name", list(SLOW))
def test_a_thousand_slow_senders_do_not_stop_the_others(product: Product, name: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    senders = [socket.create_connection(("127.0.0.1", product.port)) for _ in range(1_000)]
    try:
        for sender in senders:
            sender.sendall(SLOW[name])
        for _ in range(20):  # whoever had to wait for them would wait until a body's deadline, and longer for a head's
            assert requests.get(f"{product.base_url}/healthz", timeout=20).status_code == 200
        watch = select.poll()
        for sender in senders:
            watch.register(sender, select.POLLOUT)
        assert [told for _, told in watch.poll(0)] == [select.POLLOUT] * len(senders), "nobody was cut off for it"
    finally:
        for sender in senders:
            sender.close()


@pytest.mark.slow
def test_idle_connections_are_kept_for_more_than_a_minute(product: Product) -> None:
    assert KEEP_ALIVE_MS >= 75_000
    with requests.Session() as session:
        session.get(f"{product.base_url}/healthz", timeout=5)
        answer = session.get(f"{product.base_url}/healthz", timeout=5)
    assert answer.headers.get("Connection") != "close"


@pytest.mark.slow
def test_a_great_upload_is_refused_at_once(product: Product) -> None:
    begun = time.monotonic()
    head = b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000000\r\n\r\n"
    answer = raw(product, head + b"x" * 1000)
    assert b" 413 " in answer.split(b"\r\n", 1)[0]
    assert time.monotonic() - begun < 1
