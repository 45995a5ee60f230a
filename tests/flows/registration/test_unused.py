"""Clients that registered themselves go where nobody uses them (any more)."""

from __future__ import annotations

import threading

from idp.applications.registration import cleanup
from idp.applications.registration.models import Registration
from tests.world import signals
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.registration import allow, call, error, known, of, register, switch_on
from tests.world.world import Person, World


def test_what_nobody_uses_goes(opened: World, browser: Browser, jane: Person, clock: Clock) -> None:
    used, unused = (register(opened).get_json() for _ in range(2))
    attempt = of(opened, used).begin(browser)
    allow(browser, jane)
    attempt.tokens(browser.answer)
    stop = threading.Event()
    assert cleanup.clean(opened.platform, opened.tenant, stop) == 0
    clock.forward(days=31)
    assert cleanup.clean(opened.platform, opened.tenant, stop) == 1
    assert known(opened, used)
    assert not known(opened, unused)
    path = f"/oidc/register/{unused['client_id']}"
    assert error(call(opened, "GET", path, unused["registration_access_token"]), 401) == "invalid_token"


def cleaned(world: World) -> int:
    return cleanup.clean(world.platform, world.tenant, threading.Event())


def test_what_nobody_uses_any_more_goes(opened: World, browser: Browser, jane: Person, clock: Clock) -> None:
    once, often, trusted = (of(opened, register(opened).get_json()) for _ in range(3))
    for app in (once, often, trusted):
        attempt = app.begin(browser)
        if browser.left_for is None and browser.path == "/u/login":
            browser.submit(username=jane.email, password=jane.password)
        browser.submit("accept")
        attempt.tokens(browser.answer)
    opened.change_client(trusted.client_id, is_first_party=True)
    for _ in range(4):
        clock.forward(days=90)
        again = often.begin(browser)
        browser.submit(username=jane.email, password=jane.password)
        again.tokens(browser.answer)
        assert cleaned(opened) == 0
    clock.forward(days=7)
    assert cleaned(opened) == 1
    remain = [known(opened, {"client_id": each.client_id}) for each in (once, often, trusted)]
    assert remain == [False, True, True]
    (entry,) = opened.logs("sdcrx")
    assert entry.client_id == once.client_id
    assert entry.data["details"]["last_used"]


def test_a_refresh_is_a_use(opened: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = of(opened, register(opened, grant_types=["authorization_code", "refresh_token"]).get_json())
    attempt = app.begin(browser, scope="openid offline_access")
    allow(browser, jane)
    tokens = attempt.tokens(browser.answer)
    for _ in range(20):
        clock.forward(days=20)
        assert tokens.refreshed()
    assert cleaned(opened) == 0


def test_idle_ones_stay_where_the_tenant_says_so(opened: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = of(opened, register(opened).get_json())
    attempt = app.begin(browser)
    allow(browser, jane)
    attempt.tokens(browser.answer)
    clock.forward(days=400)
    opened.management().patch("/tenants/settings", {"client_registration": {"idle_days": 0}})
    assert cleaned(opened) == 0
    opened.management().patch("/tenants/settings", {"client_registration": {"idle_days": 398}})
    assert cleaned(opened) == 1


def test_whoever_is_used_every_day_is_not_idle(opened: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Though its last use of the day is not noted."""
    opened.management().patch("/tenants/settings", {"client_registration": {"idle_days": 1}})
    app = of(opened, register(opened).get_json())
    app.begin(browser)
    allow(browser, jane)
    for hours in (23, 2):
        app.begin(browser)
        assert browser.left_for is not None
        clock.forward(hours=hours)
    assert cleaned(opened) == 0, "used two hours ago"
    clock.forward(hours=24)
    assert cleaned(opened) == 1


def test_who_takes_what_is_pushed_is_not_idle(opened: World, clock: Clock) -> None:
    """It never asks for a token again, and lives."""
    switch_on(opened, open=True, idle_days=30, grant_types=["client_credentials"])
    signals.switch_on(opened)
    app = of(opened, register(opened, grant_types=["client_credentials"], response_types=[]).get_json())
    hears = signals.receiver(opened, app)
    with signals.endpoint() as there:
        stream = hears.pushed_to(there)
        for _ in range(3):
            clock.forward(days=20)
            verified = opened.caller().post(f"/shared-signals/streams/{stream['stream_id']}/verification", {})
            assert verified.status_code < 300, verified.text
            opened.work()
            assert cleaned(opened) == 0
        assert len(there.came) == 3
        clock.forward(days=32)
        assert cleaned(opened) == 1


def test_a_use_is_noted_once_a_day(opened: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = of(opened, register(opened).get_json())
    attempt = app.begin(browser)
    allow(browser, jane)
    attempt.tokens(browser.answer)

    def noted() -> int:
        with opened.context() as work:
            row = work.rows.get(Registration, (work.tenant_id, app.client_id))
            assert row is not None
            return int(row.used_at or 0)

    first = noted()
    clock.forward(hours=2)
    again = app.begin(browser)
    again.tokens(browser.answer)
    assert noted() == first
    clock.forward(hours=23)
    again = app.begin(browser)
    again.tokens(browser.answer)
    assert noted() > first
