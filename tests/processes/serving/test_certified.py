"""The port that asks clients for certificates, over real connections: ``requests``, and bytes of nobody's library."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from idp.foundation.settings import Settings
from idp.foundation.tenancy import peer
from idp.processes import certified, conversation, wsgi
from idp.processes.reception import Reception
from idp.processes.room import Room
from idp.processes.serving import listen
from idp.processes.wsgi import Environ, Parts
from tests.counterparts.private_ca import PrivateAuthority
from tests.security.rows import row
from tests.world.certificates import Certified
from tests.world.certificates import certified as certified_as

SECRET = {"IDP_SECRET_KEY": "k" * 8 + "0123456789abcdefghijklmnop"}


@dataclass
class Site:
    """The door with an application that tells what it was told."""

    port: int
    door: certified.Door
    verify: str
    folder: Path
    seen: list[Environ] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)

    def files(self, shown: Certified) -> tuple[str, str]:
        made = self.folder / "own.pem", self.folder / "own.key"
        made[0].write_text(shown.pem)
        made[1].write_text(shown.key_pem)
        return str(made[0]), str(made[1])

    def get(self, shown: Certified | None = None, **more: Any) -> Any:
        cert = self.files(shown) if shown else None
        answer = requests.get(f"https://localhost:{self.port}/x", cert=cert, verify=self.verify, timeout=20, **more)
        assert answer.status_code == 200
        return answer.json()

    def connected(self, **more: Any) -> ssl.SSLSocket:
        """A connection without a certificate."""
        context = ssl.create_default_context(cafile=self.verify)
        for name, value in more.items():
            setattr(context, name, value)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return context.wrap_socket(plain, server_hostname="localhost")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate of the server."""
    folder, authority = tmp_path_factory.mktemp("identity"), PrivateAuthority.make()
    authority.server(folder, ["localhost"])
    (folder / "ca.pem").write_text(authority.pem)
    return folder


@pytest.fixture
def open_site(tmp_path: Path, identity: Path) -> Iterator[Callable[..., Site]]:
    opened: list[Site] = []

    def begin(**settings: str) -> Site:
        for each in identity.iterdir():
            (tmp_path / each.name).write_bytes(each.read_bytes())
        certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
        listener = listen("127.0.0.1", 0)
        port = listener.getsockname()[1]
        given = {"IDP_MTLS_PORT": str(port), "IDP_MTLS_CERTIFICATE": str(certificate), "IDP_MTLS_KEY": str(key)}
        env = {**SECRET, **given, "DATABASE_URL": f"sqlite:///{tmp_path}/idp.db", **settings}
        site: Site

        def app(environ: Environ, start: Any) -> list[bytes]:
            site.seen.append(environ)
            if environ["PATH_INFO"] == "/held":
                site.begun.set()
                site.held.wait(20)
            told = {
                "certificate": peer.certificate(read, environ),
                "host": environ.get("HTTP_HOST"),
                "forwarded": environ.get("HTTP_X_FORWARDED_FOR"),
                "body": environ["wsgi.input"].read().decode(),
            }
            start("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(told).encode()]

        read = Settings.from_env(env, create_key=False)
        reception = Reception(Parts(app, None), Room())
        door = certified.Doorway(listener, read).open(reception)
        reception.door = door
        site = Site(port, door, str(tmp_path / "ca.pem"), tmp_path)
        opened.append(site)
        return site

    yield begin
    for site in opened:
        site.held.set()
        site.door.close()
        assert site.door.wait(20)


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site()


def test_any_certificate_is_told_and_none_is_demanded(site: Site) -> None:
    mine, over = certified_as("CN=mine"), certified_as("CN=over", days=(-9, -1))
    assert site.get()["certificate"] is None
    for shown in (mine, over):
        assert site.get(shown)["certificate"] == "".join(shown.pem.splitlines()[1:-1])


@row("Q2", "E8")
def test_no_header_stands_in_for_a_certificate(open_site: Callable[..., Site]) -> None:
    site = open_site(IDP_CLIENT_CERTIFICATE_HEADER="X-Client-Cert", IDP_TRUSTED_PROXIES="1")
    mine, forged = certified_as("CN=mine"), certified_as("CN=other")
    headers = {
        "X-Client-Cert": forged.escaped,
        "Client-Cert": forged.escaped,
        "gatehouse.client_certificate": forged.escaped,
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Host": "evil.example.test",
    }
    assert site.get(headers=headers)["certificate"] is None
    told = site.get(mine, headers=headers)
    assert told["certificate"] == "".join(mine.pem.splitlines()[1:-1])
    assert told["forwarded"] is None
    environ = site.seen[-1]
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "https"
    assert not [name for name in environ if "FORWARDED" in name or "X_CLIENT" in name]


def test_a_tenant_is_asked_for_by_its_own_name(open_site: Callable[..., Site]) -> None:
    urls = {"IDP_PUBLIC_URL": "https://login.example.test/", "IDP_MTLS_URL": "https://certs.example.test:9443/"}
    site = open_site(**urls)
    hosts = {
        "certs.example.test:9443": "login.example.test",
        "login.example.test:9443": "login.example.test",
        "acme.example.test": "acme.example.test",
    }
    assert {host: site.get(headers={"Host": host})["host"] for host in hosts} == hosts
    assert conversation.Place(Settings.from_env(SECRET, create_key=False), 8443).host("[::1]:8443") == "[::1]:8000"


def test_requests_follow_each_other_on_one_connection(site: Site) -> None:
    with requests.Session() as session:
        for body in ("one", "", "x" * 300_000):
            answer = session.post(f"https://localhost:{site.port}/x", data=body, verify=site.verify, timeout=20)
            assert answer.json()["body"] == body
        chunks = session.post(
            f"https://localhost:{site.port}/x", data=iter([b"a", b"b"]), verify=site.verify, timeout=20
        )
        assert chunks.json()["body"] == "ab"
    assert len({environ["SERVER_PORT"] for environ in site.seen}) == 1
    with site.connected() as tls:  # both at once, and the farewell of the client behind them
        tls.sendall(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        said = b"".join(iter(lambda: tls.recv(4096), b""))
    assert said.count(b"HTTP/1.1 200 OK") == 2
    assert said.endswith(b"\r\n\r\n")


def ended(connection: socket.socket) -> bool:
    """Read to the end, whichever way it comes."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionError:
        return True
    return True


MANY = b"".join(b"X-%d: %s\r\n" % (number, b"v" * 900) for number in range(200))
REFUSED = {
    "no request": (b"hello\r\n\r\n", 400),
    "of a proxy": (b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    "a folded header": (b"GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "other codings": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    "two framings": (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "a body in crumbs": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 4_097,
        413,
    ),
    "a long head": (b"GET / HTTP/1.1\r\nHost: x\r\n" + MANY + b"\r\n", 431),
    "a long address": (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a large body": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413),
    "a large body in chunks": (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (b"%x\r\n" % 150_000 + b"x" * 150_000 + b"\r\n") * 8,
        413,
    ),
}


@row("X1")
@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_no_request_is_refused(site: Site, name: str) -> None:
    sent, status = REFUSED[name]
    with site.connected() as tls:
        tls.sendall(sent)
        answer = http.client.HTTPResponse(tls)
        answer.begin()
        assert answer.status == status
        assert answer.getheader("Connection") == "close"
        answer.read()
    assert site.get()["certificate"] is None
    assert len(site.seen) == 1


def test_old_versions_and_weak_ciphers_are_refused(site: Site) -> None:
    with site.connected(maximum_version=ssl.TLSVersion.TLSv1_2) as tls:
        assert str(tls.cipher()).startswith("('ECDHE-")
        assert "GCM" in str(tls.cipher())
    with site.connected() as tls:
        assert tls.version() == "TLSv1.3"
    context = ssl.create_default_context(cafile=site.verify)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:AES128-GCM-SHA256")
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="localhost")


@row("X2")
def test_strangers_who_never_finish_hold_nobody_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("HANDSHAKE_S", 0.3), ("FAREWELL_S", 0.1)):
        monkeypatch.setattr(certified, name, seconds)
    monkeypatch.setattr(conversation, "HEAD_S", 0.3)
    monkeypatch.setattr(conversation, "BODY_S", 0.3)
    address = ("127.0.0.1", site.port)
    silent = [socket.create_connection(address, timeout=20) for _ in range(60)]
    garbage, announced = (socket.create_connection(address, timeout=20) for _ in range(2))
    garbage.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)))
    announced.sendall(b"PROXY TCP4 203.0.113.9 192.0.2.1 40000 8443\r\n")  # whoever is connected is who they are
    half, body = site.connected(), site.connected()
    half.sendall(b"GET / HT")
    body.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
    assert site.get()["certificate"] is None
    for each in (*silent, garbage, announced, half, body):
        assert ended(each)
        each.close()
    assert len(site.seen) == 1


@row("X2")
def test_who_promises_a_body_and_sends_none_makes_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is refused for what strangers promise."""
    monkeypatch.setattr(conversation, "ARRIVING_BYTES", 3 * wsgi.MAX_BODY_BYTES)
    promised = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % wsgi.MAX_BODY_BYTES
    strangers = [site.connected() for _ in range(3)]
    for each in strangers:
        each.sendall(promised)
        assert each.recv(4096).startswith(b"HTTP/1.1 100 ")
    for body in ("one", "two"):
        answer = requests.post(f"https://localhost:{site.port}/x", data=body, verify=site.verify, timeout=20)
        assert (answer.status_code, answer.json()["body"]) == (200, body)
    first, *others = strangers
    assert first.recv(4096).startswith(b"HTTP/1.1 408 ")
    first.close()
    for each in others:
        each.sendall(b"x" * wsgi.MAX_BODY_BYTES)
        assert each.recv(4096).startswith(b"HTTP/1.1 200 ")
        each.close()


@row("X2")
def test_the_oldest_stranger_makes_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certified, "CONNECTIONS", 4)
    silent = [socket.create_connection(("127.0.0.1", site.port), timeout=20) for _ in range(8)]
    assert site.get()["certificate"] is None
    for each in silent[:4]:
        assert ended(each)
    for each in silent:
        each.close()


def test_who_waits_for_an_answer_gets_it_when_the_process_stops(site: Site) -> None:
    idle, waiting = site.connected(), site.connected()
    idle.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in idle.recv(4096)
    waiting.sendall(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
    assert site.begun.wait(20)
    site.door.close()
    assert ended(idle)
    with pytest.raises(OSError, match=r"refused|reset|EOF|closed"):
        site.connected()
    site.held.set()
    said = b"".join(iter(lambda: waiting.recv(4096), b""))
    assert b"200 OK" in said
    assert b"Connection: close" in said
    idle.close()
    waiting.close()


def test_a_renewed_certificate_is_served_without_a_restart(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certified, "RELOAD_S", -1.0)
    authority = PrivateAuthority.make()
    key = Path(site.door._identity._files[1])
    before = key.read_bytes()
    key.write_text("no key")
    assert site.get()["certificate"] is None  # the last one serves on
    key.write_bytes(before)
    authority.server(site.folder, ["localhost"])
    Path(site.verify).write_text(authority.pem)
    assert site.get()["certificate"] is None


def test_the_parent_hands_on_what_it_read_last(tmp_path: Path, identity: Path) -> None:
    """A renewed certificate, whose files were gone when a worker died."""
    (tmp_path / "server.pem").write_bytes((identity / "server.pem").read_bytes())
    (tmp_path / "server.key").write_bytes((identity / "server.key").read_bytes())
    files = {"IDP_MTLS_CERTIFICATE": str(tmp_path / "server.pem"), "IDP_MTLS_KEY": str(tmp_path / "server.key")}
    doorway = certified.Doorway(listen("127.0.0.1", 0), Settings.from_env({**SECRET, **files}, create_key=False))
    authority = PrivateAuthority.make()
    made = authority.server(tmp_path, ["localhost"])
    with capture_logs() as logs:
        doorway.look()
        for each in made:
            each.unlink()
        doorway.look()
        doorway.look()
    assert [(each["log_level"], str(tmp_path) in each["why"]) for each in logs] == [("error", True)]
    reception = Reception(Parts(lambda _environ, _start: [], None), Room())
    door = reception.door = doorway.open(reception)
    with socket.create_connection(("127.0.0.1", door.place.port), timeout=20) as plain:
        (tmp_path / "new.pem").write_text(authority.pem)
        context = ssl.create_default_context(cafile=tmp_path / "new.pem")
        context.wrap_socket(plain, server_hostname="localhost").close()
    door.close()
    assert door.wait(20)


def test_files_that_are_none_are_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(ValueError, match=r"no certificate in PEM"):
        certified.context_of(tmp_path / "x.pem", tmp_path / "x.pem")
