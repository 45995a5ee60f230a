"""/account: a person's own page (issue: name and email, password, sessions, applications, sign out)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from idp.signin.sessions.lists import MOST_SHOWN
from tests.world.browser import Browser
from tests.world.world import Person, World

NEW = "an entirely New passphrase 7"


def enter(browser: Browser, person: Person) -> Browser:
    """Sign in to the account page itself."""
    browser.open("/account")
    assert browser.path == "/u/login"
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/account"
    return browser


def test_it_asks_to_sign_in_and_shows_who_it_is(browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    assert jane.email in browser.shown.text
    assert browser.shown.form("name").fields["name"] == "Jane Doe"


def test_an_application_session_is_enough(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    browser.open("/account")
    assert browser.path == "/account"


def test_the_name_changes(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    browser.submit("save-profile", name="Jane Newname")
    assert browser.path == "/account"
    assert browser.shown.form("name").fields["name"] == "Jane Newname"
    assert world.client().sign_in(browser, jane).id_claims["name"] == "Jane Newname"


def test_an_empty_name_is_refused(browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    browser.submit("save-profile", name="   ")
    assert browser.status == 400


def test_the_password_changes_and_other_sessions_end(world: World, browser: Browser, jane: Person) -> None:
    elsewhere, app = world.browser(), world.client()
    tokens = app.sign_in(elsewhere, jane, scope="openid offline_access")
    enter(browser, jane)
    browser.submit("change-password", current_password=jane.password, password=NEW)
    assert browser.path == "/account"
    assert browser.status == 200
    app.begin(elsewhere, prompt="none")
    assert elsewhere.answer.error == "login_required"
    assert app.refresh(tokens.refresh_token).status_code == 400
    browser.open("/account")
    assert browser.path == "/account", "this session stays"
    fresh = world.browser()
    app.begin(fresh)
    fresh.submit(username=jane.email, password=NEW)
    assert fresh.left_for is not None


@pytest.mark.parametrize(
    ("current", "new"), [("wrong", NEW), ("", NEW), (None, "short"), (None, ""), (None, "Password1")]
)
def test_a_wrong_or_weak_password_changes_nothing(
    world: World, browser: Browser, jane: Person, current: str | None, new: str
) -> None:
    enter(browser, jane)
    browser.submit("change-password", current_password=jane.password if current is None else current, password=new)
    assert browser.status == 400
    assert world.client().sign_in(world.browser(), jane)


def test_guesses_of_the_current_password_are_counted(browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    for _ in range(11):
        browser.submit("change-password", current_password="wrong", password=NEW)
    browser.submit("change-password", current_password=jane.password, password=NEW)
    assert browser.status in {400, 429}
    enter(Browser(browser.world, address="203.0.113.5"), jane)


def test_other_sessions_are_listed_and_ended(world: World, browser: Browser, jane: Person) -> None:
    phone, app = world.browser(agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/605"), world.client()
    app.sign_in(phone, jane)
    enter(browser, jane)
    assert "iPhone" in browser.shown.text
    pictures = re.findall(r'<div class="what">\s*(<svg.*?</svg>)', browser.shown.html, re.DOTALL)[:2]
    assert len(set(pictures)) == 2, "a telephone looks like one"
    browser.submit("end", session_id=browser.shown.form("session_id").fields["session_id"])
    app.begin(phone, prompt="none")
    assert phone.answer.error == "login_required"
    assert "session_id" not in {name for form in browser.shown.forms for name in form.fields}


def test_all_other_sessions_end_at_once(world: World, browser: Browser, jane: Person) -> None:
    others, app = [world.browser() for _ in range(3)], world.client()
    for other in others:
        app.sign_in(other, jane)
    enter(browser, jane)
    browser.submit("end-other-sessions")
    for other in others:
        app.begin(other, prompt="none")
        assert other.answer.error == "login_required"
    browser.open("/account")
    assert browser.path == "/account"


def test_sessions_beyond_the_list_end_too(world: World, browser: Browser, jane: Person) -> None:
    app, others = world.client(), [world.browser() for _ in range(MOST_SHOWN + 10)]
    tokens = [app.sign_in(other, jane) for other in others]
    enter(browser, jane)
    assert "11 more sessions" in browser.shown.text
    browser.submit("end-other-sessions")
    assert "signed out everywhere else" in browser.shown.texts["notice"]
    assert "more session" not in browser.shown.text
    for other, token in zip(others, tokens, strict=True):
        app.begin(other, prompt="none")
        assert other.answer.error == "login_required"
        assert token.userinfo().status_code == 401


def test_sessions_say_what_they_are_used_for(world: World, browser: Browser, jane: Person) -> None:
    world.client(name="Orchard Books").sign_in(world.browser(), jane)
    world.client(name="Tide tables").sign_in(world.browser(), jane)
    enter(browser, jane)
    assert "Used for Orchard Books" in browser.shown.text
    assert "Used for Tide tables" in browser.shown.text


def test_access_is_told_in_the_sentences_of_the_consent_page(world: World, browser: Browser, jane: Person) -> None:
    audience = world.api(scopes=("read:orders",))
    app = world.client(is_first_party=False, name="Foreign app")
    app.sign_in(browser, jane, audience=audience, scope="openid profile offline_access read:orders")
    browser.open("/account")
    told = browser.shown.text
    for sentence in ("To read orders", "See your name", "Keep access until you remove it"):
        assert sentence in told
    assert "offline_access" not in told
    assert "read:orders" not in told


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"button": "save-profile", "name": "Jane"}, "profile has been saved"),
        ({"button": "end-other-sessions"}, "signed out everywhere else"),
    ],
)
def test_what_was_done_is_said_where_it_was_done(
    world: World, browser: Browser, jane: Person, form: dict[str, str], said: str
) -> None:
    world.client().sign_in(world.browser(), jane)
    enter(browser, jane)
    fields = {name: value for name, value in form.items() if name != "button"}
    browser.submit(form["button"], **fields)
    assert said in browser.shown.texts["notice"]
    assert browser.hops[-1].endswith("#notice")


def test_nobody_elses_session_can_be_ended(world: World, browser: Browser, jane: Person) -> None:
    john, his = world.user("john@example.com"), world.browser()
    app = world.client()
    sid = app.sign_in(his, john).id_claims["sid"]
    app.sign_in(world.browser(), jane)
    enter(browser, jane)
    browser.send_form(browser.shown.form("session_id"), "end", session_id=sid)
    app.begin(his, prompt="none")
    assert "code" in his.answer.params


def test_an_applications_access_is_taken_back(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False, name="Foreign app")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    browser.open("/account")
    assert "Foreign app" in browser.shown.text
    browser.submit("remove", application_id=app.client_id)
    assert "Foreign app no longer has access" in browser.shown.texts["notice"]
    assert [form for form in browser.shown.forms if "application_id" in form.fields] == []
    assert app.refresh(tokens.refresh_token).status_code == 400
    assert tokens.userinfo().status_code == 401
    app.begin(browser)
    assert browser.path == "/u/consent"


def test_signing_out(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    browser.submit("sign-out")
    assert "You are logged out" in browser.shown.text
    browser.open("/account")
    assert browser.path == "/u/login"


@pytest.mark.parametrize("path", ["profile", "password", "sessions", "applications", "sign-out"])
def test_forms_from_elsewhere_do_nothing(world: World, browser: Browser, jane: Person, path: str) -> None:
    enter(browser, jane)
    browser.request("POST", f"{world.issuer}account/{path}", form={"name": "Mallory"}, site="cross-site")
    assert browser.status in {303, 403}
    browser.request("POST", f"{world.issuer}account/{path}", form={"name": "Mallory", "csrf": "x"}, site="same-origin")
    assert browser.status == 403
    assert world.management().get(f"/users/{jane.user_id}")["name"] == "Jane Doe"


def test_a_blocked_person_is_out(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    world.change_user(jane.user_id, blocked=True)
    browser.open("/account")
    assert browser.path == "/u/login"


def test_cancelling_its_sign_in_says_so(browser: Browser) -> None:
    browser.open("/account")
    browser.submit("login-cancel")
    assert browser.status == 403
    assert browser.shown.texts["error-code"] == "access_denied"


def test_password_managers_find_it(world: World) -> None:
    response = world.get("/.well-known/change-password")
    assert response.status_code == 302
    assert urlsplit(response.headers["Location"]).path == "/account"


def test_linked_accounts_are_listed_and_let_go(world: World, browser: Browser, jane: Person) -> None:
    """spec/linking.md, "Unlink", by the person themselves; the main one stays."""
    enter(browser, jane)
    assert "accounts-title" not in browser.shown.texts
    partners = world.connection("partners")
    other = world.user("other@example.com", connection_id=partners)
    api = world.caller()
    body = {"provider": "auth0", "user_id": other.account_id, "connection_id": partners}
    assert api.post(f"/users/{jane.user_id}/identities", body).status_code == 201
    browser.open("/account")
    assert "other@example.com" in browser.shown.text
    form = browser.shown.form("account_id")
    assert form.fields["account_id"] == f"{partners}|{other.account_id}"
    for wrong in (f"{world.connection_id}|{jane.account_id}", "nothing", "x" * 500):
        browser.send_form(form, account_id=wrong)
        assert len(api.get(f"/users/{jane.user_id}").json["identities"]) == 2
    forged = browser.open("/account/accounts", method="POST", form={"account_id": form.fields["account_id"]})
    assert forged.status in {400, 403}
    browser.open("/account")
    browser.send_form(browser.shown.form("account_id"))
    assert "account of its own now" in browser.shown.text
    assert len(api.get(f"/users/{jane.user_id}").json["identities"]) == 1
    assert api.get(f"/users/{other.user_id}").json["email"] == "other@example.com"
