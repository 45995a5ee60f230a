"""/oidc/logout: RP-Initiated Logout 1.0, its certification plan, and the whole matrix of hints."""

from __future__ import annotations

import pytest

from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

OUT = "https://app.example.test/out"


@pytest.fixture
def app(world: World) -> Application:
    return world.client(allowed_logout_urls=[OUT, "com.example.app:/out"])


@pytest.fixture
def tokens(app: Application, browser: Browser, jane: Person) -> Tokens:
    return app.sign_in(browser, jane)


def leave(browser: Browser, method: str = "GET", **params: str) -> Browser:
    """Ask for a logout, coming from an application."""
    if method == "POST":
        return browser.open("/oidc/logout", method="POST", form=params, site="cross-site")
    query = "&".join(f"{name}={value}" for name, value in params.items())
    return browser.open(f"/oidc/logout?{query}", site="cross-site")


def signed_in(app: Application, browser: Browser) -> bool:
    """Whether the browser's session is good."""
    app.begin(browser, prompt="none")
    return "code" in browser.answer.params


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_with_a_hint_it_is_done_at_once_and_leads_back(
    app: Application, tokens: Tokens, browser: Browser, method: str
) -> None:
    leave(browser, method, id_token_hint=tokens.id_token, post_logout_redirect_uri=OUT, state="s1")
    assert browser.left_for == f"{OUT}?state=s1"
    assert not signed_in(app, browser)
    assert browser.jar.get("auth0") is None


def test_without_state_nothing_is_added(tokens: Tokens, browser: Browser) -> None:
    leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=OUT)
    assert browser.left_for == OUT


def test_an_expired_hint_is_as_good(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client(allowed_logout_urls=[OUT], jwt_configuration={"lifetime_in_seconds": 60})
    tokens = app.sign_in(browser, jane)
    clock.forward(hours=3)
    leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=OUT)
    assert browser.left_for == OUT


@pytest.mark.parametrize("alg", ["HS256", "PS256", "ES256", "EdDSA"])
def test_a_hint_may_be_signed_any_way_we_sign(world: World, browser: Browser, jane: Person, alg: str) -> None:
    app = world.client(allowed_logout_urls=[OUT], jwt_configuration={"alg": alg})
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    leave(browser, id_token_hint=attempt.tokens(browser.answer).id_token, post_logout_redirect_uri=OUT)
    assert browser.left_for == OUT


def test_without_redirect_it_says_so_and_leads_back(world: World, tokens: Tokens, browser: Browser) -> None:
    leave(browser, id_token_hint=tokens.id_token)
    assert browser.shown.links["login-link"] == f"{world.issuer}account"
    assert browser.left_for is None
    assert browser.status == 200
    assert "You are logged out" in browser.shown.text


@pytest.mark.parametrize("params", [{}, {"state": "s1"}])
def test_a_bare_request_asks_first_and_then_signs_out(
    app: Application, tokens: Tokens, browser: Browser, params: dict[str, str]
) -> None:
    leave(browser, **params)
    assert browser.status == 200
    browser.submit("logout-confirm")
    assert "You are logged out" in browser.shown.text
    assert not signed_in(app, browser)


def test_the_question_can_be_denied(app: Application, tokens: Tokens, browser: Browser) -> None:
    leave(browser)
    browser.submit("logout-cancel")
    assert signed_in(app, browser)


def test_an_answer_counts_once(tokens: Tokens, browser: Browser) -> None:
    leave(browser)
    form = browser.shown.forms[0]
    browser.send_form(form, "logout-confirm")
    browser.send_form(form, "logout-confirm")
    assert browser.status == 400
    assert "expired" in browser.shown.text


def test_a_question_that_is_over_leads_back_to_the_application(
    app: Application, tokens: Tokens, browser: Browser, clock: Clock
) -> None:
    leave(browser, client_id=app.client_id, post_logout_redirect_uri=OUT, ui_locales="de")
    clock.forward(minutes=11)
    browser.submit("logout-confirm")
    assert browser.status == 400
    assert browser.shown.lang == "de"
    assert browser.shown.links["back-link"] == "https://app.example.test"
    assert signed_in(app, browser)


def test_an_answer_from_another_browser_does_not_count(
    world: World, app: Application, tokens: Tokens, browser: Browser
) -> None:
    leave(browser)
    form = browser.shown.forms[0]
    stranger = world.browser()
    world.client().begin(stranger)
    stranger.open(form.action, method="POST", form={**form.fields, "action": "accept"}, site="same-origin")
    assert stranger.status == 403
    assert signed_in(app, browser)


def test_with_a_client_and_no_hint_it_asks_and_then_leads_back(
    app: Application, tokens: Tokens, browser: Browser
) -> None:
    leave(browser, client_id=app.client_id, post_logout_redirect_uri=OUT, state="s2")
    assert browser.left_for is None
    browser.submit("logout-confirm")
    assert browser.left_for == f"{OUT}?state=s2"
    assert not signed_in(app, browser)


def test_the_question_lets_the_browser_go_on_to_the_application(
    app: Application, tokens: Tokens, browser: Browser
) -> None:
    for uri in (OUT, "com.example.app:/out"):
        leave(browser, client_id=app.client_id, post_logout_redirect_uri=uri)
        assert browser.response is not None
        assert "form-action" not in browser.response.headers["Content-Security-Policy"]
    leave(browser, client_id=app.client_id)
    assert "form-action 'self';" in browser.response.headers["Content-Security-Policy"]


def test_the_question_can_be_switched_off(world: World, app: Application, tokens: Tokens, browser: Browser) -> None:
    world.settings(sessions={"oidc_logout_prompt_enabled": False})
    leave(browser, client_id=app.client_id, post_logout_redirect_uri=OUT)
    assert browser.left_for == OUT


def test_a_session_named_by_logout_hint_is_certain_enough(world: World, tokens: Tokens, browser: Browser) -> None:
    world.settings(allowed_logout_urls=["https://tenant.example.test/out"])
    leave(browser, logout_hint=tokens.id_claims["sid"], post_logout_redirect_uri="https://tenant.example.test/out")
    assert browser.left_for == "https://tenant.example.test/out"


def test_with_nobody_signed_in_it_leads_back_at_once(world: World, app: Application, tokens: Tokens) -> None:
    nobody = world.browser()
    leave(nobody, id_token_hint=tokens.id_token, post_logout_redirect_uri=OUT)
    assert nobody.left_for == OUT


REFUSED = [
    {"id_token_hint": "HINT", "post_logout_redirect_uri": f"{OUT}/more"},
    {"id_token_hint": "HINT", "post_logout_redirect_uri": f"{OUT}%3Ffoo=bar"},
    {"id_token_hint": "HINT", "post_logout_redirect_uri": "https://evil.test/"},
    {"id_token_hint": "HINT", "post_logout_redirect_uri": "javascript:alert(1)"},
    {"id_token_hint": "HINT", "post_logout_redirect_uri": "//app.example.test/out"},
    {"id_token_hint": "HINT", "client_id": "OTHER", "post_logout_redirect_uri": OUT},
    {"id_token_hint": "HINT", "logout_hint": "another", "post_logout_redirect_uri": OUT},
    {"client_id": "unknown", "post_logout_redirect_uri": OUT},
    {"client_id": "OTHER", "post_logout_redirect_uri": OUT},
    {"logout_hint": "SID", "post_logout_redirect_uri": OUT},
]


ASKED = [
    {"post_logout_redirect_uri": OUT},
    {"post_logout_redirect_uri": OUT, "state": "x"},
    {"id_token_hint": "nonsense"},
    {"id_token_hint": "nonsense", "post_logout_redirect_uri": OUT},
    {"id_token_hint": "nonsense", "post_logout_redirect_uri": OUT, "client_id": "APP"},
    {"id_token_hint": "eyJhbGciOiJub25lIn0.e30.", "post_logout_redirect_uri": OUT},
    {"id_token_hint": "MODIFIED", "post_logout_redirect_uri": OUT},
    {"id_token_hint": "ACCESS", "post_logout_redirect_uri": OUT},
]


@pytest.mark.parametrize("params", ASKED)
def test_a_hint_that_cannot_be_verified_counts_as_none_and_leads_nowhere(
    world: World, app: Application, tokens: Tokens, browser: Browser, jane: Person, params: dict[str, str]
) -> None:
    asked = filled(world, app, tokens, jane, params)
    leave(browser, **asked)
    assert browser.left_for is None
    assert browser.status == 200
    assert signed_in(app, browser), "nothing was done yet"
    leave(browser, **asked)
    browser.submit("logout-confirm")
    assert browser.left_for is None
    assert "You are logged out" in browser.shown.text
    assert browser.shown.links["login-link"]
    assert not signed_in(app, browser)


@pytest.mark.parametrize("params", REFUSED)
def test_anything_doubtful_stays_on_our_page(
    world: World, app: Application, tokens: Tokens, browser: Browser, jane: Person, params: dict[str, str]
) -> None:
    leave(browser, **filled(world, app, tokens, jane, params))
    assert browser.left_for is None
    assert browser.status == 400
    assert browser.shown.links["back-link"]
    assert signed_in(app, browser), "nothing was done"


def filled(world: World, app: Application, tokens: Tokens, jane: Person, params: dict[str, str]) -> dict[str, str]:
    """The parameters with what stands for things of this test."""
    other = world.client()
    head, body, signature = tokens.id_token.split(".")
    world.api(token_dialect="access_token")
    access = app.sign_in(world.browser(), jane, audience="https://api.example.test/", scope="openid").access_token
    stand_ins = {
        "HINT": tokens.id_token,
        "MODIFIED": f"{head}.{body}.{signature[:-4]}AAAA",
        "APP": app.client_id,
        "OTHER": other.client_id,
        "SID": tokens.id_claims["sid"],
        "ACCESS": access,
    }
    return {name: stand_ins.get(value, value) for name, value in params.items()}


def test_a_hint_of_somebody_else_asks_first(world: World, app: Application, tokens: Tokens, browser: Browser) -> None:
    of_john = app.sign_in(world.browser(), world.user("john@example.com"))
    leave(browser, id_token_hint=of_john.id_token, post_logout_redirect_uri=OUT)
    assert browser.left_for is None
    assert browser.status == 200
    assert browser.shown.form_with_button("logout-confirm")
    assert signed_in(app, browser)


def test_wildcards_are_a_compatibility_switch(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(allowed_logout_urls=["https://*.example.test/out"])
    tokens = app.sign_in(browser, jane)
    leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri="https://one.example.test/out")
    assert browser.status == 400
    world.change_client(app.client_id, compatibility={"logout_url_wildcards": True})
    leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri="https://one.example.test/out?x=1")
    assert browser.status == 400
    leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri="https://one.example.test/out")
    assert browser.left_for == "https://one.example.test/out"


def test_signing_out_is_logged_and_tokens_of_the_session_end(
    world: World, app: Application, tokens: Tokens, browser: Browser, jane: Person
) -> None:
    leave(browser, id_token_hint=tokens.id_token)
    assert tokens.userinfo().status_code == 401
    (entry,) = world.logs("slo")
    assert (entry.user_id, entry.client_id) == (jane.user_id, app.client_id)


def test_pages_speak_the_language_that_was_asked_for(tokens: Tokens, browser: Browser) -> None:
    leave(browser, ui_locales="de")
    assert browser.shown.lang == "de"
    browser.submit("logout-confirm")
    assert browser.shown.lang == "de"
