"""The log into a file (spec/dashboard.md: "CSV/NDJSON of the view = job"; line 27)."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any

import pytest

from idp.directory.bulk import limits, log_exporting
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import log
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.fixtures import Clock, on_both_stores
from tests.world.outbox import work_off
from tests.world.world import World

LOGS, JOBS = "/admin/monitoring/logs", "/admin/monitoring/jobs"
CALLS = f"{LOGS}?kind=changes"


def happen(world: World, *names: str) -> None:
    """So many changes by the Management API, each an entry."""
    for name in names:
        assert world.caller().post("/roles", {"name": name}).status_code == 200


def begun(desk: Desk, address: str, format_: str) -> str:
    """Ask for the file of that view; the address of its job."""
    desk.open(address).follow("logs-export").press("logs-export-begin", format=format_)
    assert desk.url.startswith(JOBS), desk.text
    return desk.url.partition("?")[0]


def downloaded(desk: Desk, job: str) -> bytes:
    """The file of a job that is done, by its link."""
    desk.open(job)
    form = desk.fields("jobs-download-log")
    to = desk.world.issuer.rstrip("/")
    answer = desk.browser.request("POST", f"{to}{job}/download-log", site="same-origin", form=form)
    assert answer.status_code == 303, answer.status_code
    file = desk.browser.request("GET", answer.headers["Location"])
    assert "-log." in file.headers["Content-Disposition"]
    return gzip.decompress(file.data)


@on_both_stores
def test_the_view_comes_as_ndjson_as_the_api_shows_it(
    world: World, desk: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_exporting, "BATCH", 2)
    monkeypatch.setattr(limits, "SLICE_S", -1.0)  # each turn of the worker writes one piece
    happen(world, "One", "Two", "Three", "Four", "Five")
    clock.forward(seconds=1)
    job = begun(desk, CALLS, "json")
    assert (desk.say("jobs-state"), "type:(sapi OR fapi)" in desk.text) == ("Waiting", True)
    clock.forward(seconds=1)
    happen(world, "Six")
    work_off(world.platform)
    entries = [json.loads(line) for line in downloaded(desk, job).splitlines()]
    assert desk.open(job).say("jobs-state") == "Done"
    asked = [each["details"]["request"] for each in entries]
    names = [each["body"]["name"] for each in asked if each["path"].endswith("/roles")]
    assert names == ["Five", "Four", "Three", "Two", "One"], "newest first, and nothing that came after"
    shown: Any = world.caller().get(f"/logs/{entries[0]['log_id']}").json
    assert {name: value for name, value in shown.items() if value is not None and name in log_exporting.MEMBERS} == (
        entries[0]
    )
    (said,) = world.logs("slogx")
    about = said.rest["details"]["job"]
    assert (about["total"], about["format"], about["query"]) == (len(entries), "json", "type:(sapi OR fapi)")
    assert said.user_name == world.installed["admin"]["email"], "who asked"


def test_line_27_cells_of_the_csv_are_harmless(world: World, desk: Desk) -> None:
    with world.writing() as work:
        work.user_agent = "=1+1"
        log.write(work, LoginLog.WRONG_PASSWORD, "+cmd", user_name="@name", client_name="=HYPERLINK(1)")
    job = begun(desk, LOGS, "csv")
    work_off(world.platform)
    rows = list(csv.DictReader(io.StringIO(downloaded(desk, job).decode())))
    assert set(rows[0]) == set(log_exporting.MEMBERS)
    mine = next(each for each in rows if each["user_name"] == "'@name")
    assert (mine["client_name"], mine["user_agent"], mine["description"]) == ("'=HYPERLINK(1)", "'=1+1", "'+cmd")
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+-@\t\r"]


def test_secrets_are_in_no_export(world: World, desk: Desk) -> None:
    secret = "s3cret-of-the-shop-" + "x" * 40
    made: Any = world.caller().post("/clients", {"name": "Shop", "client_secret": secret}).json
    job = begun(desk, LOGS, "json")
    work_off(world.platform)
    content = downloaded(desk, job)
    assert made["client_id"].encode() in content
    assert secret.encode() not in content


def test_a_file_wants_a_fresh_sign_in_and_a_search_that_is_one(world: World, desk: Desk, clock: Clock) -> None:
    admin = world.installed["admin"]
    desk.open(f"{LOGS}?q=nothing%3Ahere").follow("logs-export").press("logs-export-begin", format="csv")
    assert (desk.status, desk.has("problems")) == (422, True)
    clock.forward(minutes=6)
    desk.open(CALLS).follow("logs-export").press("logs-export-begin", format="json")
    assert desk.browser.path == "/u/login"
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.say("export-query").endswith("type:(sapi OR fapi)"), "what was asked is still asked"
    desk.press("logs-export-begin", format="xml")
    assert (desk.status, desk.has("problems")) == (422, True)


def test_an_export_is_cancelled_and_has_no_file(world: World, desk: Desk) -> None:
    job = begun(desk, LOGS, "json")
    desk.press("jobs-stop")
    work_off(world.platform)
    assert (desk.open(job).say("jobs-state"), desk.has("jobs-download-log")) == ("Cancelled", False)
    assert (len(world.logs("cjob")), len(world.logs("slogx"))) == (1, 0)


def test_who_sees_the_log_alone_exports_it_and_sees_no_other_job(world: World, hire: Hire, desk: Desk) -> None:
    desk.open("/admin/users").follow("users-export").press("users-export-begin", format="csv")
    others = desk.url.partition("?")[0]
    auditor = Desk(world, enter(world.browser(), hire("ada@example.com", "Auditor"), LOGS))
    job = begun(auditor, LOGS, "csv")
    work_off(world.platform)
    assert downloaded(auditor, job)
    assert [each for each in auditor.open(JOBS).rows() if each] == [job.rpartition("/")[2]]
    assert auditor.open(others).status == 404
    csrf = {"csrf": auditor.open(job).fields("jobs-download-log")["csrf"]}
    for way in ("stop", "cancel", "download", "download-log"):
        auditor.browser.open(f"{others}/{way}", site="same-origin", method="POST", form=csrf)
        assert auditor.status in {403, 404}, way
    shown: Any = world.caller().get(f"/jobs/{job.rpartition('/')[2]}")
    assert shown.status_code == 404, "the Management API knows no such jobs"


def test_no_more_than_so_many_entries(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_LOG_ENTRIES", 3)
    happen(world, "One", "Two", "Three", "Four")
    job = begun(desk, CALLS, "json")
    work_off(world.platform)
    assert len(downloaded(desk, job).splitlines()) == 3
