"""People move here from other identity providers as they sign in (spec/migration.md, "Acceptance"), with the scripts
that we ship, against stubs of those providers; and a class of the operator's own in place of scripts.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from connectors.database.custom import DatabaseHooks, RegistrationError, Unauthorized, WrongPassword, installed
from connectors.database.custom.scripts import ScriptHooks
from connectors.database.templates import scripts_of
from connectors.directories import ScriptAnswer
from tests.world.browser import Browser
from tests.world.directory import customized, listening
from tests.world.sources import logged
from tests.world.world import World

EMAIL, PASSWORD = "ada@source.example", "Correct Horse 9"
CALLS: Counter[str] = Counter()


def okta(method: str, path: str, headers: Message, said: Any) -> tuple[int, Any]:
    """Okta's two calls, as its documentation has them."""
    profile = {"login": EMAIL, "firstName": "Ada", "lastName": "Lovelace", "email": EMAIL}
    user = {"id": "00u1ada", "profile": profile}
    if (method, path) == ("POST", "/api/v1/authn"):
        assert said["options"] == {"multiOptionalFactorEnroll": False, "warnBeforePasswordExpired": False}
        fits = (said["username"], said["password"]) == (EMAIL, PASSWORD)
        return (200, {"status": "SUCCESS", "_embedded": {"user": user}}) if fits else (401, {"errorCode": "E0000004"})
    assert headers["Authorization"] == "SSWS token"
    return (200, user) if unquote(path) == f"/api/v1/users/{EMAIL}" else (404, {"errorCode": "E0000007"})


def stormpath(method: str, path: str, headers: Message, said: Any) -> tuple[int, Any]:
    """Stormpath's three."""
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"key:secret").decode()
    parts = urlsplit(path)
    href = f"http://{headers['Host']}/v1/accounts/5ada"
    account = {"href": href, "username": "ada", "email": EMAIL, "fullName": "Ada Lovelace"}
    if (method, parts.path) == ("POST", "/v1/applications/app/loginAttempts"):
        fits = base64.b64decode(said["value"]).decode() == f"{EMAIL}:{PASSWORD}"
        return (200, {"account": {"href": href}}) if fits else (400, {"message": "Invalid username or password."})
    if parts.path == "/v1/accounts/5ada":
        return 200, account
    found = parse_qs(parts.query)["q"] == [EMAIL]
    return 200, {"items": [account] if found else []}


@contextmanager
def stub(answer: Any) -> Iterator[str]:
    """The address of a stub."""
    CALLS.clear()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            CALLS[self.command] += 1
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, said = answer(self.command, self.path, self.headers, json.loads(body) if body else None)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _any  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            pass

    with listening(Handler) as url:
        yield url


PROVIDERS = {
    "okta": (okta, "auth0|00u1ada", {"OKTA_API_TOKEN": "token"}, "OKTA_URL"),
    "stormpath": (
        stormpath,
        "auth0|5ada",
        {"API_KEY_ID": "key", "API_KEY_SECRET": "secret", "APPLICATION_ID": "app"},
        "API_URL",
    ),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_acceptance_7_people_move_here_from_other_providers(world: World, browser: Browser, name: str) -> None:
    answer, sub, configuration, where = PROVIDERS[name]
    with stub(answer) as url:
        customized(world, import_mode=True, scripts=scripts_of(name), configuration={**configuration, where: url})
        app = world.client()
        app.begin(browser)
        browser.submit(username=EMAIL, password="another one")
        assert browser.status == 400
        asked = sum(CALLS.values())
        for _ in range(2):
            attempt = app.begin(browser, prompt="login")
            browser.submit(username=EMAIL, password=PASSWORD)
            claims = attempt.tokens(browser.answer).id_claims
            assert (claims["sub"], claims["email_verified"], claims["name"]) == (sub, True, "Ada Lovelace")
        assert sum(CALLS.values()) == asked + {"okta": 1, "stormpath": 2}[name], "the second login asks nobody"


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_reset_moves_people_too(world: World, browser: Browser, name: str) -> None:
    answer, sub, configuration, where = PROVIDERS[name]
    with stub(answer) as url:
        customized(world, import_mode=True, scripts=scripts_of(name), configuration={**configuration, where: url})
        app = world.client()
        app.begin(browser)
        browser.follow("forgot-password-link")
        browser.submit(username=EMAIL)
        browser.open(world.mails()[-1].links[0])
        browser.submit(password="Another Horse 9")
        attempt = app.begin(browser, prompt="login")
        browser.submit(username=EMAIL, password="Another Horse 9")
        assert attempt.tokens(browser.answer).id_claims["sub"] == sub
        assert "POST" not in CALLS


# ---- scripts with a context
RENAMING = ("change_username", "change_phone_number")


class Recorder:
    """Says what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Any]]] = []

    def run(self, source: str, entry: str, args: Any, configuration: Mapping[str, str]) -> ScriptAnswer:
        """See :class:`connectors.directories.ScriptRunner`."""
        self.calls.append((entry, list(args)))
        return ScriptAnswer(value={"user_id": "1"} if entry in {"login", "get_user"} else True)


def test_acceptance_3_scripts_with_a_context_are_told_the_organization() -> None:
    names = ("login", "get_user", "create", "verify", "change_password", "delete", "change_email", *RENAMING)
    organization = {"organization": {"id": "org_1", "name": "acme", "display_name": "Acme", "metadata": {}}}
    recorder = Recorder()
    hooks = ScriptHooks(recorder, dict.fromkeys(names, "x"), {}, organization, pass_context=True)
    hooks.login("a", "b")
    hooks.get_user("a")
    hooks.create({"email": "a"})
    hooks.verify("a")
    hooks.change_password("a", "b")
    hooks.change_email("a", "b", True)
    hooks.change_username("a", "b")
    hooks.change_phone_number("a", "b", True)
    assert all(args[-1] == organization for _, args in recorder.calls)
    hooks.delete("1")
    assert recorder.calls[-1] == ("delete", ["1", {}])
    plain = ScriptHooks(recorder, dict.fromkeys(names, "x"), {}, organization, pass_context=False)
    plain.delete("1")
    assert recorder.calls[-1] == ("delete", ["1"])


# ---- a class of the operator's own
class Books(DatabaseHooks):
    """People in the operator's books."""

    people: ClassVar[dict[str, dict[str, Any]]] = {}

    def login(self, identifier: str, password: str) -> dict[str, Any] | None:
        """See :class:`DatabaseHooks`."""
        person = self.people.get(identifier)
        if person is not None and person["password"] != password + self.configuration.get("PEPPER", ""):
            raise WrongPassword(person["user_id"], "three tries left")
        if person is not None and person.get("closed"):
            raise Unauthorized("Your contract has ended.")
        return {name: value for name, value in person.items() if name != "password"} if person else None

    def get_user(self, identifier: str) -> dict[str, Any] | None:
        """See :class:`DatabaseHooks`."""
        return self.people.get(identifier)

    def create(self, user: Mapping[str, Any]) -> None:
        """See :class:`DatabaseHooks`."""
        if user["email"].endswith("@forbidden.example"):
            raise RegistrationError("forbidden", "We do not serve that domain.")
        person = {"user_id": f"b{len(self.people)}", "email": user["email"]}
        self.people[user["email"]] = {**person, "password": user["password"] + self.configuration["PEPPER"]}

    def delete(self, account_id: str) -> None:
        """See :class:`DatabaseHooks`."""
        raise KeyError(account_id)


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> type[Books]:
    """It is installed, as a package of the operator's would have it."""
    point = EntryPoint("books", f"{__name__}:Books", installed.GROUP)

    def points(**wanted: str) -> EntryPoints:
        return EntryPoints([point]).select(**wanted)

    monkeypatch.setattr(installed, "entry_points", points)
    monkeypatch.setattr(
        Books, "people", {"ada@b.example": {"user_id": "b1", "email": "ada@b.example", "password": "pw!"}}
    )
    return Books


def test_a_class_of_the_operators_own_answers_the_same_events(
    world: World, browser: Browser, books: type[Books]
) -> None:
    customized(world, database_class="books", configuration={"PEPPER": "!"}, passwordPolicy="none")
    app = world.client()
    attempt = app.begin(browser)
    browser.submit(username="ada@b.example", password="wrong")
    assert world.logs("fp")[0].user_id == "auth0|b1"
    browser.submit(username="ada@b.example", password="pw")
    assert attempt.tokens(browser.answer).id_claims["sub"] == "auth0|b1"
    app.begin(browser, screen_hint="signup", prompt="login")
    browser.submit(email="eve@forbidden.example", password=PASSWORD)
    assert "We do not serve that domain." in browser.shown.text
    refused = world.caller().delete("/users/auth0%7Cb1")
    assert refused.status_code == 400
    books.people["ada@b.example"]["closed"] = True
    app.begin(browser, prompt="login")
    browser.submit(username="ada@b.example", password="pw")
    assert (browser.status, "Your contract has ended." in browser.shown.text) == (403, True)


def test_a_class_that_is_not_installed_is_refused(world: World, books: type[Books]) -> None:
    body = {"options": {"enabledDatabaseCustomization": True, "database_class": "none"}}
    refused = world.caller().patch(f"/connections/{world.connection_id}", json=body)
    assert (refused.status_code, "books" in str(refused.json)) == (400, True)
    both = {"options": {"database_class": "books", "custom_sql": {"url": "postgres://h/d"}}}
    assert world.caller().patch(f"/connections/{world.connection_id}", json=both).status_code == 400


def test_a_database_that_does_not_answer_is_in_the_log_and_names_nobody(world: World, browser: Browser) -> None:
    events = {"url": "postgres://a:very-secret@127.0.0.1:1/d", "login": "SELECT 1"}
    customized(world, custom_sql=events)
    world.client().begin(browser)
    browser.submit(username="ada@b.example", password=PASSWORD)
    assert browser.status == 503
    assert "127.0.0.1" not in browser.shown.text
    (entry,) = logged(world, "f")
    assert "very-secret" not in str(entry)


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("part", [r"user_id: '\ud800'", r"user_id: 'a\u0000b'", r"user_id: 1, email: '\ud800@x.de'"])
def test_a_profile_that_no_store_takes_is_a_fault_of_the_source(
    world: World, browser: Browser, part: str, moves: bool
) -> None:
    source = f"function login(email, password, callback) {{ callback(null, {{ email, {part} }}); }}"
    customized(world, import_mode=moves, scripts={"login": source}, configuration={})
    world.client().begin(browser)
    browser.submit(username=EMAIL, password=PASSWORD)
    assert browser.status == 503
    assert logged(world, "f")
