"""When the database was copied last: noted by the command, shown to Owners, missed by the doctor (decision 0434)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.operations.health import checks
from idp.processes.cli import backup as command
from idp.processes.cli.backup import backup
from idp.tenant.settings import backups
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import World

PAGE = "/admin/settings/installation"
DAY_S = 24 * 60 * 60


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A shell beside the installation."""
    monkeypatch.setattr(command, "command_settings", lambda: world.platform.settings)
    return CliRunner()


def warned(world: World) -> list[str]:
    settings = replace(world.platform.settings, env="production")
    return [each for each in checks.problems(settings) if "copy of the database" in each]


def test_the_page_and_the_checklist_know_of_a_copy(world: World, desk: Desk, here: CliRunner) -> None:
    assert desk.has("start-backup")
    assert desk.open(PAGE).say("installation-copied") == "No copy is known of"
    done = here.invoke(backup, ["--elsewhere"])
    assert (done.exit_code, done.output) == (0, "")
    assert desk.open(PAGE).say("installation-copied").startswith("Last copy")
    assert not desk.open("/admin").has("start-backup")


def test_the_doctor_of_production_misses_copies(world: World, here: CliRunner, clock: Clock) -> None:
    assert warned(world) == [], "what was made today has nothing to lose yet"
    clock.forward(minutes=9 * 24 * 60)
    assert "No copy of the database is known of" in warned(world)[0]
    assert here.invoke(backup, ["--elsewhere"]).exit_code == 0
    assert warned(world) == []
    clock.forward(minutes=9 * 24 * 60)
    assert "9 days old" in warned(world)[0]
    assert here.invoke(backup, ["--elsewhere"]).exit_code == 0, "a second time, too"
    assert warned(world) == []
    assert [each for each in checks.problems(world.platform.settings) if "copy of the database" in each] == []


def test_a_copy_is_made_though_nothing_can_be_noted(
    here: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(_session: object) -> bool:
        from idp.foundation.kernel.errors import StoreUnavailable

        raise StoreUnavailable(detail="read-only")

    monkeypatch.setattr(backups, "note", refuse)
    monkeypatch.setattr(command, "_copy", lambda _settings, file: file.write_bytes(b"copy"))
    done = here.invoke(backup, [str(tmp_path / "copy.db")])
    assert (done.exit_code, "could not be noted" in done.output) == (0, True)
    assert here.invoke(backup, ["--elsewhere"]).exit_code == 1
    assert here.invoke(backup, []).exit_code == 2


def test_the_checklist_asks_nobody_who_cannot_see_it(browser: Browser, world: World, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("ann@example.com", "Admin"), "/admin"))
    assert (desk.has("start"), desk.has("start-backup")) == (True, False)
