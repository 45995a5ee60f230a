"""Two-step verification on a person's own page (spec/login-factors.md, acceptance 21, 38; security.md O3)."""

from __future__ import annotations

from idp.signin.factors import service
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol, key_shown
from tests.world.fixtures import Clock
from tests.world.world import Person, World

OTP_PAGE = "/u/mfa-otp/mfa-otp-challenge"


def sign_in(browser: Browser, person: Person) -> None:
    browser.open("/account")
    browser.submit(username=person.email, password=person.password)


def press(browser: Browser, action: str, **fields: str) -> None:
    """A button of the section."""
    form = next(form for form in browser.shown.forms if form.action.endswith("/account/factors"))
    browser.request("POST", form.action, form={**form.fields, "action": action, **fields}, site="same-origin")
    assert browser.response is not None
    where = browser.response.headers.get("Location")
    if where:
        browser.open(where, site="same-origin")


def test_a_first_factor_is_added_and_its_recovery_code_replaced(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    demand(world, policy="confidence-score")
    sign_in(browser, jane)
    assert browser.path == "/account"
    browser.submit("add-otp")
    assert browser.path == "/u/mfa-otp/mfa-otp-enrollment-qr"
    seed = key_shown(browser)
    browser.submit(code=code_of(seed))
    browser.submit(saved="on")
    assert browser.path == "/u/mfa/mfa-enroll-result"
    clock.forward(seconds=30)
    browser.open("/account")
    assert "Authenticator app" in browser.shown.text
    browser.submit("new-recovery-code")
    assert browser.path == OTP_PAGE, "a factor is there now, and is asked for"
    browser.submit(code=code_of(seed))
    assert browser.path == "/account"
    browser.submit("new-recovery-code")
    assert len(browser.shown.texts["recovery-code"].replace(" ", "")) == 24
    assert len(world.mails(jane.email)) == 2


@row("O3")
def test_a_stolen_session_changes_no_factor(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 21: neither the first one after ten minutes nor any without the one that is there."""
    demand(world, policy="confidence-score")
    sign_in(browser, jane)
    clock.forward(minutes=11)
    browser.open("/account")
    browser.submit("add-otp")
    assert browser.path == "/u/login", "signing in is too long ago"
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/account"
    seed = enrol(world, jane)
    browser.open("/account")
    with world.context() as work:
        (method,) = service.of_user(work, jane.user_id)
    press(browser, "remove", method_id=method.id)
    assert browser.path == OTP_PAGE
    browser.open("/account")
    with world.context() as work:
        assert service.of_user(work, jane.user_id)
    press(browser, "remove", method_id=method.id)
    browser.submit(code=code_of(seed))
    press(browser, "remove", method_id=method.id)
    with world.context() as work:
        assert service.of_user(work, jane.user_id) == []
    assert "gd_unenroll" in {entry.type for entry in world.logs()}
    assert "Removed: Authenticator app" in world.mails(jane.email)[0].text


def test_nobody_removes_what_is_anothers(world: World, browser: Browser, jane: Person) -> None:
    demand(world, policy="confidence-score")
    other = world.user("other@example.com")
    enrol(world, other)
    with world.context() as work:
        (method,) = service.of_user(work, other.user_id)
    sign_in(browser, jane)
    press(browser, "remove", method_id=method.id)
    with world.context() as work:
        assert service.of_user(work, other.user_id)


def test_trusted_browsers_are_listed_and_forgotten(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 38."""
    demand(world)
    seed = enrol(world, jane)
    sign_in(browser, jane)
    browser.submit(code=code_of(seed), rememberBrowser="true")
    assert "Trusted browsers" in browser.shown.text
    second = world.browser()
    sign_in(second, jane)
    assert second.path == OTP_PAGE
    browser.submit("forget-browsers")
    assert "Trusted browsers" not in browser.shown.text
    (entry,) = [each for each in world.logs("sapi") if each.description == "Forget trusted browsers"]
    assert entry.user_id == jane.user_id
    clock.forward(days=4)
    sign_in(browser, jane)
    assert browser.path == OTP_PAGE


def test_without_factors_the_page_says_nothing_of_them(world: World, browser: Browser, jane: Person) -> None:
    sign_in(browser, jane)
    assert browser.path == "/account"
    assert "Two-step" not in browser.shown.text


@row("O3")
def test_a_stolen_session_lets_no_account_go(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """A linked account is a way to sign in: after some minutes, and with a factor at once, who it is is asked first."""
    partners, api = world.connection("partners"), world.caller()
    other = world.user("other@example.com", connection_id=partners)
    body = {"provider": "auth0", "user_id": other.account_id, "connection_id": partners}
    assert api.post(f"/users/{jane.user_id}/identities", body).status_code == 201
    demand(world, policy="confidence-score")
    sign_in(browser, jane)
    clock.forward(minutes=6)
    browser.open("/account")
    browser.send_form(browser.shown.form("account_id"))
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    seed = enrol(world, jane)
    browser.open("/account")
    browser.send_form(browser.shown.form("account_id"))
    assert browser.path == OTP_PAGE
    assert len((api.get(f"/users/{jane.user_id}").json or {})["identities"]) == 2
    browser.submit(code=code_of(seed))
    browser.send_form(browser.shown.form("account_id"))
    assert "account of its own now" in browser.shown.text
    assert len((api.get(f"/users/{jane.user_id}").json or {})["identities"]) == 1


@row("O3")
def test_a_password_that_somebody_else_knows_sets_no_other(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """With a stolen session beside it, of somebody who has a second factor: a reset by mail asks for it, too."""
    demand(world, policy="confidence-score")
    sign_in(browser, jane)
    seed = enrol(world, jane)
    new = {"current_password": jane.password, "password": "Another-Horse-8-Staple"}
    browser.open("/account")
    browser.submit("change-password", **new)
    assert browser.path == OTP_PAGE
    assert world.logs("scp") == []
    browser.submit(code=code_of(seed))
    assert browser.path == "/account"
    browser.submit("change-password", **new)
    assert len(world.logs("scp")) == 1
    clock.forward(minutes=6)
    browser.open("/account")
    browser.submit("change-password", current_password=new["password"], password=jane.password)
    assert browser.path == OTP_PAGE
