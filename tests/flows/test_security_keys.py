"""Security keys and devices as second factors, and passkeys under a policy (spec/login-factors.md, acceptance 28;
security.md O8, O10).
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from idp.signin.factors.models import AuthenticationMethod
from tests.security.rows import row
from tests.world.application import Application
from tests.world.authenticator import Authenticator, b64
from tests.world.browser import Browser
from tests.world.factors import code_of
from tests.world.factors import enrol as give_app
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import authenticator, enrol, options, show, with_password
from tests.world.world import Person, World

KEY, PLATFORM = "webauthn-roaming", "webauthn-platform"
CHALLENGE = f"/u/mfa-webauthn/mfa-{KEY}-challenge"
NICKNAME = "/u/mfa-webauthn/mfa-webauthn-change-key-nickname"
OFFER = "/u/mfa-webauthn/mfa-webauthn-platform-offer"
ENROLMENT = f"/u/mfa-webauthn/mfa-{KEY}-enrollment"


@pytest.fixture
def app(world: World) -> Application:
    """An application of a tenant that asks everybody for a security key, and offers no passkeys."""
    api = world.caller()
    assert api.put(f"/guardian/factors/{KEY}", {"enabled": True}).status_code == 200
    assert api.put("/guardian/factors/recovery-code", {"enabled": False}).status_code == 200
    assert api.put("/guardian/policies", ["all-applications"]).status_code == 200
    return world.client()


@pytest.fixture
def device(world: World) -> Authenticator:
    return authenticator(world, synced=False, counts=True, attachment="cross-platform")


def asked(browser: Browser, purpose: str, kind: str = KEY, **more: str) -> dict[str, Any]:
    """What the page's script is given."""
    fields = browser.shown.form("response").fields
    form = {"csrf": fields["csrf"], "state": fields.get("state", ""), "for": purpose, "kind": kind, **more}
    response = browser.request("POST", f"{browser.world.issuer}u/passkeys/options", form=form, site="same-origin")
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def begun(app: Application, person: Person) -> Browser:
    browser = app.world.browser()
    app.begin(browser, scope="openid")
    with_password(browser, person, makes=False)
    return browser


def enrolled(app: Application, person: Person, device: Authenticator) -> None:
    browser = begun(app, person)
    assert browser.path == ENROLMENT
    said = asked(browser, "factor-enrol")
    assert said["authenticatorSelection"]["authenticatorAttachment"] == "cross-platform"
    browser.submit("use-key", response=device.create(said))
    assert browser.path == NICKNAME
    browser.submit(nickname="My  key")
    assert browser.answer.code


@row("O10")
@on_both_stores
def test_a_key_is_set_up_and_asked_for(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    enrolled(app, jane, device)
    browser = world.browser()
    attempt = app.begin(browser, scope="openid")
    with_password(browser, jane, makes=False)
    assert browser.path == CHALLENGE
    said = asked(browser, "factor")
    assert [each["id"] for each in said["allowCredentials"]] == [b64(device.passkeys[0].id)]
    answer = device.get(said, user_handle=None)
    browser.submit("use-key", response=answer)
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["amr"][:1] == ["pwd"] or "mfa" in claims["amr"]
    assert {"mfa", "hwk"} <= set(claims["amr"])
    again = begun(app, jane)
    again.submit("use-key", response=answer)
    assert again.status == 400
    assert "didn’t work" in again.shown.text
    assert world.logs("gd_webauthn_challenge_failed")


@row("O10")
def test_what_is_wrong_with_a_key(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    enrolled(app, jane, device)
    other = authenticator(world, synced=False, attachment="cross-platform")
    eve = world.user("eve@example.com")
    enrolled(app, eve, other)
    browser = begun(app, jane)
    for changed in (
        {"signature": b"no"},
        {"origin": "https://evil.example.test"},
        {"count": 0},
        {"cross_origin": True},
    ):
        browser.submit("use-key", response=device.get(asked(browser, "factor"), user_handle=None, **changed))
        assert browser.status == 400, changed
    browser.submit("use-key", response=other.get(asked(browser, "factor"), user_handle=None))  # somebody else's
    assert browser.status == 400
    browser.submit("use-key", response=device.get(asked(browser, "factor"), user_handle=None, count=50))
    assert browser.answer.code


@row("O8")
def test_a_new_password_asks_for_the_key(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    enrolled(app, jane, device)
    browser = world.browser()
    app.begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username=jane.email) if "username" in browser.shown.html else browser.submit(email=jane.email)
    (link,) = next(mail.links for mail in world.mails(jane.email) if "password" in mail.subject.lower())
    browser.open(link)
    assert browser.path == f"/u/reset-password/reset-password-mfa-{KEY}-challenge"
    ticket = link.partition("ticket=")[2]
    browser.submit("use-key", response=device.get(asked(browser, "factor", ticket=ticket), signature=b"x"))
    assert browser.status == 400
    browser.submit("use-key", response=device.get(asked(browser, "factor", ticket=ticket), user_handle=None))
    assert browser.path == "/u/reset-verify"


def test_acceptance_28_a_passkey_is_two_factors_unless_the_tenant_says_otherwise(
    world: World, jane: Person, device: Authenticator
) -> None:
    synced, app = authenticator(world), world.client()
    browser = begun_plain(app, jane)
    enrol(browser, synced)
    api = world.caller()
    api.put(f"/guardian/factors/{KEY}", {"enabled": True})
    api.put("/guardian/factors/recovery-code", {"enabled": False})
    api.put("/guardian/policies", ["all-applications"])
    free = world.browser()
    attempt = app.begin(free, scope="openid")
    show(free, synced)
    claims = attempt.tokens(free.answer).id_claims
    assert claims["amr"] == ["mfa", "swk", "user"]
    assert claims["acr"].endswith("multi-factor")
    world.settings(compatibility={"mfa_once": True})
    again = world.browser()
    attempt = app.begin(again, scope="openid")
    show(again, synced)
    assert attempt.tokens(again.answer).id_claims["amr"] == ["mfa", "swk", "user"], "proven in this very sign-in"
    app.begin(again, scope="openid", prompt="none")
    assert again.answer.params["error"] == "interaction_required", "and in no other"
    world.settings(compatibility={"passkey_requires_mfa": True})
    held = world.browser()
    app.begin(held)
    show(held, synced)
    assert held.path == ENROLMENT


def test_a_device_is_set_up_beside_another_factor_by_a_ticket(world: World, jane: Person, app: Application) -> None:
    """Nobody has it alone: it is no first factor, and what it stood beside may go without shutting its owner out."""
    api = world.caller()
    api.put(f"/guardian/factors/{PLATFORM}", {"enabled": True})
    api.put("/guardian/factors/otp", {"enabled": True})
    body = {"user_id": jane.user_id, "factor": PLATFORM, "allow_multiple_enrollments": True}
    assert api.post("/guardian/enrollments/ticket", body).status_code == 400
    give_app(world, jane)
    answer = api.post("/guardian/enrollments/ticket", body)
    assert answer.status_code == 200, answer.text
    device, browser = authenticator(world, synced=False), world.browser()
    browser.open(answer.json["ticket_url"])
    assert browser.path == f"/u/mfa-webauthn/mfa-{PLATFORM}-enrollment"
    browser.submit("use-key", response=device.create(asked(browser, "factor-enrol", PLATFORM)))
    assert browser.path == "/u/mfa/mfa-enroll-result"
    second = begun(app, jane)
    assert second.path in {f"/u/mfa-webauthn/mfa-{PLATFORM}-challenge", "/u/mfa-otp/mfa-otp-challenge"}
    (totp,) = [each for each in api.get(f"/users/{jane.user_id}/authentication-methods").json if each["type"] == "totp"]
    assert api.delete(f"/users/{jane.user_id}/authentication-methods/{totp['id']}").status_code == 204
    third = begun(app, jane)
    assert third.path == "/u/mfa/mfa-begin-enroll-options", "as anybody without a factor"


def begun_plain(app: Application, person: Person) -> Browser:
    browser = app.world.browser()
    app.begin(browser)
    with_password(browser, person)
    return browser


def test_a_passkey_that_an_administrator_brought_along(world: World, jane: Person) -> None:
    app, device = world.client(), authenticator(world)
    other = begun_plain(app, world.user("eve@example.com"))
    made = device.create(options(other, "enrol"))
    assert made
    key = device.passkeys[0]
    body = {
        "type": "passkey",
        "key_id": b64(key.id),
        "public_key": b64(key.public_key),
        "relying_party_identifier": key.rp_id,
    }
    answer = world.caller().post(f"/users/{jane.user_id}/authentication-methods", body)
    assert answer.status_code == 201, answer.text
    browser = world.browser()
    attempt = app.begin(browser, scope="openid")
    show(browser, device)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    with world.context() as work:
        (kept,) = work.rows.scalars(select(AuthenticationMethod).where(AuthenticationMethod.user_id == jane.user_id))
        assert kept.last_auth_at


def names(world: World, person: Person) -> list[str | None]:
    with world.platform.db.reading(world.tenant) as rows:
        mine = select(AuthenticationMethod.name).where(AuthenticationMethod.user_id == person.user_id)
        return list(rows.scalars(mine))


def without_passkeys(world: World) -> None:
    world.connection_options(authentication_methods={"passkey": {"enabled": False}})


def test_a_key_gets_a_name(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    """Its owner's, or the browser's where they type none; nothing opens before."""
    enrolled(app, jane, device)
    assert names(world, jane) == ["My key"]
    eve = world.user("eve@example.com")
    browser = begun(app, eve)
    browser.submit("use-key", response=authenticator(world, attachment="cross-platform").create(asked_key(browser)))
    assert browser.path == NICKNAME
    app.begin(browser, scope="openid", prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    browser = begun(app, eve)
    assert browser.path == CHALLENGE, "it is set up, and asked for"


def asked_key(browser: Browser) -> dict[str, Any]:
    return asked(browser, "factor-enrol")


@row("O3")
def test_a_device_is_offered_to_whoever_just_proved_another_factor(world: World, jane: Person, clock: Clock) -> None:
    """Sheet, "Passkeys and WebAuthn": later is two weeks, no is a year, and it is never somebody's way around a
    factor.
    """
    api = world.caller()
    for factor in (PLATFORM, "otp"):
        api.put(f"/guardian/factors/{factor}", {"enabled": True})
    api.put("/guardian/policies", ["all-applications"])
    without_passkeys(world)
    seed, app = give_app(world, jane), world.client()
    browser = world.browser()

    def sign_in(*, remember: str = "") -> None:
        clock.forward(seconds=61)
        app.begin(browser, scope="openid", prompt="login")
        with_password(browser, jane)
        if browser.left_for is None:
            browser.submit(code=code_of(seed), rememberBrowser=remember)

    sign_in()
    assert browser.path == OFFER
    app.begin(browser, scope="openid", prompt="none")
    assert browser.answer.code, "what is only offered holds nobody up"
    sign_in()
    assert browser.answer.code, "it is not offered twice at once"
    clock.forward(days=15)
    sign_in()
    browser.submit("skip-device")
    assert browser.answer.code
    clock.forward(days=13)
    sign_in()
    assert browser.answer.code
    clock.forward(days=2)
    sign_in()
    made = authenticator(world, attachment="platform").create(asked(browser, "device-enrol", PLATFORM))
    browser.submit("use-key", response="{}")
    assert browser.status == 400
    made = authenticator(world, attachment="platform").create(asked(browser, "device-enrol", PLATFORM))
    browser.submit("use-key", response=made)
    assert browser.answer.code
    assert PLATFORM in {
        each["type"] for each in world.caller().get(f"/users/{jane.user_id}/authentication-methods").json
    }
    assert world.mails(jane.email), "each change is told"
    clock.forward(days=400)
    app.begin(browser, scope="openid", prompt="login")
    with_password(browser, jane)
    assert browser.path == f"/u/mfa-webauthn/mfa-{PLATFORM}-challenge", "it is what is asked for now"


@row("O1", "O3")
def test_a_password_alone_adds_no_device(world: World, jane: Person) -> None:
    """A trusted browser proves nothing: nothing is offered there, and no options are given before the factor."""
    api = world.caller()
    for factor in (PLATFORM, "otp"):
        api.put(f"/guardian/factors/{factor}", {"enabled": True})
    api.put("/guardian/policies", ["all-applications"])
    without_passkeys(world)
    give_app(world, jane)
    browser, app = world.browser(), world.client()
    app.begin(browser, scope="openid")
    with_password(browser, jane)
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
    fields = browser.shown.form("code").fields
    form = {"csrf": fields["csrf"], "state": fields["state"], "for": "device-enrol", "kind": PLATFORM}
    answer = browser.request("POST", f"{world.issuer}u/passkeys/options", form=form, site="same-origin")
    assert answer.status_code == 400
    browser.open(f"{world.issuer}{OFFER[1:]}?state={fields['state']}")
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
