"""How an answer travels: query, fragment, form_post, web_message (OAuth 2.0 Multiple Response Types, Form Post
Response Mode).
"""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import CALLBACK, Person, World


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "web_message"])
def test_the_code_arrives_in_the_mode_that_was_asked_for(
    world: World, browser: Browser, jane: Person, mode: str
) -> None:
    app = world.client("spa")
    app.sign_in(browser, jane)
    attempt = app.begin(browser, response_mode=mode)
    assert browser.answer.mode == mode
    assert browser.answer.url == ("https://app.example.test" if mode == "web_message" else CALLBACK)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id


def test_after_the_login_page_the_mode_is_still_the_one_asked_for(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser, response_mode="form_post")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.mode == "form_post"
    assert set(browser.answer.params) == {"code", "state", "iss"}
    assert attempt.tokens(browser.answer)


def test_form_post_leaves_nothing_in_the_address(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, response_mode="form_post")
    assert browser.status == 200
    assert "?" not in browser.answer.url
    assert browser.shown.form("code").method == "POST"
    assert browser.response is not None
    assert "form-action" not in browser.response.headers["Content-Security-Policy"]
    assert browser.response.headers["Cache-Control"] == "no-store"


def test_pages_on_the_way_to_an_application_do_not_say_where_forms_may_lead(world: World, browser: Browser) -> None:
    world.client("native", callbacks=["com.example.app:/cb"]).begin(browser)
    assert browser.response is not None
    assert "form-action" not in browser.response.headers["Content-Security-Policy"]
    browser.open("/account")
    assert browser.path == "/u/login"
    assert "form-action 'self';" in browser.response.headers["Content-Security-Policy"]


@row("A15")
def test_web_message_can_be_framed_by_its_target_and_nobody_else(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    app.sign_in(browser, jane)
    app.begin(browser, response_mode="web_message", prompt="none")
    assert browser.response is not None
    assert "X-Frame-Options" not in browser.response.headers
    assert "frame-ancestors https://app.example.test;" in browser.response.headers["Content-Security-Policy"]


@row("A15")
@pytest.mark.parametrize("origins", [[], ["https://app.example.test"]])
def test_web_message_goes_to_the_origin_of_a_callback_or_web_origin(
    world: World, browser: Browser, origins: list[str]
) -> None:
    world.client("spa", web_origins=origins).begin(browser, response_mode="web_message", prompt="none")
    assert browser.answer.url == "https://app.example.test"


@row("A15")
def test_web_message_to_a_custom_scheme_stays_on_our_page(world: World, browser: Browser) -> None:
    world.client("native", callbacks=["com.example.app:/cb"]).begin(browser, response_mode="web_message", prompt="none")
    assert browser.left_for is None
    assert browser.status == 400
    assert "authorization_response" not in browser.shown.html


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a_custom_scheme_gets_its_answer_in_query_and_fragment(
    world: World, browser: Browser, jane: Person, mode: str
) -> None:
    app = world.client("native", callbacks=["com.example.app:/cb"])
    attempt = app.begin(browser, response_mode=mode)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.mode == mode
    assert attempt.tokens(browser.answer)
