"""What somebody proved first is no second factor of theirs (security.md O1, O3; docs/decisions/0421)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from idp.signin.factors import second, service
from idp.signin.factors.policy import ACR
from tests.flows.test_codes_of_accounts import NUMBER_PAGE, by_code, by_number, code_of, proven
from tests.flows.test_mfa_api import MFA, exchange, post
from tests.flows.test_passwordless import JANE, alone, connect
from tests.flows.test_passwordless_api import GRANTS, redeem, start
from tests.security.rows import row
from tests.world import factors
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.factors import demand, key_shown, sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import PASSWORD, Person, World

NUMBER, OTHER = "+12025550123", "+12025550144"
SMS_PAGE, OPTIONS = "/u/mfa-sms/mfa-sms-challenge", "/u/mfa/mfa-begin-enroll-options"
PHONE_PAGE, APP_PAGE = "/u/mfa-sms/mfa-sms-enrollment", "/u/mfa-otp/mfa-otp-enrollment-qr"
SAME = "You already sign in with codes to this number"


def somebody(world: World, *phones: str) -> str:
    """An account that is signed in to with codes to its number, or a password, with factors at these numbers."""
    by_number(world)
    members = {"phone_number": NUMBER, "phone_verified": True, "password": PASSWORD}
    members |= {"connection": "Username-Password-Authentication"}
    made = world.caller().post("/users", members)
    assert made.status_code == 201, made.text
    user_id: str = made.get_json()["user_id"]
    for number in phones:
        give(world, user_id, number)
    return user_id


def give(world: World, user_id: str, number: str) -> None:
    with world.writing() as work:
        service.add(work, user_id, [service.New(type="phone", phone_number=number)])


def texted(app: Application, browser: Browser, **params: str) -> Any:
    """Signed in with a code to the number."""
    attempt = app.begin(browser, **params)
    browser.submit(username=NUMBER)
    browser.submit(code=sent_code(app.world, NUMBER))
    return attempt


@row("O1")
@on_both_stores
@pytest.mark.parametrize("stepping_up", [False, True])
def test_the_number_that_signed_in_is_asked_for_nothing_more(
    world: World, browser: Browser, clock: Clock, *, stepping_up: bool
) -> None:
    """Whoever has no other factor sets one up, which is what counts from then on; ``amr`` says what was proven."""
    demand(world, "otp", "sms", policy="" if stepping_up else "all-applications")
    user_id = somebody(world, NUMBER)
    app, asked = world.client(), {"acr_values": ACR} if stepping_up else {}
    attempt = texted(app, browser, **asked)
    assert browser.path == OPTIONS
    browser.open(f"{SMS_PAGE}?{browser.shown.url.partition('?')[2]}")
    assert browser.path == OPTIONS, "nor by its address"
    browser.submit("otp")
    browser.submit(code=factors.code_of(seed := key_shown(browser)))
    if browser.path.endswith("recovery-code-enrollment"):
        browser.submit(saved="on")
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["sms", "mfa", "otp"]
    assert proven(world, user_id) == ["sms", "mfa", "otp"]
    clock.forward(minutes=2)
    again = texted(app, later := world.browser(), **asked)
    assert later.path == "/u/mfa-otp/mfa-otp-challenge"
    later.submit("pick-authenticator")
    assert later.path == "/u/mfa/mfa-login-options"
    assert ('value="otp"' in later.shown.html, 'value="sms"' in later.shown.html) == (True, False)
    later.submit("otp")
    later.submit(code=factors.code_of(seed))
    assert again.tokens(later.answer).id_claims["amr"] == ["sms", "mfa", "otp"]


@row("O1")
def test_a_password_and_then_the_number_are_two(world: World, browser: Browser) -> None:
    demand(world, "otp", "sms")
    somebody(world, NUMBER)
    by_number(world, default="password")
    attempt = world.client().begin(browser)
    browser.submit(username=NUMBER)
    browser.submit(password=PASSWORD)
    assert browser.path == SMS_PAGE
    browser.submit(code=sent_code(world, NUMBER))
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["pwd", "mfa", "sms"]


@row("O1")
def test_another_number_is_another_factor_and_stays_one(world: World, browser: Browser, clock: Clock) -> None:
    """Also where the second factor was proven long ago: what signed in is remembered as that."""
    demand(world, "sms")
    user_id = somebody(world, NUMBER, OTHER)
    app = world.client()
    attempt = texted(app, browser)
    assert browser.path == SMS_PAGE
    assert "0144" in browser.shown.text
    assert "pick-authenticator" not in browser.shown.html, "the number that signed in is no other way"
    browser.submit(code=sent_code(world, OTHER))
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["sms", "mfa"]
    assert proven(world, user_id) == ["sms", "mfa", "sms"]
    found = world.caller().get(f"/users/{quote(user_id)}/sessions").get_json()["sessions"]
    assert [each["name"] for each in found[0]["authentication"]["methods"]] == ["sms", "mfa", "sms"]
    world.caller().put("/guardian/policies", ["all-applications"])
    clock.forward(seconds=400)
    app.begin(browser, audience=f"{world.issuer}mfa/", scope="openid read:authenticators")
    assert browser.path == SMS_PAGE
    assert "0144" in browser.shown.text
    assert "0123" not in browser.shown.text


@row("O3")
def test_the_same_number_is_not_set_up_either(world: World, browser: Browser) -> None:
    demand(world, "sms")
    somebody(world)
    attempt = texted(world.client(), browser)
    assert browser.path == PHONE_PAGE
    browser.submit(phone="+1 (202) 555-0123")
    assert browser.status == 400
    assert SAME in browser.shown.text
    browser.submit(phone=OTHER)
    browser.submit(code=sent_code(world, OTHER))
    browser.submit(saved="on")
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["sms", "mfa"]


@row("O3")
def test_a_session_alone_sets_no_other_factor_up(world: World, browser: Browser, clock: Clock) -> None:
    """Who got hold of the session of somebody whose number is all that they have signs in first."""
    somebody(world, NUMBER)
    app = world.client()
    texted(app, browser).tokens(browser.answer)
    demand(world, "otp", "sms")
    clock.forward(minutes=6)
    app.begin(browser)
    assert browser.path == "/u/login/identifier"
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    texted(app, browser)
    assert browser.path == OPTIONS


@row("O3")
def test_a_factor_that_came_meanwhile_is_asked_for_instead(world: World, browser: Browser) -> None:
    """The owner sets an app up while somebody with their phone sets up another one: that one comes too late."""
    demand(world, "otp", "sms")
    user_id = somebody(world, NUMBER)
    texted(world.client(), browser)
    browser.submit("otp")
    seed = key_shown(browser)
    with world.writing() as work:
        service.add(work, user_id, [service.New(type="totp", seed="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")])
    browser.submit(code=factors.code_of(seed))
    assert (browser.left_for, browser.path) == (None, "/u/mfa-otp/mfa-otp-challenge")
    with world.writing() as work:
        mine = service.of_user(work, user_id, pending=True)
        begun_before = next(each.id for each in mine if not each.confirmed)
        phones = [each.id for each in mine if each.type == "phone"]
    with pytest.raises(service.AlreadyEnrolled), world.writing() as work:
        service.finish(work, begun_before, first=True, beside=phones)


@row("O1")
def test_an_odd_sign_in_by_mail_is_not_mailed_again(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Without any factor the mailed code is what would be asked for; it is one factor, and the token says so."""
    demand(world, "email", policy="confidence-score")
    by_code(world)
    app = world.client()
    for visitor in (browser, world.browser()):
        attempt = app.begin(visitor)
        visitor.submit(username=jane.email)
        visitor.submit(code=code_of(world))
        assert "amr" not in attempt.tokens(visitor.answer).id_claims
        clock.forward(minutes=2)


@row("O1")
def test_an_odd_sign_in_with_the_only_number_locks_nobody_out(world: World, browser: Browser, clock: Clock) -> None:
    """There is no address to mail to: the code that they typed is all that could be asked for."""
    demand(world, "otp", "sms", policy="confidence-score")
    somebody(world, NUMBER)
    app = world.client()
    for visitor in (browser, world.browser()):
        attempt = texted(app, visitor)
        assert "amr" not in attempt.tokens(visitor.answer).id_claims
        clock.forward(minutes=2)


@pytest.fixture
def caller(world: World) -> Application:
    """An application with pages of its own, whose people sign in with codes to their number."""
    demand(world, "otp", "sms")
    app = world.client(grant_types=[*GRANTS, *(f"{MFA}{name}" for name in ("otp", "oob"))])
    connect(world, app.client_id, strategy="sms")
    alone(world, app.client_id)
    return app


def begun(world: World, app: Application) -> dict[str, Any]:
    start(world, app, connection="sms", phone_number=NUMBER, email=None)
    answer = redeem(app, sent_code(world, NUMBER), username=NUMBER, realm="sms")
    assert answer.json["error"] == "mfa_required", answer.json
    return dict(answer.json)


@row("O1")
def test_applications_with_pages_of_their_own(world: World, caller: Application, clock: Clock) -> None:
    first = begun(world, caller)
    assert {"type": "phone"} in first["mfa_requirements"]["enroll"]
    wanted = {"authenticator_types": ["oob"], "oob_channels": ["sms"]}
    same = post(caller, "/mfa/associate", first["mfa_token"], **wanted, phone_number=NUMBER)
    assert same.get_json()["error"] == "invalid_phone_number"
    (user,) = world.caller().get("/users", q=f'phone_number:"{NUMBER}"').json
    give(world, user["user_id"], NUMBER)
    clock.forward(minutes=2)
    later = begun(world, caller)
    assert "challenge" not in later["mfa_requirements"], "what signed in is nothing to ask for"
    refused = post(caller, "/mfa/challenge", later["mfa_token"], challenge_type="oob")
    assert refused.get_json()["error"] == "association_required"
    made = post(caller, "/mfa/associate", later["mfa_token"], authenticator_types=["otp"]).get_json()
    answer = exchange(caller, "otp", later["mfa_token"], otp=factors.code_of(made["secret"]))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    clock.forward(minutes=2)
    last = begun(world, caller)
    assert last["mfa_requirements"] == {"challenge": [{"type": "otp"}, {"type": "recovery-code"}]}
    enrolled = post(caller, "/mfa/associate", last["mfa_token"], authenticator_types=["otp"])
    assert enrolled.status_code == 403, "nobody adds a factor beside one that they have not proven"


def test_ones_own_pages_add_no_number_that_is_all_somebody_signs_in_with(world: World) -> None:
    """A link sets the number up for whoever has a password beside it, and not for whoever has nothing else."""
    connect(world, world.client().client_id, strategy="sms")
    answer = world.caller().post("/users", {"connection": "sms", "phone_number": NUMBER, "phone_verified": True})
    only, both = answer.get_json()["user_id"], world.user(JANE).user_id
    with world.writing() as work:
        assert second.adds_nothing(work, only, "+1 202-555-0123")
        assert not second.adds_nothing(work, only, OTHER)
        assert not second.adds_nothing(work, both, NUMBER)


def test_the_code_for_a_new_password_is_no_factor_of_it_where_there_is_another(world: World, browser: Browser) -> None:
    """security.md O8."""
    demand(world, "otp", "sms")
    user_id = somebody(world, NUMBER)
    with world.writing() as work:
        service.add(work, user_id, [service.New(type="totp", seed=(seed := "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))])
    by_number(world, default="password")
    world.client().begin(browser)
    browser.submit(username=NUMBER)
    browser.follow("forgot-password-link")
    browser.submit(username=NUMBER)
    assert browser.path == NUMBER_PAGE
    browser.submit(code=sent_code(world, NUMBER))
    assert browser.path == "/u/reset-password/reset-password-mfa-otp-challenge"
    assert "pick-authenticator" not in browser.shown.html
    browser.submit(code=factors.code_of(seed))
    assert browser.path == "/u/reset-verify"


PLATFORM = "webauthn-platform"
DEVICE_PAGE = "/u/mfa-webauthn/mfa-webauthn-platform-challenge"


def give_device(world: World, user_id: str) -> None:
    """A key on a device that the person does not sit at."""
    key = {"credential_id": "elsewhere", "public_key": "", "rp_id": "id.example.test", "sign_count": 0}
    with world.writing() as work:
        service.add(work, user_id, [service.New(type=PLATFORM, webauthn=key)])


@row("O1", "O6")
@pytest.mark.parametrize("way", ["recovery-code", "email"])
def test_who_has_a_device_elsewhere_gets_in_by_what_stands_in_for_it(world: World, browser: Browser, way: str) -> None:
    """Decision 0439: signed in with a code to the number that is their only other factor, at a new device. The code
    that they wrote down opens, or mail to a proven address where mail is on.
    """
    demand(world, "sms", PLATFORM, way)
    user_id = somebody(world, NUMBER)
    give_device(world, user_id)
    with world.writing() as work:
        code = service.new_recovery_code(work, user_id) if way == "recovery-code" else ""
    if way == "email":
        proof = {"email": JANE, "email_verified": True, "connection": "Username-Password-Authentication"}
        assert world.caller().patch(f"/users/{quote(user_id)}", proof).status_code == 200
    attempt = texted(world.client(), browser)
    assert browser.path == DEVICE_PAGE
    browser.submit("pick-authenticator")
    assert 'value="sms"' not in browser.shown.html, "not by the number again"
    browser.submit(way)
    browser.submit(code=code or sent_code(world, JANE))
    if way == "recovery-code":
        browser.submit(saved="on")
    assert attempt.tokens(browser.answer).id_claims["amr"][:2] == ["sms", "mfa"]


@row("O1")
def test_a_code_to_the_number_alone_is_no_way_around_the_device(world: World, browser: Browser) -> None:
    """Decision 0439: without a recovery code and a proven address an administrator helps. Whoever has the number alone,
    as after a swapped card, sets nothing else up.
    """
    demand(world, "otp", "sms", PLATFORM)
    user_id = somebody(world, NUMBER)
    give_device(world, user_id)
    texted(world.client(), browser)
    assert browser.path == DEVICE_PAGE
    assert "pick-authenticator" not in browser.shown.html
    query = browser.shown.url.partition("?")[2]
    for page in (OPTIONS, PHONE_PAGE, APP_PAGE):
        browser.open(f"{page}?{query}")
        assert browser.path == DEVICE_PAGE, page
    body = {"user_id": user_id, "factor": "otp", "allow_multiple_enrollments": True}
    link = world.caller().post("/guardian/enrollments/ticket", body).get_json()["ticket_url"]
    helped = world.browser()
    helped.open(link)
    helped.submit(code=factors.code_of(seed := key_shown(helped)))
    helped.submit(saved="on")
    assert helped.path == "/u/mfa/mfa-enroll-result"
    later = world.browser()
    attempt = texted(world.client(), later)
    assert later.path == "/u/mfa-otp/mfa-otp-challenge"
    later.submit(code=factors.code_of(seed, steps=1))
    assert attempt.tokens(later.answer).id_claims["amr"] == ["sms", "mfa", "otp"]
