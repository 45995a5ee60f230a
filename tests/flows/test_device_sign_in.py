"""Devices that stand in for passwords (``webauthn_platform_first_factor`` of ``/prompts``; decision 0438): who is asked
for one, what it proves, and that nothing is told of accounts.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from idp.signin.factors import devices
from idp.signin.factors.models import AuthenticationMethod
from tests.security.rows import row
from tests.world.application import Application
from tests.world.authenticator import Authenticator, b64
from tests.world.browser import Browser
from tests.world.factors import code_of
from tests.world.factors import enrol as give_app
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import authenticator, enrol, options
from tests.world.world import Person, World

IDENTIFIER, PASSWORD, DEVICE = "/u/login/identifier", "/u/login/password", "/u/login/device"
OFFER = "/u/mfa-webauthn/mfa-webauthn-platform-offer"
KIND = "webauthn-platform"


@pytest.fixture
def app(world: World) -> Application:
    """An application of a tenant with identifier first and biometrics, as a fresh one becomes by one call."""
    body = {"identifier_first": True, "webauthn_platform_first_factor": True}
    assert world.caller().patch("/prompts", body).status_code == 200
    return world.client()


@pytest.fixture
def device(world: World) -> Authenticator:
    """A device that keeps its key to itself."""
    return authenticator(world, synced=False, counts=True)


def asked(browser: Browser, purpose: str) -> dict[str, Any]:
    """What the page's script is given."""
    fields = browser.shown.form("response").fields
    form = {"csrf": fields["csrf"], "state": fields["state"], "for": purpose, "kind": KIND}
    response = browser.request("POST", f"{browser.world.issuer}u/passkeys/options", form=form, site="same-origin")
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def named(app: Application, browser: Browser, name: str, **more: str) -> Browser:
    """An attempt in that browser, with the first of its pages answered."""
    app.begin(browser, scope="openid", prompt="login", **more)
    assert browser.path == IDENTIFIER
    browser.submit("login-submit", username=name)
    return browser


def typed(browser: Browser, person: Person, *, makes: bool = True) -> None:
    """The password, on the second page."""
    assert browser.path == PASSWORD, browser.path
    more = {"webauthn-platform-available": "true"} if makes else {}
    browser.submit("login-submit", password=person.password, **more)


def enrolled(app: Application, person: Person, device: Authenticator) -> Browser:
    """The browser of somebody who signed in with the password there and took the offer."""
    browser = named(app, app.world.browser(), person.email)
    typed(browser, person)
    assert browser.path == OFFER
    browser.submit("use-key", response=device.create(asked(browser, "device-enrol")))
    assert browser.answer.code
    return browser


def shown(browser: Browser, device: Authenticator, **changed: Any) -> None:
    """The device, on the page that asks for it."""
    assert browser.path == DEVICE, browser.path
    answer = device.get(asked(browser, "device-login"), user_handle=None, **changed)
    browser.submit("use-key", response=answer)


@on_both_stores
def test_the_device_signs_in_where_it_was_set_up(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = enrolled(app, jane, device)
    attempt = app.begin(browser, scope="openid", prompt="login")
    browser.submit("login-submit", username=jane.email)
    assert browser.path == DEVICE
    assert jane.email in browser.shown.text
    said = asked(browser, "device-login")
    assert [each["id"] for each in said["allowCredentials"]] == [b64(device.passkeys[0].id)]
    assert said["userVerification"] == "required"
    shown(browser, device)
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == jane.user_id
    assert claims["amr"] == ["mfa", "hwk", "user"]
    assert claims["acr"].endswith("multi-factor")
    assert [each.user_id for each in world.logs("gd_auth_succeed")] == [jane.user_id]
    assert any(mail.subject for mail in world.mails(jane.email)), "a way in is never added silently"


def test_the_password_is_a_press_away_and_so_is_the_device(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = named(app, enrolled(app, jane, device), jane.email)
    browser.submit("use-password")
    assert browser.path == PASSWORD
    browser.follow("use-device")
    assert browser.path == DEVICE
    browser.submit("use-password")
    typed(browser, jane)
    assert browser.answer.code, "nothing is offered to whoever has it"


@row("I1")
def test_another_browser_and_another_name_see_the_password(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    """What the second page is tells nothing of accounts: not of those that have a device, nor of those that there are
    not.
    """
    browser = enrolled(app, jane, device)
    eve = world.user("eve@example.com")
    pages = [
        named(app, who, name).shown.text.replace(name, "NAME")
        for who in (world.browser(), browser)
        for name in ("nobody@example.com", eve.email)
    ]
    pages.append(named(app, world.browser(), jane.email).shown.text.replace(jane.email, "NAME"))
    assert len(set(pages)) == 1
    assert named(app, browser, jane.email).path == DEVICE


@row("I1")
def test_what_it_costs_to_find_out_does_not_depend_on_the_name(
    world: World, jane: Person, app: Application, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, eve, runs = enrolled(app, jane, device), world.user("eve@example.com"), []
    real = devices.known
    monkeypatch.setattr(devices, "known", lambda work, said: (runs.append(said), real(work, said))[1])
    for name in ("nobody@example.com", eve.email):
        runs.clear()
        named(app, browser, name)
        assert len(runs) == 2, "asked by the first page, and by the second"


@row("I1")
def test_a_cookie_that_we_did_not_write_knows_nothing(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = enrolled(app, jane, device)
    (key,) = [key for key in browser.jar.kept if key[1].endswith(devices.COOKIE)]
    written = browser.jar.kept[key].value
    name, _, tag = written.partition(":")
    for made_up in (name, f"{name}:", f"{name}:{'A' * len(tag)}", f"x{written}", "." * 900, f"{name}:é"):
        browser.jar.kept[key].value = made_up
        assert named(app, browser, jane.email).path == PASSWORD, made_up
    browser.jar.kept[key].value = written
    assert named(app, browser, jane.email).path == DEVICE


@row("O10")
def test_what_is_wrong_with_a_device(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    browser, other = enrolled(app, jane, device), authenticator(world, synced=False)
    eve = world.user("eve@example.com")
    hers = enrolled(app, eve, other)
    named(app, browser, jane.email)
    for changed in (
        {"signature": b"no"},
        {"origin": "https://evil.example.test"},
        {"cross_origin": True},
        {"flags": 0x01},  # the device did not make sure who uses it
        {"count": 0},
    ):
        shown(browser, device, **changed)
        assert (browser.status, browser.path) == (400, DEVICE), changed
    browser.submit("use-key", response=other.get(asked(browser, "device-login"), user_handle=None))
    assert browser.status == 400, "somebody else's"
    named(app, hers, eve.email)
    stolen = other.get(asked(hers, "device-login"), user_handle=None)
    browser.submit("use-key", response=stolen)
    assert browser.status == 400, "of another sign-in"
    named(app, browser, jane.email)
    answer = device.get(asked(browser, "device-login"), user_handle=None, count=50)
    browser.submit("use-key", response=answer)
    assert browser.answer.code
    named(app, browser, jane.email)
    browser.submit("use-key", response=answer)
    assert browser.status == 400, "used"
    assert world.logs("gd_webauthn_challenge_failed")


def test_fifteen_wrong_answers_in_a_minute_are_looked_at(
    world: World, jane: Person, app: Application, device: Authenticator, clock: Clock
) -> None:
    browser = named(app, enrolled(app, jane, device), jane.email)
    for _ in range(15):
        browser.submit("use-key", response="{}")
        assert browser.status == 400
    browser.submit("use-key", response="{}")
    assert browser.status == 429
    assert "Retry-After" in browser.response.headers
    browser.submit("use-password")
    typed(browser, jane)
    assert browser.answer.code, "the password is as good as before"


@row("O3")
def test_who_has_anything_enrolled_adds_no_device_with_a_password(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    enrolled(app, jane, device)
    thief = named(app, world.browser(), jane.email)
    typed(thief, jane)
    assert thief.answer.code, "no offer: a stolen password is no lasting way in"
    other = world.user("eve@example.com")
    give_app(world, other)
    thief = named(app, world.browser(), other.email)
    typed(thief, other)
    assert thief.answer.code


@row("O3")
def test_an_offer_that_waited_adds_nothing_to_what_was_enrolled_meanwhile(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = named(app, world.browser(), jane.email)
    typed(browser, jane)
    made = device.create(asked(browser, "device-enrol"))
    give_app(world, jane)
    browser.submit("use-key", response=made)
    with world.context() as work:
        mine = work.rows.scalars(select(AuthenticationMethod.type).where(AuthenticationMethod.confirmed.is_(True)))
        assert sorted(mine) == ["totp"]


def test_it_is_offered_again_when_they_said_so(world: World, jane: Person, app: Application, clock: Clock) -> None:
    browser = world.browser()

    def sign_in(*, makes: bool = True) -> str:
        clock.forward(seconds=61)
        named(app, browser, jane.email)
        typed(browser, jane, makes=makes)
        return browser.path if browser.left_for is None else ""

    assert sign_in(makes=False) == ""
    assert sign_in() == OFFER
    assert "Sign in faster on this device" in browser.shown.text
    browser.submit("skip-device")
    assert browser.answer.code
    clock.forward(days=13)
    assert sign_in() == ""
    clock.forward(days=2)
    assert sign_in() == OFFER
    browser.submit("refuse-device")
    clock.forward(days=300)
    assert sign_in() == ""


def test_who_showed_a_passkey_of_another_device_is_offered_one_for_this(
    world: World, jane: Person, app: Application
) -> None:
    """Nothing is taken from those who have passkeys: the device stands in for passwords that are typed."""
    world.prompts(identifier_first=True, webauthn_platform_first_factor=False)
    phone = authenticator(world, attachment="cross-platform")
    browser = named(app, world.browser(), jane.email)
    typed(browser, jane)
    enrol(browser, phone)
    world.prompts(identifier_first=True, webauthn_platform_first_factor=True)
    browser = world.browser()
    app.begin(browser, scope="openid")
    answer = phone.get(options(browser))
    browser.submit("passkey", passkey=answer, **{"webauthn-platform-available": "true"})
    assert browser.path == "/u/passkeys/passkey-enrollment-local"


def test_under_a_policy_it_is_both_factors(
    world: World, jane: Person, app: Application, device: Authenticator, clock: Clock
) -> None:
    """Another factor first, which works everywhere; then the device, which is asked for nothing besides. With
    ``mfa_once``, too: it was proven in this very sign-in.
    """
    api = world.caller()
    api.put("/guardian/factors/otp", {"enabled": True})
    api.put("/guardian/policies", ["all-applications"])
    seed, browser = give_app(world, jane), named(app, world.browser(), jane.email)
    typed(browser, jane)
    browser.submit(code=code_of(seed))
    assert browser.path == OFFER
    browser.submit("use-key", response=device.create(asked(browser, "device-enrol")))
    assert browser.answer.code
    for once in (False, True):
        world.settings(compatibility={"mfa_once": once, "passkey_requires_mfa": once})
        attempt = app.begin(browser, scope="openid", prompt="login")
        browser.submit("login-submit", username=jane.email)
        shown(browser, device)
        assert attempt.tokens(browser.answer).id_claims["amr"] == ["mfa", "hwk", "user"]
    world.settings(compatibility={"mfa_once": False})
    clock.forward(seconds=61)
    phone, second = authenticator(world, synced=False), named(app, world.browser(), jane.email)
    typed(second, jane)
    assert second.path.endswith("platform-challenge"), "used last"
    second.submit("pick-authenticator")
    second.submit("otp")
    second.submit(code=code_of(seed))
    assert second.path == OFFER, "another device of theirs, known here no more than any"
    assert asked(second, "device-enrol")["excludeCredentials"], "and not the same twice"
    second.submit("use-key", response=phone.create(asked(second, "device-enrol")))
    assert named(app, second, jane.email).path == DEVICE
    assert named(app, browser, jane.email).path == DEVICE


def test_a_browser_learns_of_the_device_by_a_second_step(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    """Firefox on a device that was set up in Chrome: asked for as a second factor there, it is the first next time."""
    api = world.caller()
    enrolled(app, jane, device)
    give_app(world, jane)
    api.put("/guardian/factors/otp", {"enabled": True})
    api.put("/guardian/policies", ["all-applications"])
    browser = named(app, world.browser(), jane.email)
    typed(browser, jane)
    assert browser.path.endswith("platform-challenge")
    browser.submit("use-key", response=device.get(asked(browser, "factor"), user_handle=None))
    assert browser.answer.code
    assert named(app, browser, jane.email).path == DEVICE


def test_whose_key_is_gone_types_the_password(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    api, browser = world.caller(), enrolled(app, jane, device)
    (method,) = api.get(f"/users/{jane.user_id}/authentication-methods").json
    assert method["type"] == KIND
    named(app, browser, jane.email)
    said = asked(browser, "device-login")
    assert api.delete(f"/users/{jane.user_id}/authentication-methods/{method['id']}").status_code == 204
    browser.submit("use-key", response=device.get(said, user_handle=None))
    assert browser.path == PASSWORD
    assert named(app, browser, jane.email).path == PASSWORD


def test_a_blocked_person_gets_in_by_no_device(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = named(app, enrolled(app, jane, device), jane.email)
    world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
    shown(browser, device)
    assert browser.answer.params["error"] == "unauthorized"


def test_the_switches(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    """The setting switches the factor on, once; without either, or with one page for both, nobody is asked."""
    api, browser = world.caller(), enrolled(app, jane, device)
    factor = f"/guardian/factors/{KIND}"
    on = {each["name"]: each["enabled"] for each in api.get("/guardian/factors").json}
    assert on[KIND] is True
    api.put(factor, {"enabled": False})
    assert named(app, browser, jane.email).path == PASSWORD
    api.patch("/prompts", {"webauthn_platform_first_factor": True})
    on = {each["name"]: each["enabled"] for each in api.get("/guardian/factors").json}
    assert on[KIND] is False, "said again it changes nothing"
    api.put(factor, {"enabled": True})
    assert named(app, browser, jane.email).path == DEVICE
    api.patch("/prompts", {"webauthn_platform_first_factor": False})
    assert named(app, browser, jane.email).path == PASSWORD
    api.patch("/prompts", {"webauthn_platform_first_factor": True, "identifier_first": False})
    app.begin(browser, scope="openid", prompt="login")
    assert browser.path == "/u/login"


def test_the_page_opened_by_its_address(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    browser = named(app, world.browser(), jane.email)
    state = browser.shown.form("password").fields["state"]
    browser.open(f"{world.issuer}u/login/device?state={state}")
    assert browser.path == PASSWORD
    fields = browser.shown.form("password").fields
    form = {"csrf": fields["csrf"], "state": fields["state"], "for": "device-login", "kind": KIND}
    answer = browser.request("POST", f"{world.issuer}u/passkeys/options", form=form, site="same-origin")
    assert answer.status_code == 400


@row("O3")
def test_the_account_wants_the_device_before_it_is_changed(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = enrolled(app, jane, device)
    named(app, browser, jane.email).submit("use-password")
    typed(browser, jane)
    browser.open(f"{world.issuer}account/passkeys")
    assert "create-passkey" not in browser.shown.html, "a password is not enough"
    browser.open(f"{world.issuer}account/passkeys?again=1")
    browser.submit("login-submit")
    shown(browser, device)
    assert browser.path == "/account/passkeys"
    assert "create-passkey" in browser.shown.html


def test_the_simulator_says_so(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    enrolled(app, jane, device)
    api = world.caller()
    api.put("/guardian/policies", ["all-applications"])
    body = {"user_id": jane.user_id, "client_id": app.client_id}
    known = api.post("/simulations", {**body, "known_device": True}).json
    assert known["screens"][:2] == [IDENTIFIER, DEVICE]
    assert not [each for each in known["screens"] if "mfa" in each]
    (token,) = [each for each in known["told"] if each["name"] == "id_token"]
    amr = next(each["value"] for each in token["claims"] if each["name"] == "amr")
    assert amr == ["mfa", "hwk", "user"]
    other = api.post("/simulations", body).json
    assert other["screens"][:2] == [IDENTIFIER, PASSWORD]


@pytest.mark.parametrize(("first", "change"), [("/u/signup", {"screen_hint": "signup"}), ("/u/login", None)])
def test_the_simulator_asks_for_no_device_where_no_page_does(
    world: World, jane: Person, app: Application, device: Authenticator, first: str, change: dict[str, str] | None
) -> None:
    """What is said to be proven is what the pages that are said ask for."""
    enrolled(app, jane, device)
    api = world.caller()
    if change is None:
        api.patch("/prompts", {"identifier_first": False})
    body = {"user_id": jane.user_id, "client_id": app.client_id, "known_device": True, **(change or {})}
    said = api.post("/simulations", body).json
    assert said["screens"] == [first]
    (token,) = [each for each in said["told"] if each["name"] == "id_token"]
    assert "amr" not in {each["name"] for each in token["claims"]}
    api.put("/guardian/factors/otp", {"enabled": True})
    api.put("/guardian/policies", ["all-applications"])
    again = api.post("/simulations", body).json
    assert [each for each in again["screens"] if "mfa" in each], "a password alone is one factor"
