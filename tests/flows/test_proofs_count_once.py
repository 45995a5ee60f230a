"""A proof counts once, for where it was asked for and for as long as it says, however many come at the same moment; and
what a browser is trusted for ends where its sign-in looks odd (spec/login-factors.md; security.md O10, M11, M12).
"""

from __future__ import annotations

import pytest

from idp.signin.factors import service
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked
from idp.signin.passkeys import service as passkeys
from idp.signin.webauthn import challenges
from tests.flows.test_passkeys import enrolled
from tests.flows.test_sent_factors import NUMBER, give_phone
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import demand, enrol, sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import authenticator
from tests.world.racing import at_once
from tests.world.second_step import OTP_PAGE, sign_in, trusting
from tests.world.world import Person, World


@row("O10", "R7")
@on_both_stores
def test_of_answers_of_one_passkey_at_once_one_is_taken(world: World, jane: Person) -> None:
    """The challenge is spent by one conditional update, and not by belonging to another sign-in."""
    device = authenticator(world)
    enrolled(world.client(), world, jane, device)
    with world.context() as work:
        answer = device.get(passkeys.ask(work, challenges.LOGIN, "one sign-in"))

    def shows() -> bool:
        with world.context() as work:
            try:
                passkeys.shown(work, answer, purpose=challenges.LOGIN, bound_to="one sign-in")
            except passkeys.Refused:
                return False
        return True

    assert sorted(at_once([shows] * 6)) == [False] * 5 + [True]
    assert not shows(), "nor later"


@row("M11")
@on_both_stores
def test_of_those_who_type_one_sent_code_at_once_one_wins(world: World, jane: Person) -> None:
    demand(world, "sms")
    give_phone(world, jane)
    asked = Asked(bound_to="one sign-in")
    with world.context() as work:
        (phone,) = service.of_user(work, jane.user_id)
        assert KINDS["phone"].challenge(work, phone, asked) is None
    code = sent_code(world, NUMBER)

    def types() -> bool:
        with world.context() as work:
            (mine,) = service.of_user(work, jane.user_id)
            return KINDS["phone"].verify(work, mine, asked, code) is not None

    assert sorted(at_once([types] * 5)) == [False] * 4 + [True]


@row("M12")
@pytest.mark.parametrize(("seconds", "counts"), [(299, True), (301, False)])
def test_a_sent_factor_is_good_for_five_minutes(
    world: World, browser: Browser, jane: Person, clock: Clock, *, seconds: int, counts: bool
) -> None:
    demand(world, "sms")
    give_phone(world, jane)
    sign_in(world.client(), browser, jane)
    code = sent_code(world, NUMBER)
    clock.forward(seconds=seconds)
    browser.submit(code=code)
    assert (browser.left_for is not None) is counts


def test_login_factors_acceptance_17_an_odd_sign_in_is_not_let_off_by_trust(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """A browser that is trusted, and that the person has not signed in with for a month of another kind of cookie."""
    demand(world)
    seed, app = enrol(world, jane), world.client()
    trusting(app, browser, jane, seed)
    world.caller().put("/guardian/policies", ["confidence-score"])
    trusted = {key: kept for key, kept in browser.jar.kept.items() if key[1].endswith(("mf", "mf_compat"))}
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None, "known and trusted"
    browser.jar.kept = trusted
    sign_in(app, browser, jane)
    assert browser.path == OTP_PAGE
