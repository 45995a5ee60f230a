"""Whom a passkey is offered to, and when; what a connection says of it."""

from __future__ import annotations

import json

import pytest

from idp.signin.passkeys import enrolment
from idp.signin.webauthn import challenges
from tests.security.rows import row
from tests.world.application import Application
from tests.world.authenticator import Authenticator
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.passkeys import authenticator, enrol, options, with_password
from tests.world.world import Person, World


@pytest.fixture
def app(world: World) -> Application:
    """An application of the installed connection, whose people may have passkeys."""
    return world.client()


@pytest.fixture
def device(world: World) -> Authenticator:
    """A device that synchronizes its passkeys."""
    return authenticator(world)


def begin(app: Application, world: World) -> Browser:
    browser = world.browser()
    app.begin(browser)
    return browser


def enrolled(app: Application, world: World, person: Person, device: Authenticator) -> None:
    """The person signs in and takes the offer."""
    browser = begin(app, world)
    with_password(browser, person)
    enrol(browser, device)
    assert browser.answer.code


def test_acceptance_32_an_offer_comes_once_in_thirty_days_in_each_browser(
    world: World, jane: Person, app: Application, clock: Clock
) -> None:
    browser = world.browser()

    def again(*, makes: bool = True) -> str:
        app.begin(browser, prompt="login")
        with_password(browser, jane, makes=makes)
        return browser.path if browser.left_for is None else ""

    assert again(makes=False) == ""  # a device that makes none is offered none
    assert again() == "/u/passkeys/passkey-enrollment"
    browser.submit("skip-passkey")
    assert browser.answer.code
    assert again() == ""
    clock.forward(days=29)
    assert again() == ""
    clock.forward(days=2)
    assert again() == "/u/passkeys/passkey-enrollment"
    browser.submit("skip-passkey", dontShowAgain="on")
    clock.forward(days=40)
    assert again() == ""
    other = world.browser()
    app.begin(other)
    with_password(other, jane)
    assert other.path == "/u/passkeys/passkey-enrollment"


def test_whoever_has_one_is_offered_none_for_a_password_alone(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    """security.md O3: a new factor needs more than the password where there is one."""
    enrolled(app, world, jane, device)
    browser = begin(app, world)
    with_password(browser, jane)
    assert browser.answer.code


def test_a_passkey_of_another_device_brings_an_offer_for_this_one(world: World, jane: Person, app: Application) -> None:
    phone = authenticator(world, attachment="cross-platform")
    enrolled(app, world, jane, phone)
    browser = begin(app, world)
    answer = phone.get(options(browser))
    browser.submit("passkey", passkey=answer, **{"webauthn-platform-available": "true"})
    assert browser.path == "/u/passkeys/passkey-enrollment-local"
    said = options(browser, "enrol")
    assert [each["id"] for each in said["excludeCredentials"]] == [json.loads(answer)["id"]]
    browser.submit("create-passkey", passkey=authenticator(world).create(said))
    assert browser.answer.code
    with world.context() as work:
        assert len(enrolment.of_user(work, jane.user_id)) == 2


def test_connections_say_whether_and_how(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    enrolled(app, world, jane, device)
    for chosen, button, autofill in (("both", True, True), ("button", True, False), ("autofill", False, True)):
        world.connection_options(
            authentication_methods={"passkey": {"enabled": True}}, passkey_options={"challenge_ui": chosen}
        )
        html = begin(app, world).shown.html
        assert ("data-autofill-only" not in html) is button
        assert ("data-autofill>" in html and '"username webauthn"' in html) is autofill
    asking = begin(app, world)
    answer = device.get(options(asking))
    world.connection_options(authentication_methods={"passkey": {"enabled": False}})
    asking.submit("passkey", passkey=answer)
    assert asking.status == 400
    assert "passkeys.js" not in begin(app, world).shown.html


def test_a_page_asks_for_no_challenge_by_itself(world: World, app: Application) -> None:
    begin(app, world)
    with world.context() as work:
        from sqlalchemy import select

        from idp.foundation.ephemeral.models import OneTime

        kinds = work.rows.scalars(select(OneTime.kind).distinct()).all()
    assert challenges.KIND not in kinds


@row("O3")
def test_an_offer_is_of_whoever_signed_in_in_that_attempt(world: World, jane: Person, app: Application) -> None:
    """A stolen session that takes the place of one's own, in an attempt that goes back to its beginning, adds no
    passkey to its owner's account.
    """
    victim, browser, eve = world.browser(), world.browser(), world.user("eve@example.com")
    app.begin(victim)
    with_password(victim, jane, makes=False)
    app.begin(browser)
    with_password(browser, eve)
    assert browser.path == "/u/passkeys/passkey-enrollment"
    offered = browser.shown.form("passkey")
    sessions = {key for key in browser.jar.kept if key[1].startswith(("auth0", "__Host-auth0"))}
    assert sessions, list(browser.jar.kept)
    for key in sessions:
        del browser.jar.kept[key]
    browser.open(f"{world.issuer}authorize/resume?state={offered.fields['state']}")
    assert browser.path == "/u/login", "it begins anew"
    browser.jar.kept.update({key: each for key, each in victim.jar.kept.items() if key in sessions})
    form = {"csrf": offered.fields["csrf"], "state": offered.fields["state"], "for": "enrol"}
    answer = browser.request("POST", f"{world.issuer}u/passkeys/options", form=form, site="same-origin")
    assert answer.status_code >= 400, answer.get_data(as_text=True)
    fields = {**offered.fields, "passkey": "{}", **offered.button("create-passkey")}
    browser.open(offered.action, site="same-origin", method="POST", form=fields)
    assert world.caller().get(f"/users/{jane.user_id}/authentication-methods").json == []
