"""Devices without a browser (RFC 8628; spec/authentication-api.md; security.md group G)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from idp.protocol.oauth.device import codes, service
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Application, Person, World

GRANT = service.GRANT
PAGE = "/activate"


@pytest.fixture
def tv(world: World) -> Application:
    """An application on a television."""
    return world.client("native", grant_types=[GRANT, "refresh_token", "authorization_code"])


def begin(tv: Application, **params: str) -> dict[str, Any]:
    """A device asks for its codes."""
    said = tv.call("/oauth/device/code", **{"scope": "openid profile email offline_access", **params})
    assert said.status_code == 200, said.text
    answer: dict[str, Any] = said.get_json()
    return answer


def ask(tv: Application, begun: dict[str, Any]) -> Any:
    """The device asks what became of it."""
    return tv.token(grant_type=GRANT, device_code=begun["device_code"])


def error(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]


def approve(browser: Browser, begun: dict[str, Any], person: Person | None) -> None:
    """Its owner types the code, says yes, and signs in where nobody is."""
    browser.open(PAGE)
    browser.submit(user_code=begun["user_code"])
    assert browser.shown.text.count(begun["user_code"]) >= 1
    browser.submit("device-confirm")
    if person is not None:
        browser.submit(username=person.email, password=person.password)
    assert browser.path == "/device/success"


def test_a_person_lets_a_device_in(world: World, browser: Browser, jane: Person, tv: Application) -> None:
    begun = begin(tv)
    assert {name: begun[name] for name in ("verification_uri", "expires_in", "interval")} == {
        "verification_uri": f"{world.issuer}activate",
        "expires_in": 900,
        "interval": 5,
    }
    assert begun["verification_uri_complete"] == f"{world.issuer}activate?user_code={begun['user_code']}"
    assert error(ask(tv, begun)) == (400, "authorization_pending")
    approve(browser, begun, jane)
    said = ask(tv, begun)
    assert said.status_code == 200, said.text
    tokens = said.get_json()
    claims = tv.claims(tokens["id_token"])
    assert (claims["sub"], claims["aud"]) == (jane.user_id, tv.client_id)
    assert tv.userinfo(tokens["access_token"]).get_json()["email"] == jane.email
    assert tv.refresh(tokens["refresh_token"]).status_code == 200
    assert [entry.type for entry in world.logs("sede")] == ["sede"]
    assert world.get("/.well-known/openid-configuration").get_json()["device_authorization_endpoint"]


def test_whoever_is_signed_in_only_says_yes(
    world: World, browser: Browser, jane: Person, tv: Application, clock: Clock
) -> None:
    first = world.client().sign_in(browser, jane).id_claims
    clock.forward(minutes=3)
    begun = begin(tv)
    browser.open(begun["verification_uri_complete"])
    assert jane.email in browser.shown.text
    browser.submit("device-confirm")
    assert browser.path == "/device/success"
    assert tv.claims(ask(tv, begun).get_json()["id_token"])["auth_time"] == first["auth_time"]


@row("G4")
def test_a_link_lets_nothing_in_by_itself(world: World, browser: Browser, jane: Person, tv: Application) -> None:
    world.client().sign_in(browser, jane)
    begun = begin(tv)
    browser.open(begun["verification_uri_complete"], site="cross-site")
    assert begun["user_code"] in browser.shown.text, "the code is to be compared"
    assert "The native app" in browser.shown.text
    assert error(ask(tv, begun)) == (400, "authorization_pending")
    form = {"user_code": begun["user_code"], "action": "confirm"}
    browser.open(PAGE, method="POST", site="cross-site", form=form)
    assert browser.status == 403
    browser.open(begun["verification_uri_complete"]).submit("device-deny")
    assert "not let in" in browser.shown.text
    assert error(ask(tv, begun)) == (400, "access_denied")
    assert [entry.type for entry in world.logs("fdecc")] == ["fdecc"]
    browser.open(begun["verification_uri_complete"])
    assert browser.status == 400, "it is decided once"


@row("G1")
def test_codes_are_their_clients_and_cannot_be_guessed(
    world: World, browser: Browser, jane: Person, tv: Application
) -> None:
    begun = begin(tv)
    other = world.client("native", name="other", grant_types=[GRANT])
    assert error(ask(other, begun)) == (400, "invalid_grant")
    letters = codes.normalized(begun["user_code"])
    assert (len(letters), set(letters) <= set(codes.BASE20)) == (8, True)
    assert len(begun["device_code"]) >= 22
    approve(browser, begun, jane)
    assert error(ask(other, begun)) == (400, "invalid_grant")
    assert ask(tv, begun).status_code == 200
    world.settings(device_flow={"charset": "digits", "mask": "**-**"})
    digits = codes.normalized(begin(tv)["user_code"])
    assert (len(digits), digits.isdecimal()) == (9, True), "a mask that is too short is made longer"


def test_guesses_are_counted(world: World, tv: Application) -> None:
    browser = world.browser()
    begin(tv)
    statuses = [browser.open(f"{PAGE}?user_code=BCDFGH{i:02}").status for i in range(61)]
    assert set(statuses[:60]) == {400}
    assert statuses[60] == 429


@row("G2")
def test_who_asks_too_often_waits_longer(tv: Application, clock: Clock) -> None:
    begun = begin(tv)
    said = []
    for seconds in (0, 5, 4, 9, 14, 20):
        clock.forward(seconds=seconds)
        said.append(error(ask(tv, begun))[1])
    pending, slower = "authorization_pending", "slow_down"
    assert said == [pending, pending, slower, slower, slower, pending], "five seconds more each time"


@row("G3", "R5")
@on_both_stores
def test_a_code_is_redeemed_once(world: World, browser: Browser, jane: Person, tv: Application) -> None:
    begun = begin(tv)
    approve(browser, begun, jane)
    with ThreadPoolExecutor(6) as many:
        answers = list(many.map(lambda _: ask(tv, begun), range(6)))
    assert sorted(each.status_code for each in answers) == [200, *[400] * 5]
    assert {each.get_json()["error"] for each in answers if each.status_code == 400} == {"invalid_grant"}


@on_both_stores
def test_two_answers_are_one_decision(world: World, browser: Browser, jane: Person, tv: Application) -> None:
    begun = begin(tv)
    world.client().sign_in(browser, jane)
    other = world.browser()
    for each in (browser, other):
        each.open(begun["verification_uri_complete"])
    browser.submit("device-confirm")
    other.submit("device-deny")
    assert other.status == 400
    assert ask(tv, begun).status_code == 200


def test_codes_are_over_after_a_quarter_of_an_hour(
    browser: Browser, jane: Person, tv: Application, clock: Clock
) -> None:
    begun = begin(tv)
    clock.forward(minutes=16)
    assert error(ask(tv, begun)) == (400, "expired_token")
    browser.open(begun["verification_uri_complete"])
    assert browser.status == 400
    assert error(tv.token(grant_type=GRANT, device_code="unknown")) == (400, "invalid_grant")


def test_waiting_is_no_failure(world: World, browser: Browser, tv: Application) -> None:
    begun = begin(tv)
    assert [error(ask(tv, begun))[1] for _ in range(2)] == ["authorization_pending", "slow_down"]
    assert not world.logs("fede")
    browser.open(begun["verification_uri_complete"]).submit("device-deny")
    assert error(ask(tv, begun)) == (400, "access_denied")
    assert [entry.type for entry in world.logs("fede")] == ["fede"]


def test_the_authorization_begins_with_the_yes(
    world: World, browser: Browser, jane: Person, tv: Application, clock: Clock
) -> None:
    """Its lifetimes count from then, not from when the device asks."""
    world.change_client(
        tv.client_id,
        refresh_token={
            "rotation_type": "rotating",
            "expiration_type": "expiring",
            "token_lifetime": 1_000,
            "idle_token_lifetime": 900,
        },
    )
    begun = begin(tv)
    approve(browser, begun, jane)
    clock.forward(seconds=800)
    said = ask(tv, begun).get_json()
    clock.forward(seconds=190)
    again = tv.refresh(said["refresh_token"])
    assert again.status_code == 200
    clock.forward(seconds=20)
    assert tv.refresh(again.get_json()["refresh_token"]).status_code == 400, "a thousand seconds after the yes"


@row("F5")
def test_a_yes_that_nobody_fetched_ends_with_the_old_password(
    world: World, browser: Browser, jane: Person, tv: Application
) -> None:
    """Somebody who knew the password said yes; the owner changed it before the device asked."""
    begun = begin(tv)
    approve(browser, begun, jane)
    world.caller().patch(f"/users/{jane.user_id}", {"password": "another Password of hers 7"})
    assert error(ask(tv, begun)) == (400, "invalid_grant")
    other = begin(tv)
    approve(world.browser(), other, replace(jane, password="another Password of hers 7"))
    assert ask(tv, other).status_code == 200


def test_the_tenant_has_no_devices(world: World, browser: Browser, jane: Person, tv: Application) -> None:
    """Switched off, neither what was begun nor what was decided goes on."""
    begun, decided = begin(tv), begin(tv)
    approve(browser, decided, jane)
    answer = world.caller().patch("/tenants/settings", {"device_flow": {"enabled": False}})
    assert answer.status_code == 200, answer.text
    assert error(tv.call("/oauth/device/code", scope="openid")) == (400, "unauthorized_client")
    assert error(ask(tv, decided)) == (400, "unauthorized_client")
    assert browser.open(begun["verification_uri_complete"]).status == 400
    found = world.get("/.well-known/openid-configuration").get_json()
    assert "device_authorization_endpoint" not in found
    assert GRANT not in found["grant_types_supported"]


def test_the_tenant_says_how_long_codes_are_good_for(
    world: World, browser: Browser, tv: Application, clock: Clock
) -> None:
    for seconds in (59, 1_801):
        settings = {"device_flow": {"lifetime_in_seconds": seconds}}
        assert world.caller().patch("/tenants/settings", settings).status_code == 400
    assert world.caller().patch("/tenants/settings", {"device_flow": {"lifetime_in_seconds": 60}}).status_code == 200
    begun = begin(tv)
    assert begun["expires_in"] == 60
    clock.forward(seconds=61)
    assert error(ask(tv, begun)) == (400, "expired_token")
    assert browser.open(begun["verification_uri_complete"]).status == 400


def test_what_is_refused_at_the_start(world: World, tv: Application) -> None:
    web = world.client("web", grant_types=["authorization_code"])
    assert error(web.call("/oauth/device/code")) == (400, "unauthorized_client")
    assert error(tv.call("/oauth/device/code", scope='op"enid')) == (400, "invalid_scope")
    assert error(tv.call("/oauth/device/code", audience="https://nobody.example/"))[1] == "access_denied"
    secret = world.client("web", name="secret", grant_types=[GRANT])
    assert error(secret.call("/oauth/device/code", auth="none")) == (401, "invalid_client")
    assert secret.call("/oauth/device/code").status_code == 200
    assert {entry.type for entry in world.logs("fdeaz")} == {"fdeaz"}


def test_who_is_blocked_meanwhile_lets_nothing_in(
    world: World, browser: Browser, jane: Person, tv: Application
) -> None:
    begun = begin(tv)
    approve(browser, begun, jane)
    world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
    assert error(ask(tv, begun)) == (400, "invalid_grant")


def test_a_third_party_asks_for_consent(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("native", name="third", grant_types=[GRANT], is_first_party=False)
    begun = begin(app, scope="openid email")
    browser.open(begun["verification_uri_complete"]).submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    browser.submit("consent-accept")
    assert browser.path == "/device/success"
    assert app.userinfo(ask(app, begun).get_json()["access_token"]).get_json()["email"] == jane.email
    second = begin(app, scope="openid profile")
    browser.open(second["verification_uri_complete"]).submit("device-confirm").submit("consent-deny")
    assert "not let in" in browser.shown.text
    assert error(ask(app, second)) == (400, "access_denied")
