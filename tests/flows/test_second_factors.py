"""Second factors on the pages (spec/login-factors.md, acceptance 1 to 17; security.md O1, O3 to O6)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from idp.directory.users import imported_factors
from idp.directory.users import service as users
from idp.directory.users.models import ImportedFactor
from idp.protocol.oauth.device.service import GRANT as DEVICE
from idp.signin.factors import otp, qr, service
from idp.signin.factors import settings_service as settings
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked
from idp.signin.factors.policy import ACR
from tests.flows.test_my_account import activated, allow
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol, key_shown
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.world import API, Application, Person, World

OTP_PAGE = "/u/mfa-otp/mfa-otp-challenge"


def sign_in(app: Application, browser: Browser, person: Person, **params: str):  # type: ignore[no-untyped-def]
    attempt = app.begin(browser, **params)
    if browser.left_for is None and browser.path.endswith("/u/login"):
        browser.submit(username=person.email, password=person.password)
    return attempt


@on_both_stores
def test_an_app_is_set_up_by_its_key_and_asked_for_from_then_on(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """Acceptance 3."""
    demand(world)
    app = world.client()
    attempt = sign_in(app, browser, jane)
    assert browser.path == "/u/mfa-otp/mfa-otp-enrollment-qr"
    picture = browser.shown.html
    seed = key_shown(browser)
    said = otp.address(seed.replace(" ", ""), issuer="Gatehouse", account=jane.email)
    assert str(qr.svg(said)) in picture, "the picture says the key, as apps read it"
    code = code_of(seed)
    browser.submit(code=code)
    assert browser.path == "/u/mfa-recovery-code/mfa-recovery-code-enrollment"
    assert len(browser.shown.texts["recovery-code"].replace(" ", "")) == 24
    browser.submit()
    assert browser.status == 400, "without the tick the page stays (acceptance 7)"
    browser.submit(saved="on")
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["acr"], claims["amr"]) == (jane.user_id, ACR, ["pwd", "mfa", "otp"])
    second = world.browser()
    again = sign_in(app, second, jane)
    assert second.path == OTP_PAGE
    second.submit(code=code)
    assert second.status == 400, "the code of the enrolment is spent"
    clock.forward(seconds=30)
    second.submit(code=code_of(seed))
    assert again.tokens(second.answer).id_claims["amr"] == ["pwd", "mfa", "otp"]
    kinds = [entry.type for entry in world.logs() if entry.type.startswith(("gd_", "mfar"))]
    assert {"gd_auth_failed", "gd_auth_succeed", "gd_enrollment_complete", "gd_start_enroll", "mfar"} <= set(kinds)
    assert [mail.subject for mail in world.mails(jane.email)] == [
        "Two-step verification of your Gatehouse account was changed"
    ]


@pytest.fixture
def app(world: World) -> Application:
    demand(world)
    return world.client()


def test_a_tenants_own_words_stand_on_the_pages(world: World, app: Application, browser: Browser, jane: Person) -> None:
    """Acceptance 2: custom text shows, in its language and in no other."""
    words = {"mfa-otp-challenge": {"title": "Show us your code"}}
    assert world.caller().put("/prompts/mfa-otp/custom-text/en", words).status_code == 200
    enrol(world, jane)
    sign_in(app, browser, jane, ui_locales="en")
    assert browser.path == OTP_PAGE
    assert "Show us your code" in browser.shown.text
    german = world.browser()
    sign_in(app, german, jane, ui_locales="de")
    assert german.path == OTP_PAGE
    assert "Show us your code" not in german.shown.text


def test_steps_around_now_work_and_others_do_not(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    """Acceptance 4."""
    seed = enrol(world, jane)
    attempt = sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE
    for steps in (-2, 2):
        browser.submit(code=code_of(seed, steps=steps))
        assert browser.status == 400
    browser.submit(code=code_of(seed, steps=1))
    assert attempt.tokens(browser.answer)
    second = world.browser()
    sign_in(app, second, jane)
    second.submit(code=code_of(seed))
    assert second.status == 400, "older than the one that was accepted"
    other = world.user("other@example.com")
    seed, late = enrol(world, other), world.browser()
    attempt = sign_in(app, late, other)
    late.submit(code=code_of(seed, steps=-1))
    assert attempt.tokens(late.answer), "typed late"


@row("O5")
def test_ten_wrong_codes_over_several_attempts_lock(world: World, app: Application, jane: Person, clock: Clock) -> None:
    """Acceptance 5."""
    seed = enrol(world, jane)
    for number in range(5):
        browser = world.browser(address=f"198.51.100.{number}")
        sign_in(app, browser, jane)
        for _ in range(2):
            browser.submit(code="000000")
            assert browser.status == 400
    browser = world.browser(address="198.51.100.99")
    sign_in(app, browser, jane)
    browser.submit(code=code_of(seed))
    assert browser.status == 429
    assert "gd_otp_rate_limit_exceed" in {entry.type for entry in world.logs()}
    clock.forward(hours=1)
    attempt = sign_in(app, browser, jane)
    browser.submit(code=code_of(seed))
    assert attempt.tokens(browser.answer)


def test_a_seed_of_80_bits_that_was_imported_signs_in(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    """Acceptance 6."""
    seed = "JBSWY3DPEHPK3PXP"
    with world.writing() as work:
        factor = imported_factors.Factor("totp", seed)
        work.rows.add(ImportedFactor(**imported_factors.row(work, jane.user_id, 0, factor)))
        users.keep_factors(work, jane.user_id, [imported_factors.IMPORTED])
    attempt = sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE
    browser.submit(code=code_of(seed))
    assert attempt.tokens(browser.answer)
    with world.context() as work:
        assert imported_factors.of_user(work, jane.user_id) == []
        assert users.get(work, jane.user_id).factors == "totp"


@row("O6")
def test_a_recovery_code_works_once_and_brings_the_next(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    """Acceptance 7."""
    enrol(world, jane)
    sign_in(app, browser, jane)
    assert "pick-authenticator" not in browser.shown.html, "nothing else can be asked for"
    with world.writing() as work:
        code = service.new_recovery_code(work, jane.user_id)
    second = world.browser()
    attempt = sign_in(app, second, jane)
    second.submit("pick-authenticator")
    assert second.path == "/u/mfa/mfa-login-options"
    second.submit("pick-2")
    assert second.path == "/u/mfa-recovery-code/mfa-recovery-code-challenge"
    second.submit(code=f" {code[:12].lower()} {code[12:]} ")
    assert second.path == "/u/mfa-recovery-code/mfa-recovery-code-challenge-new-code"
    fresh = second.shown.texts["recovery-code"].replace(" ", "")
    assert fresh != code
    second.submit(saved="on")
    assert attempt.tokens(second.answer).id_claims["amr"] == ["pwd", "mfa", "kba"]
    third = world.browser()
    attempt = sign_in(app, third, jane)
    third.submit("pick-authenticator")
    third.submit("pick-2")
    third.submit(code=code)
    assert third.status == 400
    third.submit(code=fresh)
    third.submit(saved="on")
    assert attempt.tokens(third.answer)


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


@row("O3")
def test_nobody_sets_a_factor_up_who_has_one(world: World, app: Application, browser: Browser, jane: Person) -> None:
    enrol(world, jane)
    sign_in(app, browser, jane)
    query = browser.shown.url.partition("?")[2]
    for page in ("mfa-otp/mfa-otp-enrollment-qr", "mfa/mfa-begin-enroll-options", "mfa-sms/mfa-sms-enrollment"):
        browser.open(f"/u/{page}?{query}")
        assert browser.path == OTP_PAGE


def test_a_factor_that_is_off_lets_nobody_in_who_has_no_other(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    enrol(world, jane)
    with world.writing() as work:
        settings.switch(work, "otp", enabled=False)
        settings.switch(work, "sms", enabled=True)
    sign_in(app, browser, jane)
    assert browser.answer.params["error"] == "access_denied"


def test_an_application_asks_for_a_factor_that_no_policy_demands(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 13: and the session remembers it."""
    demand(world, policy="")
    seed, app = enrol(world, jane), world.client()
    plain = app.sign_in(browser, jane).id_claims
    assert "amr" not in plain
    attempt = app.begin(browser, acr_values=ACR)
    assert browser.path == OTP_PAGE
    browser.submit(code=code_of(seed))
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["acr"], "mfa" in claims["amr"]) == (ACR, True)
    silent = app.begin(browser, acr_values=ACR, prompt="none")
    assert silent.tokens(browser.answer).id_claims["acr"] == ACR


def test_a_refreshed_id_token_says_nothing_of_factors(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    """Acceptance 37, its second half."""
    seed = enrol(world, jane)
    world.api()
    attempt = sign_in(app, browser, jane, scope="openid offline_access", audience=API)
    browser.submit(code=code_of(seed))
    tokens = attempt.tokens(browser.answer)
    assert tokens.id_claims["amr"]
    assert not {"amr", "acr"} & tokens.refreshed().id_claims.keys()


def test_auth0s_habit_asks_again_each_time(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 14."""
    demand(world)
    world.settings(compatibility={"mfa_once": True})
    seed, app = enrol(world, jane), world.client()
    attempt = sign_in(app, browser, jane)
    browser.submit(code=code_of(seed))
    assert attempt.tokens(browser.answer).id_claims["acr"] == ACR
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    app.begin(browser)
    assert browser.path == OTP_PAGE


def trusting(app: Application, browser: Browser, person: Person, seed: str) -> None:
    attempt = sign_in(app, browser, person)
    browser.submit(code=code_of(seed), rememberBrowser="true")
    assert attempt.tokens(browser.answer)


def test_a_trusted_browser_is_not_asked_for_a_week_of_rest_or_a_month(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock
) -> None:
    """Acceptance 15."""
    seed = enrol(world, jane)
    trusting(app, browser, jane, seed)
    for _ in range(4):
        clock.forward(days=6)
        tokens = app.sign_in(browser, jane)
        assert "amr" not in tokens.id_claims
    clock.forward(days=6, seconds=1)
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE, "thirty days are over, and it rested for six"
    browser.submit(code=code_of(seed), rememberBrowser="true")
    clock.forward(days=7, seconds=1)
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE, "seven days of rest"


@pytest.mark.parametrize("what", ["another", "password", "invalidated", "removed"])
def test_what_ends_the_trust(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock, what: str
) -> None:
    """Acceptance 16."""
    seed, other = enrol(world, jane), world.user("other@example.com")
    enrol(world, other, seed)
    trusting(app, browser, jane, seed)
    browser.jar.kept = {key: kept for key, kept in browser.jar.kept.items() if key[1].endswith(("mf", "mf_compat"))}
    who = jane
    if what == "another":
        who = other
    elif what == "password":
        world.caller().patch(f"/users/{jane.user_id}", {"password": "another passphrase 9 B"})
        who = replace(jane, password="another passphrase 9 B")
    elif what == "invalidated":
        where = f"/users/{jane.user_id}/multifactor/actions/invalidate-remember-browser"
        assert world.caller().post(where).status_code == 204
    else:
        enrol(world, jane)
        with world.writing() as work:
            first = service.of_user(work, jane.user_id)[0]
            service.remove(work, jane.user_id, [first.id])
    sign_in(app, browser, who)
    assert browser.path == OTP_PAGE


def test_step_up_ignores_trust(world: World, app: Application, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 17."""
    seed = enrol(world, jane)
    trusting(app, browser, jane, seed)
    clock.forward(days=4)
    tokens = app.sign_in(browser, jane)
    assert "amr" not in tokens.id_claims
    app.begin(browser, acr_values=ACR)
    assert browser.path == OTP_PAGE
    app.begin(browser, acr_values=ACR, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    app.begin(browser, audience=f"{world.issuer}mfa/", scope="openid enroll")
    assert browser.path == OTP_PAGE, "nor for the API of factors"


@row("O8")
def test_the_link_for_a_new_password_asks_for_the_factor_first(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """Acceptance 20: whatever the policy is."""
    demand(world, policy="")
    seed = enrol(world, jane)
    with world.writing() as work:
        code = service.new_recovery_code(work, jane.user_id)
    url = world.caller().post("/tickets/password-change", {"user_id": jane.user_id}).json["ticket"]
    browser.open(url)
    assert browser.path == "/u/reset-password/reset-password-mfa-otp-challenge"
    ticket = url.partition("?")[2]
    form = browser.shown.form("code")
    browser.open(f"/u/reset-verify?{ticket}")
    assert browser.path == "/u/reset-password/reset-password-mfa-otp-challenge"
    browser.request(
        "POST",
        f"{world.issuer}u/reset-verify?{ticket}",
        form={**form.fields, "password": "another passphrase 9 B", "action": "default"},
        site="same-origin",
    )
    assert not world.logs("scp"), "the form of the next page does not help"
    browser.open(url)
    browser.submit(code="000000")
    assert browser.status == 400
    other = world.browser()
    other.open(url)
    other.submit("pick-authenticator")
    assert other.path == "/u/reset-password/reset-password-mfa-recovery-code-challenge"
    other.submit(code=code)
    assert len(other.shown.texts["recovery-code"].replace(" ", "")) == 24
    browser.submit(code=code_of(seed))
    assert browser.path == "/u/reset-verify"
    browser.submit(password="another passphrase 9 B")
    assert world.logs("scp")
    other.submit(saved="on")
    assert other.status == 400, "the link is spent"


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
