"""Custom databases by scripts that ask a web service, and the sets of scripts that begin one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from connectors.contract import ConnectorError
from connectors.database.templates import SETS, scripts_of
from tests.connectors.foreign import PASSWORD, everything, opened, with_templates
from tests.world.directory import listening
from tests.world.world import World


# ---- a web service
@dataclass
class Service:
    """People behind basic authentication."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def answer(self, method: str, path: str, said: Any) -> tuple[int, Any]:
        """What it answers."""
        parts = urlsplit(path)
        match (method, parts.path):
            case ("POST", "/login"):
                return self._login(said)
            case ("GET", "/users"):
                person = self.people.get(parse_qs(parts.query)["identifier"][0])
                return (200, person) if person else (404, None)
            case ("POST", "/users"):
                if said["email"] in self.people:
                    return 409, None
                self.add(said["email"], said["password"])
                return 201, {}
            case ("DELETE", _):
                user_id = unquote(parts.path.removeprefix("/users/"))
                self.people = {k: v for k, v in self.people.items() if v["user_id"] != user_id}
                return 200, {}
        return self._change(parts.path, said)

    def add(self, email: str, password: str, **profile: Any) -> None:
        """Somebody."""
        person = {"user_id": f"w{len(self.passwords) + 1}", "email": email, "email_verified": False, **profile}
        self.people[email], self.passwords[email] = person, password

    def _login(self, said: Any) -> tuple[int, Any]:
        person = self.people.get(said["identifier"])
        if person is None or self.passwords[person["email"]] != said["password"]:
            return 401, {"user_id": person["user_id"] if person else None}
        return 200, person

    def _change(self, path: str, said: Any) -> tuple[int, Any]:
        person = self.people.get(said["email"])
        if person is None:
            return 404, None
        if path == "/verify":
            person["email_verified"] = True
        elif path == "/password":
            self.passwords[said["email"]] = said["password"]
        elif path == "/email":
            del self.people[said["email"]]
            new = {**person, "email": said["newEmail"], "email_verified": said["verified"]}
            self.people[said["newEmail"]] = new
            self.passwords[said["newEmail"]] = self.passwords.pop(said["email"])
        return 200, {}


@pytest.fixture
def service() -> Iterator[str]:
    """Its address."""
    known = Service()
    known.add("ada@source.example", PASSWORD, name="Ada L.", email_verified=True)
    expected = "Basic " + base64.b64encode(b"gatehouse:secret").decode()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != expected:
                status, said = 403, None
            else:
                status, said = known.answer(self.command, self.path, json.loads(body) if body else None)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            pass

    with listening(Handler) as url:
        yield url


def test_a_web_service(world: World, service: str) -> None:
    everything(opened(world, with_templates("web_service", service)))


# ---- templates
@pytest.mark.parametrize("name", SETS)
def test_every_set_has_a_script_for_each_event(name: str) -> None:
    scripts = scripts_of(name)
    assert tuple(scripts) == SETS[name]
    assert all("callback" in source and len(source) < 4_000 for source in scripts.values())


def test_the_blank_scripts_say_that_they_are_blank(world: World) -> None:
    connector = opened(world, {"customScripts": scripts_of("blank")})
    with pytest.raises(ConnectorError) as refused:
        connector.login("ada@source.example", PASSWORD)
    assert "not written yet" in str(refused.value.detail)
