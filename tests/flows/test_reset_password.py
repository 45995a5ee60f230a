"""Password reset: asking, the mail, the new password and everything it ends (spec: Password change)."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

NEW = "an entirely New passphrase 7"


def ask(world: World, browser: Browser, identifier: str, **params: str) -> Browser:
    """From the login page to the page that says where to look."""
    world.client(initiate_login_uri="https://app.example.test/login").begin(browser, **params)
    browser.follow("forgot-password-link")
    return browser.submit(username=identifier)


def link_of(world: World, to: str) -> str:
    """The reset link of the newest mail."""
    return next(link for mail in world.mails(to) for link in mail.links if "/u/reset-verify" in link)


def test_a_forgotten_password_is_replaced(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    assert browser.path == "/u/reset-password/email-sent"
    assert jane.email not in browser.shown.text
    browser.open(link_of(world, jane.email))
    assert jane.email in browser.shown.text
    browser.submit(password=NEW)
    assert browser.status == 200
    assert browser.shown.links["login-link"].startswith("https://app.example.test/login?iss=")
    attempt = world.client().begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 400
    browser.submit(username=jane.email, password=NEW)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    assert [entry.type for entry in world.logs("scpr", "scp")] == ["scpr", "scp"]
    assert world.mails(jane.email)[0].subject != world.mails(jane.email)[1].subject


def test_the_page_and_the_mailbox_say_the_same_whoever_asks_for_whom(
    world: World, browser: Browser, jane: Person
) -> None:
    known = ask(world, browser, jane.email).shown
    unknown = ask(world, world.browser(), "john@example.com").shown
    assert known.text == unknown.text
    assert [mail.to for mail in world.mails()] == [jane.email]


def test_the_mail_goes_to_the_stored_address(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, "JANE@example.com")
    assert [mail.to for mail in world.mails()] == [jane.email]


def test_opening_the_link_changes_nothing_and_using_it_uses_it_up(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    link = link_of(world, jane.email)
    for _ in range(3):
        browser.open(link)
        assert browser.status == 200
    form = browser.shown.form("password")
    browser.send_form(form, None, password=NEW)
    assert browser.status == 200
    browser.send_form(form, None, password="yet Another passphrase 8")
    assert browser.status == 400
    browser.open(link)
    assert browser.status == 400
    browser.follow("retry-link")
    assert browser.path == "/u/reset-password/request"


def test_only_the_newest_link_is_good(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    ask(world, browser, jane.email)
    first = link_of(world, jane.email)
    clock.forward(minutes=1)
    browser.submit("resend-link")
    second = link_of(world, jane.email)
    assert first != second
    assert browser.open(first).status == 400
    assert browser.open(second).status == 200


def test_a_link_lasts_five_days(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    ask(world, browser, jane.email)
    link = link_of(world, jane.email)
    clock.forward(days=4, hours=23)
    assert browser.open(link).status == 200
    clock.forward(hours=2)
    assert browser.open(link).status == 400


@pytest.mark.parametrize("password", ["", "short", "password", "x" * 3000])
def test_the_policy_holds_for_the_new_password_too(world: World, browser: Browser, jane: Person, password: str) -> None:
    ask(world, browser, jane.email)
    link = link_of(world, jane.email)
    browser.open(link)
    browser.submit(password=password)
    assert browser.status == 400
    assert browser.shown.texts["password-error"]
    browser.submit(password=NEW)
    assert browser.status == 200, "a refused password does not use the link up"


def test_it_ends_sessions_and_tokens_everywhere(world: World, browser: Browser, jane: Person) -> None:
    app, elsewhere = world.client("spa"), world.browser()
    tokens = app.sign_in(elsewhere, jane, scope="openid offline_access")
    ask(world, browser, jane.email)
    browser.open(link_of(world, jane.email)).submit(password=NEW)
    app.begin(elsewhere, prompt="none")
    assert elsewhere.answer.error == "login_required"
    assert app.refresh(tokens.refresh_token).status_code == 400
    assert tokens.userinfo().status_code == 401


def test_it_lifts_the_lock_of_wrong_passwords(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    for _ in range(11):
        browser.submit(username=jane.email, password="wrong")
    assert browser.status == 429
    ask(world, world.browser(), jane.email)
    world.browser().open(link_of(world, jane.email)).submit(password=NEW)
    browser.submit(username=jane.email, password=NEW)
    assert browser.left_for is not None


def test_sending_again_says_so_and_then_says_when_it_can_be_done_again(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    ask(world, browser, jane.email)
    assert browser.shown.form_with_button("resend-link")
    browser.submit("resend-link")
    assert (browser.status, browser.path) == (200, "/u/reset-password/email-sent")
    assert "Sent again." in browser.shown.text
    assert len(world.mails(jane.email)) == 2
    browser.submit("resend-link")
    assert browser.status == 429
    assert "You can send it again in" in browser.shown.text
    assert "second" in browser.shown.text or "1 minute" in browser.shown.text
    assert browser.response is not None
    assert 0 < int(browser.response.headers["Retry-After"]) <= 60
    assert len(world.mails(jane.email)) == 2
    clock.forward(seconds=61)
    browser.submit("resend-link")
    assert "Sent again." in browser.shown.text
    assert len(world.mails(jane.email)) == 3


def test_sending_again_reads_the_same_for_a_name_nobody_has(world: World, browser: Browser, jane: Person) -> None:
    seen = []
    for name in (jane.email, "john@example.com"):
        ask(world, browser, name)
        for _ in range(2):
            browser.submit("resend-link")
            seen.append((name, browser.status, browser.shown.text))
    assert [each[1:] for each in seen if each[0] == jane.email] == [each[1:] for each in seen if each[0] != jane.email]


def test_asking_once_more_from_the_start_shows_where_to_look(world: World, browser: Browser, jane: Person) -> None:
    for _ in range(5):
        world.client().begin(browser, screen_hint="reset-password")
        browser.submit(username=jane.email)
        assert (browser.status, browser.path) == (200, "/u/reset-password/email-sent")
    assert len(world.mails(jane.email)) == 2, "the link is on its way already"


def test_an_older_link_says_that_a_newer_one_was_sent(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    first = link_of(world, jane.email)
    browser.submit("resend-link")
    assert link_of(world, jane.email) != first
    assert browser.open(first).status == 400
    assert "newer link" in browser.shown.text
    assert browser.shown.links["retry-link"]


def test_a_used_link_says_that_the_password_was_changed(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    link = link_of(world, jane.email)
    browser.open(link).submit(password=NEW)
    assert browser.open(link).status == 400
    assert "already changed" in browser.shown.text
    assert {"login-link", "retry-link"} <= set(browser.shown.links)


def test_a_link_that_is_too_old_says_so(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    ask(world, browser, jane.email)
    link = link_of(world, jane.email)
    clock.forward(days=5, minutes=1)
    browser.open(link)
    assert "no longer works" in browser.shown.text
    assert "too old" in browser.shown.text


def test_a_dead_link_leads_to_a_new_one_for_the_same_address(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    ask(world, browser, jane.email)
    link = link_of(world, jane.email)
    clock.forward(days=5, minutes=1)
    elsewhere = world.browser()
    elsewhere.open(link).follow("retry-link")
    assert elsewhere.path == "/u/reset-password/request"
    assert elsewhere.shown.form("username").fields["username"] == jane.email
    elsewhere.open(f"{link[:-4]}xxxx").follow("retry-link")
    assert elsewhere.shown.form("username").fields["username"] == "", "nobody is told without the link"


def test_the_mail_about_a_new_password_has_the_way_to_another(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    browser.open(link_of(world, jane.email)).submit(password=NEW)
    news = world.mails(jane.email)[0]
    assert "changed" in news.subject
    (link,) = [link for link in news.links if "/u/reset-verify" in link]
    owner = world.browser()
    owner.open(link).submit(password="yet Another passphrase 8")
    assert owner.status == 200
    world.client().begin(browser)
    browser.submit(username=jane.email, password=NEW)
    assert browser.status == 400
    browser.submit(username=jane.email, password="yet Another passphrase 8")
    assert browser.left_for is not None


def test_a_reset_proves_the_address(world: World, browser: Browser) -> None:
    person = world.user("unproven@example.com", verified=False)
    ask(world, browser, person.email)
    browser.open(link_of(world, person.email)).submit(password=NEW)
    assert world.management().get(f"/users/{person.user_id}")["email_verified"] is True


def test_an_empty_name_is_asked_for_again(world: World, browser: Browser) -> None:
    world.client().begin(browser, screen_hint="reset-password")
    browser.submit(username="")
    assert (browser.status, browser.path) == (400, "/u/reset-password/request")


@pytest.mark.parametrize("ticket", ["", "x", "x" * 1000, "../../x"])
@pytest.mark.parametrize("path", ["reset-verify", "email-verification", "unblock"])
def test_an_unknown_link_is_said_to_be_over_and_leads_on(
    world: World, browser: Browser, path: str, ticket: str
) -> None:
    browser.open(f"/u/{path}?ticket={ticket}")
    assert browser.status == 400
    assert "no longer works" in browser.shown.text
    assert {"retry-link", "continue-link"} & set(browser.shown.links)


# ---- tickets of the Management API


def test_an_administrators_link_leads_where_it_says(world: World, browser: Browser, jane: Person) -> None:
    made = world.management().post(
        "/tickets/password-change",
        {
            "user_id": jane.user_id,
            "result_url": "https://app.example.test/done?x=1",
            "includeEmailInRedirect": True,
            "ttl_sec": 60,
        },
    )
    browser.open(made["ticket"])
    assert browser.response is not None
    assert "form-action" not in browser.response.headers["Content-Security-Policy"]
    browser.submit(password=NEW)
    assert browser.answer.url == "https://app.example.test/done"
    assert browser.answer.params["success"] == "true"
    assert browser.answer.params["email"] == jane.email
    assert browser.answer.params["x"] == "1"


def test_an_administrators_link_ends_when_it_says(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    made = world.management().post("/tickets/password-change", {"user_id": jane.user_id, "ttl_sec": 60})
    clock.forward(seconds=59)
    assert browser.open(made["ticket"]).status == 200
    clock.forward(seconds=2)
    assert browser.open(made["ticket"]).status == 400


def test_an_administrators_link_may_prove_the_address(world: World, browser: Browser) -> None:
    person = world.user("unproven@example.com", verified=False)
    made = world.management().post(
        "/tickets/password-change", {"user_id": person.user_id, "mark_email_as_verified": True}
    )
    browser.open(made["ticket"]).submit(password=NEW)
    assert world.management().get(f"/users/{person.user_id}")["email_verified"] is True


def test_a_verification_link_leads_where_it_says_used_or_not(world: World, browser: Browser) -> None:
    person = world.user("unproven@example.com", verified=False)
    made = world.management().post(
        "/tickets/email-verification", {"user_id": person.user_id, "result_url": "https://app.example.test/done"}
    )
    browser.open(made["ticket"]).submit()
    assert browser.answer.params["success"] == "true"
    browser.open(made["ticket"])
    assert browser.answer.url == "https://app.example.test/done"
    assert browser.answer.params["success"] == "false"
