"""Session Management 1.0, and the ends of sessions that applications hear of."""

from __future__ import annotations

import hashlib
import threading
from urllib.parse import unquote

from idp.foundation.kernel.events import FactorsChanged
from idp.signin.sessions import expiry
from tests.flows.test_logout_channels import Receiver, listening, receiver
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.registration import discovery
from tests.world.world import CALLBACK, Person, World

__all__ = ["receiver"]


def test_answers_carry_a_state_that_changes_with_the_session(world: World, browser: Browser, jane: Person) -> None:
    assert "check_session_iframe" not in discovery(world)
    world.management().patch("/tenants/settings", {"session_management": True})
    assert discovery(world)["check_session_iframe"] == f"{world.issuer}oidc/session"
    app = world.client()
    app.sign_in(browser, jane)
    states = []
    for _ in range(2):
        app.begin(browser, prompt="none")
        found, salt = browser.answer.params["session_state"].split(".")
        cookie = unquote(browser.jar.kept["id.example.test", "__Host-opbs"].value)
        said = f"{app.client_id} https://app.example.test {cookie} {salt}"
        assert hashlib.sha256(said.encode()).hexdigest() == found
        states.append((found, salt))
    assert states[0] != states[1]
    app.begin(browser, prompt="none", scope="email")
    assert "session_state" not in browser.answer.params
    assert CALLBACK.startswith("https://app.example.test/")
    browser.open("/v2/logout")
    assert ("id.example.test", "__Host-opbs") not in browser.jar.kept


def test_its_frame_may_be_shown_by_anybody_and_is_off_by_default(world: World, browser: Browser) -> None:
    browser.open("/oidc/session")
    assert browser.status == 404
    world.management().patch("/tenants/settings", {"session_management": True})
    response = world.app.test_client().get("/oidc/session", base_url=world.issuer)
    assert response.status_code == 200
    assert "X-Frame-Options" not in response.headers
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]


def test_applications_hear_of_sessions_that_ended_by_themselves(
    world: World, browser: Browser, jane: Person, receiver: Receiver, clock: Clock
) -> None:
    world.client(**listening(receiver, "custom", "session-expired")).sign_in(browser, jane)
    stop = threading.Event()
    assert expiry.tell(world.platform, world.tenant, stop) == 0
    clock.forward(hours=73)
    assert expiry.tell(world.platform, world.tenant, stop) == 1
    assert expiry.tell(world.platform, world.tenant, stop) == 0
    world.work()
    assert len(receiver.tokens) == 1


def test_and_of_telephones_that_are_no_factor_any_more(
    world: World, browser: Browser, jane: Person, receiver: Receiver
) -> None:
    world.client(**listening(receiver, "custom", "mfa-phone-unenrolled")).sign_in(browser, jane)
    with world.writing() as work:
        work.emit(FactorsChanged(jane.user_id, (), ("totp",)))
        work.emit(FactorsChanged(jane.user_id, (), ("phone",)))
    world.work()
    assert len(receiver.tokens) == 1
