"""Group H: sessions, cookies, transactions."""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


def signed_in(app: Application, browser: Browser) -> bool:
    app.begin(browser, prompt="none")
    return "code" in browser.answer.params


def copy_of(browser: Browser) -> Browser:
    """A browser with the same cookies."""
    twin = browser.world.browser()
    twin.jar.kept = dict(browser.jar.kept)
    return twin


@row("H1")
def test_every_cookie_is_for_this_host_and_no_script(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    app.begin(browser)
    headers = browser.response.headers.getlist("Set-Cookie") if browser.response else []
    form = browser.shown.form("username")
    fields = {**form.fields, "username": jane.email, "password": jane.password, **form.button(None)}
    browser.request("POST", form.action, form=fields, site="same-origin")
    headers += browser.response.headers.getlist("Set-Cookie") if browser.response else []
    browser.open("/v2/logout")
    headers += browser.response.headers.getlist("Set-Cookie") if browser.response else []
    assert len(headers) >= 4
    for header in headers:
        parts = {part.strip().lower() for part in header.split(";")[1:]}
        assert {"httponly", "secure", "path=/"} <= parts, header
        assert not any(part.startswith("domain") for part in parts)


@row("H2")
def test_a_cookie_from_before_never_becomes_a_session(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    planted = app.world.browser()
    mallory = world.user("mallory@example.com")
    app.sign_in(planted, mallory)
    for key, cookie in planted.jar.kept.items():
        if "auth0" in key[1]:
            browser.jar.kept[key] = cookie
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.jar.get("auth0") != planted.jar.get("auth0")
    assert not signed_in(app, planted), "the session before ended when another person came"


@row("H2")
def test_a_second_login_of_the_same_person_changes_the_cookie(app: Application, browser: Browser, jane: Person) -> None:
    app.sign_in(browser, jane)
    stolen = copy_of(browser)
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert not signed_in(app, stolen)
    assert signed_in(app, browser)


@row("H3")
@pytest.mark.parametrize("way", ["/v2/logout", "/oidc/logout", "/account"])
def test_signing_out_ends_it_on_the_server(app: Application, browser: Browser, jane: Person, way: str) -> None:
    app.sign_in(browser, jane)
    stolen = copy_of(browser)
    browser.open(way)
    if way == "/oidc/logout":
        browser.submit("logout-confirm")
    elif way == "/account":
        browser.submit("sign-out")
    assert not signed_in(app, stolen)


@row("H4")
@pytest.mark.parametrize("event", ["block", "delete", "password", "email", "session"])
def test_it_ends_at_once_in_every_process_when_things_change(
    world: World, app: Application, browser: Browser, jane: Person, event: str
) -> None:
    sid = app.sign_in(browser, jane).id_claims["sid"]
    other = world.other_process()
    elsewhere = Browser(other, jar=browser.jar)
    there = Application(other, app.client_id, app.secret, app.callback, app.auth)
    assert signed_in(there, elsewhere)
    management = world.management()
    if event == "block":
        management.patch(f"/users/{jane.user_id}", {"blocked": True})
    elif event == "delete":
        management.delete(f"/users/{jane.user_id}")
    elif event == "session":
        management.delete(f"/sessions/{sid}")
    else:
        value = {"password": "an entirely New passphrase 7", "email": "jane2@example.com"}[event]
        management.patch(f"/users/{jane.user_id}", {event: value})
    assert not signed_in(there, elsewhere)
    assert not signed_in(app, browser)
    if event == "block":
        management.patch(f"/users/{jane.user_id}", {"blocked": False})
        assert not signed_in(app, browser), "unblocking revives nothing"
    other.platform.db.dispose()


FORMS = ["/u/login", "/u/signup", "/u/reset-password/request"]


@row("H5")
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("site", "origin", "token", "passes"),
    [
        ("same-origin", "https://id.example.test", "own", True),
        ("same-origin", "null", "own", True),
        ("same-origin", "", "own", True),
        ("", "https://id.example.test", "own", True),
        ("", "", "own", True),
        ("cross-site", "https://id.example.test", "own", False),
        ("same-site", "https://id.example.test", "own", False),
        ("none", "https://id.example.test", "own", False),
        ("same-origin", "https://evil.test", "own", False),
        ("", "https://evil.test", "own", False),
        ("", "http://id.example.test", "own", False),
        ("", "https://id.example.test.evil.test", "own", False),
        ("", "https://id.example.test:8443", "own", False),
        ("", "https://user@id.example.test", "own", False),
        ("", "https://[", "own", False),
        ("", "", "", False),
        ("", "", "x", False),
        ("same-origin", "https://id.example.test", "of another browser", False),
        ("same-origin", "https://id.example.test", "", False),
    ],
)
def test_a_form_counts_only_from_its_own_page_in_its_own_browser(
    world: World, app: Application, browser: Browser, path: str, site: str, origin: str, token: str, passes: bool
) -> None:
    app.begin(browser)
    state = browser.shown.form("username").fields["state"]
    browser.open(f"{path}?state={state}")
    stranger = world.browser()
    app.begin(stranger)
    csrf = {
        "own": browser.shown.forms[0].fields["csrf"],
        "of another browser": stranger.shown.forms[0].fields["csrf"],
    }.get(token, token)
    form = {
        "state": state,
        "csrf": csrf,
        "username": "x@example.com",
        "email": "x",
        "password": "wrong",
        "action": "default",
    }
    browser.request(
        "POST",
        f"{world.issuer.rstrip('/')}{path}",
        form=form,
        site="same-origin",
        headers={"Sec-Fetch-Site": site, "Origin": origin},
    )
    assert (browser.status != 403) is passes
    assert browser.status < 500


@row("H5")
def test_somebody_cannot_be_signed_in_as_another_by_a_foreign_page(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    attacker = world.browser()
    app.begin(attacker)
    form = attacker.shown.form("username")
    fields = {**form.fields, "username": jane.email, "password": jane.password, "action": "default"}
    app.begin(browser)
    browser.open(form.action, method="POST", form=fields, site="cross-site")
    assert browser.status == 403
    assert browser.jar.get("auth0") is None


@row("H6")
@pytest.mark.parametrize("step", ["login page", "after the password", "consent"])
def test_an_attempt_cannot_be_finished_in_another_browser(
    world: World, browser: Browser, jane: Person, step: str
) -> None:
    app = world.client(is_first_party=False)
    app.begin(browser)
    state = browser.shown.form("username").fields["state"]
    if step != "login page":
        browser.submit(username=jane.email, password=jane.password)
    if step == "consent":
        browser.submit("consent-accept")
    victim = world.browser()
    world.client().sign_in(victim, jane)
    for path in ("/u/login", "/u/consent", "/authorize/resume", "/u/login/password"):
        victim.open(f"{path}?state={state}", site="cross-site")
        assert victim.left_for is None
        assert victim.status == 400


@row("H6")
def test_a_made_up_browser_id_does_not_help(world: World, app: Application, browser: Browser) -> None:
    app.begin(browser)
    url = browser.shown.url
    for forged in ("x" * 43, "", "' OR 1=1", "x" * 5000):
        response = world.get(url, headers={"Cookie": f"did={forged}"})
        assert response.status_code == 400
        assert "password" not in {*response.get_data(as_text=True).split('"')}


@row("H7")
@pytest.mark.parametrize("value", ["", "x", "ü" * 50, "x" * 8000, "\x01", "a=b; auth0=c", "%00", "null", "{}", "-1"])
@pytest.mark.parametrize("name", ["auth0", "auth0_compat", "did", "session", "a0_users:sess"])
def test_a_broken_cookie_is_nobodys(world: World, app: Application, name: str, value: str) -> None:
    for path in (
        app.attempt().url,
        app.attempt(prompt="none").url,
        "/account",
        "/oidc/logout",
        "/v2/logout",
        "/u/login?state=x",
    ):
        response = world.get(path, headers={"Cookie": f"{name}={value}"})
        assert response.status_code < 500
        assert "code=" not in response.headers.get("Location", "")


@row("H8")
def test_cookies_are_long_and_random(world: World, app: Application, jane: Person) -> None:
    seen = set()
    for _ in range(4):
        browser = world.browser()
        app.sign_in(browser, jane)
        for name in ("auth0", "did"):
            value = str(browser.jar.get(name))
            assert len(value) >= 43
            seen.add(value)
    assert len(seen) == 8


@row("H10")
def test_limits_are_kept_on_the_server_whatever_the_cookie_says(
    app: Application, browser: Browser, jane: Person, clock: Clock
) -> None:
    app.sign_in(browser, jane)
    for cookie in browser.jar.kept.values():
        cookie.expires = None
    clock.forward(hours=73)
    assert not signed_in(app, browser)
