"""Clients that sign assertions, and sites that publish their keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.world.application import Application
from tests.world.client_keys import call, pem
from tests.world.world import API, World

GRANTS = ["authorization_code", "refresh_token", "client_credentials"]


def keyed(world: World, alg: str = "ES256", **members: Any) -> Application:
    """A machine that signs with that key and may use the API."""
    entry = {"credential_type": "public_key", "pem": pem(alg), "alg": alg}
    methods = {"private_key_jwt": {"credentials": [entry]}}
    app = world.client("m2m", grant_types=GRANTS, client_authentication_methods=methods, **members)
    world.grant(app.client_id, world.api(), "read:things")
    return app


def token(app: Application, raw: str, **form: str) -> Any:
    """What the token endpoint answers to that assertion."""
    return call(app, "/oauth/token", raw, **{"grant_type": "client_credentials", "audience": API, **form})


@pytest.fixture
def key_set() -> Iterator[KeySetServer]:
    """A site with keys, for one test."""
    server = KeySetServer()
    yield server
    server.close()


class KeySetServer:
    """A client's own site, which publishes its keys and counts who asks."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.asked = 0
        self.status = 200
        self.waits_s = 0.0
        self.text: str | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                time.sleep(outer.waits_s)
                body = (outer.text or json.dumps({"keys": outer.keys})).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"

    def close(self) -> None:
        """Nobody is answered any more."""
        self._server.shutdown()
        self._server.server_close()
