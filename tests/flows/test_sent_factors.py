"""Codes that are sent as a second factor, and adaptive policies (spec/login-factors.md, acceptance 1, 8, 19)."""

from __future__ import annotations

import pytest

from idp.signin.factors import administration, service, settings_service, trust
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import demand, enrol, sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Application, Person, World

NUMBER = "+491711234567"
SMS_PAGE, MAIL_PAGE = "/u/mfa-sms/mfa-sms-challenge", "/u/mfa-email/mfa-email-challenge"


def sign_in(app: Application, browser: Browser, person: Person, **params: str):  # type: ignore[no-untyped-def]
    attempt = app.begin(browser, **params)
    if browser.left_for is None and browser.path.endswith("/u/login"):
        browser.submit(username=person.email, password=person.password)
    return attempt


def give_phone(world: World, person: Person) -> None:
    with world.writing() as work:
        service.add(work, person.user_id, [service.New(type="phone", phone_number=NUMBER)])


@on_both_stores
def test_a_phone_is_set_up_and_asked_for(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 8."""
    demand(world, "sms")
    app = world.client()
    attempt = sign_in(app, browser, jane)
    assert browser.path == "/u/mfa-sms/mfa-sms-enrollment"
    browser.submit(phone="+49 1")
    assert browser.status == 400
    browser.submit(phone="+49 (0)171 1234567")
    first = sent_code(world, NUMBER)
    browser.submit("resend-link")
    assert browser.status == 429, "thirty seconds lie between two"
    clock.forward(seconds=31)
    browser.submit("resend-link")
    assert browser.status == 200
    newest = sent_code(world, NUMBER)
    if first != newest:
        browser.submit(code=first)
        assert browser.status == 400, "the older one is dead"
    browser.submit(code=newest)
    browser.submit(saved="on")
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["pwd", "mfa", "sms"]
    clock.forward(minutes=1)
    second = world.browser()
    again = sign_in(app, second, jane)
    assert second.path == SMS_PAGE
    assert "4567" in second.shown.text
    assert NUMBER not in second.shown.html
    second.submit(code=sent_code(world, NUMBER))
    assert again.tokens(second.answer)
    assert len(world.logs("gd_send_sms")) == 3


def test_a_code_belongs_to_its_sign_in_and_has_five_tries(world: World, browser: Browser, jane: Person) -> None:
    demand(world, "sms")
    give_phone(world, jane)
    app, second = world.client(), world.browser()
    sign_in(app, browser, jane)
    first = sent_code(world, NUMBER)
    other = sign_in(app, second, jane)
    theirs = sent_code(world, NUMBER)
    if first != theirs:
        second.submit(code=first)
        assert second.status == 400
    second.submit(code=theirs)
    assert other.tokens(second.answer)
    wrong = f"{(int(first) + 1) % 10**6:06d}"
    for _ in range(5):
        browser.submit(code=wrong)
        assert browser.status == 400
    browser.submit(code=first)
    assert browser.status == 400, "after five it is dead"


def test_mail_is_another_way_and_never_the_only_one(world: World, browser: Browser, jane: Person) -> None:
    demand(world, "otp", "email")
    app = world.client()
    sign_in(app, browser, jane)
    assert browser.path == "/u/mfa-otp/mfa-otp-enrollment-qr", "mail alone is none"
    enrol(world, jane)
    second = world.browser()
    attempt = sign_in(app, second, jane)
    second.submit("pick-authenticator")
    second.submit("pick-2")
    assert second.path == MAIL_PAGE
    assert jane.email not in second.shown.text
    second.submit(code=sent_code(world, jane.email))
    assert attempt.tokens(second.answer).id_claims["amr"] == ["pwd", "mfa"]


def test_the_one_used_last_is_offered_first(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    demand(world, "otp", "sms")
    enrol(world, jane)
    give_phone(world, jane)
    app = world.client()
    attempt = sign_in(app, browser, jane)
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
    browser.submit("pick-authenticator")
    browser.submit("pick-2")
    browser.submit(code=sent_code(world, NUMBER))
    assert attempt.tokens(browser.answer)
    second = world.browser()
    sign_in(app, second, jane)
    assert second.path == SMS_PAGE


@pytest.mark.parametrize("enrolled", [False, True])
def test_a_new_browser_is_asked_and_a_known_one_is_not(
    world: World, browser: Browser, jane: Person, clock: Clock, *, enrolled: bool
) -> None:
    """Acceptance 19."""
    demand(world, "otp", "sms", policy="confidence-score")
    if enrolled:
        give_phone(world, jane)
    app = world.client()
    sign_in(app, browser, jane).tokens(browser.answer)
    clock.forward(days=4)
    sign_in(app, browser, jane).tokens(browser.answer)
    second = world.browser()
    attempt = sign_in(app, second, jane)
    assert second.path == (SMS_PAGE if enrolled else MAIL_PAGE)
    app.begin(second, prompt="none")
    assert second.answer.params["error"] == "interaction_required"
    attempt = sign_in(app, second, jane)
    clock.forward(seconds=31)
    if second.path == MAIL_PAGE or second.path == SMS_PAGE:
        second.submit("resend-link")
    second.submit(code=sent_code(world, NUMBER if enrolled else jane.email))
    assert attempt.tokens(second.answer)
    clock.forward(days=4)
    sign_in(app, second, jane).tokens(second.answer)
    found = [entry.data["details"]["riskAssessment"] for entry in world.logs("s")]
    assert [each["assessments"]["NewDevice"]["code"] for each in found][:2] == ["initial_login", "match"]
    assert "low" in {each["confidence"] for each in found}


def test_an_odd_sign_in_of_somebody_without_an_address_is_refused(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    demand(world, policy="confidence-score")
    app = world.client()
    sign_in(app, browser, jane).tokens(browser.answer)
    world.change_user(jane.user_id, email=None)
    second = world.browser()
    sign_in(app, second, jane)
    assert second.answer.params["error"] == "access_denied"


def test_many_accounts_send_one_number_no_more_than_its_share(world: World) -> None:
    """Toll fraud: numbers that nobody has proven have limits of their own, whoever sets them up."""

    def sends(number: int) -> bool:
        person = world.user(f"many{number}@example.com")
        with world.writing() as work:
            row = service.begin(work, person.user_id, service.New(type="phone", phone_number=NUMBER))
        with world.context() as work:
            return KINDS["phone"].challenge(work, row, Asked(bound_to=person.user_id)) is None

    assert [sends(number) for number in range(12)] == [True] * 10 + [False] * 2


@row("M12")
def test_a_code_that_is_not_sent_takes_no_others_place(world: World, jane: Person, clock: Clock) -> None:
    """The last message of the hour stays good, however often another one is asked for; and asking again at once counts
    for nothing.
    """
    demand(world, "sms")
    give_phone(world, jane)
    asked = Asked(bound_to="attempt")
    with world.context() as work:
        (phone,) = service.of_user(work, jane.user_id)
        for _ in range(10):
            assert KINDS["phone"].challenge(work, phone, asked) is None
            assert [KINDS["phone"].challenge(work, phone, asked) for _ in range(2)] == [30, 30]
            clock.forward(seconds=31)
        waits = [KINDS["phone"].challenge(work, phone, asked) for _ in range(2)]
        assert all(wait is not None and wait > 30 for wait in waits)
    code = sent_code(world, NUMBER)
    assert len(world.mails(NUMBER)) == 10
    with world.context() as work:
        assert KINDS["phone"].verify(work, phone, asked, code) is not None


def test_browsers_that_are_known_are_not_kept_without_end(world: World, jane: Person, clock: Clock) -> None:
    with world.writing() as work:
        for number in range(trust.MOST_KNOWN + 3):
            clock.forward(seconds=1)
            trust.seen(work, jane.user_id, f"browser {number}")
        trust.seen(work, jane.user_id, "browser 3")
    with world.context() as work:
        known = [number for number in range(53) if trust.known_since(work, jane.user_id, f"browser {number}")]
    assert known == list(range(3, 53)), "the oldest went"


def test_sign_ins_are_assessed_without_a_policy_where_the_tenant_wants_it(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """``/risk-assessments/settings``: the log says how a sign-in looks, and nobody is asked for anything."""
    app = world.client()
    sign_in(app, browser, jane).tokens(browser.answer)
    assert "details" not in world.logs("s")[0].data or "riskAssessment" not in world.logs("s")[0].data["details"]
    with world.writing() as work:
        settings_service.change(work, "risk/settings", {"enabled": True})
        settings_service.change(work, "risk/new-device", {"remember_for": 2})
    codes = []
    second = world.browser()
    for each, days in ((browser, 0), (browser, 0), (second, 0), (second, 0), (browser, 3)):
        clock.forward(days=days, minutes=1)
        sign_in(app, each, jane, prompt="login").tokens(each.answer)
        codes.append(world.logs("s")[-1].data["details"]["riskAssessment"]["assessments"]["NewDevice"]["code"])
    assert codes == ["initial_login", "match", "no_match", "match", "no_match"]
    with world.writing() as work:
        administration.forget_known_browsers(work, jane.user_id, "Username-Password-Authentication")
    sign_in(app, second, jane, prompt="login").tokens(second.answer)
    assert world.logs("s")[-1].data["details"]["riskAssessment"]["assessments"]["NewDevice"]["code"] == "initial_login"


def test_phone_provider_protection_doubles_the_wait(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Of whoever asks: another person with a phone of their own does not wait."""
    demand(world, "sms")
    give_phone(world, jane)
    world.protection("phone-provider-protection", type="exponential")
    app = world.client()
    sign_in(app, browser, jane)
    assert browser.path == SMS_PAGE
    waits = []
    for _ in range(4):
        waited, sent = 0, len(world.mails(NUMBER))
        while len(world.mails(NUMBER)) == sent:
            clock.forward(seconds=15)
            waited += 15
            sign_in(app, world.browser(), jane)
        waits.append(waited)
    assert waits[0] < waits[1] < waits[2], "another attempt is no way around the wait"
    eve = world.user("eve@example.com")
    with world.writing() as work:
        service.add(work, eve.user_id, [service.New(type="phone", phone_number="+491711234568")])
    sign_in(app, world.browser(), eve)
    assert world.mails("+491711234568")


def test_a_code_may_be_said_by_telephone_instead(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 8: the button is there where the tenant has both ways, and the wait is the same."""
    demand(world, "sms")
    give_phone(world, jane)
    app = world.client()
    sign_in(app, browser, jane)
    assert "switch-to-voice" not in browser.shown.html, "texts alone"
    with world.writing() as work:
        settings_service.change(work, "phone/message-types", {"message_types": ["sms", "voice"]})
    attempt = sign_in(app, browser, jane)
    browser.submit("switch-to-voice")
    assert browser.status == 429, "thirty seconds lie between two"
    assert "switch-to-voice" in browser.shown.html, "nothing changed"
    clock.forward(seconds=31)
    browser.submit("switch-to-voice")
    assert "calling" in browser.shown.text
    assert world.mails(NUMBER)[0].subject == "Voice"
    assert world.logs("gd_send_voice")
    clock.forward(seconds=31)
    browser.submit("switch-to-text")
    browser.submit(code=sent_code(world, NUMBER))
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["pwd", "mfa", "sms"]
    with world.writing() as work:
        settings_service.change(work, "phone/message-types", {"message_types": ["voice"]})
    other = world.browser()
    sign_in(app, other, jane)
    assert "calling" in other.shown.text, "whatever they liked once: there is one way"
