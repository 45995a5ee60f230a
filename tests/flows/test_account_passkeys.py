"""Passkeys on a person's own page (spec/login-factors.md, acceptance 21, 25, 30, 38; security.md O3)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.foundation.tenancy.models import Tenant
from idp.signin.passkeys import enrolment
from idp.signin.webauthn import challenges
from idp.signin.webauthn.ceremonies import Attestation
from idp.tenant.settings import service as tenants
from tests.security.rows import row
from tests.world.authenticator import Authenticator
from tests.world.browser import Browser
from tests.world.factors import demand
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import authenticator, options, show, with_password
from tests.world.world import Person, World


@pytest.fixture
def device(world: World) -> Authenticator:
    return authenticator(world)


def enter(browser: Browser, person: Person, device: Authenticator | None = None) -> Browser:
    """Sign in to the account page, with the device's passkey if given."""
    browser.open("/account")
    if device is not None and device.passkeys:
        show(browser, device)
    else:
        with_password(browser, person, makes=False)
    assert browser.path == "/account"
    return browser


def made(browser: Browser, device: Authenticator) -> None:
    """Make one on the page that is on the screen."""
    fields = browser.shown.form("passkey").fields
    url = f"{browser.world.issuer}account/passkeys/options"
    asked = browser.request("POST", url, form={"csrf": fields["csrf"], "for": "enrol"}, site="same-origin")
    assert asked.status_code == 200, asked.get_data(as_text=True)
    browser.submit("create-passkey", passkey=device.create(asked.get_json()))


def press(browser: Browser, button: str, **fields: str) -> None:
    """Send the form with that button."""
    browser.send_form(browser.shown.form_with_button(button), button, **fields)


def add(browser: Browser, device: Authenticator) -> None:
    browser.open("/account/passkeys")
    made(browser, device)


@on_both_stores
def test_acceptance_38_they_are_added_named_and_taken_away(
    world: World, browser: Browser, jane: Person, device: Authenticator
) -> None:
    enter(browser, jane)
    browser.follow("add-passkey")
    made(browser, device)
    assert "Your passkey was added." in browser.shown.text
    assert [mail.subject for mail in world.mails(jane.email)]
    browser.submit("rename", passkey_name="My <b>telephone</b>")
    assert "My <b>telephone</b>" in browser.shown.text
    other = enter(world.browser(), jane, device)
    add(other, authenticator(world))
    assert "Your passkey was added." in other.shown.text
    with world.context() as work:
        first, second = enrolment.of_user(work, jane.user_id)
    press(other, "remove", passkey_id=first.id)
    assert "was removed" in other.shown.text
    with world.context() as work:
        assert [row.id for row in enrolment.of_user(work, jane.user_id)] == [second.id]
    kinds = [entry.type for entry in world.logs("gd_enrollment_complete", "gd_update_device_account", "gd_unenroll")]
    assert kinds == ["gd_enrollment_complete", "gd_update_device_account", "gd_enrollment_complete", "gd_unenroll"]
    left = begin_with(world, device)
    assert left.status == 400  # what was removed opens nothing


def begin_with(world: World, device: Authenticator) -> Browser:
    browser = world.browser()
    world.client().begin(browser)
    show(browser, device, device.passkeys[0])
    return browser


def test_acceptance_21_a_password_alone_changes_nothing_where_there_is_a_passkey(
    world: World, browser: Browser, jane: Person, device: Authenticator
) -> None:
    enter(browser, jane)
    add(browser, device)
    thief = enter(world.browser(), jane)  # the password is known to somebody else
    thief.open("/account/passkeys")
    assert "Sign in with one of your passkeys" in thief.shown.text
    thief.follow("sign-in-again")
    with_password(thief, jane, makes=False)
    assert "Sign in with one of your passkeys" in thief.shown.text
    thief.open("/account")
    with world.context() as work:
        (row,) = enrolment.of_user(work, jane.user_id)
    press(thief, "remove", passkey_id=row.id)
    assert thief.path == "/u/login"
    with world.context() as work:
        assert len(enrolment.of_user(work, jane.user_id)) == 1
    owner = world.browser()
    owner.open("/account/passkeys")
    show(owner, device)
    owner.open("/account/passkeys")
    made(owner, authenticator(world))
    assert "Your passkey was added." in owner.shown.text


@row("O3")
def test_a_password_alone_adds_no_second_factor_where_there_is_a_passkey(
    world: World, browser: Browser, jane: Person, device: Authenticator
) -> None:
    """What a thief set up would count as proof for removing the owner's passkeys; nor do they go as factors do."""
    enter(browser, jane)
    add(browser, device)
    thief = enter(world.browser(), jane)
    demand(world, policy="confidence-score")
    thief.open("/account")
    thief.submit("add-otp")
    assert thief.path == "/u/login"
    with_password(thief, jane, makes=False)
    thief.submit("add-otp")
    assert thief.path == "/u/login", "the password again is no more than it was"
    with world.context() as work:
        (kept,) = enrolment.of_user(work, jane.user_id)
    owner = enter(world.browser(), jane, device)
    for visitor in (thief, owner):
        visitor.open("/account")
        form = next(form for form in visitor.shown.forms if form.action.endswith("/account/factors"))
        sent = {**form.fields, "action": "remove", "method_id": kept.id}
        visitor.request("POST", form.action, form=sent, site="same-origin")
        with world.context() as work:
            assert len(enrolment.of_user(work, jane.user_id)) == 1
    owner.open("/account")
    owner.submit("add-otp")
    assert owner.path == "/u/mfa-otp/mfa-otp-enrollment-qr"


def test_an_older_sign_in_is_asked_again(
    world: World, browser: Browser, jane: Person, device: Authenticator, clock: Clock
) -> None:
    enter(browser, jane)
    clock.forward(minutes=6)
    browser.open("/account/passkeys")
    assert browser.path == "/u/login"
    with_password(browser, jane, makes=False)
    assert browser.path == "/account/passkeys"
    made(browser, device)
    assert "Your passkey was added." in browser.shown.text


@on_both_stores
def test_acceptance_30_the_last_way_in_stays(world: World, jane: Person, device: Authenticator) -> None:
    app, browser = world.client(), world.browser()
    app.begin(browser)
    browser.follow("signup-link")
    said = options(browser, "signup", email="new@example.com")
    browser.submit("passkey", email="new@example.com", passkey=device.create(said))
    browser.open("/account")
    (row,) = own(world, "new@example.com")
    press(browser, "remove", passkey_id=row)
    assert "only way to sign in" in browser.shown.text
    assert own(world, "new@example.com") == [row]
    (user,) = world.caller().get("/users-by-email", email="new@example.com").json
    elsewhere(world, user["user_id"], user["user_id"].partition("|")[2])
    browser.open("/account")
    press(browser, "remove", passkey_id=row)
    assert "only way to sign in" in browser.shown.text, "one of another host is no other way"
    assert row in own(world, "new@example.com")


def own(world: World, email: str) -> list[str]:
    (user,) = world.caller().get("/users-by-email", email=email).json
    with world.context() as work:
        return [row.id for row in enrolment.of_user(work, user["user_id"])]


def test_nobody_changes_somebody_elses(world: World, browser: Browser, jane: Person, device: Authenticator) -> None:
    enter(browser, jane)
    add(browser, device)
    with world.context() as work:
        (row,) = enrolment.of_user(work, jane.user_id)
    theirs = authenticator(world)
    other = enter(world.browser(), world.user("eve@example.com"))
    add(other, theirs)
    other = enter(world.browser(), jane, theirs)
    for action in ("remove", "rename"):
        other.open("/account")
        press(other, action, passkey_id=row.id, **({"passkey_name": "mine"} if action == "rename" else {}))
    with world.context() as work:
        (same,) = enrolment.of_user(work, jane.user_id)
    assert (same.id, same.name) == (row.id, row.name)


def test_a_passkey_of_another_host_is_named_by_it(
    world: World, browser: Browser, jane: Person, device: Authenticator
) -> None:
    """Acceptance 29: what was made at one host is offered at no other."""
    elsewhere(world, jane.user_id, jane.account_id)
    enter(browser, jane)
    assert "old.example.test" in browser.shown.text
    add(browser, device)
    assert "Your passkey was added." in browser.shown.text, "it asks for nothing either"


def elsewhere(world: World, user_id: str, account_id: str) -> None:
    """A passkey of the host that the tenant had before."""
    new = enrolment.Made(
        Attestation("elsewhere", "", 0, "", True, True, True, ()),
        challenges.Challenge(challenges.ENROL, "", "old.example.test", user_handle="x"),
    )
    with world.writing() as work:
        enrolment.add(work, user_id, world.connection_id, account_id, new)


def test_acceptance_29_a_tenant_that_moves_is_told_how_many_stay_behind(
    world: World, browser: Browser, jane: Person, device: Authenticator
) -> None:
    enter(browser, jane)
    add(browser, device)
    with world.writing() as work:
        tenant = work.rows.scalars(select(Tenant).where(Tenant.id == world.tenant)).one()
        tenants.move(work, tenant, "https://new.example.test/")
    (entry,) = world.logs("passkeys_left_behind")
    assert "1 passkeys" in (entry.description or "")
