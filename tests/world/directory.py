"""A tenant's own database, as a web service on loopback: what scripts of tests speak to, with every call counted."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.world.world import World

SCRIPTS: dict[str, str] = {
    "login": """function login(identifier, password, callback) {
        const request = require('request');
        const options = { url: configuration.BASE + '/login', json: { identifier, password } };
        request.post(options, (error, response, body) => {
          if (error) return callback(error);
          if (response.statusCode === 401) return callback(new WrongUsernameOrPasswordError(body.id, 'no such luck'));
          callback(null, body);
        });
      }""",
    "get_user": """async function getByEmail(identifier, callback) {
        const axios = require('axios');
        const { data } = await axios.get(configuration.BASE + '/users', { params: { identifier } });
        callback(null, data);
      }""",
    "create": """async function create(user, callback) {
        const answer = await fetch(configuration.BASE + '/create', { method: 'POST', body: JSON.stringify(user) });
        if (answer.status === 409) return callback(new ValidationError('user_exists', 'there is one'));
        if (!answer.ok) return callback(new ValidationError('bad_name', 'We take no such name.'));
        callback(null);
      }""",
    "verify": """async function verify(email, callback) {
        const answer = await fetch(configuration.BASE + '/verify', { method: 'POST', body: JSON.stringify({ email }) });
        if (!answer.ok) return callback(new Error('not in our books'));
        callback(null, true);
      }""",
    "change_password": """async function changePassword(email, password, callback) {
        const body = JSON.stringify({ email, password });
        const answer = await fetch(configuration.BASE + '/change_password', { method: 'POST', body });
        callback(null, answer.ok);
      }""",
    "delete": """async function remove(id, callback) {
        const answer = await fetch(configuration.BASE + '/delete', { method: 'POST', body: JSON.stringify({ id }) });
        callback(answer.ok ? null : new Error('it stays'));
      }""",
    "change_email": """async function changeEmail(email, newEmail, verified, callback) {
        const body = JSON.stringify({ email, newEmail, verified });
        const answer = await fetch(configuration.BASE + '/change_email', { method: 'POST', body });
        callback(null, answer.ok);
      }""",
    "change_username": """async function changeUsername(username, newUsername, callback) {
        const body = JSON.stringify({ username, newUsername });
        const answer = await fetch(configuration.BASE + '/change_username', { method: 'POST', body });
        callback(null, answer.ok);
      }""",
    "change_phone_number": """async function changePhoneNumber(phone, newPhone, verified, callback) {
        const body = JSON.stringify({ phone, newPhone, verified });
        const answer = await fetch(configuration.BASE + '/change_phone_number', { method: 'POST', body });
        callback(null, answer.ok);
      }""",
}
"""One for each event, in the styles that people write."""


class ForeignDirectory:
    """People by address; ``calls`` counts what it was asked, ``said`` is what the last call of a kind brought along."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.said: dict[str, Any] = {}
        self.refuse: set[str] = set()
        self.url = ""

    def add(self, email: str, password: str, user_id: str, **profile: Any) -> None:
        """Somebody."""
        self.people[email] = {"user_id": user_id, "email": email, **profile}
        self.passwords[email] = password

    def answer(self, path: str, said: Any) -> tuple[int, Any]:
        """What it answers."""
        event = path.strip("/")
        self.calls[event] += 1
        self.said[event] = said
        if event in self.refuse:
            return 500, {"error": "refused"}
        return getattr(self, f"_{event}")(said)

    def _login(self, said: Any) -> tuple[int, Any]:
        person = self.people.get(said["identifier"])
        if person is None:
            return 401, {}
        if self.passwords[person["email"]] != said["password"]:
            return 401, {"id": person["user_id"]}
        return 200, person

    def _users(self, said: Any) -> tuple[int, Any]:
        return 200, self.people.get(said)

    def _create(self, said: Any) -> tuple[int, Any]:
        if said["email"] in self.people:
            return 409, {}
        self.add(said["email"], said["password"], f"src-{len(self.people) + 1}")
        return 201, {}

    def _verify(self, said: Any) -> tuple[int, Any]:
        self.people[said["email"]]["email_verified"] = True
        return 200, {}

    def _change_password(self, said: Any) -> tuple[int, Any]:
        if said["email"] not in self.people:
            return 404, {}
        self.passwords[said["email"]] = said["password"]
        return 200, {}

    def _delete(self, said: Any) -> tuple[int, Any]:
        gone = [email for email, person in self.people.items() if person["user_id"] == said["id"]]
        for email in gone:
            del self.people[email]
        return (200, {}) if gone else (404, {})

    def _change_email(self, said: Any) -> tuple[int, Any]:
        person = self.people.pop(said["email"], None)
        if person is None:
            return 404, {}
        self.people[said["newEmail"]] = {**person, "email": said["newEmail"], "email_verified": said["verified"]}
        self.passwords[said["newEmail"]] = self.passwords.pop(said["email"])
        return 200, {}

    def _change_username(self, said: Any) -> tuple[int, Any]:
        return self._renamed("username", said["username"], {"username": said["newUsername"]})

    def _change_phone_number(self, said: Any) -> tuple[int, Any]:
        return self._renamed("phone_number", said["phone"], {"phone_number": said["newPhone"]})

    def _renamed(self, name: str, before: str, after: dict[str, str]) -> tuple[int, Any]:
        found = [person for person in self.people.values() if person.get(name) == before]
        for person in found:
            person.update(after)
        return (200, {}) if found else (404, {})


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server with that handler."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving(directory: ForeignDirectory) -> Iterator[ForeignDirectory]:
    """It answers at ``url`` meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            from urllib.parse import parse_qs, urlsplit

            parts = urlsplit(self.path)
            self._say(*directory.answer(parts.path, parse_qs(parts.query)["identifier"][0]))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._say(*directory.answer(self.path, json.loads(body)))

        def _say(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            pass

    with listening(Handler) as directory.url:
        yield directory


def customized(world: World, directory: ForeignDirectory | None = None, **options: Any) -> None:
    """The default connection asks its own database, with the scripts above where ``options`` give no others."""
    scripts = {**(SCRIPTS if directory else {}), **options.pop("scripts", {})}
    configuration = {"BASE": directory.url} if directory else {}
    members = {
        "enabledDatabaseCustomization": True,
        "customScripts": scripts,
        "configuration": {**configuration, **options.pop("configuration", {})},
        "brute_force_protection": True,
        **options,
    }
    answer = world.caller().patch(f"/connections/{world.connection_id}", json={"options": members})
    assert answer.status_code == 200, answer.json
