"""A factor counts for the session that it was shown in, and for nobody who comes at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from idp.protocol.oauth.device.service import GRANT as DEVICE
from idp.signin.factors import service
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol
from tests.world.fixtures import Clock, on_both_stores
from tests.world.own_account import activated, allow
from tests.world.racing import at_once
from tests.world.second_step import OTP_PAGE, sign_in
from tests.world.world import Application, Person, World


@row("O1")
def test_no_door_opens_to_a_session_without_its_factor(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    enrol(world, jane)
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    app.begin(browser)
    assert browser.path == OTP_PAGE
    browser.open("/account")
    assert browser.path == OTP_PAGE
    browser.open("/u/consent?" + browser.shown.url.partition("?")[2])
    assert browser.path == OTP_PAGE


def race(world: World, jane: Person, kind: str, answer: str) -> list[bool]:
    """Whether each of eight who answer at once is right."""

    def one() -> bool:
        with world.context() as work:
            method = next(each for each in service.of_user(work, jane.user_id) if each.type == kind)
            return KINDS[kind].verify(work, method, Asked(bound_to="race"), answer) is not None

    return sorted(at_once([one] * 8))


@row("R7", "O4")
@on_both_stores
def test_of_those_who_type_one_code_at_once_one_wins(world: World, jane: Person) -> None:
    """Acceptance 4: the last step that was accepted is one conditional UPDATE."""
    seed = enrol(world, jane)
    assert race(world, jane, "totp", code_of(seed)) == [False] * 7 + [True]


@row("R8", "O6")
@on_both_stores
def test_of_those_who_type_one_recovery_code_at_once_one_wins(world: World, jane: Person) -> None:
    with world.writing() as work:
        code = service.new_recovery_code(work, jane.user_id)
    assert race(world, jane, "recovery-code", code) == [False] * 7 + [True]


@row("O1")
def test_a_factor_of_one_session_says_nothing_of_the_next_one_in_the_same_attempt(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    """Somebody proves their own factor, and brings the session of a stolen password along to the end of that attempt:
    it is asked for its own.
    """
    mallory = world.user("mallory@example.com")
    enrol(world, mallory)
    enrol(world, jane)
    with world.writing() as work:
        code = service.new_recovery_code(work, mallory.user_id)
    sign_in(app, browser, mallory)
    attempt = app.begin(browser)
    assert browser.path == OTP_PAGE, "an attempt that begins with the second factor"
    browser.submit("pick-authenticator")
    browser.submit("recovery-code")
    browser.submit(code=code)
    shown = browser.shown
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == OTP_PAGE
    browser.send_form(shown.forms[0], saved="on")
    assert browser.left_for is None, "nobody is signed in"
    app.begin(browser)
    assert browser.path == OTP_PAGE, "the session of the password is none of two factors"
    assert attempt


@row("O1")
@pytest.mark.parametrize("at_a_device", [False, True])
def test_nobody_is_told_to_have_a_factor_that_another_one_proved_in_that_attempt(
    world: World, browser: Browser, jane: Person, *, at_a_device: bool
) -> None:
    """Somebody proves a factor where one is asked of them, and the attempt ends with the session of a person who has
    none: the answer tells of none.
    """
    demand(world, policy="")
    mallory = world.user("mallory@example.com")
    seed, audience = enrol(world, mallory), activated(world)
    app = world.client("native", grant_types=["authorization_code", DEVICE], is_first_party=False)
    allow(world, app)
    wanted = {"scope": "openid email read:me:authentication_methods", "audience": audience}
    attempt, begun = app.attempt(**wanted), app.call("/oauth/device/code", **wanted).get_json()
    world.client().sign_in(browser, mallory)
    if at_a_device:
        browser.open(begun["verification_uri_complete"]).submit("device-confirm")
    else:
        browser.open(attempt.url)
    assert browser.path == OTP_PAGE
    browser.submit(code=code_of(seed))
    assert browser.path == "/u/consent"
    page = browser.shown
    world.client(name="another").sign_in(browser, jane, prompt="login")
    world.change_client(app.client_id, is_first_party=True)
    browser.send_form(page.forms[0])
    if at_a_device:
        tokens = app.token(grant_type=DEVICE, device_code=begun["device_code"]).get_json()
        claims = app.claims(tokens["id_token"])
    else:
        claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims.get("acr"), claims.get("amr")) == (jane.user_id, None, None)


@row("O3")
@on_both_stores
def test_of_two_who_set_a_first_factor_up_at_once_one_does(world: World, jane: Person) -> None:
    """Whoever knows the password has no chance to add theirs to the owner's in the same moment."""
    with world.writing() as work:
        begun = [
            service.begin(work, jane.user_id, service.New(type="totp", seed="JBSWY3DPEHPK3PXP")).id,
            service.begin(work, jane.user_id, service.New(type="phone", phone_number="+491711234567")).id,
        ]

    def finish(method_id: str) -> bool:
        with world.context() as work:
            try:
                service.finish(work, method_id, first=True)
            except service.AlreadyEnrolled:
                return False
            return True

    assert sorted(at_once([partial(finish, method_id) for method_id in begun])) == [False, True]


@row("O3")
def test_a_session_alone_sets_no_first_factor_up(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """A policy that came after the sign-in asks whoever is signed in to prove who they are first."""
    app = world.client()
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.code
    demand(world, "otp")
    clock.forward(minutes=6)
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    app.begin(browser)
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path.startswith("/u/mfa-otp/mfa-otp-enrollment")


@row("O1", "O3")
def test_the_api_of_factors_wants_a_fresh_one_of_a_session(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """A factor that the session remembers, and a trusted browser, are not enough where factors are changed."""
    demand(world, "otp")
    seed, app = enrol(world, jane), world.client()
    audience = f"{world.issuer}mfa/"
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    browser.submit(code=code_of(seed), rememberBrowser="true")
    assert browser.answer.code
    app.begin(browser, prompt="none", audience=audience, scope="openid enroll")
    assert browser.answer.code
    clock.forward(minutes=6)
    app.begin(browser, prompt="none", audience=audience, scope="openid enroll")
    assert browser.answer.params["error"] == "interaction_required"
    app.begin(browser, prompt="none")
    assert browser.answer.code, "anything else goes on as before"
    attempt = app.begin(browser, audience=audience, scope="openid enroll")
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
    browser.submit(code=code_of(seed))
    assert attempt.tokens(browser.answer)
