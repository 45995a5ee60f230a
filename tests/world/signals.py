"""A receiver of shared signals: it manages its stream, takes what is pushed or fetches it, and believes nothing that
joserfc has not verified with the published keys.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from idp.protocol.signals import types
from tests.world.application import Application
from tests.world.world import World

REVOKED, CHANGED = types.SESSION_REVOKED, types.CREDENTIAL_CHANGE
POLL, PUSH = types.METHODS[types.POLL], types.METHODS[types.PUSH]


def switch_on(world: World) -> str:
    """The API is there; answers its audience."""
    audience = f"{world.issuer}ssf/"
    answer = world.caller().post("/resource-servers", {"identifier": audience})
    assert answer.status_code == 201, answer.text
    return audience


@dataclass
class Endpoint:
    """Where events are pushed: it keeps what came and answers as it is told."""

    url: str
    status: int = 202
    body: bytes = b""
    came: list[tuple[dict[str, str], str]] = field(default_factory=list)

    @property
    def sets(self) -> list[str]:
        return [body for _, body in self.came]


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A real server on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Endpoint(f"http://127.0.0.1:{server.server_port}/events")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Receiver:
    """A client with a grant for the API."""

    app: Application
    token: str

    @property
    def world(self) -> World:
        return self.app.world

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.world.send(method, f"/ssf/{path}", json=json, headers=headers, **options)

    def stream(self, *events: str, delivery: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
        """A new stream."""
        asked = {"events_requested": list(events or (REVOKED, CHANGED)), **members}
        answer = self("POST", "streams", {**asked, "delivery": delivery or {"method": POLL}})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def pushed_to(self, there: Endpoint, *events: str, **members: Any) -> dict[str, Any]:
        """A new stream that is pushed."""
        header = {"authorization_header": members.pop("header")} if "header" in members else {}
        return self.stream(*events, delivery={"method": PUSH, "endpoint_url": there.url, **header}, **members)

    def poll(self, stream: dict[str, Any], **asked: Any) -> dict[str, str]:
        """Events by their ``jti``."""
        answer = self("POST", f"poll/{stream['stream_id']}", {"returnImmediately": True, **asked})
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        return dict(answer.json["sets"])

    def heard(self, stream: dict[str, Any]) -> list[dict[str, Any]]:
        """Everything that waits, verified and acknowledged."""
        sets = self.poll(stream)
        found = [self.verified(each) for each in sets.values()]
        assert [each["jti"] for each in found] == list(sets)
        self.poll(stream, ack=list(sets), maxEvents=0)
        return found

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a security event token, as a careful receiver reads them (RFC 8417, SSF 4, SSF 10)."""
        keys = self.world.send("GET", "/.well-known/jwks.json").get_json()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            decoded = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])
        assert decoded.header["typ"] == "secevent+jwt"
        claims = dict(decoded.claims)
        assert set(claims) == {"iss", "jti", "iat", "aud", "txn", "sub_id", "events"}
        assert (claims["iss"], claims["aud"]) == (self.world.issuer, self.app.client_id)
        assert len(claims["events"]) == 1
        return claims


def receiver(world: World, app: Application, *scopes: str) -> Receiver:
    """The client as a receiver, with a grant and a token for ``scopes``."""
    audience, asked = f"{world.issuer}ssf/", list(scopes or ("ssf.read", "ssf.manage"))
    world.grant(app.client_id, audience, *asked)
    return Receiver(app, own_token(app, audience))


def own_token(app: Application, audience: str, **form: str) -> str:
    """The client's own token."""
    answer = app.token(grant_type="client_credentials", audience=audience, **form)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["access_token"])


def kinds(claims: list[dict[str, Any]]) -> list[str]:
    """The types of events, by their last word."""
    return [next(iter(each["events"])).rpartition("/")[2] for each in claims]


def said(claims: dict[str, Any]) -> dict[str, Any]:
    """What its one event says."""
    found: dict[str, Any] = next(iter(claims["events"].values()))
    return found


def header_of(token: str) -> dict[str, Any]:
    """The protected header."""
    return dict(jws.extract_compact(token.encode()).headers())


def encoded(value: Any) -> bytes:
    """As JSON."""
    return json.dumps(value).encode()
