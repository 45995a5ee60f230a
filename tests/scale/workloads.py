"""What is called on a crowd: people, log entries, statistics, and a browser that comes back silently.

Every call is about somebody else, so that nothing is in memory because it was asked for a moment ago.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import msgspec

from tests.counterparts.http_login import PageParser
from tests.scale.load import Line, Refused, Workload
from tests.scale.people import CORPORATE, SOCIAL, STAFF, account_id, person, source
from tests.world.world import CALLBACK, PASSWORD

STEP = 7_919
"""Between the people of two calls: a prime, so that they lie apart."""
NEXT_DAY, DAYS = 86_400_000, 29


@dataclass(frozen=True)
class Target:
    """A running product with ``people`` in it. ``clients`` are (id, secret) of applications."""

    base_url: str
    token: str
    people: int
    client_id: str
    client_secret: str
    middle: str
    """An id between the oldest and the newest log entry."""
    day: str
    """A day in the middle of the log, as in 2026-11-26."""

    def user_id(self, number: int) -> str:
        """The id of somebody in the database connection."""
        while source(number) in {SOCIAL, CORPORATE, STAFF}:
            number -= 1
        return f"auth0|{account_id(number)}"

    def somebody(self, number: int) -> int:
        """The number of the person that a call is about."""
        return number * STEP % self.people


def workloads(target: Target) -> list[Workload]:
    """All of them, in the order of the report."""
    return [
        *(Workload(name, _listing(target, path, query)) for name, (path, query) in LISTS.items()),
        Workload("silent sign-in (W5)", *_silent(target)),
    ]


def _listing(target: Target, path: str, query: Mapping[str, str]) -> Any:
    headers = {"Authorization": f"Bearer {target.token}"}

    def call(line: Line, number: int) -> None:
        who = person(target.somebody(number))
        known = {
            "id": target.user_id(who.number),
            "email": who.email,
            "local": who.email.partition("@")[0],
            "name": f"{who.given} {who.family}",
            "family": who.family,
            "number": who.number,
            "team": f"team-{who.number % 5003}",
            "ip": f"198.51.{who.number % 97}.{who.number * 7 % 251}",
            "middle": target.middle,
            "day": target.day,
            "client_id": target.client_id,
        }
        filled = {name: value % known for name, value in query.items()}
        where = f"/api/v2{quote(path % known)}?{urlencode(filled)}"
        status, _, body = line.send("GET", where, headers=headers)
        if status != 200:
            raise Refused(f"{where}: {status} {body[:300]!r}")

    return call


LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "get": ("/users/%(id)s", {}),
    "by email": ("/users-by-email", {"email": "%(email)s"}),
    "exact email": ("/users", {"q": 'email:"%(email)s"'}),
    "exact name": ("/users", {"q": 'name:"%(name)s"'}),
    "prefix of a name": ("/users", {"q": "family_name:%(family).3s*"}),
    "prefix of an address": ("/users", {"q": "email:%(local)s*"}),
    "infix of an address": ("/users", {"q": "email:*.%(number)s@*"}),
    "infix of a name": ("/users", {"q": "name:*ller*"}),
    "bare address": ("/users", {"q": '"%(email)s"'}),
    "bare word": ("/users", {"q": '"%(name)s"'}),
    "bare word, nobody": ("/users", {"q": "nobody%(number)s"}),
    "infix, nobody": ("/users", {"q": "email:*zqx%(number)s*"}),
    "app_metadata": ("/users", {"q": 'app_metadata.team:"%(team)s"'}),
    "user_metadata": ("/users", {"q": 'user_metadata.city:"Lagos"'}),
    "metadata, nobody": ("/users", {"q": 'app_metadata.plan:"none%(number)s"'}),
    "list": ("/users", {}),
    "list, last page": ("/users", {"page": "19"}),
    "list with totals": ("/users", {"include_totals": "true"}),
    "sort by name": ("/users", {"sort": "name:1"}),
    "sort by last login": ("/users", {"sort": "last_login:-1"}),
    "sort by creation": ("/users", {"sort": "created_at:-1"}),
    "logs": ("/logs", {}),
    "logs, last page": ("/logs", {"page": "9", "per_page": "100"}),
    "logs, oldest first": ("/logs", {"sort": "date:1"}),
    "logs with totals": ("/logs", {"include_totals": "true"}),
    "logs from an id": ("/logs", {"from": "%(middle)s", "take": "100"}),
    "logs of a user": ("/users/%(id)s/logs", {}),
    "log search: user_id": ("/logs", {"q": 'user_id:"%(id)s"'}),
    "log search: user_name": ("/logs", {"q": 'user_name:"%(email)s"'}),
    "log search: ip": ("/logs", {"q": 'ip:"%(ip)s"'}),
    "log search: client_id": ("/logs", {"q": 'client_id:"%(client_id)s"'}),
    "log search: type": ("/logs", {"q": "type:fp"}),
    "log search: types": ("/logs", {"q": "type:(fp OR ss)"}),
    "log search: rare type": ("/logs", {"q": "type:fcp"}),
    "log search: type, counted": ("/logs", {"q": "type:seacft", "include_totals": "true"}),
    "log search: a day": ("/logs", {"q": "date:[%(day)s TO %(day)s]"}),
    "log search: type, day": ("/logs", {"q": "type:fp AND date:[%(day)s TO %(day)s]"}),
    "log search: address": ("/logs", {"q": '"%(email)s"'}),
    "log search: nobody": ("/logs", {"q": "nobody%(number)s"}),
    "daily statistics": ("/stats/daily", {}),
    "active users": ("/stats/active-users", {}),
}
"""Name, path and query; what stands in percent signs is about the person of the call."""


def _silent(target: Target) -> tuple[Any, Any]:
    """A browser with a session asks for a code, and the application redeems it."""

    def ask(line: Line, verifier: str, **more: str) -> tuple[int, Mapping[str, str], bytes]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": target.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email offline_access",
            "state": "s",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return line.send("GET", f"/authorize?{urlencode(query)}")

    def sign_in(line: Line, number: int) -> None:
        who = person(number * 25)
        status, headers, body = ask(line, secrets.token_urlsafe(32))
        while status in {302, 303} and not headers["Location"].startswith(CALLBACK):
            where = urlsplit(headers["Location"])
            status, headers, body = line.send("GET", f"{where.path}?{where.query}")
            if status == 200:
                form = PageParser()
                form.feed(body.decode())
                filled = form.fields | {"username": who.email, "password": PASSWORD, "action": "default"}
                action = urlsplit(form.action or "")
                target_path = f"{action.path or where.path}?{action.query or where.query}"
                origin = {"Origin": target.base_url, "Sec-Fetch-Site": "same-origin"}
                status, headers, body = line.send("POST", target_path, headers=origin, body=urlencode(filled))
        if status not in {302, 303}:
            raise Refused(f"{who.email} is not signed in: {status} {body[:300]!r}")

    def call(line: Line, _number: int) -> None:
        verifier = secrets.token_urlsafe(32)
        status, headers, body = ask(line, verifier, prompt="none")
        code = parse_qs(urlsplit(headers.get("Location", "")).query).get("code")
        if not code:
            raise Refused(f"no code: {status} {headers.get('Location')} {body[:300]!r}")
        form = {
            "grant_type": "authorization_code",
            "code": code[0],
            "redirect_uri": CALLBACK,
            "code_verifier": verifier,
            "client_id": target.client_id,
            "client_secret": target.client_secret,
        }
        status, _, body = line.send("POST", "/oauth/token", body=urlencode(form))
        if status != 200 or "id_token" not in msgspec.json.decode(body):
            raise Refused(f"no tokens: {status} {body[:300]!r}")

    return call, sign_in
