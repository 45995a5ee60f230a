"""CIBA Core 1.0 in poll mode: a person confirms what an application asks, wherever they are."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from idp.foundation.kernel import clock as now
from tests.security.rows import row
from tests.world.application import Application
from tests.world.backchannel import GRANT, ask, confirm, error, hint, link, redeem
from tests.world.browser import Browser
from tests.world.client_keys import key, pem, signed
from tests.world.factors import code_of, demand, enrol
from tests.world.fixtures import Clock, on_both_stores
from tests.world.own_account import activated, allow
from tests.world.world import API, Person, World


def test_a_person_confirms_by_the_link_of_a_mail(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    begun = ask(app, jane, scope="openid profile email offline_access", binding_message="Order 4711-K")
    assert {name: begun[name] for name in ("expires_in", "interval")} == {"expires_in": 300, "interval": 5}
    assert error(redeem(app, begun)) == (400, "authorization_pending")
    browser.open(link(world, jane), site="cross-site")
    assert "Order 4711-K" in browser.shown.text
    assert "The web app" in browser.shown.text
    confirm(browser, link(world, jane), jane)
    said = redeem(app, begun)
    assert said.status_code == 200, said.text
    tokens = said.get_json()
    claims = app.claims(tokens["id_token"])
    assert (claims["sub"], claims["aud"]) == (jane.user_id, app.client_id)
    assert "auth_time" in claims
    assert app.userinfo(tokens["access_token"]).get_json()["email"] == jane.email
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    assert error(redeem(app, begun)) == (400, "invalid_grant"), "once"
    assert [entry.type for entry in world.logs("ciba_start_succeeded")] == ["ciba_start_succeeded"]
    assert [entry.user_id for entry in world.logs("ciba_exchange_succeeded")] == [jane.user_id]


def test_the_account_page_lists_what_waits(world: World, browser: Browser, jane: Person, app: Application) -> None:
    begun = ask(app, jane, binding_message="Order 12")
    browser.open("/account").submit(username=jane.email, password=jane.password)
    assert "Order 12" in browser.shown.text
    browser.open(link(world, jane)).submit("approval-deny")
    assert "nothing was given" in browser.shown.text
    assert error(redeem(app, begun)) == (400, "access_denied")
    assert "Order 12" not in browser.open("/account").shown.text
    assert [entry.type for entry in world.logs("ciba_denied")] == ["ciba_denied"]


@row("G4")
def test_a_link_confirms_nothing_by_itself(world: World, browser: Browser, jane: Person, app: Application) -> None:
    world.client(name="other").sign_in(browser, jane)
    begun = ask(app, jane)
    browser.open(link(world, jane), site="cross-site")
    assert error(redeem(app, begun)) == (400, "authorization_pending")
    form = {"request": link(world, jane).partition("=")[2], "action": "confirm"}
    browser.open("/approve", method="POST", site="cross-site", form=form)
    assert browser.status == 403
    confirm(browser, link(world, jane), None)
    assert redeem(app, begun).status_code == 200


def test_nobody_else_confirms_it(world: World, browser: Browser, jane: Person, app: Application) -> None:
    john = world.user("john@example.com")
    begun = ask(app, jane)
    browser.open(link(world, jane)).submit("approval-confirm")
    browser.submit(username=john.email, password=john.password)
    assert browser.status == 403
    assert "Another account was asked" in browser.shown.text
    assert error(redeem(app, begun)) == (400, "authorization_pending")
    confirm(world.browser(), link(world, jane), jane)
    assert app.claims(redeem(app, begun).get_json()["id_token"])["sub"] == jane.user_id


@row("G1")
def test_it_is_its_applications(world: World, browser: Browser, jane: Person, app: Application) -> None:
    other = world.client(name="other", grant_types=[GRANT])
    begun = ask(app, jane)
    assert error(redeem(other, begun)) == (400, "invalid_grant")
    confirm(browser, link(world, jane), jane)
    assert error(redeem(other, begun)) == (400, "invalid_grant")
    assert error(app.token(grant_type=GRANT, auth_req_id="unknown")) == (400, "invalid_grant")
    assert error(app.token(grant_type=GRANT)) == (400, "invalid_request")
    assert len(begun["auth_req_id"]) >= 22
    assert redeem(app, begun).status_code == 200


@row("G2")
def test_who_asks_too_often_waits_longer(jane: Person, app: Application, clock: Clock) -> None:
    begun = ask(app, jane)
    said = []
    for seconds in (0, 5, 4, 9, 14, 20):
        clock.forward(seconds=seconds)
        said.append(error(redeem(app, begun))[1])
    pending, slower = "authorization_pending", "slow_down"
    assert said == [pending, pending, slower, slower, slower, pending]


@row("G3", "R5")
@on_both_stores
def test_it_is_redeemed_once(world: World, browser: Browser, jane: Person, app: Application) -> None:
    begun = ask(app, jane)
    confirm(browser, link(world, jane), jane)
    with ThreadPoolExecutor(6) as many:
        answers = list(many.map(lambda _: redeem(app, begun), range(6)))
    assert sorted(each.status_code for each in answers) == [200, *[400] * 5]


@pytest.mark.parametrize("expiry", ["30", "0", "-1", "x", "259201", "3e1"])
def test_how_long_a_person_has(
    world: World, browser: Browser, jane: Person, app: Application, clock: Clock, expiry: str
) -> None:
    if expiry != "30":
        params = {"scope": "openid", "login_hint": hint(world, jane.user_id), "requested_expiry": expiry}
        assert error(app.call("/bc-authorize", **params)) == (400, "invalid_request")
        return
    begun = ask(app, jane, requested_expiry=expiry)
    assert begun["expires_in"] == 30
    where = link(world, jane)
    clock.forward(seconds=31)
    assert error(redeem(app, begun)) == (400, "expired_token")
    assert browser.open(where).status == 400


def test_what_is_refused_at_the_start(world: World, jane: Person, app: Application) -> None:
    good = {"scope": "openid", "login_hint": hint(world, jane.user_id)}

    def refused(**params: str | None) -> str:
        return error(app.call("/bc-authorize", **{**good, **params}))[1]

    assert refused(login_hint=None) == "invalid_request"
    assert refused(login_hint_token="x") == "invalid_request", "two hints"
    assert refused(login_hint="jane@example.com") == "invalid_request"
    assert refused(login_hint=hint(world, "auth0|nobody")) == "unknown_user_id"
    assert refused(login_hint=hint(world, jane.user_id, iss="https://other.example/")) == "unknown_user_id"
    assert refused(login_hint=hint(world, jane.user_id, format="email")) == "invalid_request"
    assert refused(scope="profile") == "invalid_scope"
    assert refused(scope=None) == "invalid_scope"
    assert refused(binding_message="x" * 65) == "invalid_binding_message"
    assert refused(binding_message="a\u202eb") == "invalid_binding_message"
    assert refused(audience="https://nobody.example/") == "access_denied"
    assert refused(authorization_details='[{"type": "x"}]') == "invalid_authorization_details"
    assert refused(request_uri="https://a.example/r") == "invalid_request"
    web = world.client(name="web")
    assert error(web.call("/bc-authorize", **good)) == (400, "unauthorized_client")
    public = world.client("spa", name="public", grant_types=[GRANT])
    assert error(public.call("/bc-authorize", **good)) == (400, "unauthorized_client")
    assert error(app.call("/bc-authorize", auth="none", **good)) == (401, "invalid_client")
    assert {entry.type for entry in world.logs("ciba_start_failed")} == {"ciba_start_failed"}
    world.change_user(jane.user_id, blocked=True)
    assert refused() == "access_denied"


def test_nobody_is_asked_until_they_are_tired(world: World, jane: Person, app: Application) -> None:
    for _ in range(10):
        ask(app, jane)
    said = app.call("/bc-authorize", scope="openid", login_hint=hint(world, jane.user_id))
    assert error(said) == (429, "temporarily_unavailable")


def test_other_hints(world: World, browser: Browser, jane: Person) -> None:
    entry = {"credential_type": "public_key", "pem": pem("ES256"), "alg": "ES256"}
    app = world.client(
        grant_types=[GRANT, "authorization_code"], signed_request_object={"credentials": [entry], "required": False}
    )
    tokens = app.sign_in(browser, jane)
    assert ask(app, jane, login_hint=None, id_token_hint=tokens.id_token)["auth_req_id"]
    other = world.client(name="other", grant_types=[GRANT])
    foreign = other.call("/bc-authorize", scope="openid", id_token_hint=tokens.id_token)
    assert error(foreign) == (400, "invalid_request")
    moment = now.now()

    def token(**claims: Any) -> str:
        sub_id = {"format": "iss_sub", "iss": world.issuer, "sub": jane.user_id}
        usual = {"iss": app.client_id, "aud": world.issuer, "exp": moment + 60, "sub_id": sub_id}
        return signed({**usual, **claims}, key(), kid=None)

    assert ask(app, jane, login_hint=None, login_hint_token=token())["auth_req_id"]
    bad = {
        "expired_login_hint_token": token(exp=moment - 120),
        "invalid_request": token(iss="somebody"),
        "unknown_user_id": token(sub_id={"format": "iss_sub", "iss": "https://a.example/", "sub": "x"}),
    }
    for expected, raw in bad.items():
        assert error(app.call("/bc-authorize", scope="openid", login_hint_token=raw)) == (400, expected)


@row("A12")
def test_signed_requests(world: World, browser: Browser, jane: Person) -> None:
    entry = {"credential_type": "public_key", "pem": pem("ES256"), "alg": "ES256"}
    app = world.client(
        grant_types=[GRANT],
        signed_request_object={"credentials": [entry], "required": False},
        backchannel_authentication_request_signing_alg="ES256",
    )
    moment = now.now()
    usual = {
        "iss": app.client_id,
        "aud": world.issuer,
        "iat": moment,
        "nbf": moment,
        "exp": moment + 300,
        "scope": "openid",
        "login_hint": hint(world, jane.user_id),
        "requested_expiry": 60,
        "binding_message": "Signed",
    }

    def request(by: Any = None, alg: str = "ES256", **claims: Any) -> str:
        return signed({**usual, "jti": secrets.token_urlsafe(9), **claims}, by or key(alg), alg, kid=None)

    said = app.call("/bc-authorize", request=request())
    assert said.status_code == 200, said.text
    assert said.get_json()["expires_in"] == 60
    once = request()
    assert app.call("/bc-authorize", request=once).status_code == 200
    bad: list[dict[str, str]] = [
        {"request": once},
        {"request": request(), "scope": "openid"},
        {"scope": "openid", "login_hint": hint(world, jane.user_id)},
        {"request": request(by=key("ES256", "other"))},
        {"request": request(by=key("RS256"), alg="RS256")},
        *({"request": request(**{name: None})} for name in ("iss", "aud", "exp", "iat", "nbf", "jti")),
        {"request": request(exp=moment + 4_000)},
        {"request": request(exp=moment - 100)},
        {"request": request(nbf=moment - 4_000)},
        {"request": request(aud="https://somebody.example/")},
        {"request": "x.y.z"},
    ]
    for params in bad:
        assert error(app.call("/bc-authorize", **params)) == (400, "invalid_request"), params


def test_an_api_with_consent_and_details(world: World, browser: Browser, jane: Person) -> None:
    world.api(authorization_details=[{"type": "payment", "description": "A payment"}])
    app = world.client(grant_types=[GRANT], is_first_party=False)
    detail = {"type": "payment", "amount": "12 EUR"}
    begun = ask(app, jane, audience=API, scope="openid read:things", authorization_details=json.dumps([detail]))
    browser.open(link(world, jane))
    assert "A payment" in browser.shown.text
    assert "12 EUR" in browser.shown.text
    assert "To read things" in browser.shown.text
    browser.submit("approval-confirm")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    browser.submit("consent-accept")
    assert browser.path == "/approve/done"
    tokens = redeem(app, begun).get_json()
    claims = app.claims(tokens["access_token"])
    assert claims["aud"][0] == API
    assert claims["authorization_details"] == [detail] == tokens["authorization_details"]


def test_a_no_on_the_consent_page_is_a_no(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(grant_types=[GRANT], is_first_party=False)
    begun = ask(app, jane)
    browser.open(link(world, jane)).submit("approval-confirm")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("consent-deny")
    assert error(redeem(app, begun)) == (400, "access_denied")


@row("O1")
def test_a_factor_of_an_earlier_session_is_not_told(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """The attempt proved one, and ends with a session that proved its own elsewhere: this application counts none but
    those that are proved for it.
    """
    demand(world, policy="")
    seed, audience = enrol(world, jane), activated(world)
    world.settings(compatibility={"mfa_once": True})
    app = world.client(grant_types=[GRANT], is_first_party=False)
    another = world.client(name="another")
    allow(world, app)
    allow(world, another)
    begun = ask(app, jane, scope="openid read:me:authentication_methods", audience=audience)
    world.client(name="one").sign_in(browser, jane)
    browser.open(link(world, jane)).submit("approval-confirm").submit(code=code_of(seed))
    assert browser.path == "/u/consent"
    page = browser.shown
    browser.open("/v2/logout")
    clock.forward(minutes=1)
    another.begin(browser, audience=audience, scope="openid read:me:authentication_methods")
    browser.submit(username=jane.email, password=jane.password).submit(code=code_of(seed))
    world.caller().delete(f"/users/{jane.user_id}/authentication-methods")
    browser.send_form(page.forms[0])
    claims = app.claims(redeem(app, begun).get_json()["id_token"])
    assert (claims["sub"], claims.get("acr"), claims.get("amr")) == (jane.user_id, None, None)


@row("F5")
def test_who_is_blocked_meanwhile_gets_nothing(world: World, browser: Browser, jane: Person, app: Application) -> None:
    begun = ask(app, jane)
    confirm(browser, link(world, jane), jane)
    world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
    assert error(redeem(app, begun)) == (400, "invalid_grant")
