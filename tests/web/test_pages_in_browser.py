"""The pages in a real Chromium, under the policy they are served with: accessible in every state, and what the script
adds.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, expect

from idp.foundation.web.assets import assets
from idp.foundation.web.security import csp
from tests.counterparts.browser import watched_page
from tests.counterparts.local_site import local_site
from tests.screens.preview import NONCE, SCENES

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
BY_NAME = {scene.name: scene for scene in SCENES}
GOES_ELSEWHERE = {"form-post", "form-leaving", "web-message", "session-frame", "signed-out-continue"}
SHOWN = [name for name in BY_NAME if name not in GOES_ELSEWHERE]


def gallery() -> Flask:
    """Every scene under the policy of the product; a POST is counted and answered with what it carried."""
    app = Flask("gallery", static_folder=None)
    app.register_blueprint(assets)
    app.config["posts"] = []

    @app.get("/<locale>/<name>")
    def show(locale: str, name: str) -> Response:
        response = Response(BY_NAME[name].render(locale))
        response.headers["Content-Security-Policy"] = csp(NONCE)
        return response

    @app.post("/<locale>/<name>")
    def take(locale: str, name: str) -> Response:
        app.config["posts"].append(request.form.to_dict())
        return Response("", status=204)  # the browser stays where it is, as while an answer is on its way

    return app


@pytest.fixture(scope="module")
def app() -> Flask:
    return gallery()


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[str]:
    with local_site(app) as url:
        yield url


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with watched_page(chromium, viewport={"width": 1280, "height": 800}) as opened:
        yield opened


@pytest.mark.parametrize("name", SHOWN)
def test_every_state_is_accessible_in_every_theme(page: Page, site: str, name: str) -> None:
    looks: tuple[dict[str, str], ...] = (
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"color_scheme": "dark", "forced_colors": "active"},
    )
    for locale, look in zip(("de", "ar", "ja"), looks, strict=True):
        page.emulate_media(**look)  # type: ignore[arg-type]
        page.goto(f"{site}/{locale}/{name}")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{locale} {look}: {found.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 1280, "height": 800})


def test_targets_are_large_enough_for_fingers(page: Page, site: str) -> None:
    for name in ("login", "signup", "consent", "account"):
        page.goto(f"{site}/de/{name}")
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, summary, input:not([type=hidden]):not(.vh)')]
              .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
              .filter(([, box]) => box.width > 0 && box.height < 43.5).map(([html]) => html)"""
        )
        assert small == []


def test_a_password_can_be_shown_and_is_hidden_again_when_sent(page: Page, site: str, app: Flask) -> None:
    page.goto(f"{site}/en/login")
    password, toggle = page.locator("#password"), page.get_by_role("button", name="Show password")
    password.fill("secret")
    toggle.click()
    expect(password).to_have_attribute("type", "text")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    with page.expect_request(lambda sent: sent.method == "POST"):
        page.keyboard.press("Enter")
    expect(password).to_have_attribute("type", "password")


def test_rules_are_checked_while_typing(page: Page, site: str) -> None:
    page.goto(f"{site}/en/signup-error")
    rules = page.locator("#password-rules li")
    for typed, met in (
        ("abc", [False, False, True]),
        ("Abcdefgh-1", [True, True, True]),
        ("Aaaa1-----", [True, True, False]),
    ):
        page.locator("#password").fill(typed)
        assert [bool(each) for each in rules.evaluate_all("all => all.map(e => e.matches('.met'))")] == met
    expect(page.locator("#password-rules-status")).to_have_text("2 of 3 password rules met.")


def test_one_submit_is_enough(page: Page, site: str, app: Flask) -> None:
    app.config["posts"].clear()
    page.goto(f"{site}/en/login")
    page.locator("#username").fill("jo@example.com")
    page.locator("#password").fill("secret")
    button = page.locator("#login-submit")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    expect(button).to_have_text("Signing in…")
    expect(button).to_be_enabled()
    button.click()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert [(sent["username"], sent["action"], sent["csrf"]) for sent in app.config["posts"]] == [
        ("jo@example.com", "default", "csrf-token")
    ]


def test_the_error_summary_has_the_focus_and_leads_to_the_field(page: Page, site: str) -> None:
    page.goto(f"{site}/en/signup-error")
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary a").nth(1).click()
    expect(page.locator("#password")).to_be_focused()


def test_languages_fold_out_without_a_script(chromium: Browser, site: str) -> None:
    with watched_page(chromium, java_script_enabled=False) as page:
        page.goto(f"{site}/en/login")
        expect(page.locator("[data-peek]")).to_be_hidden()
        page.locator("details.locales summary").click()
        page.get_by_role("link", name="Deutsch").click()
        assert page.url.endswith("language=de")


def test_keyboard_order_is_reading_order(page: Page, site: str) -> None:
    page.goto(f"{site}/en/login")
    reached = []
    for _ in range(7):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.dataset.peek + ':peek'"))
        page.keyboard.press("Tab")
    assert reached == [
        "username",
        "password",
        "password:peek",
        "forgot-password-link",
        "login-submit",
        "passkey-button",
        "login-cancel",
    ]


def test_a_web_message_reaches_only_its_origin(page: Page, site: str) -> None:
    html = BY_NAME["web-message"].render("en")
    page.goto(f"{site}/en/login")
    page.evaluate("window.heard = []; addEventListener('message', event => window.heard.push(event.data))")
    page.evaluate(
        """html => { const frame = document.createElement('iframe'); document.body.append(frame);
          frame.contentDocument.write(html); }""",
        html.replace("https://shop.example", site),
    )
    page.wait_for_function("window.heard.length > 0")
    assert page.evaluate("window.heard") == [
        {"type": "authorization_response", "response": {"code": "abc", "state": "</script>"}}
    ]
