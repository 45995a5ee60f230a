"""A browser that somebody trusts is asked for no second factor, until that trust ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp.signin.factors import service
from idp.signin.factors.policy import ACR
from tests.world.browser import Browser
from tests.world.factors import code_of, enrol
from tests.world.fixtures import Clock
from tests.world.second_step import OTP_PAGE, sign_in, trusting
from tests.world.world import Application, Person, World


def test_a_trusted_browser_is_not_asked_for_a_week_of_rest_or_a_month(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock
) -> None:
    """Acceptance 15."""
    seed = enrol(world, jane)
    trusting(app, browser, jane, seed)
    for _ in range(4):
        clock.forward(days=6)
        tokens = app.sign_in(browser, jane)
        assert "amr" not in tokens.id_claims
    clock.forward(days=6, seconds=1)
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE, "thirty days are over, and it rested for six"
    browser.submit(code=code_of(seed), rememberBrowser="true")
    clock.forward(days=7, seconds=1)
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE, "seven days of rest"


@pytest.mark.parametrize("what", ["another", "password", "invalidated", "removed"])
def test_what_ends_the_trust(
    world: World, app: Application, browser: Browser, jane: Person, clock: Clock, what: str
) -> None:
    """Acceptance 16."""
    seed, other = enrol(world, jane), world.user("other@example.com")
    enrol(world, other, seed)
    trusting(app, browser, jane, seed)
    browser.jar.kept = {key: kept for key, kept in browser.jar.kept.items() if key[1].endswith(("mf", "mf_compat"))}
    who = jane
    if what == "another":
        who = other
    elif what == "password":
        world.caller().patch(f"/users/{jane.user_id}", {"password": "another passphrase 9 B"})
        who = replace(jane, password="another passphrase 9 B")
    elif what == "invalidated":
        where = f"/users/{jane.user_id}/multifactor/actions/invalidate-remember-browser"
        assert world.caller().post(where).status_code == 204
    else:
        enrol(world, jane)
        with world.writing() as work:
            first = service.of_user(work, jane.user_id)[0]
            service.remove(work, jane.user_id, [first.id])
    sign_in(app, browser, who)
    assert browser.path == OTP_PAGE


def test_step_up_ignores_trust(world: World, app: Application, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 17."""
    seed = enrol(world, jane)
    trusting(app, browser, jane, seed)
    clock.forward(days=4)
    tokens = app.sign_in(browser, jane)
    assert "amr" not in tokens.id_claims
    app.begin(browser, acr_values=ACR)
    assert browser.path == OTP_PAGE
    app.begin(browser, acr_values=ACR, prompt="none")
    assert browser.answer.params["error"] == "interaction_required"
    app.begin(browser, audience=f"{world.issuer}mfa/", scope="openid enroll")
    assert browser.path == OTP_PAGE, "nor for the API of factors"
