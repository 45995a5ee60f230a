"""A screen is a declaration: whatever holds for every page is done for it, and a row of the policy leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from jinja2 import ChoiceLoader, DictLoader

from idp.foundation.ephemeral.limits import Limit
from idp.foundation.web import pages
from idp.foundation.web.pages import PageView
from idp.signin.login import policy
from idp.signin.login.policy import Check
from idp.signin.login.screen import Field, Form, Problem, Result, Resume, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens import ALL, SCREENS
from idp.signin.sessions import service as sessions
from tests.world.browser import Browser
from tests.world.world import Person, World

CODE = "123456"
TEMPLATE = """{# Context: page, hint (str). #}
{% extends "base.html" %}
{% import "_form.html" as form with context %}
{% block task %}Code{% endblock %}
{% block content %}<h1>{{ hint }}</h1>{{ form.summary() }}
<form method="post">{{ form.secrets() }}{{ form.text("code", "Code", "one-time-code") }}
{{ form.submit("Continue") }}{{ form.cancel("Cancel") }}</form>{% endblock %}"""
MFA = Check(
    "mfa",
    "mfa-otp/challenge",
    "interaction_required",
    "A second factor is required",
    lambda s: s.session is not None and "otp" not in [method["name"] for method in s.session.methods],
)


@dataclass(frozen=True)
class OtpView(PageView):
    hint: str


class OtpChallenge(Screen):
    prompt, screen = "mfa-otp", "challenge"
    fields = (Field("code", required="login.login.no-password"),)
    limit = Limit("test-otp", 4, 60_000)
    cancellable = True

    def view(self, request: ScreenRequest) -> OtpView:
        return OtpView(f"A code for {request.session.email if request.session else 'nobody'}")

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        session = request.session
        if session is None or form["code"] != CODE:
            return Show((Problem("login.login.wrong-credentials", "code"),))
        methods = [*session.methods, {"name": "otp", "timestamp": "2026-11-26T00:00:00.000Z"}]
        with request.work.transaction():
            secret = sessions.reauthenticate(request.work, session, session.connection_id, methods)
        return Resume(secret)


@pytest.fixture
def second_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """What adding a screen takes: its class in the list, a template, a row of the policy."""
    screen = OtpChallenge()
    assert screen.path == MFA.screen
    monkeypatch.setitem(SCREENS, screen.path, screen)  # type: ignore[arg-type]
    monkeypatch.setattr(policy, "CHECKS", (*policy.CHECKS, MFA))
    engine = pages.make_environment()
    own = DictLoader({screen.template: TEMPLATE})
    engine.loader = ChoiceLoader([own, engine.loader]) if engine.loader else own
    monkeypatch.setattr(pages, "environment", lambda: engine)


def sign_in(browser: Browser, person: Person) -> None:
    browser.submit(username=person.email, password=person.password)


@pytest.mark.usefixtures("second_factor")
def test_an_added_screen_stands_before_the_account_page(browser: Browser, jane: Person) -> None:
    browser.open("/account")
    sign_in(browser, jane)
    assert browser.path == "/u/mfa-otp/challenge"
    assert f"A code for {jane.email}" in browser.shown.text
    browser.submit(code=CODE)
    assert browser.path == "/account"
    browser.open("/account")
    assert browser.path == "/account", "the session remembers what was proven"


@pytest.mark.usefixtures("second_factor")
def test_an_added_screen_stands_before_the_code_of_an_application(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    attempt = app.begin(browser)
    sign_in(browser, jane)
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == MFA.error
    attempt = app.begin(browser)
    assert browser.path == "/u/mfa-otp/challenge"
    browser.submit(code=CODE)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


@pytest.mark.usefixtures("second_factor")
def test_what_holds_for_every_screen_is_done_for_it(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/account")
    sign_in(browser, jane)
    form = browser.shown.form("code")
    browser.submit(code=" ")
    assert browser.status == 400
    assert "code-error" in browser.shown.texts
    browser.request("POST", form.action, form={"state": form.fields["state"], "code": CODE}, site="same-origin")
    assert browser.status == 403, "a form without its token is not ours"
    for _ in range(4):
        browser.submit(code="000000")
        assert browser.status == 400
        assert browser.shown.form("code").fields["code"] == "000000"
    browser.submit(code=CODE)
    assert browser.status == 429
    assert browser.response is not None
    assert int(browser.response.headers["Retry-After"]) > 0
    browser.submit("login-cancel")
    assert browser.status == 403
    assert browser.shown.texts["error-code"] == "access_denied"


def test_a_sign_up_that_is_refused_for_its_number_says_when_to_try_again(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(SCREENS["signup"]), "limit", Limit("test-signup", 0, 60_000))
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password="a new passphrase of 2026")
    assert browser.status == 429
    assert browser.response is not None
    assert "Retry-After" in browser.response.headers


@pytest.mark.parametrize("screen", ALL, ids=lambda screen: f"{screen.prompt}.{screen.screen}")
def test_names_give_path_template_and_texts(screen: Screen) -> None:
    assert pages.environment().get_template(screen.template)
    assert screen.path.startswith(screen.prompt.partition("-")[0])
    texts = pages.texts_for("en")
    for field in screen.fields:
        assert field.required is None or texts.t(screen.key(field.required))
    assert screen.view_type().example(texts)


def test_links_of_a_page_keep_the_language_that_was_picked(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    state = parse_qs(urlsplit(browser.shown.url).query)["state"][0]
    browser.open(f"/u/login?state={state}&language=de")
    assert 'lang="de"' in browser.shown.html
    browser.follow("signup-link")
    assert 'lang="de"' in browser.shown.html
