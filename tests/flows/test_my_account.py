"""The My Account API (spec/my-account.md), by its acceptance lines."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from connectors.contract import Arrival, Identity
from connectors.registry import STRATEGIES
from idp.applications.clients import client_grants
from idp.applications.resource_servers import my_account
from idp.directory.users import service as users
from idp.directory.users import source_tokens
from idp.directory.users.models import ConnectedAccount
from idp.signin.factors import service
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol, sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import authenticator, show
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect
from tests.world.world import CALLBACK, PASSWORD, Person, World

NUMBER = "+491711234567"
METHODS = "/authentication-methods"
ALL = tuple(my_account.SCOPES)


@dataclass
class Me:
    """A person's application at the API."""

    world: World
    token: str

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.world.send(method, f"/me/v1{path}", json=json, headers=headers, **options)

    def get(self, path: str) -> Any:
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def begin(self, kind: str, **members: Any) -> dict[str, Any]:
        """The first call; answers its body, and under ``at`` the id that ``Location`` names."""
        answer = self("POST", METHODS, {"type": kind, **members})
        assert answer.status_code == 202, answer.text
        assert answer.json is not None
        return {**answer.json, "at": answer.headers["Location"].rpartition("/")[2]}

    def verify(self, begun: Mapping[str, Any], **proof: Any) -> TestResponse:
        return self("POST", f"{METHODS}/{begun['at']}/verify", {"auth_session": begun["auth_session"], **proof})

    def types(self) -> list[str]:
        return [each["type"] for each in self.get(METHODS)["authentication_methods"]]


def activated(world: World) -> str:
    """The API is there."""
    audience = f"{world.issuer}me/"
    answer = world.caller().post("/resource-servers", {"identifier": audience, "allow_offline_access": True})
    assert answer.status_code == 201, answer.text
    return audience


def allow(world: World, app: Application, *scopes: str) -> None:
    with world.writing() as work:
        client_grants.create(work, app.client_id, f"{world.issuer}me/", list(scopes or ALL), subject_type="user")


def sign_in(app: Application, person: Person, browser: Browser | None = None, seed: str = "", **params: str) -> Any:
    """Sign in for the API, with the app's code where one is asked for."""
    browser = browser or app.world.browser()
    wanted = {"scope": "openid offline_access " + " ".join(ALL), "audience": f"{app.world.issuer}me/", **params}
    attempt = app.begin(browser, **wanted)
    if browser.left_for is None and browser.path.endswith("/u/login"):
        browser.submit(username=person.email, password=person.password)
    if browser.left_for is None and seed:
        assert "/u/mfa" in browser.path, browser.path
        browser.submit(code=code_of(seed))
    return attempt.tokens(browser.answer)


@pytest.fixture
def app(world: World) -> Application:
    demand(world, "otp", "sms", "email", "recovery-code", policy="")
    activated(world)
    made = world.client(grant_types=["authorization_code", "refresh_token", "client_credentials"])
    allow(world, made)
    return made


@pytest.fixture
def me(world: World, app: Application, jane: Person) -> Me:
    return Me(world, sign_in(app, jane).access_token)


def test_acceptance_1_a_client_grant_says_which_scopes_there_are(world: World, jane: Person) -> None:
    activated(world)
    app = world.client()
    browser = world.browser()
    audience = f"{world.issuer}me/"
    app.sign_in(browser, jane)
    app.begin(browser, audience=audience, scope="openid read:me:factors")
    assert browser.answer.error == "access_denied"
    allow(world, app, "read:me:factors", "read:me:authentication_methods")
    tokens = sign_in(app, jane)
    assert set(str(tokens.access_claims["scope"]).split()) & set(ALL) == {
        "read:me:factors",
        "read:me:authentication_methods",
    }
    assert audience in tokens.access_claims["aud"]
    me = Me(world, tokens.access_token)
    assert me("GET", "/factors").status_code == 200
    assert me("POST", METHODS, {"type": "totp"}).status_code == 403
    with world.writing() as work:
        client_grants.remove_of_client(work, app.client_id)
    assert me("GET", "/factors").status_code == 401


def test_acceptance_2_no_client_has_one_on_its_own_behalf(world: World, app: Application) -> None:
    answer = app.token(grant_type="client_credentials", audience=f"{world.issuer}me/")
    assert (answer.status_code, answer.json["error"]) == (400, "access_denied")


def test_the_api_is_the_systems_and_stays_what_it_is(world: World) -> None:
    audience, api = activated(world), world.caller()
    found = api.get("/resource-servers/" + audience.replace("/", "%2F")).json
    assert (found["name"], found["is_system"]) == ("My Account API", True)
    assert [each["value"] for each in found["scopes"]] == list(ALL)
    path = f"/resource-servers/{found['id']}"
    assert api.patch(path, {"scopes": []}).status_code == 400
    everyone = {"subject_type_authorization": {"client": {"policy": "allow_all"}}}
    assert api.patch(path, everyone).status_code == 400
    people = {"subject_type_authorization": {"user": {"policy": "allow_all"}}}
    assert api.patch(path, people).status_code == 200
    assert api.delete(path).status_code == 400


@on_both_stores
def test_acceptance_3_an_app_a_code_and_addresses(world: World, app: Application, jane: Person, clock: Clock) -> None:
    me = Me(world, sign_in(app, jane).access_token)
    assert {"type": "totp", "usage": ["secondary"]} in me.get("/factors")["factors"]
    assert me("POST", METHODS, {"type": "email", "email": "x@example.com"}).status_code == 403  # beside another alone
    begun = me.begin("totp")
    assert unquote(begun["at"]) == begun["id"]
    assert begun["barcode_uri"].startswith("otpauth://totp/")
    seed = begun["manual_input_code"]
    assert not me.get(f"{METHODS}/{begun['at']}")["confirmed"]
    made = me.verify(begun, otp_code=code_of(seed))
    assert made.status_code == 201, made.text
    assert (made.json["type"], made.json["confirmed"], made.json["usage"]) == ("totp", True, ["secondary"])
    assert seed not in made.text
    assert world.mails(jane.email)
    clock.forward(seconds=60)
    assert me("POST", METHODS, {"type": "phone", "phone_number": NUMBER}).status_code == 403  # a factor is asked first
    me = Me(world, sign_in(app, jane, seed=seed).access_token)
    changed = me("PATCH", f"{METHODS}/{begun['at']}", {"name": "My phone"})
    assert changed.json["name"] == "My phone"
    phone = me.begin("phone", phone_number="+49 171 1234567")
    assert me.verify(phone, otp_code=sent_code(world, NUMBER)).json["phone_number"] == NUMBER
    mail = me.begin("email", email="second@example.com")
    assert me.verify(mail, otp_code=sent_code(world, "second@example.com")).json["email"] == "second@example.com"
    code = me.begin("recovery-code")
    assert len(code["recovery_code"]) == 24
    assert me.verify(code).status_code == 201
    assert me.types().count("recovery-code") == 1
    assert set(me.types()) == {"password", "totp", "phone", "email", "recovery-code"}
    assert me("GET", f"{METHODS}?type=email").json["authentication_methods"][0]["id"] == mail["id"]
    for each in (mail, phone):
        assert me("DELETE", f"{METHODS}/{each['at']}").status_code == 204
    assert me("DELETE", f"{METHODS}/{mail['at']}").status_code == 404
    assert set(me.types()) == {"password", "totp", "recovery-code"}


def test_acceptance_3_a_passkey(world: World, app: Application, me: Me) -> None:
    device = authenticator(world)
    begun = me.begin("passkey")
    assert (begun["at"], "id" in begun) == ("passkey%7Cnew", False)
    options = begun["authn_params_public_key"]
    assert set(options) >= {"challenge", "rp", "user", "pubKeyCredParams", "authenticatorSelection", "timeout"}
    made = me.verify(begun, authn_response=json.loads(device.create(options)))
    assert made.status_code == 201, made.text
    assert (made.json["type"], made.json["usage"]) == ("passkey", ["primary", "secondary"])
    assert made.json["credential_device_type"] in {"single_device", "multi_device"}
    assert me.verify(begun, authn_response=json.loads(device.create(options))).status_code == 400
    assert me("POST", METHODS, {"type": "totp"}).status_code == 403  # by a password alone, of somebody with a passkey
    assert made.json["id"] in [each["id"] for each in me.get(METHODS)["authentication_methods"]]
    there = f"{METHODS}/{made.json['id'].replace('|', '%7C')}"
    assert me("DELETE", there).status_code == 403, "a password alone takes none away"
    browser = world.browser()
    attempt = app.begin(browser, audience=f"{world.issuer}me/", scope=f"openid {' '.join(ALL)}")
    show(browser, device, device.passkeys[0])
    mine = Me(world, attempt.tokens(browser.answer).access_token)
    assert mine("PATCH", there, {"name": "My telephone"}).json["name"] == "My telephone"
    assert mine.get(f"{METHODS}?type=passkey")["authentication_methods"][0]["name"] == "My telephone"
    assert mine("DELETE", there).status_code == 204
    assert mine.types() == ["password"]


def test_acceptance_3_a_password(world: World, app: Application, jane: Person, me: Me) -> None:
    (listed,) = [each for each in me.get(METHODS)["authentication_methods"] if each["type"] == "password"]
    begun = me.begin("password")
    assert begun["id"] == listed["id"]
    assert begun["policy"]["complexity"]["min_length"] == 8
    weak = me.verify(begun, new_password="short")
    assert (weak.status_code, weak.json["validation_errors"][0]["source"]) == (400, "body")
    assert me.verify(begun, new_password="Another-Pass-77").status_code == 201
    assert sign_in(app, replace(jane, password="Another-Pass-77")).access_token
    browser = world.browser()
    app.begin(browser)
    browser.submit(username=jane.email, password=PASSWORD)
    assert browser.left_for is None
    again = Me(world, sign_in(app, replace(jane, password="Another-Pass-77")).access_token)
    assert again("DELETE", f"{METHODS}/{begun['at']}").status_code == 409


@row("O3")
def test_acceptance_4_nothing_of_anybody_else(world: World, app: Application, me: Me, jane: Person) -> None:
    seed = enrol(world, world.user("other@example.com"))
    other = Me(world, sign_in(app, Person("", "other@example.com", PASSWORD, ""), seed=seed).access_token)
    theirs = other.get(f"{METHODS}?type=totp")["authentication_methods"][0]["id"].replace("|", "%7C")
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert me(method, f"{METHODS}/{theirs}", body).status_code == 404
    begun = me.begin("totp")
    session = {"auth_session": begun["auth_session"], "otp_code": code_of(begun["manual_input_code"])}
    assert other("POST", f"{METHODS}/{begun['at']}/verify", session).status_code == 400
    assert me("POST", f"{METHODS}/{theirs}/verify", session).status_code == 404


def test_acceptance_4_wrong_codes_and_old_sessions(world: World, me: Me, clock: Clock) -> None:
    begun = me.begin("totp")
    seed = begun["manual_input_code"]
    wrong = me.verify(begun, otp_code=code_of(seed, steps=9))
    assert (wrong.status_code, wrong.json["type"]) == (400, "urn:gatehouse:error:invalid_otp_code")
    assert not me.get(f"{METHODS}/{begun['at']}")["confirmed"]
    assert me.verify({**begun, "auth_session": "nonsense"}, otp_code=code_of(seed)).status_code == 400
    clock.forward(seconds=601)
    old = me.verify(begun, otp_code=code_of(seed))
    assert (old.status_code, old.json["type"]) == (400, "urn:gatehouse:error:invalid_auth_session")
    newer = me.begin("totp")
    newest = me.begin("totp")
    assert me.verify(newer, otp_code=code_of(newer["manual_input_code"])).status_code == 400
    assert me.verify(newest, otp_code=code_of(newest["manual_input_code"])).status_code == 201
    assert me.verify(newest, otp_code=code_of(newest["manual_input_code"], steps=1)).status_code == 400


@row("O5")
def test_guesses_are_counted_as_everywhere(me: Me) -> None:
    begun = me.begin("totp")
    for _ in range(10):
        assert me.verify(begun, otp_code="000000").status_code == 400
    answer = me.verify(begun, otp_code=code_of(begun["manual_input_code"]))
    assert (answer.status_code, answer.json["title"]) == (429, "Too Many Requests")
    assert int(answer.headers["Retry-After"]) > 0
    assert "X-RateLimit-Remaining" in answer.headers


@row("O3")
def test_what_a_password_began_is_no_second_factor_beside_a_first(world: World, me: Me, jane: Person) -> None:
    begun = me.begin("totp")
    enrol(world, jane)
    assert me.verify(begun, otp_code=code_of(begun["manual_input_code"])).status_code == 403
    with world.context() as work:
        assert [each.confirmed for each in service.of_user(work, jane.user_id, pending=True)] == [False, True]


@row("O3")
def test_what_a_password_began_is_not_finished_beside_a_factor(
    world: World, app: Application, me: Me, jane: Person
) -> None:
    """Somebody with the password alone began a passkey and another password; the owner set up a factor meanwhile."""
    device, passkey, password = authenticator(world), me.begin("passkey"), me.begin("password")
    enrol(world, jane)
    proof = {"authn_response": json.loads(device.create(passkey["authn_params_public_key"]))}
    for answer in (me.verify(passkey, **proof), me.verify(password, new_password="Another-Pass-77")):
        assert (answer.status_code, answer.json["title"]) == (403, "Step-Up Required")
    with world.context() as work:
        assert [each.type for each in service.of_user(work, jane.user_id, pending=True)] == ["totp"]


def test_nobody_begins_enrolments_without_end(me: Me) -> None:
    for _ in range(60):
        me.begin("password")
    answer = me("POST", METHODS, {"type": "password"})
    assert (answer.status_code, answer.json["title"]) == (429, "Too Many Requests")


def test_acceptance_5_errors_and_media_types(world: World, app: Application, me: Me) -> None:
    form = world.send(
        "POST", f"/me/v1{METHODS}", data={"type": "totp"}, headers={"Authorization": f"Bearer {me.token}"}
    )
    assert (form.status_code, form.json["title"]) == (415, "Unsupported Media Type")
    bad = me("POST", METHODS, {"type": "nonsense"})
    assert set(bad.json) == {"type", "status", "title", "detail", "validation_errors"}
    assert (bad.json["status"], bad.json["title"]) == (400, "Bad Request")
    assert bad.json["validation_errors"][0] | {"detail": ""} == {
        "detail": "",
        "field": "type",
        "pointer": "/type",
        "source": "body",
    }
    assert me("POST", METHODS, {"type": "totp", "email": "x@example.com"}).status_code == 400
    assert me("POST", METHODS, {"type": "push-notification"}).status_code == 403
    assert me("GET", "/nonsense").json["title"] == "Not Found"
    assert me("GET", f"{METHODS}/totp%7Cdev_none").status_code == 404
    nobody = world.get("/me/v1/factors")
    assert (nobody.status_code, nobody.json["title"]) == (401, "Unauthorized")
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    few = world.client()
    allow(world, few, "read:me:factors")
    reader = Me(world, sign_in(few, world.user("few@example.com")).access_token)
    refused = reader("GET", METHODS)
    assert (refused.status_code, refused.json["title"]) == (403, "Insufficient Scope")
    assert me.get("/consents") == {"consents": []}
    assert me("GET", "/consents/one").status_code == 404
    assert me.get("/organizations") == {"organizations": []}
    assert (
        me("POST", METHODS, {"type": "totp"}, headers={"Origin": "https://evil.example"}).headers.get(
            "Access-Control-Allow-Origin"
        )
        is None
    )
    asked = world.send("OPTIONS", f"/me/v1{METHODS}", headers={"Origin": "https://app.example.com"})
    assert asked.status_code == 204


def test_tokens_of_other_apis_open_nothing(world: World, app: Application, jane: Person) -> None:
    tokens = app.sign_in(world.browser(), jane)
    for token in (tokens.access_token, tokens.id_token, world.token(sub=jane.user_id)):
        assert Me(world, token)("GET", "/factors").status_code == 401


def test_a_revoked_or_blocked_caller_is_nobody(world: World, jane: Person, me: Me) -> None:
    assert me("GET", "/factors").status_code == 200
    world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
    assert me("GET", "/factors").status_code == 401


def test_acceptance_6_somebody_with_a_factor(world: World, app: Application, jane: Person, clock: Clock) -> None:
    seed, browser = enrol(world, jane), world.browser()
    tokens = sign_in(app, jane, browser, seed)
    assert "mfa" in tokens.id_claims["amr"]
    clock.forward(minutes=10)
    refreshed = tokens.refreshed()
    clock.forward(minutes=6)
    late = app.refresh(tokens.refresh_token)
    assert (late.status_code, late.json["error"]) == (403, "mfa_required")
    assert {"type": "otp"} in late.json["mfa_requirements"]["challenge"]
    me = Me(world, refreshed.access_token)
    assert me("GET", METHODS).status_code == 200
    assert me("POST", METHODS, {"type": "recovery-code"}).json["title"] == "Step-Up Required"
    app.begin(browser, audience=f"{world.issuer}me/", scope="openid", prompt="none")
    assert browser.answer.error == "interaction_required"
    assert sign_in(app, jane, browser, seed).access_token


def test_acceptance_6_somebody_without(world: World, app: Application, jane: Person, clock: Clock) -> None:
    browser = world.browser()
    tokens = sign_in(app, jane, browser)
    clock.forward(minutes=10)
    assert tokens.refreshed().access_token
    clock.forward(minutes=6)
    late = app.refresh(tokens.refresh_token)
    assert (late.status_code, late.json["error"]) == (400, "unmet_authentication_requirements")
    app.begin(browser, audience=f"{world.issuer}me/", scope="openid", prompt="none")
    assert browser.answer.error == "unmet_authentication_requirements"
    old = Me(world, sign_in(app, jane, browser).access_token)
    assert old("POST", METHODS, {"type": "totp"}).json["title"] == "Step-Up Required"
    fresh = Me(world, sign_in(app, jane, browser, max_age="600").access_token)
    assert fresh("POST", METHODS, {"type": "totp"}).status_code == 202


class Giving(StubRedirect):
    """A source that gives a refresh token."""

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        tokens = {"access_token": "first", "refresh_token": "of-the-source", "scope": "calendar mail"}
        return replace(super().finish(arrival), tokens=tokens)

    def refresh(self, account_id: str, tokens: Mapping[str, str]) -> Mapping[str, str]:
        """See :class:`connectors.contract.RefreshesTokens`."""
        del account_id
        return tokens


def test_accounts_are_listed_and_disconnected(
    world: World, app: Application, source_stubs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Giving))
    connection_id = connect(world, REDIRECT, app.client_id)
    world.caller().patch(f"/connections/{connection_id}", {"connected_accounts": {"active": True}})
    browser = world.browser()
    wanted = {"scope": "openid " + " ".join(ALL), "audience": f"{world.issuer}me/", "connection": "stub-social"}
    attempt = app.begin(browser, **wanted)
    come_back(browser)
    me = Me(world, attempt.tokens(browser.answer).access_token)
    assert me.get("/connected-accounts/connections")["connections"][0]["name"] == "stub-social"
    (account,) = me.get("/connected-accounts/accounts")["accounts"]
    assert account["id"].startswith("cac_")
    assert (account["access_type"], account["scopes"]) == ("offline", ["calendar", "mail"])
    assert me.get("/connected-accounts/accounts?connection=other") == {"accounts": []}
    assert me("DELETE", "/connected-accounts/accounts/cac_nonsense").status_code == 404
    assert me("DELETE", f"/connected-accounts/accounts/{account['id']}").status_code == 204
    assert me.get("/connected-accounts/accounts") == {"accounts": []}


class Connecting:
    """An application that connects an account of a source that gives refresh tokens."""

    VERIFIER = "v" * 43

    def __init__(self, world: World, app: Application, person: Person) -> None:
        connection_id = connect(world, REDIRECT, app.client_id)
        world.caller().patch(f"/connections/{connection_id}", {"connected_accounts": {"active": True}})
        self.app, self.browser = app, world.browser()
        self.me = Me(world, sign_in(app, person, self.browser).access_token)

    def begin(self, **members: Any) -> TestResponse:
        """The first call."""
        hashed = base64.urlsafe_b64encode(hashlib.sha256(self.VERIFIER.encode()).digest()).rstrip(b"=").decode()
        pkce = {"code_challenge": hashed, "code_challenge_method": "S256"}
        usual = {"connection": REDIRECT.name, "redirect_uri": CALLBACK, "state": "s1", "scopes": ["calendar"], **pkce}
        return self.me("POST", "/connected-accounts/connect", {**usual, **members})

    def walk(self, begun: Mapping[str, Any], browser: Browser | None = None) -> dict[str, str]:
        """The browser's way to the source and back; answers what the application is told."""
        browser = browser or self.browser
        browser.open(f"{begun['connect_uri']}?ticket={begun['connect_params']['ticket']}")
        come_back(browser)
        assert browser.left_for is not None
        assert browser.left_for.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(browser.left_for).query))

    def complete(self, begun: Mapping[str, Any], code: str, me: Me | None = None, **members: Any) -> TestResponse:
        """The last call."""
        usual = {"auth_session": begun["auth_session"], "connect_code": code, "redirect_uri": CALLBACK}
        sent = {**usual, "code_verifier": self.VERIFIER, **members}
        return (me or self.me)("POST", "/connected-accounts/complete", sent)


@pytest.fixture
def connecting(
    world: World, app: Application, jane: Person, source_stubs: None, monkeypatch: pytest.MonkeyPatch
) -> Connecting:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Giving))
    return Connecting(world, app, jane)


def test_acceptance_7_an_account_is_connected_by_its_source(world: World, jane: Person, connecting: Connecting) -> None:
    begun = connecting.begin()
    assert begun.status_code == 201, begun.text
    assert begun.json is not None
    assert begun.json["expires_in"] == 300
    back = connecting.walk(begun.json)
    assert back["state"] == "s1"
    answer = connecting.complete(begun.json, back["connect_code"])
    assert answer.status_code == 201, answer.text
    account = answer.json or {}
    assert account["id"].startswith("cac_")
    assert (account["connection"], account["scopes"]) == ("stub-social", ["calendar", "mail"])
    assert connecting.me.get("/connected-accounts/accounts")["accounts"] == [account]
    with world.context() as work:
        (row,) = work.rows.scalars(select(ConnectedAccount))
        assert "of-the-source" not in row.tokens_sealed
        assert [each.user_id for each in users.identities_of(work, jane.user_id)] == [jane.user_id], "no way to sign in"
        (held,) = source_tokens.of_user(work, jane.user_id)
        assert source_tokens.fresh(work, held).tokens["access_token"] == "first"
    spent = connecting.complete(begun.json, back["connect_code"])
    assert spent.status_code == 400
    again = connecting.begin().json or {}
    assert connecting.complete(again, connecting.walk(again)["connect_code"]).status_code == 409
    assert connecting.me("DELETE", f"/connected-accounts/accounts/{account['id']}").status_code == 204
    with world.context() as work:
        assert source_tokens.of_user(work, jane.user_id) == []
    third = connecting.begin().json or {}
    assert connecting.complete(third, connecting.walk(third)["connect_code"]).status_code == 201


@row("O3")
@pytest.mark.parametrize(
    "wrong",
    [{"auth_session": "another"}, {"code_verifier": "w" * 43}, {"redirect_uri": "https://app.example.test/other"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_code_counts_only_with_what_the_application_kept(connecting: Connecting, wrong: dict[str, str]) -> None:
    """Somebody who had another sign in at the source gets nothing of it; the code is spent all the same."""
    begun = connecting.begin().json or {}
    code = connecting.walk(begun)["connect_code"]
    assert connecting.complete(begun, code, **wrong).status_code == 400
    assert connecting.complete(begun, code).status_code == 400
    assert connecting.me.get("/connected-accounts/accounts") == {"accounts": []}


def test_a_code_is_its_persons(world: World, app: Application, connecting: Connecting) -> None:
    begun = connecting.begin().json or {}
    code = connecting.walk(begun)["connect_code"]
    other = Me(world, sign_in(app, world.user("other@example.com")).access_token)
    assert connecting.complete(begun, code, me=other).status_code == 403


def test_a_ticket_is_used_once_and_by_one_browser(world: World, connecting: Connecting, clock: Clock) -> None:
    begun = connecting.begin().json or {}
    address = f"{begun['connect_uri']}?ticket={begun['connect_params']['ticket']}"
    assert world.browser().request("HEAD", address).status_code == 200, "whoever only looks at the link spends nothing"
    connecting.browser.open(address)
    assert connecting.browser.left_for is not None
    assert world.browser().open(address).status == 400
    late = connecting.begin().json or {}
    clock.forward(minutes=6)
    assert world.browser().open(f"{late['connect_uri']}?ticket={late['connect_params']['ticket']}").status == 400


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"connection": "nonsense"}, None),
        ({"redirect_uri": "https://evil.example/"}, None),
        ({"scopes": []}, "scopes"),
        ({"code_challenge_method": "plain"}, "code_challenge_method"),
        ({"code_challenge": "short"}, "code_challenge"),
    ],
)
def test_what_cannot_be_connected_is_refused(
    connecting: Connecting, members: dict[str, Any], field: str | None
) -> None:
    answer = connecting.begin(**members)
    assert answer.status_code == 400, answer.text
    if field is not None:
        assert field in answer.text


@row("V3")
@on_both_stores
@pytest.mark.parametrize("said", ["", "a\0b", "x" * 300])
def test_an_id_that_nobody_can_have_connects_nothing(
    connecting: Connecting, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(StubRedirect, "account_id", said)
    back = connecting.walk(connecting.begin().json or {})
    assert (back["error"], back["error_description"]) == ("access_denied", "The source gave no usable id.")


@pytest.mark.parametrize("change", [{"connected_accounts": {"active": False}}, None], ids=["switched off", "gone"])
def test_a_connection_that_went_meanwhile_connects_nothing(
    world: World, connecting: Connecting, change: dict[str, Any] | None
) -> None:
    begun = connecting.begin().json or {}
    code = connecting.walk(begun)["connect_code"]
    (found,) = [each for each in world.caller().get("/connections").json if each["name"] == REDIRECT.name]
    path = f"/connections/{found['id']}"
    done = world.caller().patch(path, change) if change else world.caller().delete(path)
    assert done.status_code < 300
    answer = connecting.complete(begun, code)
    assert answer.status_code == 400, answer.text
    assert connecting.me.get("/connected-accounts/accounts") == {"accounts": []}
