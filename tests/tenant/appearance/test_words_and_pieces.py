"""Custom text and partials: kept as official tools send them, said and shown by the next page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


def first_page(world: World, language: str = "en") -> str:
    browser = world.browser()
    browser.language = language
    world.client().begin(browser)
    return browser.shown.html


WORDS = {
    "login": {
        "title": "Welcome to ${companyName} & friends <b>",
        "buttonText": "Let me in",
        "emailPlaceholder": "Your address",
        "footerLinkText": "Join",
        "alertListTitle": "Alerts",
        "wrong-credentials": "Nope, ${clientName}",
    }
}


def test_words_are_kept_by_language_and_said(api: Api, world: World) -> None:
    path = "/prompts/login/custom-text"
    assert api.get(f"{path}/en").json == {}
    answer = api.put(f"{path}/en", WORDS)
    assert (answer.status_code, answer.json) == (200, WORDS)
    assert api.get(f"{path}/en").json == WORDS
    assert api.get(f"{path}/de").json == {}
    html = first_page(world)
    for said in ("&amp; friends &lt;b&gt;", ">Let me in</button>", ">Your address</label>", ">Join</a>"):
        assert said in html
    assert "<b>" not in html.partition("<h1>")[2].partition("</h1>")[0]
    assert "Let me in" not in first_page(world, "de")
    assert api.put(f"{path}/en", {}).json == {}
    assert "Let me in" not in first_page(world)


def test_errors_are_said_in_the_tenants_words(api: Api, world: World) -> None:
    api.put("/prompts/login/custom-text/en", WORDS)
    browser = world.browser()
    world.client().begin(browser)
    browser.submit(username="nobody@example.com", password="wrong")
    assert "Nope, ${clientName}" in browser.shown.html


def test_words_of_a_region_lie_over_those_of_the_language(api: Api, world: World) -> None:
    world.settings(enabled_locales=["en", "es-MX"])
    api.put("/prompts/login/custom-text/es-MX", {"login": {"title": "Entra en México"}})
    assert "Entra en México" in first_page(world, "es-MX")


def test_screens_of_other_names(api: Api, world: World) -> None:
    api.put("/prompts/reset-password/custom-text/en", {"reset-password-request": {"title": "Lost it?"}})
    browser = world.browser()
    world.client().begin(browser)
    browser.open(browser.shown.links["forgot-password-link"])
    assert "Lost it?" in browser.shown.html


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/prompts/nothing/custom-text/en", {}, "invalid_uri"),
        ("/prompts/login/custom-text/klingon", {}, "invalid_uri"),
        ("/prompts/login/custom-text/en", {"signup": {"title": "x"}}, "invalid_body"),
        ("/prompts/login/custom-text/en", {"login": {"a b": "x"}}, "invalid_body"),
        ("/prompts/login/custom-text/en", {"login": {"title": 1}}, "invalid_body"),
        ("/prompts/login/custom-text/en", {"login": {"title": "x" * 2001}}, "invalid_body"),
        ("/prompts/login/custom-text/en", {"login": "x"}, "invalid_body"),
        ("/prompts/login/custom-text/en", [], "invalid_body"),
        ("/prompts/mfa/partials", {}, "invalid_uri"),
        ("/prompts/login/partials", {"login": {"form-content-middle": "x"}}, "invalid_body"),
        ("/prompts/login/partials", {"signup": {"form-content-start": "x"}}, "invalid_body"),
        ("/prompts/login/partials", {"login": {"form-content-start": "x" * 10_001}}, "invalid_body"),
    ],
)
def test_what_there_is_none_of_is_refused(api: Api, path: str, body: Any, code: str) -> None:
    answer = api.put(path, body)
    assert (answer.status_code, answer.json["errorCode"]) == (400, code), answer.json


PIECES = {
    "login": {
        "form-content-start": '<p class="acme-start">Hello {{ application.name }}</p>',
        "form-content-end": '<label for="ulp-ok">Terms</label><input id="ulp-ok" name="ulp-terms" type="checkbox">',
        "form-footer-start": "<p>Below</p>",
        "secondary-actions-end": '<a href="https://acme.example/help">Help</a>',
    }
}


def test_pieces_are_kept_and_shown(api: Api, world: World) -> None:
    assert api.get("/prompts/login/partials").json == {}
    answer = api.put("/prompts/login/partials", PIECES)
    assert (answer.status_code, answer.json) == (200, PIECES), answer.json
    assert api.get("/prompts/login/partials").json == PIECES
    html = first_page(world)
    places = ["Hello The web app", 'id="username"', 'name="ulp-terms"', 'id="login-submit"', "<p>Below</p>", "/help"]
    found = [html.index(each) for each in places]
    assert found == sorted(found)
    jane, app, browser = world.user(), world.client(name="<i>x</i>"), world.browser()
    attempt = app.begin(browser)
    assert "Hello &lt;i&gt;x&lt;/i&gt;" in browser.shown.html
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer).status_code == 200
    assert api.put("/prompts/login/partials", {"login": {"form-content-start": ""}}).json == {}
    assert "acme-start" not in first_page(world)


@row("T3")
@pytest.mark.parametrize(
    "piece",
    [
        "<script>alert(1)</script>",
        '<input name="password">',
        '<input name="ulp-x" type="submit">',
        '<input name="ulp-x" form="other">',
        '<input name="ulp-x" formaction="https://evil.example">',
        "</form><form action='https://evil.example'>",
        "</div>",
        "<div>",
        "<form></form>",
        '<div style="x">a</div>',
        "<style>a{}</style>",
        '<p data-copy="x">a</p>',
        '<img src=x onerror="alert(1)">',
        "{%- auth0:widget -%}",
        "{% if %}",
        "<!DOCTYPE html>",
        "<html></html>",
        "<p>x</p><img src='https://evil.example/?",
        "x <!-- to the end of the page",
        "x <a href='https://evil.example/",
        "{{ '<script src=https://evil.example/>' }}",
        "<textarea name=ulp-x>{% if locale == 'xx' %}</textarea>{% endif %}",
    ],
)
def test_hostile_pieces_are_refused(api: Api, piece: str) -> None:
    answer = api.put("/prompts/login/partials", {"login": {"form-content-start": piece}})
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get("/prompts/login/partials").json == {}
