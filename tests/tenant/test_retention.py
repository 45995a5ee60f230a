"""Log entries stay as long as their tenant keeps them, and go in small batches while everything goes on."""

from __future__ import annotations

import os
import threading
import time
from itertools import count
from typing import Any

import pytest
from click.testing import CliRunner

from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.processes import purges
from idp.tenant.audit.log_ids import PER_MS, log_id
from idp.tenant.audit.models import LogEntry
from tests.world.fixtures import on_both_stores
from tests.world.templates import TWO_TENANTS, Template
from tests.world.world import World

ROWS = int(os.environ.get("GATEHOUSE_LOG_ROWS", "3000"))
"""A million says what docs/performance.md says."""


@pytest.fixture
def template() -> Template:
    """Two tenants with different wishes."""
    return TWO_TENANTS


def fill(world: World, ages_in_days: list[float], **members: Any) -> None:
    """Entries of these ages, as rows; their ids are of the same moments."""
    now, earlier = clock.now_ms(), count()
    entries = [
        {
            "tenant_id": world.tenant,
            "log_id": log_id((now - int(age * DAY_MS)) * PER_MS + next(earlier)),
            "date": now - int(age * DAY_MS),
            "type": "s",
            "description": "x" * 200,
            **members,
        }
        for age in ages_in_days
    ]
    with world.platform.db.unit(world.tenant) as session:
        for begin in range(0, len(entries), 5_000):
            session.add_all([LogEntry(**entry) for entry in entries[begin : begin + 5_000]])
            session.flush()
            session.expunge_all()


def ages(world: World) -> list[int]:
    now = clock.now_ms()
    return sorted((now - row.date) // DAY_MS for row in world.logs("s"))


def retain(world: World) -> dict[str, int]:
    return purges.retain(world.platform, purges.tenants(world.platform), threading.Event())


@on_both_stores
def test_entries_go_when_their_tenant_keeps_them_no_longer(world: World, store: str) -> None:
    other = world.second_tenant()
    for each in (world, other):
        fill(each, [1.5, 20.5, 40.5, 400.5])
    world.management()("PATCH", "/tenants/settings", {"log_retention_days": 10})
    other.management()("PATCH", "/tenants/settings", {"log_retention_days": 0})
    assert retain(world) == {"logs": 3}
    assert (ages(world), ages(other)) == ([1], [1, 20, 40, 400])
    other.management()("PATCH", "/tenants/settings", {"log_retention_days": None})
    assert retain(world) == {"logs": 2}
    assert ages(other) == [1, 20]


def test_the_setting_is_shown_and_has_its_bounds(world: World) -> None:
    management = world.management()
    assert management("GET", "/tenants/settings").json["log_retention_days"] == 30
    assert management("PATCH", "/tenants/settings", {"log_retention_days": 7}).json["log_retention_days"] == 7
    for wrong in (-1, 3651, 1.5, "7", True):
        assert management("PATCH", "/tenants/settings", {"log_retention_days": wrong}).status_code == 400


@on_both_stores
def test_a_great_heap_goes_in_small_batches_that_hold_nobody_up(
    world: World, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, [40.0] * ROWS + [1.0] * ROWS)
    monkeypatch.setattr(purges, "PAUSE_S", 0.01)
    longest, stop = [0.0], threading.Event()

    def write_meanwhile() -> None:
        while not stop.is_set():
            begun = time.monotonic()
            fill(world, [0.0])
            longest.append(time.monotonic() - begun)
            stop.wait(0.005)

    writer = threading.Thread(target=write_meanwhile)
    writer.start()
    batches: list[int] = []
    begun = time.monotonic()
    purges.retain(world.platform, [world.tenant], threading.Event(), told=batches.append)
    took = time.monotonic() - begun
    stop.set()
    writer.join()
    print(
        f"{store}: {ROWS} of {2 * ROWS} rows in {took:.1f} s; the slowest write meanwhile {max(longest) * 1000:.0f} ms"
    )
    assert sum(batches) == ROWS
    assert max(batches) <= purges.BATCH
    assert {age for age in ages(world) if age >= 30} == set()


@on_both_stores
def test_the_command_deletes_by_hand(world: World, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from idp.processes.cli import idp

    other = world.second_tenant()
    for each in (world, other):
        fill(each, [1.5, 20.5, 40.5])
    settings = world.platform.settings
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("IDP_SECRET_KEY", ",".join(settings.secret_keys))
    runner = CliRunner()

    def run(*arguments: str) -> str:
        done = runner.invoke(idp, ["logs", "purge", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "1 log entries deleted" in run("--tenant", world.tenant)
    assert (ages(world), ages(other)) == ([1, 20], [1, 20, 40])
    assert "3 log entries deleted" in run("--days", "10")
    assert (ages(world), ages(other)) == ([1], [1])
    assert runner.invoke(idp, ["logs", "purge", "--tenant", "nobody"]).exit_code != 0
