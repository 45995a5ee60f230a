"""A password that has to be changed before the source lets its owner in: the page that changes it there and goes on."""

from __future__ import annotations

import pytest

from connectors.contract import AccountRefused, Identity, InvalidCredentials, PasswordRefused
from connectors.registry import STRATEGIES
from connectors.strategy import Strategy
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.sources import StubOptions, connect, logged, only
from tests.world.world import World

OLD, NEW = "Correct Horse 9", "Another Horse 10"
PAGE = "/u/reset-password/expired"


class OverdueOptions(StubOptions, frozen=True, kw_only=True):
    """Whether the source changes passwords for us."""

    changes: bool = True

    def changes_passwords(self) -> bool:
        """As configured."""
        return self.changes


class Overdue:
    """A directory with one account whose password is too old. What it knows is the class's own."""

    password = OLD
    code = "password_change_required"
    proven = True
    open = False

    def __init__(self, context: object) -> None:
        pass

    def login(self, identifier: str, password: str) -> Identity:
        """In, once the password is another."""
        if identifier != "jane" or password != self.password:
            raise InvalidCredentials
        if not self.open:
            raise AccountRefused(self.code, "Change it.", user_id="acc-1", proven=self.proven)
        return Identity("acc-1", {"email": "jane@overdue.example", "name": "Jane"})

    def change_own_password(self, account_id: str, current: str, new: str) -> None:
        """Takes any that is long enough."""
        assert account_id == "acc-1"
        if current != self.password:
            raise InvalidCredentials(user_id=account_id)
        if len(new) < 8:
            raise PasswordRefused(detail="too short")
        type(self).password, type(self).open = new, True


@pytest.fixture(autouse=True)
def overdue(monkeypatch: pytest.MonkeyPatch) -> type[Overdue]:
    """The strategy, for as long as the test."""
    made = type("Made", (Overdue,), {})
    strategy = Strategy(name="stub-overdue", kind="enterprise", amr="pwd", options=OverdueOptions, open=made)
    monkeypatch.setitem(STRATEGIES, strategy.name, strategy)
    return made


def application(world: World, **options: bool) -> Application:
    """One whose people are in that directory."""
    app = world.client()
    connect(world, STRATEGIES["stub-overdue"], app.client_id, **options)
    only(world, app.client_id)
    return app


@on_both_stores
@pytest.mark.parametrize("code", ["password_change_required", "password_expired"])
def test_it_is_changed_and_the_sign_in_goes_on(
    world: World, browser: Browser, overdue: type[Overdue], code: str
) -> None:
    overdue.code = code
    app = application(world)
    attempt = app.begin(browser)
    browser.submit(username="jane", password=OLD)
    assert browser.path == PAGE
    assert "jane" in browser.shown.text
    assert OLD not in browser.shown.html
    browser.submit(current_password=OLD, password=NEW)
    assert attempt.tokens(browser.answer).id_claims["email"] == "jane@overdue.example"
    assert overdue.password == NEW
    (changed,) = logged(world, "scp")
    assert (changed["connection"], changed["user_name"]) == ("stub-overdue", "jane")
    assert NEW not in str(logged(world, "f") + logged(world, "s") + [changed])


def test_somebody_who_was_here_before_is_told_and_their_sessions_end(
    world: World, browser: Browser, overdue: type[Overdue]
) -> None:
    app = application(world)
    overdue.open = True
    app.begin(browser)
    browser.submit(username="jane", password=OLD)
    assert browser.answer.code
    overdue.open = False
    other = Browser(world)
    attempt = app.begin(other)
    other.submit(username="jane", password=OLD)
    other.submit(current_password=OLD, password=NEW)
    attempt.tokens(other.answer)
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    assert world.logs("scp")[0].user_id == "stub-overdue|acc-1"


def test_what_the_source_does_not_take(world: World, browser: Browser, overdue: type[Overdue]) -> None:
    application(world).begin(browser)
    browser.submit(username="jane", password=OLD)
    for current, new, words in (
        ("", NEW, "current password"),
        (OLD, "", "password"),
        ("wrong", NEW, "isn’t your current password"),
        (OLD, "short", "isn’t accepted"),
        (OLD, "x" * 5000, "isn’t accepted"),
    ):
        browser.submit(current_password=current, password=new)
        assert (browser.path, browser.status) == (PAGE, 400)
        assert words in browser.shown.text
        assert "wrong" not in [form.fields.get("current_password") for form in browser.shown.forms]
    assert overdue.password == OLD
    assert {entry["description"] for entry in logged(world, "fcp")} >= {"wrong current password"}
    browser.submit(current_password=OLD, password=NEW)
    assert browser.answer.code


@pytest.mark.parametrize(("member", "value"), [("proven", False), ("code", "account_disabled")])
def test_other_reasons_lead_nowhere(
    world: World, browser: Browser, overdue: type[Overdue], member: str, value: object
) -> None:
    setattr(overdue, member, value)
    application(world).begin(browser)
    browser.submit(username="jane", password=OLD)
    assert (browser.path, browser.status) == ("/u/login", 403)


def test_a_source_that_changes_no_passwords_says_where_to_go(world: World, browser: Browser) -> None:
    application(world, changes=False).begin(browser)
    browser.submit(username="jane", password=OLD)
    assert (browser.path, browser.status) == ("/u/login", 403)
    assert "expired" in browser.shown.text


def test_nobody_comes_to_the_page_without_the_password(world: World, browser: Browser) -> None:
    application(world).begin(browser)
    browser.submit(username="jane", password="wrong")
    state = browser.shown.forms[0].fields["state"]
    browser.open(f"{PAGE}?state={state}")
    assert browser.path == "/u/login"


def test_guesses_on_the_page_count(world: World, browser: Browser, overdue: type[Overdue]) -> None:
    application(world).begin(browser)
    browser.submit(username="jane", password=OLD)
    for _ in range(11):
        browser.submit(current_password="wrong", password=NEW)
    browser.submit(current_password=OLD, password=NEW)
    assert browser.path == PAGE
    assert overdue.password == OLD


def test_the_connection_has_to_be_the_applications_still(
    world: World, browser: Browser, overdue: type[Overdue]
) -> None:
    from idp.directory.connections import service as connections

    app = world.client()
    made = connect(world, STRATEGIES["stub-overdue"], app.client_id)
    app.begin(browser, connection="stub-overdue")
    browser.submit(username="jane", password=OLD)
    assert browser.path == PAGE
    with world.writing() as work:
        found = connections.get(work, made)
        connections.switch_clients(work, found, [(app.client_id, False)])
    browser.submit(current_password=OLD, password=NEW)
    assert browser.status >= 400
    assert overdue.password == OLD


def test_cancel_leads_back(world: World, browser: Browser) -> None:
    application(world).begin(browser)
    browser.submit(username="jane", password=OLD)
    browser.submit("cancel")
    assert browser.answer.error == "access_denied"
