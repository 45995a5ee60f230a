"""SSO sessions: lifetimes, cookies, what ends them (spec: Sessions, cookies, redirects)."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock, OpenWorld
from tests.world.templates import PLAIN_HTTP
from tests.world.world import API, Person, World


def signed_in(app: Application, browser: Browser) -> bool:
    app.begin(browser, prompt="none")
    return "code" in browser.answer.params


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


def test_it_ends_after_three_idle_days(app: Application, browser: Browser, jane: Person, clock: Clock) -> None:
    app.sign_in(browser, jane)
    clock.forward(hours=71)
    assert signed_in(app, browser)
    clock.forward(hours=71)
    assert signed_in(app, browser)
    clock.forward(hours=73)
    assert not signed_in(app, browser)


def test_it_ends_after_a_week_however_busy(app: Application, browser: Browser, jane: Person, clock: Clock) -> None:
    app.sign_in(browser, jane)
    for _ in range(3):
        clock.forward(hours=50)
        assert signed_in(app, browser)
    clock.forward(hours=19)
    assert not signed_in(app, browser)


def test_a_fresh_sign_in_begins_its_week_anew(app: Application, browser: Browser, jane: Person, clock: Clock) -> None:
    before = app.sign_in(browser, jane).id_claims
    for _ in range(3):
        clock.forward(hours=50)
        assert signed_in(app, browser)
    attempt = app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["sid"] == before["sid"]
    clock.forward(hours=60)
    assert signed_in(app, browser)


def test_without_persistence_it_ends_with_the_browser(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock
) -> None:
    world.settings(session_cookie={"mode": "non-persistent"})
    app.sign_in(browser, jane)
    assert signed_in(app, browser)
    clock.forward(hours=25)
    assert not signed_in(app, browser), "a day idle is the limit of such sessions"
    app.sign_in(browser, jane)
    browser.jar.close_browser()
    assert not signed_in(app, browser)


def test_a_persistent_one_survives_closing_the_browser(app: Application, browser: Browser, jane: Person) -> None:
    app.sign_in(browser, jane)
    browser.jar.close_browser()
    assert signed_in(app, browser)


@pytest.mark.parametrize(
    ("setting", "minutes"),
    [
        ({"idle_session_lifetime": 1}, 60),
        ({"session_lifetime": 1}, 60),
        ({"idle_session_lifetime_in_minutes": 5}, 5),
        ({"session_lifetime_in_minutes": 5}, 5),
    ],
)
def test_lowering_a_limit_counts_for_sessions_that_are_there(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock, setting: dict[str, int], minutes: int
) -> None:
    app.sign_in(browser, jane)
    clock.forward(minutes=minutes + 1)
    assert signed_in(world.client(), browser) is True
    clock.forward(minutes=minutes + 1)
    world.settings(**setting)
    assert not signed_in(app, browser)


def test_raising_a_limit_counts_for_new_sessions_only(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock
) -> None:
    app.sign_in(browser, jane)
    world.settings(idle_session_lifetime=500, session_lifetime=500)
    clock.forward(hours=100)
    assert not signed_in(app, browser)
    app.sign_in(browser, jane)
    clock.forward(hours=100)
    assert signed_in(app, browser)


def cookies_of(browser: Browser) -> dict[str, SimpleCookie]:
    assert browser.response is not None
    found = {}
    for header in browser.response.headers.getlist("Set-Cookie"):
        parsed: SimpleCookie = SimpleCookie(header)
        found.update(dict.fromkeys(parsed, parsed))
    return found


def submit_only(browser: Browser, person: Person) -> None:
    """Send the login form without following its redirect, to see its own headers."""
    form = browser.shown.form("username", "password")
    fields = {**form.fields, "username": person.email, "password": person.password, **form.button(None)}
    browser.request("POST", form.action, form=fields, site="same-origin")


def test_cookies_under_tls_match_the_table(app: Application, browser: Browser, jane: Person) -> None:
    app.begin(browser)
    submit_only(browser, jane)
    found = cookies_of(browser)
    assert set(found) == {"__Host-auth0", "__Host-auth0_compat"}
    main, compat = (found[name][name] for name in ("__Host-auth0", "__Host-auth0_compat"))
    assert main.value == compat.value
    assert len(main.value) >= 43
    for cookie in (main, compat):
        assert cookie["httponly"]
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
        assert cookie["max-age"] == str(168 * 3600)
    assert main["samesite"] == "None"
    assert compat["samesite"] == ""


def test_without_persistence_cookies_have_no_age(
    world: World, app: Application, browser: Browser, jane: Person
) -> None:
    world.settings(session_cookie={"mode": "non-persistent"})
    app.begin(browser)
    submit_only(browser, jane)
    assert all(cookie[name]["max-age"] == "" for name, cookie in cookies_of(browser).items())


def test_an_application_says_how_sessions_begin_by_it(world: World, browser: Browser, jane: Person) -> None:
    kiosk = world.client(session_cookie_mode="non-persistent")
    kiosk.begin(browser)
    submit_only(browser, jane)
    assert all(cookie[name]["max-age"] == "" for name, cookie in cookies_of(browser).items())
    assert signed_in(kiosk, browser)
    browser.jar.close_browser()
    assert not signed_in(kiosk, browser)
    home = world.client(session_cookie_mode="persistent")
    world.settings(session_cookie={"mode": "non-persistent"})
    sid = home.sign_in(browser, jane).id_claims["sid"]
    browser.jar.close_browser()
    assert signed_in(home, browser)
    assert world.caller().get(f"/sessions/{sid}").get_json()["cookie"] == {"mode": "persistent"}
    kiosk.begin(browser, prompt="login")
    submit_only(browser, jane)
    browser.jar.close_browser()
    assert not signed_in(home, browser), "whoever signed in again there left nothing behind"


def test_the_compat_cookie_alone_is_enough(app: Application, browser: Browser, jane: Person) -> None:
    app.sign_in(browser, jane)
    host = next(host for host, name in browser.jar.kept if name == "__Host-auth0")
    del browser.jar.kept[host, "__Host-auth0"]
    assert signed_in(app, browser)


def test_on_plain_http_cookies_are_lax_and_the_walk_works(open_world: OpenWorld) -> None:
    world = open_world(PLAIN_HTTP)
    browser, person, app = world.browser(), world.user(), world.client(callbacks=["http://localhost:3000/cb"])
    app.begin(browser)
    submit_only(browser, person)
    found = cookies_of(browser)
    assert set(found) == {"auth0"}
    assert found["auth0"]["auth0"]["samesite"] == "Lax"
    assert not found["auth0"]["auth0"]["secure"]
    assert signed_in(app, browser)


def test_every_sign_in_gives_the_cookie_a_new_value(app: Application, browser: Browser, jane: Person) -> None:
    app.sign_in(browser, jane)
    before = browser.jar.get("auth0")
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.jar.get("auth0") not in (None, before)
    stolen = app.world.browser()
    stolen.jar.kept = dict(browser.jar.kept)
    next(cookie for (_, name), cookie in stolen.jar.kept.items() if name == "__Host-auth0").value = str(before)
    next(cookie for (_, name), cookie in stolen.jar.kept.items() if name == "__Host-auth0_compat").value = str(before)
    assert not signed_in(app, stolen)


@pytest.mark.parametrize("value", ["", "x", "x" * 5000, "ü", "../../etc/passwd", "' OR 1=1 --"])
def test_a_made_up_cookie_is_nobody(world: World, app: Application, value: str) -> None:
    sent = f"__Host-auth0={value}; __Host-did={value}"
    response = world.get(app.attempt(prompt="none").url, headers={"Cookie": sent})
    assert response.status_code == 303
    assert "login_required" in response.headers["Location"]


def test_logout_ends_it_on_the_server_too(app: Application, browser: Browser, jane: Person) -> None:
    app.sign_in(browser, jane)
    copy = app.world.browser()
    copy.jar.kept = dict(browser.jar.kept)
    browser.open("/v2/logout")
    assert not signed_in(app, copy)


def test_sessions_survive_a_restart(world: World, app: Application, browser: Browser, jane: Person) -> None:
    app.sign_in(browser, jane)
    other = world.other_process()
    moved = Browser(other, jar=browser.jar)
    assert signed_in(Application(other, app.client_id, app.secret, app.callback, app.auth), moved)
    other.platform.db.dispose()


def test_two_browsers_are_two_sessions(app: Application, browser: Browser, jane: Person) -> None:
    here, there = app.sign_in(browser, jane), app.sign_in(app.world.browser(), jane)
    assert here.id_claims["sid"] != there.id_claims["sid"]
    assert len(here.id_claims["sid"]) == 32


# ---- tokens of sessions that end
@pytest.mark.parametrize("audience", [None, API])
@pytest.mark.parametrize("way", ["all", "one", "logout"])
def test_tokens_end_with_their_session_unless_offline_access_was_granted(
    world: World, browser: Browser, jane: Person, way: str, audience: str | None
) -> None:
    world.api()
    app = world.client()
    online = app.sign_in(browser, jane, audience=audience, scope="openid email")
    offline = app.sign_in(browser, jane, audience=audience, scope="openid email offline_access")
    opened = [
        (app.begin(browser, audience=audience, scope=scope), browser.answer)
        for scope in ("openid", "openid offline_access")
    ]
    if way == "all":
        world.management().delete(f"/users/{jane.user_id}/sessions")
    elif way == "one":
        world.management().delete(f"/sessions/{online.id_claims['sid']}")
    else:
        browser.open(f"/oidc/logout?id_token_hint={online.id_token}")
    assert online.userinfo().status_code == 401
    assert app.introspect(online.access_token) == {"active": False}
    for attempt, answer in opened:
        assert attempt.redeem(answer).get_json()["error"] == "invalid_grant"
    assert offline.userinfo().status_code == 200
    assert offline.refreshed().userinfo().status_code == 200


def test_ending_all_sessions_ends_the_tokens_of_those_that_ran_out(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    world.settings(idle_session_lifetime_in_minutes=5)
    tokens = world.client().sign_in(browser, jane)
    clock.forward(minutes=10)
    world.management().delete(f"/users/{jane.user_id}/sessions")
    assert tokens.userinfo().status_code == 401
