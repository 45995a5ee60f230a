"""Impersonation (spec/misc.md, acceptance 1): somebody is in an application as another person, by a link that is good
once.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from lxml import etree

from connectors.saml_format import signatures
from idp.protocol.impersonation import service
from idp.protocol.saml.person import OWN
from tests.flows import saml_service
from tests.flows import test_wsfed_applications as passive
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.management import Api
from tests.world.racing import at_once
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect
from tests.world.sources import users as people
from tests.world.world import Person, World


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


@pytest.fixture
def jane(world: World) -> Person:
    return world.user("jane@example.com", name="Jane")


@pytest.fixture
def helper(world: World) -> Person:
    return world.user("helper@example.com", name="Help Desk")


@pytest.fixture
def allowed(world: World) -> None:
    world.settings(flags={"disable_impersonation": False})


def body(app: Application, helper: Person, **more: Any) -> dict[str, Any]:
    additional = {"callback_url": app.callback, "state": "from-us", "scope": "openid profile email", **more}
    return {
        "protocol": "oauth2",
        "impersonator_id": helper.user_id,
        "client_id": app.client_id,
        "additionalParameters": {name: value for name, value in additional.items() if value is not None},
    }


def ask(world: World, jane: Person, sent: dict[str, Any], caller: Api | None = None) -> Any:
    """The older address, which answers the link as text."""
    token = (caller or world.caller("create:user_tickets")).token
    heads = {"Authorization": f"Bearer {token}"} if token else {}
    where = f"{world.issuer}users/{quote(jane.user_id, safe='')}/impersonate"
    return world.send("POST", where, json=sent, headers=heads)


def link(world: World, jane: Person, app: Application, helper: Person, **more: Any) -> str:
    answer = ask(world, jane, body(app, helper, **more))
    assert (answer.status_code, answer.mimetype) == (200, "text/plain"), answer.text
    return str(answer.text)


def redeem(app: Application, browser: Browser) -> dict[str, Any]:
    answer = app.token(grant_type="authorization_code", code=browser.answer.params["code"], redirect_uri=app.callback)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


@on_both_stores
@pytest.mark.usefixtures("allowed")
def test_misc_1_from_the_link_to_the_profile(
    world: World, app: Application, jane: Person, helper: Person, browser: Browser
) -> None:
    url = link(world, jane, app, helper, audience="https://api.example.test/")
    assert urlsplit(url).path == f"/users/{quote(helper.user_id, safe='')}/impersonate"
    assert browser.request("HEAD", url).status_code == 200, "which spends nothing"
    browser.open(url)
    assert browser.answer.params["state"] == "from-us"
    tokens = redeem(app, browser)
    assert "refresh_token" not in tokens
    said = app.claims(tokens["id_token"])
    assert (said["sub"], said["impersonated"], said["act"]) == (jane.user_id, True, {"sub": helper.user_id})
    profile = app.userinfo(tokens["access_token"]).json
    assert (profile["email"], profile["impersonated"]) == (jane.email, True)
    assert profile["impersonator"]["user_id"] == helper.user_id
    assert profile["impersonator"]["email"] == helper.email
    assert tokens["access_token"].count(".") != 2, "the audience is ignored: it is for /userinfo alone"
    assert app.introspect(tokens["access_token"])["act"] == {"sub": helper.user_id}
    browser.open(url)
    assert browser.response is not None
    assert browser.response.status_code == 400, "a second use fails"
    assert [entry.type for entry in world.logs("simp", "simpu", "fimp")] == ["simp", "simpu", "fimp"]
    for entry in world.logs("simp", "simpu", "fimp"):
        assert entry.user_id == jane.user_id
        assert entry.rest["details"]["impersonator_id"] == helper.user_id


@pytest.mark.usefixtures("allowed")
def test_tokens_in_the_fragment(world: World, jane: Person, helper: Person, browser: Browser) -> None:
    app = world.client(grant_types=["implicit", "authorization_code"])
    browser.open(link(world, jane, app, helper, response_type="token", nonce="n-1"))
    assert browser.left_for is not None
    params = dict(parse_qsl(urlsplit(browser.left_for).fragment))
    assert (params["state"], params["token_type"]) == ("from-us", "Bearer")
    said = app.claims(params["id_token"])
    assert (said["impersonator"]["user_id"], said["nonce"]) == (helper.user_id, "n-1")


def test_misc_1_it_is_off_by_default(world: World, app: Application, jane: Person, helper: Person) -> None:
    assert ask(world, jane, body(app, helper)).status_code == 403
    answer = world.caller().post(f"/users/{quote(jane.user_id)}/impersonate", body(app, helper))
    assert (answer.status_code, answer.json["errorCode"]) == (403, "impersonation_disabled")
    assert world.caller().get("/tenants/settings").json["flags"]["disable_impersonation"] is True


@pytest.mark.usefixtures("allowed")
def test_what_is_refused(world: World, app: Application, jane: Person, helper: Person) -> None:
    def status(sent: dict[str, Any], caller: Api | None = None) -> int:
        return int(ask(world, jane, sent, caller).status_code)

    good = body(app, helper)
    assert status(good, Api(world, None)) == 401
    assert status(good, world.caller("update:users")) == 403
    assert status(good, world.caller_for(helper.user_id, "update:current_user_metadata")) == 403
    assert status({**good, "impersonator_id": "auth0|nobody"}) == 400
    assert status({**good, "impersonator_id": jane.user_id}) == 400
    assert status({**good, "client_id": "nothing"}) == 400
    assert status({**good, "protocol": "kerberos"}) == 400
    assert status({**good, "more": 1}) == 400
    assert status(body(app, helper, callback_url="https://elsewhere.example/")) == 400
    assert status(body(app, helper, response_type="token", response_mode="query")) == 400
    assert status(body(app, helper, response_type="id_token")) == 400, "the implicit grant is off"
    assert status(body(world.client("spa"), helper)) == 400, "a public client proves itself by PKCE or not at all"
    world.change_client(app.client_id, callbacks=[])
    assert status(good) == 400
    world.change_client(app.client_id, callbacks=[app.callback])
    other = world.client()
    world.enable_connection(world.connection_id, app.client_id)
    assert status(body(other, helper)) == 400, "the person's connection is not enabled for it"
    missing = world.user("gone@example.com")
    world.caller().delete(f"/users/{quote(missing.user_id)}")
    assert ask(world, missing, good).status_code == 404


@pytest.mark.usefixtures("allowed")
def test_what_changes_before_it_is_used_counts(
    world: World, app: Application, jane: Person, helper: Person, browser: Browser, clock: Clock
) -> None:
    def opens(url: str) -> bool:
        browser.open(url)
        return browser.left_for is not None

    url = link(world, jane, app, helper)
    world.settings(flags={"disable_impersonation": True})
    assert not opens(url)
    world.settings(flags={"disable_impersonation": False})
    for who in (jane, helper):
        world.change_user(who.user_id, blocked=True)
        assert not opens(url), who.email
        world.change_user(who.user_id, blocked=False)
    world.change_client(app.client_id, callbacks=["https://elsewhere.example/"])
    assert not opens(url)
    world.change_client(app.client_id, callbacks=[app.callback])
    wrong = url.replace(quote(helper.user_id, safe=""), quote(jane.user_id, safe=""))
    assert not opens(wrong)
    assert opens(url), "nothing of that used it up"
    late = link(world, jane, app, helper)
    clock.forward(seconds=service.LIFETIME_MS // 1000 + 1)
    assert not opens(late)


@pytest.mark.usefixtures("allowed")
def test_tokens_end_with_what_allowed_them(
    world: World, app: Application, jane: Person, helper: Person, browser: Browser
) -> None:
    browser.open(link(world, jane, app, helper))
    access = redeem(app, browser)["access_token"]
    assert app.userinfo(access).status_code == 200
    world.change_user(helper.user_id, blocked=True)
    assert app.userinfo(access).status_code == 401
    world.change_user(helper.user_id, blocked=False)
    world.settings(flags={"disable_impersonation": True})
    assert app.userinfo(access).status_code == 401
    assert app.introspect(access) == {"active": False}


@pytest.mark.usefixtures("allowed")
def test_nothing_of_the_account_is_reached(
    world: World, app: Application, jane: Person, helper: Person, browser: Browser
) -> None:
    browser.open(link(world, jane, app, helper, scope="openid profile offline_access update:current_user_metadata"))
    tokens = redeem(app, browser)
    assert "refresh_token" not in tokens
    assert set(tokens["scope"].split()) <= {"openid", "profile"}
    held = Api(world, tokens["access_token"])
    assert held.get(f"/users/{quote(jane.user_id)}").status_code == 401
    me = world.get("/me/v1/authentication-methods", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.status_code == 401
    browser.open("/account")
    assert browser.path.startswith("/u/login"), "there is no session of ours"
    mine = world.caller_for(helper.user_id, "update:current_user_identities")
    claims = {"azp": app.client_id, "client_id": app.client_id, "sub": helper.user_id}
    mine = world.caller("update:current_user_identities", **claims)
    linked = mine.post(f"/users/{quote(helper.user_id)}/identities", {"link_with": tokens["id_token"]})
    assert (linked.status_code, linked.json["message"]) == (400, "The link_with token is of an impersonation.")
    exchange = app.token(
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=tokens["access_token"],
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        audience="https://api.example.test/",
    )
    assert exchange.status_code in {400, 403}


@on_both_stores
@pytest.mark.usefixtures("allowed")
def test_of_those_who_open_it_at_once_one_wins(world: World, app: Application, jane: Person, helper: Person) -> None:
    url = link(world, jane, app, helper)

    def opens() -> bool:
        browser = world.browser()
        browser.open(url)
        return browser.left_for is not None

    assert sorted(at_once([opens] * 4)) == [False, False, False, True]


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("kind", ["code", "token"])
def test_an_application_of_others_gets_what_the_person_agreed_to(
    world: World, jane: Person, helper: Person, browser: Browser, kind: str
) -> None:
    app = world.client(is_first_party=False, grant_types=["implicit", "authorization_code"])
    world.caller().patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    url = link(world, jane, app, helper, response_type=kind, scope="openid email")
    browser.open(url)
    assert browser.left_for is None, "nobody agreed to anything"
    app.sign_in(world.browser(), jane, scope="openid email")
    browser.open(url)
    assert browser.left_for is not None


def saml(world: World, jane: Person, helper: Person, client_id: str, **more: Any) -> Any:
    return ask(world, jane, asserted(helper, client_id, "samlp", **more))


def asserted(helper: Person, client_id: str, protocol: str, **more: Any) -> dict[str, Any]:
    return {
        "protocol": protocol,
        "impersonator_id": helper.user_id,
        "client_id": client_id,
        "additionalParameters": more,
    }


@on_both_stores
@pytest.mark.usefixtures("allowed")
def test_misc_1_an_application_of_saml(world: World, jane: Person, helper: Person, browser: Browser) -> None:
    service = saml_service.Service(world)
    answer = saml(world, jane, helper, service.client_id, state="there")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain"), answer.text
    browser.open(answer.text)
    response, form = saml_service.answered(browser)
    assert form["RelayState"] == "there"
    read = signatures.verified(saml_service.said(response, "Assertion"), [service.certificate()])
    assert read is not None, "signed as every answer is"
    assert saml_service.said(read, "NameID").text == jane.user_id
    told = saml_service.attributes(read)
    assert told[f"{OWN}/impersonated"] == ["true"]
    assert told[f"{OWN}/impersonator/user_id"] == [helper.user_id]
    assert told[f"{OWN}/impersonator/email"] == [helper.email]
    browser.open("/account")
    assert browser.path.startswith("/u/login"), "there is no session of ours"
    browser.open(answer.text)
    assert browser.response is not None
    assert browser.response.status_code == 400, "a second use fails"
    written = world.logs("simp", "simpu", "fimp", "saml_assertion_issued")
    assert sorted(entry.type for entry in written) == ["fimp", "saml_assertion_issued", "simp", "simpu"]
    for entry in written:
        assert (entry.user_id, entry.rest["details"]["impersonator_id"]) == (jane.user_id, helper.user_id)
    browser.open(service.url(service.request()), site="cross-site")
    saml_service.sign_in(browser, jane)
    own = saml_service.attributes(saml_service.answered(browser)[0])
    assert not any("impersonat" in name for name in own), "whoever signs in themselves is nobody else"


@pytest.mark.usefixtures("allowed")
def test_misc_1_an_application_of_ws_federation(world: World, jane: Person, helper: Person, browser: Browser) -> None:
    rp = passive.application(world)
    answer = ask(world, jane, asserted(helper, rp.client_id, "wsfed", state="there", callback_url=passive.CALLBACK))
    assert answer.status_code == 200, answer.text
    browser.open(answer.text)
    document, form = passive.answered(browser)
    assert (form["wa"], form["wctx"]) == ("wsignin1.0", "there")
    token = passive.told(world, document)
    assert passive.said(token, "NameIdentifier").text == jane.user_id
    told = passive.attributes(token)
    assert told[f"{OWN}/impersonated"] == ["true"]
    assert told[f"{OWN}/impersonator/user_id"] == [helper.user_id]
    assert [entry.user_id for entry in world.logs("wsfed_token_issued")] == [jane.user_id]


@pytest.mark.usefixtures("allowed")
def test_assertions_that_are_refused(
    world: World, app: Application, jane: Person, helper: Person, browser: Browser
) -> None:
    service = saml_service.Service(world)
    assert saml(world, jane, helper, app.client_id).status_code == 400, "its add-on is off"
    elsewhere = saml(world, jane, helper, service.client_id, callback_url="https://elsewhere.example/")
    assert elsewhere.status_code == 400
    assert saml(world, jane, helper, service.client_id, state="x" * 8_193).status_code == 400
    trust = ask(world, jane, asserted(helper, service.client_id, "wstrust-usernamemixed"))
    assert (trust.status_code, trust.json["errorCode"]) == (400, "operation_not_supported")
    assert "oauth2, samlp, wsfed" in trust.json["message"]
    others = saml_service.Service(world, client={"is_first_party": False})
    world.caller().patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    browser.open(saml(world, jane, helper, others.client_id).text)
    assert browser.response is not None
    assert browser.response.status_code == 400, "nobody agreed to anything"
    world.caller().patch(f"/connections/{world.connection_id}", {"is_domain_connection": False})
    url = saml(world, jane, helper, service.client_id).text
    world.change_user(helper.user_id, blocked=True)
    browser.open(url)
    assert not browser.shown.forms, "whoever is blocked is nobody"
    world.change_user(helper.user_id, blocked=False)
    world.caller().patch(f"/clients/{service.client_id}", {"addons": {"samlp": None}})
    browser.open(url)
    assert not browser.shown.forms, "the add-on is off"
    assert [entry.type for entry in world.logs("fimp", "simpu", "saml_assertion_issued")] == ["fimp"] * 3


@pytest.mark.usefixtures("allowed")
def test_what_changes_before_an_assertion_counts(world: World, jane: Person, helper: Person, browser: Browser) -> None:
    """The same as of tokens: nobody can call an assertion back."""
    service = saml_service.Service(world)
    url = saml(world, jane, helper, service.client_id, state='"><script>alert(1)</script>').text

    def opens() -> bool:
        browser.open(url)
        return bool(browser.shown.forms) and "SAMLResponse" in str(browser.shown.forms)

    world.settings(flags={"disable_impersonation": True})
    assert not opens()
    world.settings(flags={"disable_impersonation": False})
    for who in (jane, helper):
        world.change_user(who.user_id, blocked=True)
        assert not opens(), who.email
        world.change_user(who.user_id, blocked=False)
    world.change_client(service.client_id, callbacks=["https://elsewhere.example/"])
    assert not opens()
    world.change_client(service.client_id, callbacks=[saml_service.CONSUMER])
    assert opens(), "nothing of that used it up"
    assert saml_service.answered(browser)[1]["RelayState"] == '"><script>alert(1)</script>'
    assert not opens()


@pytest.mark.usefixtures("allowed", "source_stubs")
@pytest.mark.parametrize("protocol", ["oauth2", "samlp"])
@pytest.mark.parametrize("denied", [True, False])
def test_misc_1_denied_attributes_are_left_out(
    world: World, helper: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch, protocol: str, denied: bool
) -> None:
    app = world.client(callbacks=[saml_service.CONSUMER], addons={"samlp": {}})
    connect(world, REDIRECT, app.client_id, non_persistent_attrs=["given_name"] if denied else [])
    monkeypatch.setattr(StubRedirect, "profile", {"given_name": "Verysecret", "family_name": "Doe"})
    theirs = world.browser()
    app.begin(theirs, connection="stub-social", redirect_uri=saml_service.CONSUMER)
    come_back(theirs)
    (user,) = (each for each in people(world) if each.user_id != helper.user_id)
    person = Person(user.user_id, "", "", "")
    browser.open(ask(world, person, asserted(helper, app.client_id, protocol, scope="openid profile")).text)
    if protocol == "samlp":
        told = etree.tostring(saml_service.answered(browser)[0]).decode()
    else:
        code = browser.answer.params["code"]
        answer = app.token(grant_type="authorization_code", code=code, redirect_uri=saml_service.CONSUMER)
        told = str(app.userinfo(answer.json["access_token"]).json)
    assert "Doe" in told
    assert ("Verysecret" in told) is not denied


@pytest.mark.usefixtures("allowed")
def test_an_id_token_alone(world: World, jane: Person, helper: Person, browser: Browser) -> None:
    app = world.client(grant_types=["implicit"])
    browser.open(link(world, jane, app, helper, response_type="id_token", nonce="n-1"))
    assert browser.left_for is not None
    params = dict(parse_qsl(urlsplit(browser.left_for).fragment))
    assert "access_token" not in params
    assert app.claims(params["id_token"])["act"] == {"sub": helper.user_id}
