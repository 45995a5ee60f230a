"""What the web server tells an application of a client's certificate: nothing, in any of its interfaces. Should that
change, certificates need no second port of ours any more (docs/decisions/0385, 0417).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import requests
from cryptography import x509

from tests.counterparts.program import Program, accepts, free_port
from tests.world.certificates import SERVER_AUTH, Authority

APPLICATION = """
import json

def told(found):
    return json.dumps(sorted(str(each) for each in found)).encode()

def wsgi(environ, start):
    start("200 OK", [("content-type", "application/json")])
    return [told(environ)]

async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    head = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
    await send(head)
    await send({"type": "http.response.body", "body": told({*scope, *(scope.get("extensions") or {})})})

async def rsgi(scope, protocol):
    protocol.response_bytes(200, [("content-type", "application/json")], told(dir(scope)))
"""


@pytest.mark.counterpart
@pytest.mark.parametrize("interface", ["wsgi", "asgi", "rsgi"])
def test_no_interface_tells_it(tmp_path: Path, interface: str) -> None:
    authority = Authority()
    server = authority.issue("CN=localhost", usage=SERVER_AUTH, beside=[x509.DNSName("localhost")])
    client = authority.issue("CN=client")
    files = {"ca": authority.own.pem, "server": server.pem, "key": server.key_pem, "own": client.pem + client.key_pem}
    for name, text in files.items():
        (tmp_path / f"{name}.pem").write_text(text)
    (tmp_path / "shown.py").write_text(APPLICATION)
    port = free_port()
    argv = [sys.executable, "-m", "granian", "--interface", interface, "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--ssl-certificate", "server.pem", "--ssl-keyfile", "key.pem", "--ssl-ca", "ca.pem", "--ssl-client-verify"]
    program = Program.start([*argv, f"shown:{interface}"], log_path=tmp_path / "log", cwd=tmp_path)
    try:
        program.wait_until(lambda: accepts(port), what="accept connections")
        address, authorities = f"https://localhost:{port}/", str(tmp_path / "ca.pem")
        with pytest.raises(requests.ConnectionError):
            requests.get(address, verify=authorities, timeout=20)
        said = requests.get(address, verify=authorities, cert=str(tmp_path / "own.pem"), timeout=20)
        told = [each for each in json.loads(said.text) if not each.startswith("SSL_CERT")]
        assert not [each for each in told if "tls" in each.lower() or "ssl_client" in each.lower()]
    finally:
        program.stop()
