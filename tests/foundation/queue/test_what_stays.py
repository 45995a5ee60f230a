"""A day of sign-ins, six weeks later: every table holds what docs/operations.md lists, and nothing else."""

from __future__ import annotations

import threading

from sqlalchemy import func, select, text

from idp.foundation.db.schema import metadata
from idp.processes import purges
from idp.tenant.audit import log
from tests.counterparts.program import ROOT
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import World

ROUNDS = 20
OFFLINE = "openid offline_access"
ENDLESS = {"rotation_type": "non-rotating", "expiration_type": "non-expiring"}


def counted(world: World) -> dict[str, int]:
    log.batch.flush()
    with world.platform.db.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata().sorted_tables
        }


def purged(world: World) -> None:
    purges.purge(world.platform.db, threading.Event())
    purges.retain(world.platform, purges.tenants(world.platform), threading.Event())


def a_day(world: World, endless: bool) -> int:
    """Sign-ins of all kinds; answers how many brought a refresh token without an end."""
    spa, api = world.client("spa"), world.api()
    web = world.client(refresh_token=ENDLESS)
    for number in range(2):
        person = world.user(f"person{number}@example.com")
        browser = world.browser()
        web.begin(browser)
        browser.submit(username=person.email, password="not their password")
        spa.sign_in(world.browser(), person)
        for round_ in range(ROUNDS):
            tokens = spa.sign_in(browser, person, scope=OFFLINE, audience=api if round_ % 2 else None)
            tokens.refreshed().userinfo()
            spa.begin(browser, prompt="none")  # its code is never redeemed
            kept = web.sign_in(browser, person, scope=OFFLINE if endless else "openid")
            web.call("/oauth/revoke", token=kept.access_token)
            web.introspect(kept.access_token)
        browser.open("/v2/logout")
    return 2 * ROUNDS if endless else 0


@on_both_stores
def test_only_what_is_documented_is_left(world: World, clock: Clock) -> None:
    before = counted(world)
    endless = a_day(world, endless=True)
    full = counted(world)
    assert full["authorizations"] >= 2 * ROUNDS * 3
    assert (full["sessions"], full["session_clients"], full["tokens"]) == (4, 8 - 2, 0)
    clock.forward(days=2)
    purged(world)
    clock.forward(days=45)
    purged(world)
    left = {name: amount - before[name] for name, amount in counted(world).items() if amount != before[name]}
    assert 1 <= left.pop("user_counts") <= 8, "a row for each statement that nobody has added up yet"
    people = {"users": 2, "identities": 2, "database_accounts": 2, "user_activity": 2, "daily_statistics": 1}
    configuration = {"clients": 2, "connection_clients": 2, "resource_servers": 1}
    expected = {**people, **configuration, "authorizations": endless, "token_keys": 1, "log_positions": 1}
    assert left == {name: amount for name, amount in expected.items() if name in left or amount}
    with world.platform.db.engine.connect() as connection:
        assert connection.execute(text("SELECT max(length(revoked_tokens)) FROM authorizations")).scalar_one() < 100


@on_both_stores
def test_what_lives_is_looked_at_again_and_stays(world: World, clock: Clock) -> None:
    spa, browser = world.client("spa"), world.browser()
    tokens = spa.sign_in(browser, world.user(), scope=OFFLINE)
    for _ in range(3):
        clock.forward(days=2)
        purged(world)
        tokens = tokens.refreshed()
        spa.begin(browser, prompt="none")
        assert "code" in browser.answer.params
    clock.forward(days=45)
    purged(world)
    rows = counted(world)
    assert (rows["authorizations"], rows["sessions"], rows["session_clients"]) == (0, 0, 0)


def test_operators_read_what_stays() -> None:
    listed = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert "Refresh tokens that never end stay" in " ".join(listed.split())
