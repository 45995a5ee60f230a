"""Second factors on the pages (spec/login-factors.md, acceptance 1 to 17; security.md O1, O3 to O6)."""

from __future__ import annotations

from idp.directory.users import imported_factors
from idp.directory.users import service as users
from idp.directory.users.models import ImportedFactor
from idp.signin.factors import otp, qr, service
from idp.signin.factors import settings_service as settings
from idp.signin.factors.policy import ACR
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol, key_shown
from tests.world.fixtures import Clock, on_both_stores
from tests.world.second_step import OTP_PAGE, sign_in
from tests.world.world import API, Application, Person, World


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
