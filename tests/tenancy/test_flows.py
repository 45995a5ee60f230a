"""Two tenants of one process over HTTP: what was signed in, begun or issued at one means nothing at the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.cookies import Jar
from tests.world.templates import OTHER_ISSUER
from tests.world.world import CALLBACK, Person, World


@dataclass
class Pair:
    """A client, a person and tokens at the first tenant, and a client of the same kind at the second."""

    first: World
    second: World
    app: Application
    away: Application
    person: Person
    browser: Browser
    tokens: Tokens

    def moved(self, **changes: str) -> Application:
        """The first tenant's client, with its own credentials, asking the second tenant."""
        return replace(self.app, world=self.second, **changes)


@pytest.fixture
def pair(world: World, jane: Person) -> Pair:
    second = world.second_tenant()
    app, browser = world.client(), world.browser()
    tokens = app.sign_in(browser, jane, scope="openid profile email offline_access")
    return Pair(world, second, app, second.client(), jane, browser, tokens)


def carried(pair: Pair) -> Browser:
    """A browser at the second tenant with the first one's cookies."""
    jar = Jar({(urlsplit(OTHER_ISSUER).netloc, name): cookie for (_, name), cookie in pair.browser.jar.kept.items()})
    return Browser(pair.second, jar=jar)


def test_issuers_keys_and_addresses_differ(pair: Pair) -> None:
    documents = [each.get("/.well-known/openid-configuration").get_json() for each in (pair.first, pair.second)]
    assert [document["issuer"] for document in documents] == [pair.first.issuer, OTHER_ISSUER]
    assert not {value for value in documents[0].values() if isinstance(value, str)} & {
        value for value in documents[1].values() if isinstance(value, str)
    }
    sets = [
        {key["kid"] for key in each.get("/.well-known/jwks.json").get_json()["keys"]}
        for each in (pair.first, pair.second)
    ]
    assert not sets[0] & sets[1]
    moduli = [
        {key.get("n") for key in each.get("/.well-known/jwks.json").get_json()["keys"]}
        for each in (pair.first, pair.second)
    ]
    assert not moduli[0] & moduli[1]


def test_a_session_is_of_one_tenant(pair: Pair) -> None:
    browser = carried(pair)
    assert browser.jar.get("auth0") is not None
    pair.away.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    browser.open("/account")
    assert pair.person.email not in browser.shown.html
    browser.open("/v2/logout")
    pair.app.begin(pair.browser, prompt="none")
    assert "code" in pair.browser.answer.params


def test_a_transaction_is_of_one_tenant(pair: Pair) -> None:
    pair.app.begin(pair.browser, prompt="login")
    state = pair.browser.shown.form("username").fields["state"]
    browser = carried(pair)
    for path in (f"/u/login?state={state}", f"/authorize/resume?state={state}", f"/u/consent?state={state}"):
        browser.open(path)
        assert browser.left_for is None
        assert browser.status in {400, 404}
    form = pair.browser.shown.form("username")
    fields = {**form.fields, "username": pair.person.email, "password": pair.person.password, **form.button(None)}
    browser.request("POST", f"{OTHER_ISSUER}u/login?state={state}", form=fields, site="same-origin")
    assert browser.status in {400, 403, 404}
    pair.browser.submit(username=pair.person.email, password=pair.person.password)
    assert pair.browser.left_for is not None


def test_an_account_is_of_one_tenant(pair: Pair) -> None:
    browser = pair.second.browser()
    pair.away.begin(browser)
    browser.submit(username=pair.person.email, password=pair.person.password)
    assert browser.left_for is None
    twin = pair.second.user(pair.person.email, "another long Passphrase 3")
    attempt = pair.away.begin(browser)
    browser.submit(username=twin.email, password=twin.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == twin.user_id != pair.person.user_id


def test_a_code_is_of_one_tenant(pair: Pair) -> None:
    attempt = pair.app.begin(pair.browser)
    answer = pair.browser.answer
    stolen = replace(attempt, app=pair.away)
    assert stolen.redeem(answer).get_json()["error"] == "invalid_grant"
    assert replace(attempt, app=pair.moved()).redeem(answer).get_json()["error"] == "invalid_client"
    assert attempt.tokens(answer)


def test_a_refresh_token_is_of_one_tenant(pair: Pair) -> None:
    assert pair.away.refresh(pair.tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert pair.moved().refresh(pair.tokens.refresh_token).get_json()["error"] == "invalid_client"
    for token in (pair.tokens.refresh_token, pair.tokens.access_token):
        assert pair.away.call("/oauth/revoke", token=token).status_code == 200
        assert pair.away.introspect(token) == {"active": False}
    assert pair.tokens.userinfo().status_code == 200
    assert pair.tokens.refreshed()


def test_an_access_token_is_of_one_tenant(pair: Pair) -> None:
    api = pair.first.api("https://one.example.test/")
    described = pair.app.sign_in(pair.browser, pair.person, audience=api)
    for token in (pair.tokens.access_token, described.access_token, pair.tokens.id_token):
        assert pair.away.userinfo(token).status_code == 401
        assert pair.second.get("/api/v2/clients", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_client_credentials_are_of_one_tenant(pair: Pair) -> None:
    machine = pair.first.client("m2m")
    audience = f"{OTHER_ISSUER}api/v2/"
    answer = replace(machine, world=pair.second).token(grant_type="client_credentials", audience=audience)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    answer = machine.token(grant_type="client_credentials", audience=audience)
    assert answer.status_code in {400, 403}


def test_an_authorization_request_of_anothers_client_goes_nowhere(pair: Pair) -> None:
    browser = pair.second.browser()
    pair.moved().begin(browser)
    assert browser.left_for is None
    assert browser.status == 400
    browser.open(f"/v2/logout?client_id={pair.app.client_id}&returnTo={CALLBACK}")
    assert browser.left_for is None


@pytest.mark.parametrize(
    ("kind", "path"), [("password-change", "/u/reset-verify"), ("email-verification", "/u/email-verification")]
)
def test_a_ticket_is_of_one_tenant(pair: Pair, kind: str, path: str) -> None:
    link = pair.first.management().post(f"/tickets/{kind}", {"user_id": pair.person.user_id})["ticket"]
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    browser = pair.second.browser()
    browser.open(f"{path}?ticket={ticket}")
    assert not [form for form in browser.shown.forms if "ticket" in form.fields]
    opened = pair.first.browser().open(link)
    assert opened.status == 200
    assert opened.shown.forms


def test_a_hint_of_anothers_session_ends_nothing_here(pair: Pair) -> None:
    local = pair.second.user("own@example.com")
    browser = pair.second.browser()
    pair.away.sign_in(browser, local)
    browser.open(f"/oidc/logout?id_token_hint={pair.tokens.id_token}", site="cross-site")
    pair.away.begin(browser, prompt="none")
    assert "code" in browser.answer.params


@row("Q1")
@pytest.mark.parametrize(
    "host", ["nobody.example.test", "acme.example.test.nobody.test", "acme.example.test:444", "xacme.example.test"]
)
def test_a_host_of_no_tenant_serves_only_what_a_machine_asks(pair: Pair, host: str) -> None:
    missing = [
        "/",
        "/authorize",
        "/u/login",
        "/account",
        "/api/v2/users",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
        "/userinfo",
        "/favicon.ico",
        "/robots.txt",
        "/.well-known/change-password",
        "/avatars/ab.svg",
        "/nonsense",
        "/static/x.css",
    ]
    for path in missing:
        assert pair.first.get(f"https://{host}{path}").status_code == 404, path
    for path in ("/healthz", "/readyz", "/metrics"):
        assert pair.first.get(f"https://{host}{path}", address="127.0.0.1").status_code == 200, path
