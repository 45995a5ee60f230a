"""Acceptance of the sheet "Account lifecycle", line by line; what has tests of its own elsewhere is named there.

1 is ``test_signup.test_the_mail_proves_the_address``, 3 ``test_embedded.test_a_forgotten_password_is_answered_alike``
and ``test_reset_password.test_the_page_and_the_mailbox_say_the_same_whoever_asks_for_whom``, 4
``test_reset_password.test_only_the_newest_link_is_good``, ``..._an_administrators_link_ends_when_it_says`` and
``tests/security/test_tickets.py``; that blocks, new passwords and deletions hold at once in every process:
``tests/api_v2/at_once/test_users.py``. Line 8, codes that prove an address at sign-up, is not built.
"""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.templates import CONNECTION
from tests.world.world import Person, World

BOUNDARIES = [
    ("none", None, "q"),
    ("low", "qzxwv", "qzxwvk"),
    ("fair", "Qzxwv1a", "Qzxwv1ab"),
    ("fair", "qzxwv1ab", "Qzxwv1ab"),
    ("good", "qzxwv1ab", "qzxwv1a!B"),
    ("good", "Qzxwv1a", "Qzxwvkab1"),
    ("excellent", "Qzxwv1abc", "Qzxwv1abcd"),
    ("excellent", "Qzxwv1aaac", "Qzxwv1aabc"),
]
"""A level, the longest or best password that it refuses, and one that it takes."""


@pytest.mark.parametrize(("level", "bad", "good"), BOUNDARIES)
def test_passwords_at_the_boundary_of_each_level(
    world: World, browser: Browser, jane: Person, level: str, bad: str | None, good: str
) -> None:
    """Acceptance 2: on sign-up, the reset page, and the API."""
    world.connection_options(passwordPolicy=level, password_complexity_options={})  # whose min_length would win
    api = world.caller("create:users", "create:user_tickets", "update:users")
    link = api.post("/tickets/password-change", {"user_id": jane.user_id}).json or {}
    world.client().begin(browser, screen_hint="signup")
    reader = world.browser().open(link["ticket"])
    new = {"connection": CONNECTION, "email": "api@example.com"}
    if bad is not None:
        browser.submit(email="new@example.com", password=bad)
        reader.submit(password=bad)
        answer = api.post("/users", {**new, "password": bad})
        assert (browser.status, reader.status, answer.status_code) == (400, 400, 400)
        assert (answer.json or {})["message"] == "PasswordStrengthError: Password is too weak"
    browser.submit(email="new@example.com", password=good)
    assert browser.left_for is not None
    reader.submit(password=good)
    assert reader.status == 200
    assert api.post("/users", {**new, "password": good}).status_code == 201


@pytest.mark.parametrize("kind", ["email-verification", "password-change"])
def test_tickets_that_contradict_themselves(world: World, jane: Person, kind: str) -> None:
    """Acceptance 5: an organization that the person is no member of, a result_url beside client_id."""
    api = world.caller("create:user_tickets")
    app = world.client()
    body = {"user_id": jane.user_id, "result_url": "https://app.example.test/done"}
    for more in ({"client_id": app.client_id}, {"organization_id": "org_0123456789abcdef"}):
        if kind == "password-change" and "client_id" in more:
            continue
        assert api.post(f"/tickets/{kind}", {**body, **more}).status_code == 400, more


@on_both_stores
def test_a_blocked_user_is_told_so_and_no_session_helps(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 6: the exact redirect; silent authentication is refused, too."""
    app = world.client()
    assert app.sign_in(browser, jane)
    world.management().patch(f"/users/{jane.user_id}", {"blocked": True})
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.error == "unauthorized"
    assert browser.answer.params["error_description"] == "user is blocked"
    assert {entry.description for entry in world.logs("f")} == {"user is blocked"}


def test_a_reset_lets_the_owner_in_and_old_sessions_out(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 7."""
    app = world.client()
    app.sign_in(browser, jane)
    guesser = world.browser(address="203.0.113.50")
    app.begin(guesser)
    for _ in range(11):
        guesser.submit(username=jane.email, password="wrong")
    assert guesser.status == 429
    management = world.management()
    assert management.get(f"/user-blocks/{jane.user_id}")["blocked_for"]
    reader = world.browser()
    reader.open(management.post("/tickets/password-change", {"user_id": jane.user_id})["ticket"])
    reader.submit(password="another 9 Good phrase")
    assert management.get(f"/user-blocks/{jane.user_id}")["blocked_for"] == []
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    guesser.submit(username=jane.email, password="another 9 Good phrase")
    assert guesser.left_for is not None


@pytest.mark.parametrize("address", ["me@thrown.example", "me@deep.below.thrown.example", "ME@THROWN.example"])
def test_domains_that_are_refused(world: World, browser: Browser, address: str) -> None:
    """Issue 11, line 4: disposable addresses by a list."""
    api = world.caller("update:tenant_settings")
    assert api.patch("/tenants/settings", {"refused_email_domains": ["thrown.example"]}).status_code == 200
    for wrong in (["no domain"], ["nodot"], [".example.com"], [5]):
        assert api.patch("/tenants/settings", {"refused_email_domains": wrong}).status_code == 400, wrong
    app = world.client()
    app.begin(browser, screen_hint="signup")
    browser.submit(email=address, password="Qzxwv1abcd")
    assert browser.status == 400
    assert "this provider" in browser.shown.texts["email-error"]
    body = {"client_id": app.client_id, "connection": CONNECTION, "email": address, "password": "Qzxwv1abcd"}
    answer = world.send("POST", "/dbconnections/signup", json=body)
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "invalid_signup")
    browser.submit(email="me@notthrown.example", password="Qzxwv1abcd")
    assert browser.left_for is not None
