"""What strict clients do beside npm ``oidc-provider``: CPU of each server for bound tokens (refresh, ``/userinfo``,
introspection), for clients that sign who they are (``private_key_jwt``), and for requests that are pushed and answered
in a live session.

``python -m tests.scale.bound [--calls N] [--rounds N] [--callers N] [--postgres FOLDER]``. Both keep to one process.
Ours is on SQLite with everything durable while the other keeps everything in memory; or both are on a durable Postgres
of their own, whose CPU counts too: FOLDER is one where npm installed ``pg``. Proofs are made here and not counted;
rounds alternate, after a warm-up of half a round (Node compiles what runs often).
"""

from __future__ import annotations

import argparse
import re
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.counterparts.management import PASSWORD
from tests.counterparts.node import find_node
from tests.counterparts.oidc_provider import OidcProvider
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.product import start_product
from tests.scale.load import cpu_ms
from tests.world.application import challenge_of
from tests.world.client_keys import key, public, signed
from tests.world.holder import prove

CALLBACK = "http://localhost:9/callback"
VERIFIER = "v" * 43
OTHER = ("bench", "bench-secret-of-thirty-two-bytes")
SIGNER, PUSHER = "signer", "pusher"
"""The other's clients that sign assertions; ours has an id of its own."""
SCOPE, SILENT = "openid email offline_access", "openid email"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


KEYS: Mapping[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [public()]}}


@dataclass
class Store:
    """Where one of them keeps everything: what it is told of it, and whose CPU counts as well."""

    env: dict[str, str] = field(default_factory=dict)
    pids: Sequence[int] = ()

    @classmethod
    def on_postgres(cls, running: ExitStack) -> Store:
        """A server of its own, with every commit on disk."""
        server = PrivatePostgres.start(durable=True)
        running.callback(server.stop)
        return cls({"DATABASE_URL": server.create_database()}, [server.program.pid])


@dataclass
class Side:
    """A provider with a client and somebody's tokens, bound to a key."""

    name: str
    pids: Sequence[int]
    metadata: Mapping[str, str]
    client: tuple[str, str | None]
    tokens: dict[str, Any]
    http: requests.Session

    def _authentication(self) -> dict[str, Any]:
        """A secret, or an assertion where the client has none."""
        client_id, secret = self.client
        if secret is not None:
            return {"auth": (client_id, secret)}
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": self.metadata["issuer"], "iat": now, "exp": now + 60}
        raw = signed({**claims, "jti": secrets.token_urlsafe(9)}, key(), "ES256")
        return {"data": {"client_id": client_id, "client_assertion_type": ASSERTION, "client_assertion": raw}}

    def post(self, endpoint: str, form: Mapping[str, str], *, proved: bool = True) -> dict[str, Any]:
        url = self.metadata[endpoint]
        headers = {"DPoP": prove(key(), "ES256", "POST", url)} if proved else {}
        given = self._authentication()
        body = {**form, **given.get("data", {})}
        answer = self.http.post(url, body, headers=headers, auth=given.get("auth"), timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def refresh(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        self.tokens |= self.post("token_endpoint", form)

    def userinfo(self) -> None:
        url, token = self.metadata["userinfo_endpoint"], self.tokens["access_token"]
        headers = {"Authorization": f"DPoP {token}", "DPoP": prove(key(), "ES256", "GET", url, token)}
        self.http.get(url, headers=headers, timeout=30).raise_for_status()

    def introspection(self) -> None:
        told = self.post("introspection_endpoint", {"token": self.tokens["access_token"]}, proved=False)
        if "jkt" not in told["cnf"]:
            raise RuntimeError(told)

    def pushed(self) -> None:
        """A request is pushed, and answered with a code: the person is signed in, and agreed before."""
        params = _request(self.client[0], SILENT)
        uri = self.post("pushed_authorization_request_endpoint", params, proved=False)["request_uri"]
        query = {"client_id": self.client[0], "request_uri": uri}
        answer = self.http.get(self.metadata["authorization_endpoint"], params=query, allow_redirects=False, timeout=30)
        if "code=" not in answer.headers.get("Location", ""):
            raise RuntimeError(answer.headers.get("Location", answer.text[:500]))


BOUND: tuple[Callable[[Side], None], ...] = (Side.refresh, Side.userinfo, Side.introspection)
SIGNED: tuple[Callable[[Side], None], ...] = (Side.refresh, Side.introspection)


def _request(client_id: str, scope: str) -> dict[str, str]:
    return {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": scope,
        "state": "s",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }


def _begin(http: requests.Session, metadata: Mapping[str, str], client_id: str, *, asks: bool) -> str:
    params = {**_request(client_id, SCOPE), **({"prompt": "consent"} if asks else {})}
    answer = http.get(metadata["authorization_endpoint"], params=params, allow_redirects=False, timeout=30)
    return _walked(http, answer)


def _walked(http: requests.Session, answer: requests.Response) -> str:
    """Follow redirects as far as a page, or the callback."""
    while answer.is_redirect:
        target = requests.compat.urljoin(answer.url, answer.headers["Location"])
        if target.startswith(CALLBACK):
            return target
        answer = http.get(target, allow_redirects=False, timeout=30)
    return _form(http, answer)


def _form(http: requests.Session, page: requests.Response) -> str:
    """Send the page's form, with whoever signs in."""
    forms = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
    form = next((each for each in forms if 'name="password"' in each), forms[0] if forms else "")
    action = re.search(r'<form[^>]*action="([^"]*)"', form)
    inputs = [dict(re.findall(r'([a-z]+)="([^"]*)"', each)) for each in re.findall(r"<input[^>]*>", form)]
    hidden = {each["name"]: unescape(each.get("value", "")) for each in inputs if "name" in each}
    given = {**hidden, "login": "jane", "username": "jane@bench.example", "password": PASSWORD}
    target = requests.compat.urljoin(page.url, unescape(action[1]) if action and action[1] else page.url)
    return _walked(http, http.post(target, given, allow_redirects=False, timeout=30))


def _side(name: str, pids: Sequence[int], issuer: str, client: tuple[str, str | None]) -> Side:
    http = requests.Session()
    metadata = http.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=30).json()
    landed = _begin(
        http, metadata, client[0], asks=name == "oidc-provider"
    )  # it gives refresh tokens after consent alone
    side = Side(name, pids, metadata, client, {}, http)
    answer = parse_qs(urlsplit(landed).query)
    if "code" not in answer:
        raise RuntimeError(landed)
    code = answer["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    side.tokens |= side.post("token_endpoint", form)
    return side


def _measured(sides: Sequence[Side], call: Callable[[Side], None], calls: int) -> float:
    """By several callers at once, each in a closed loop."""
    each = calls // len(sides) or 1

    def loop(side: Side) -> None:
        for _ in range(each):
            call(side)

    pids = sides[0].pids
    before = sum(map(cpu_ms, pids))
    with ThreadPoolExecutor(len(sides)) as many:
        list(many.map(loop, sides))
    return (sum(map(cpu_ms, pids)) - before) / (each * len(sides))


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--postgres", type=Path, metavar="FOLDER")
    asked, node = parser.parse_args(), find_node()
    if node is None:
        sys.exit("needs node")
    with ExitStack() as running, tempfile.TemporaryDirectory(prefix="idp-bound-") as home:
        ours, theirs = Store(), Store()
        if asked.postgres is not None:
            ours, theirs = Store.on_postgres(running), Store.on_postgres(running)
            theirs.env = {"PG_URL": theirs.env["DATABASE_URL"], "PG_FOLDER": str(asked.postgres.resolve())}
        product = start_product(Path(home), command="serve", env={"WEB_CONCURRENCY": "1", **ours.env})
        running.callback(product.stop)
        other = OidcProvider.start(node, Path(home), _their_clients(), env=theirs.env)
        running.callback(other.program.stop)
        ours.pids, theirs.pids = [product.program.pid, *ours.pids], [other.program.pid, *theirs.pids]
        management = product.management()
        management.create_user(connection=product.connection, email="jane@bench.example")
        rotating = {"rotation_type": "rotating", "expiration_type": "expiring"}
        about: dict[str, Any] = {"app_type": "regular_web", "callbacks": [CALLBACK], "refresh_token": rotating}
        made, signer = management.create_client(**about), management.create_client(**about, **KEYS)

        def sides(client_id: str, secret: str | None, there: tuple[str, str | None]) -> Sequence[Sequence[Side]]:
            begins = (
                ("ours", ours.pids, product.issuer, (client_id, secret)),
                ("oidc-provider", theirs.pids, other.issuer, there),
            )
            return [[_side(*each) for _ in range(asked.callers)] for each in begins]

        _compare(sides(made["client_id"], made["client_secret"], OTHER), BOUND, asked.calls, asked.rounds)
        print("with private_key_jwt:")
        _compare(sides(signer["client_id"], None, (SIGNER, None)), SIGNED, asked.calls, asked.rounds)
        _compare(sides(signer["client_id"], None, (PUSHER, None)), (Side.pushed,), asked.calls, asked.rounds)


def _their_clients() -> Sequence[Mapping[str, Any]]:
    members = {"grant_types": ["authorization_code", "refresh_token"], "application_type": "native"}
    named = {"client_id": OTHER[0], "client_secret": OTHER[1], "redirect_uris": [CALLBACK]}
    strict = {**members, **KEYS, "client_id": SIGNER, "redirect_uris": [CALLBACK]}
    strict["token_endpoint_auth_signing_alg"] = "ES256"
    web = {**strict, "client_id": PUSHER, "application_type": "web"}  # it asks at native ones each time
    return [{**members, **named}, strict, web]


def _compare(
    parties: Sequence[Sequence[Side]], kinds: Sequence[Callable[[Side], None]], calls: int, rounds: int
) -> None:
    began = time.monotonic()
    for call in kinds:
        found: dict[str, list[float]] = {sides[0].name: [] for sides in parties}
        for sides in parties:
            _measured(sides, call, calls // 2 or 1)
        for _ in range(rounds):
            for sides in parties:
                found[sides[0].name].append(_measured(sides, call, calls))
        row = "  ".join(f"{name} {statistics.median(each):.2f} (least {min(each):.2f})" for name, each in found.items())
        print(f"{call.__name__:14} CPU ms a call: {row}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
