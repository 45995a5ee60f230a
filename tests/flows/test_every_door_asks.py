"""Every way to a session or a token asks for the second factor that a tenant demands (security.md O1): the doors of
other protocols, of applications with forms of their own, and of people whose accounts are kept elsewhere.
"""

from __future__ import annotations

import pytest

from idp.signin.factors import service
from tests.flows.saml_service import Service
from tests.flows.test_embedded import ORIGIN, authenticate, go_on
from tests.flows.test_mfa_api import MFA
from tests.flows.test_passwordless import JANE, alone, ask, code_for
from tests.flows.test_passwordless import connect as connect_codes
from tests.flows.test_passwordless_api import GRANTS, redeem, start
from tests.flows.test_wsfed_applications import application as speaks_wsfed
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol, key_shown
from tests.world.second_step import OTP_PAGE, sign_in
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, only
from tests.world.world import Person, World


@row("O1")
@pytest.mark.parametrize("protocol", ["saml", "wsfed"])
def test_other_protocols(world: World, browser: Browser, jane: Person, protocol: str) -> None:
    demand(world)
    seed = enrol(world, jane)
    if protocol == "saml":
        service_provider = Service(world)
        url = service_provider.url(service_provider.request())
    else:
        url = f"/wsfed/{speaks_wsfed(world).client_id}?wa=wsignin1.0"
    browser.open(url, site="cross-site")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == OTP_PAGE
    browser.open(url, site="cross-site")
    assert browser.path == OTP_PAGE, "the session is not one of two factors yet"
    browser.submit(code=code_of(seed))
    assert {"SAMLResponse", "wresult"} & set(browser.shown.forms[0].fields)


@row("O1")
def test_what_a_source_says_of_factors_is_not_ours(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, source_stubs: None
) -> None:
    said = {"amr": ["mfa", "hwk", "otp"], "acr": "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}
    monkeypatch.setattr(StubRedirect, "profile", said)
    demand(world)
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    only(world, app.client_id)
    attempt = app.begin(browser)
    if browser.left_for is None:
        browser.follow("connection-stub-social")
    come_back(browser)
    assert browser.path == "/u/mfa-otp/mfa-otp-enrollment-qr"
    browser.submit(code=code_of(key_shown(browser)))
    browser.submit(saved="on")
    assert attempt.tokens(browser.answer).id_claims["amr"] == ["fed", "mfa", "otp"]


@row("O1")
def test_a_form_of_the_application(world: World, browser: Browser, jane: Person) -> None:
    demand(world)
    seed, app = enrol(world, jane), world.client(cross_origin_authentication=True, allowed_origins=[ORIGIN])
    said = authenticate(browser, app, username=jane.email, password=jane.password)
    assert said.status_code == 200, said.get_data(as_text=True)
    attempt = go_on(browser, app, said.json["login_ticket"])
    assert browser.path == OTP_PAGE
    browser.submit(code=code_of(seed))
    assert attempt.tokens(browser.answer)


@row("O1")
def test_a_code_that_an_application_passes_on(world: World) -> None:
    demand(world)
    app = world.client(grant_types=GRANTS)
    connect_codes(world, app.client_id)
    start(world, app)
    answer = redeem(app, code_for(world))
    assert (answer.status_code, answer.json["error"]) == (403, "mfa_required")


@row("O1")
def test_mail_is_no_second_factor_of_a_mailed_code(world: World, browser: Browser) -> None:
    """Whoever reads somebody's mail would have both."""
    demand(world, "otp", "email")
    app = world.client(grant_types=[*GRANTS, f"{MFA}oob"])
    connect_codes(world, app.client_id)
    alone(world, app.client_id)
    start(world, app)
    first = redeem(app, code_for(world))
    assert first.json["error"] == "mfa_required"
    (user,) = world.caller().get("/users-by-email", email=JANE).json
    seed = enrol(world, Person(user["user_id"], JANE, "", ""))
    sent = {"client_id": app.client_id, "client_secret": app.secret, "mfa_token": first.json["mfa_token"]}
    ask(app, browser)
    browser.submit(code=code_for(world))
    assert browser.path == OTP_PAGE
    assert "pick-authenticator" not in browser.shown.html
    browser.open(f"/u/mfa-email/mfa-email-challenge?{browser.shown.url.partition('?')[2]}")
    assert browser.path == OTP_PAGE
    refused = world.send("POST", "/mfa/challenge", json={**sent, "challenge_type": "oob"})
    assert refused.get_json()["error"] == "unsupported_challenge_type"
    browser.submit(code=code_of(seed))
    assert browser.answer.code


@row("O3")
def test_a_factor_that_a_ticket_set_up_opens_no_session_of_a_password(
    world: World, browser: Browser, jane: Person
) -> None:
    """Somebody who knows the password goes to the end of the attempt in which they set up a factor by a link of their
    own: neither its address nor any other opens.
    """
    demand(world)
    enrol(world, jane)
    mallory = world.user("mallory@example.com")
    url = world.caller().post("/guardian/enrollments/ticket", {"user_id": mallory.user_id}).json["ticket_url"]
    app = world.client()
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE
    browser.open(url)
    state = browser.shown.url.partition("state=")[2].partition("&")[0]
    browser.submit(code=code_of(key_shown(browser)))
    browser.submit(saved="on")
    assert browser.path == "/u/mfa/mfa-enroll-result"
    for address in (f"/account/resume?state={state}", f"/authorize/resume?state={state}", "/account"):
        browser.open(address)
        assert browser.path == OTP_PAGE or browser.status == 400, address
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    with world.context() as work:
        assert [each.type for each in service.of_user(work, jane.user_id)] == ["totp"]
        assert {each.type for each in service.of_user(work, mallory.user_id)} == {"totp", "recovery-code"}
