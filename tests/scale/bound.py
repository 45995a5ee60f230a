"""DPoP-bound calls beside npm ``oidc-provider``: CPU of each server for a refresh, ``/userinfo`` and introspection.

``python -m tests.scale.bound [--calls N] [--rounds N]``. Both keep to one process; ours is on SQLite with everything
durable, the other keeps everything in memory. The proofs are made here and are not counted; rounds alternate.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.counterparts.management import PASSWORD
from tests.counterparts.node import find_node
from tests.counterparts.oidc_provider import OidcProvider
from tests.counterparts.product import start_product
from tests.scale.load import cpu_ms
from tests.world.application import challenge_of
from tests.world.client_keys import key
from tests.world.holder import prove

CALLBACK = "http://localhost:9/callback"
VERIFIER = "v" * 43
OTHER = ("bench", "bench-secret-of-thirty-two-bytes")
SCOPE = "openid email offline_access"


@dataclass
class Side:
    """A provider with a client and somebody's tokens, bound to a key."""

    name: str
    pid: int
    metadata: Mapping[str, str]
    client: tuple[str, str]
    tokens: dict[str, Any]
    http: requests.Session

    def post(self, endpoint: str, form: Mapping[str, str], *, proved: bool = True) -> dict[str, Any]:
        url = self.metadata[endpoint]
        headers = {"DPoP": prove(key(), "ES256", "POST", url)} if proved else {}
        answer = self.http.post(url, form, headers=headers, auth=self.client, timeout=30)
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


CALLS: tuple[Callable[[Side], None], ...] = (Side.refresh, Side.userinfo, Side.introspection)


def _begin(http: requests.Session, metadata: Mapping[str, str], client_id: str, *, asks: bool) -> str:
    params = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": SCOPE,
        **({"prompt": "consent"} if asks else {}),
        "state": "s",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
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


def _side(name: str, pid: int, issuer: str, client: tuple[str, str]) -> Side:
    http = requests.Session()
    metadata = http.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=30).json()
    landed = _begin(http, metadata, client[0], asks=client is OTHER)  # it gives refresh tokens after consent alone
    side = Side(name, pid, metadata, client, {}, http)
    answer = parse_qs(urlsplit(landed).query)
    if "code" not in answer:
        raise RuntimeError(landed)
    code = answer["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    side.tokens |= side.post("token_endpoint", form)
    return side


def _measured(side: Side, call: Callable[[Side], None], calls: int) -> float:
    before = cpu_ms(side.pid)
    for _ in range(calls):
        call(side)
    return (cpu_ms(side.pid) - before) / calls


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    asked, node = parser.parse_args(), find_node()
    if node is None:
        sys.exit("needs node")
    with tempfile.TemporaryDirectory(prefix="idp-bound-") as home:
        product = start_product(Path(home), command="serve", env={"WEB_CONCURRENCY": "1"})
        members = {"grant_types": ["authorization_code", "refresh_token"], "application_type": "native"}
        named = {"client_id": OTHER[0], "client_secret": OTHER[1], "redirect_uris": [CALLBACK]}
        other = OidcProvider.start(node, Path(home), [{**members, **named}])
        try:
            management = product.management()
            management.create_user(connection=product.connection, email="jane@bench.example")
            rotating = {"rotation_type": "rotating", "expiration_type": "expiring"}
            made = management.create_client(app_type="regular_web", callbacks=[CALLBACK], refresh_token=rotating)
            ours = _side("ours", product.program.pid, product.issuer, (made["client_id"], made["client_secret"]))
            theirs = _side("oidc-provider", other.program.pid, other.issuer, OTHER)
            _compare((ours, theirs), asked.calls, asked.rounds)
        finally:
            other.program.stop()
            product.stop()


def _compare(sides: tuple[Side, ...], calls: int, rounds: int) -> None:
    began = time.monotonic()
    for call in CALLS:
        found: dict[str, list[float]] = {side.name: [] for side in sides}
        for side in sides:
            _measured(side, call, calls // 3 or 1)
        for _ in range(rounds):
            for side in sides:
                found[side.name].append(_measured(side, call, calls))
        row = "  ".join(f"{name} {statistics.median(each):.2f} (least {min(each):.2f})" for name, each in found.items())
        print(f"{call.__name__:14} CPU ms a call: {row}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
