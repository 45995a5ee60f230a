"""Outbound calls reach only what they may (security.md P1-P8)."""

import ast
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from idp.foundation import egress
from idp.foundation.egress import client, guard
from idp.foundation.egress.deadline import Deadline
from idp.foundation.settings import Settings
from idp.processes.certificates import ensure
from tests.house.source import modules, tree
from tests.security.rows import row

KEY = "a master key of the tests that is long enough"


class Site(BaseHTTPRequestHandler):
    """Answers by path."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/inside")  # type: ignore[attr-defined]
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/huge":
            self.wfile.write(b"x" * (client.MAX_BYTES + 1))
        else:
            self.wfile.write(self.headers["Host"].encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204 if body == b"logout_token=abc" else 400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the client hung up, as it should
            super().handle()


class QuietServer(ThreadingHTTPServer):
    """Threads that end with the test."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what is tested."""


@pytest.fixture
def site() -> Iterator[int]:
    """A real server on loopback; its port."""
    server = QuietServer(("127.0.0.1", 0), Site)
    Site.seen.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def system(host: str, port: int) -> list[str]:
    return guard.resolve(host, port, Deadline(5))


def settings(**env: str) -> Settings:
    return Settings.from_env({"IDP_SECRET_KEY": KEY, **env})


def test_a_call_that_is_allowed(site: int) -> None:
    answer = egress.get(settings(), f"http://localhost:{site}/hello?x=1")
    assert (answer.status, answer.body) == (200, f"localhost:{site}".encode())
    assert egress.post_form(settings(), f"http://localhost:{site}/", {"logout_token": "abc"}) == 204


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.2",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:0a00:0001::1]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
    ],
)
def test_production_calls_nothing_private(host: str) -> None:
    with pytest.raises(guard.EgressError):
        guard.check(f"http://{host}/", (), system)


@row("P6")
@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "http://user@example.com/",
        "http:///x",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: x",
        "http://example.com:99999/",
        "http://" + "a" * 3000,
    ],
)
def test_only_plain_web_addresses_are_called(url: str) -> None:
    with pytest.raises(guard.Refused):
        guard.check(url, (), lambda _host, _port: ["93.184.216.34"])


@row("P3", "P4")
def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(guard.Refused, match="IDP_OUTBOUND_ALLOW"):
        guard.check("https://example.com/", (), lambda _host, _port: ["93.184.216.34", "10.0.0.1"])


def test_public_addresses_are_called() -> None:
    target = guard.check("https://example.com/x?y=z", (), lambda _host, _port: ["93.184.216.34"])
    assert (target.addresses, target.port, target.path) == (("93.184.216.34",), 443, "/x?y=z")


@pytest.mark.parametrize(
    ("allow", "allowed"),
    [
        (("intranet.test",), True),
        (("INTRANET.test",), True),
        (("intranet.test:8080",), True),
        (("intranet.test:80",), False),
        (("10.0.0.0/8",), True),
        (("192.168.0.0/16",), False),
        (("10.9.9.9",), False),  # an address is a name as written in the URL, not what a name points to
        ((), False),
    ],
)
def test_what_the_allow_list_allows(allow: tuple[str, ...], allowed: bool) -> None:
    def check() -> guard.Target:
        return guard.check("http://intranet.test:8080/", allow, lambda _host, _port: ["10.9.9.9"])

    if allowed:
        assert check().addresses == ("10.9.9.9",)
    else:
        with pytest.raises(guard.Refused):
            check()


@row("P4")
def test_a_name_that_changes_its_address_after_the_check(site: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when judged, loopback when connected to. The connection goes to the judged address."""
    answers = iter([["93.184.216.34"]])
    monkeypatch.setattr(guard, "resolve", lambda *_: next(answers))
    dialled: list[object] = []

    def record(_self: socket.socket, address: object) -> None:
        dialled.append(address)
        raise OSError("not in this test")

    monkeypatch.setattr(socket.socket, "connect", record)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: pytest.fail("the name was resolved a second time"))
    with pytest.raises(egress.Unreachable):
        egress.get(settings(), f"http://rebind.test:{site}/secret")
    assert dialled == [("93.184.216.34", site)]
    assert Site.seen == []


@row("P5")
def test_redirects_are_not_followed(site: int) -> None:
    answer = egress.get(settings(), f"http://localhost:{site}/elsewhere")
    assert answer.status == 302
    assert Site.seen == ["/elsewhere"]


def test_answers_are_bounded_in_size(site: int) -> None:
    with pytest.raises(egress.Unreachable, match="larger"):
        egress.get(settings(), f"http://localhost:{site}/huge")


def test_nobody_listens() -> None:
    with pytest.raises(egress.Unreachable):
        egress.get(settings(), "http://localhost:1/")


def test_proxies_of_the_environment_are_not_used(site: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:1/")
    monkeypatch.setenv("http_proxy", "http://localhost:1/")
    assert egress.get(settings(), f"http://localhost:{site}/").status == 200


def test_tls_is_checked_against_the_name_and_the_extra_authority(tmp_path: Path) -> None:
    made = ensure(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    server = QuietServer(("127.0.0.1", 0), Site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://localhost:{server.server_port}/"
    try:
        with pytest.raises(egress.Unreachable, match="SSLError"):
            egress.get(settings(), url)
        trusting = settings(IDP_OUTBOUND_CA=str(made.authority))
        assert egress.get(trusting, url).status == 200
        named = settings(IDP_OUTBOUND_CA=str(made.authority), IDP_OUTBOUND_ALLOW="other.test")
        with pytest.raises(egress.Refused):
            egress.get(named, url)
    finally:
        server.shutdown()
        server.server_close()


TALKERS = {
    "idp.foundation.egress.client": {"requests", "urllib3"},
    "idp.tenant.mail.smtp": {"smtplib", "socket"},
    "idp.tenant.mail.providers.own_smtp": {"smtplib"},  # its errors: the guard says which addresses
    "idp.foundation.egress.deadline": {"socket"},
    "idp.foundation.egress.guard": {"socket"},
    "idp.foundation.egress.lines": {"socket"},
    "idp.foundation.egress.mongo": {"socket"},  # the driver is given what the guard opened
    "connectors.contract.ports": {"socket"},  # the type of what the guard opened
    "connectors.ldap.client": {"socket"},  # reads from what the guard opened
    "connectors.oauth1.signed": {"authlib"},  # signatures of requests, which the port sends
    "connectors.oauth2.requests": {"authlib"},  # PKCE and parameters of addresses: it speaks to nobody
    "idp.operations.dev.sample_app": {"requests", "authlib"},  # development's application talks to this server alone
}
"""Who may open connections to other machines, and with what. The rest listens, or asks these."""
LISTENERS = ("idp.processes",)
NETWORK = {"requests", "urllib3", "http.client", "httpx", "aiohttp", "smtplib", "socket", "urllib.request", "authlib"}


@row("P3", "P4", "P7", "P8")
def test_nobody_else_talks_to_other_machines() -> None:
    """Pictures and logos are addresses that browsers load; the server fetches none."""
    found: dict[str, set[str]] = {}
    for name, path in modules().items():
        for node in ast.walk(tree(path)):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            used = {full for full in NETWORK for each in names if each == full or each.startswith(f"{full}.")}
            if used and not name.startswith(LISTENERS):
                found[name] = found.get(name, set()) | used
    assert found.items() <= TALKERS.items()
