"""Groups SEC, LOG and T: what answers, logs and pages must not carry."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from idp.directory.users.models import DatabaseAccount
from idp.foundation import logging
from idp.foundation.kernel.errors import StoreUnavailable
from idp.management.mount import endpoints
from idp.wiring import api_modules
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World

NEW = "an entirely New passphrase 7"
WRONG = "a Wrong guess that is nearly 9 right"
TEMPLATES = [
    "{{7*7}}",
    "{{config}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}x{% endfor %}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "@client.name@",
    "{{''.__class__.__mro__[1].__subclasses__()}}",
    "{user.password}",
    "%(password)s",
]


@pytest.fixture
def process_log() -> Iterator[io.StringIO]:
    """What the process writes, with everything it has to say."""
    stream = io.StringIO()
    logging.configure("debug", stream=stream)
    yield stream
    structlog.reset_defaults()


def live_through(world: World, browser: Browser, jane: Person) -> dict[str, str]:
    """Sign-in, refusals, refresh, reset, management; answers every secret that went through, by name."""
    app = world.client(refresh_token={"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0})
    attempt = app.begin(browser)
    state = browser.shown.form("username").fields["state"]
    browser.submit(username=jane.email, password=WRONG)
    browser.submit(username=jane.email, password=jane.password)
    answer = browser.answer
    attempt.redeem(answer, code_verifier="v" * 43)
    offline = app.attempt(scope="openid offline_access")
    browser.open(offline.url, site="cross-site")
    second = browser.answer
    tokens = offline.tokens(second)
    again = tokens.refreshed()
    app.refresh(tokens.refresh_token)
    tokens.userinfo()
    app.introspect(again.access_token)
    app.call("/oauth/revoke", token=again.refresh_token)
    app.token(grant_type="authorization_code", client_secret=WRONG + "!", code=answer.code)
    management = world.management()
    ticket = management.post("/tickets/password-change", {"user_id": jane.user_id})["ticket"]
    reader = world.browser().open(ticket)
    reader.submit(password=NEW)
    body = {"name": "n", "client_secret": "a-client-secret-of-the-caller-that-is-long"}
    management.post("/clients", body)
    management("PATCH", f"/users/{quote(jane.user_id, safe='')}", {"password": "short"})
    world.work()
    return {
        "password": jane.password,
        "wrong password": WRONG,
        "new password": NEW,
        "code": answer.code,
        "second code": second.code,
        "access token": tokens.access_token,
        "refresh token": tokens.refresh_token,
        "newer refresh token": again.refresh_token,
        "id token": tokens.id_token,
        "client secret": str(app.secret),
        "chosen client secret": body["client_secret"],
        "verifier": attempt.verifier,
        "transaction": state,
        "session": str(browser.jar.get("auth0")),
        "device": str(browser.jar.get("did")),
        "ticket": ticket.partition("ticket=")[2].partition("#")[0],
        "management token": management.token,
        "machine's secret": world.installed["management"]["client_secret"],
    }


@row("SEC3")
def test_the_process_log_holds_no_secret(
    world: World, browser: Browser, jane: Person, process_log: io.StringIO
) -> None:
    secrets = live_through(world, browser, jane)
    written = process_log.getvalue()
    assert written
    assert {name for name, secret in secrets.items() if secret in written or quote(secret, safe="") in written} == set()


@row("LOG1")
def test_the_tenants_log_holds_no_secret(world: World, browser: Browser, jane: Person) -> None:
    secrets = live_through(world, browser, jane)
    entries = world.logs()
    assert len({entry.type for entry in entries}) >= 6
    written = json.dumps([[entry.type, entry.user_id, entry.client_id, entry.data] for entry in entries])
    assert {name for name, secret in secrets.items() if secret in written} == set()
    shown = json.dumps(world.management().get("/logs?per_page=100"))
    assert {name for name, secret in secrets.items() if secret in shown} == set()


def readable(body: bytes) -> str:
    """The text of an answer; of a zip file that of everything in it."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


@row("SEC2")
def test_password_hashes_leave_by_no_answer(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    with world.platform.db.reading(world.tenant) as session:
        stored = str(session.scalars(select(DatabaseAccount.password_hash)).first())
    assert stored.startswith("$argon2id$")
    management = world.management()
    user = quote(jane.user_id, safe="")
    answers = [
        management("PATCH", f"/users/{user}", {"password": NEW}),
        management("PATCH", f"/users/{user}", {"user_metadata": {"a": 1}}),
        management("GET", f"/users/{user}?fields=password_hash,password&include_fields=true"),
        management("GET", "/users?q=password_hash:*&search_engine=v3"),
        management("GET", f"/users-by-email?email={jane.email}"),
    ]
    for endpoint in endpoints(api_modules()):
        if endpoint.method == "GET":
            path = endpoint.path.replace("{user_id}", user).replace("{id}", user)
            answers.append(management("GET", path) if "{" not in path else management("GET", "/users"))
    answers += [browser.request("GET", f"{world.issuer}account")]
    for each in answers:
        text = readable(each.get_data())
        assert "argon2" not in text
        assert "password_hash" not in text


@row("LOG3")
@pytest.mark.parametrize("end", ["\r\n", "\n", "\u2028", "\x0b", "\x85"])
def test_nothing_sent_begins_a_line_of_the_log(
    world: World, browser: Browser, process_log: io.StringIO, end: str
) -> None:
    forged = f'x{end}{{"level":"error","event":"forged"}}'
    world.client().begin(browser, login_hint=forged)
    browser.submit(username=forged, password="x")
    world.get(f"/{quote(forged)}")
    world.get(f"/authorize?client_id={quote(forged)}")
    lines = process_log.getvalue().split("\n")[:-1]
    assert lines
    assert [json.loads(line)["event"] for line in lines if json.loads(line)["event"] == "forged"] == []
    assert all(entry.data for entry in world.logs())


@row("SEC3")
@on_both_stores
def test_a_failed_statement_tells_no_values(world: World) -> None:
    """Errors of the store are logged, with what they say."""
    engine = world.platform.db.engine
    with engine.connect() as connection, pytest.raises((SQLAlchemyError, StoreUnavailable)) as failed:
        connection.execute(text("SELECT :value FROM there_is_none"), {"value": "a-secret-of-the-row"})
    told = f"{failed.value} {getattr(failed.value, 'detail', '')}"
    assert "there_is_none" in told
    assert "a-secret-of-the-row" not in told


@row("LOG2")
def test_every_page_of_a_defect_names_the_request_it_is_in_the_log_under(
    world: World, browser: Browser, process_log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("idp.signin.login.views.http.current", lambda: 1 // 0)
    browser.open("/u/login?state=x")
    assert browser.status == 500
    found = next(json.loads(line) for line in process_log.getvalue().splitlines() if "ZeroDivisionError" in line)
    assert found["request_id"] in browser.shown.html
    assert "ZeroDivisionError" not in browser.shown.html


@row("T3")
@pytest.mark.parametrize("text", TEMPLATES)
def test_text_of_users_and_tenants_is_never_run(world: World, browser: Browser, text: str) -> None:
    world.settings(friendly_name=text)
    person = world.user(name=text, given_name=text, nickname=text)
    app = world.client(name=text, is_first_party=False, logo_uri="https://app.example.test/logo.png")
    app.begin(browser, login_hint=text)
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/u/consent"
    literally = " ".join(text.split())
    assert literally in browser.shown.text
    browser.open("/account")
    assert literally in unescape(browser.shown.html)
    app.begin(reader := world.browser(), screen_hint="reset-password")
    reader.submit(username=person.email)
    mails = world.mails(person.email)
    assert mails
    for mail in mails:
        assert literally in mail.text
        assert literally in unescape(mail.html)
