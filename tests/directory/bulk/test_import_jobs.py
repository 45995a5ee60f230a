"""How a job of an import runs: in slices, through the death of its worker, to an end that its owner is told of."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from sqlalchemy import select

from idp.directory.bulk import importing, limits
from idp.directory.bulk.models import JobPart
from idp.foundation.queue.models import OutboxItem
from tests.directory.bulk.conftest import Bulk
from tests.security.rows import row
from tests.world.fixtures import Clock, on_both_stores
from tests.world.outbox import work_off
from tests.world.world import World


def people(first: int, last: int, **more: Any) -> list[dict[str, Any]]:
    return [{"email": f"user{number}@example.com", **more} for number in range(first, last)]


def test_bulk_import_export_acceptance_2_ten_thousand_users_and_a_third_job(bulk: Bulk) -> None:
    """Acceptance 2 of bulk-import-export.md: the sum of summaries, and 429 for the third parallel job."""
    before = bulk.api.get("/users", per_page=1, include_totals="true").get_json()["total"]
    jobs = [bulk.ask(people(first, first + 5_000)) for first in (0, 5_000)]
    third = bulk.post(people(0, 1))
    assert third.status_code == 429
    assert third.get_json()["error"] == "Too Many Requests"
    work_off(bulk.world.platform)
    assert sum(bulk.job(job)["summary"]["inserted"] for job in jobs) == 10_000
    assert bulk.api.get("/users", per_page=1, include_totals="true").get_json()["total"] == before + 10_000
    assert bulk.post(people(0, 1)).status_code == 202


@row("Z8", "RL6")
@on_both_stores
def test_rl6_a_worker_that_dies_loses_and_doubles_nothing(
    bulk: Bulk, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The second batch dies in the middle of its transaction; another worker goes on behind the first."""
    monkeypatch.setattr(limits, "BATCH", 10)
    job_id = bulk.ask([*people(0, 25), {"email": "x"}, *people(20, 30)])
    written, real = [], importing.progress.move

    def dies(*arguments: Any) -> Any:
        written.append(arguments)
        if len(written) == 2:
            raise SystemExit("killed")
        return real(*arguments)

    monkeypatch.setattr(importing.progress, "move", dies)
    with pytest.raises(SystemExit):
        work_off(bulk.world.platform)
    assert bulk.job(job_id)["status"] == "processing"
    assert bulk.job(job_id)["percentage_done"] > 0
    assert work_off(bulk.world.platform) == 0, "the row is the dead worker's until its lease ends"
    clock.forward(seconds=30)
    job = bulk.done(job_id)
    assert job["summary"] == {"failed": 6, "updated": 0, "inserted": 30, "total": 36}
    assert len(bulk.errors(job_id)) == 6


@row("RL6")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer interpreters warn of every fork
def test_rl6_kill_9_in_the_middle_of_a_batch(bulk: Bulk, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """A worker process is killed between two statements of its third batch."""
    monkeypatch.setattr(limits, "BATCH", 10)
    job_id = bulk.ask(people(0, 45))
    child = os.fork()
    if not child:  # the worker
        calls, real = [], importing.progress.move

        def killed(*arguments: Any) -> Any:
            calls.append(arguments)
            if len(calls) == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments)

        monkeypatch.setattr(importing.progress, "move", killed)
        work_off(bulk.world.other_process().platform)
        os._exit(1)
    _, how = os.waitpid(child, 0)
    assert os.WTERMSIG(how) == signal.SIGKILL
    assert bulk.job(job_id)["status"] == "processing"
    clock.forward(seconds=30)
    assert bulk.done(job_id)["summary"] == {"failed": 0, "updated": 0, "inserted": 45, "total": 45}


def test_a_job_is_done_in_slices(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BATCH", 10)
    monkeypatch.setattr(limits, "SLICE_S", -1.0)
    job = bulk.run([*people(0, 35), *people(0, 5)])
    assert job["summary"] == {"failed": 5, "updated": 0, "inserted": 35, "total": 40}
    with bulk.world.context() as work:
        assert len(list(work.rows.scalars(select(OutboxItem).where(OutboxItem.task == importing.TASK)))) == 5
        assert list(work.rows.scalars(select(JobPart))) == [], "the file goes with the end of the job"


def test_a_late_worker_changes_nothing(bulk: Bulk) -> None:
    job_id = bulk.ask(people(0, 3))
    with bulk.world.platform.work(bulk.world.tenant, orm=True) as work:
        before = importing.progress.load(work, job_id)
    assert before is not None
    bulk.done(job_id)
    with (
        bulk.world.platform.work(bulk.world.tenant, orm=True) as work,
        pytest.raises(importing.TakenOver),
        work.transaction(),
    ):
        importing.progress.move(work, before, importing.Step(3, inserted=3))
    assert bulk.job(job_id)["summary"]["inserted"] == 3


def test_a_job_expires_and_goes(bulk: Bulk, clock: Clock) -> None:
    stuck = bulk.ask(people(5, 6))
    with bulk.world.writing() as work:
        work.rows.execute(OutboxItem.__table__.delete())
    job_id = bulk.run(people(0, 1))["id"]
    clock.forward(hours=2, minutes=1)
    bulk.api = bulk.world.caller()
    assert bulk.job(job_id)["status"] == "expired"
    assert bulk.job(stuck)["status"] == "failed", "the status is always final"
    clock.forward(hours=22)
    bulk.api = bulk.world.caller()
    assert bulk.api.get(f"/jobs/{job_id}").status_code == 404


def test_the_owner_is_told_by_mail(bulk: Bulk) -> None:
    bulk.run([*people(0, 2), {"email": "x"}], send_completion_email="true")
    (mail,) = [each for each in bulk.world.mails() if each.to == "admin@example.com"]
    assert "2 users were added" in mail.text
    assert "1 of 3 rows" in mail.text


@row("Z7")
def test_security_z7_jobs_are_their_tenants_and_need_a_scope(bulk: Bulk, world: World) -> None:
    job_id = bulk.ask(people(0, 1))
    assert world.caller("read:clients").get(f"/jobs/{job_id}").status_code == 403
    assert world.caller("read:users").get(f"/jobs/{job_id}").status_code == 200
    assert world.caller("read:users").post("/jobs/users-exports", {}).status_code == 200
    assert world.caller("create:users").post("/jobs/users-exports", {}).status_code == 403
    other = world.other_tenant("other", "https://other.example.test/")
    assert other.caller().get(f"/jobs/{job_id}").status_code == 404
