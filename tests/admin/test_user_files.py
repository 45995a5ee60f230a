"""Users from a file and into one (spec/dashboard.md, lines 27 and 36)."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from idp.directory.bulk import limits
from tests.admin.conftest import Desk
from tests.world.fixtures import Clock
from tests.world.outbox import work_off
from tests.world.world import Person, World

USERS, JOBS = "/admin/users", "/admin/monitoring/jobs"


def upload(desk: Desk, content: bytes, **form: str) -> int:
    """Send the form for a file, as a browser does, and go where it leads; the status of its answer."""
    desk.open(f"{USERS}/import")
    return desk.upload("users-check", "users", content, **form)


def rows(amount: int) -> list[dict[str, Any]]:
    return [{"email": f"new{number:02}@example.com", "name": f"New {number}"} for number in range(amount)]


def found(world: World, q: str) -> int:
    return len(world.caller().get("/users", q=q, per_page="100").json or [])


def test_line_36_a_dry_run_names_the_bad_rows_and_the_rest_is_imported(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.user("new00@example.com")
    people = [*rows(6), {"email": "broken"}, {"email": "x@example.com", "blocked": "yes"}]
    upload(desk, json.dumps(people).encode())
    assert desk.url.startswith(JOBS)
    assert desk.say("jobs-state") == "Waiting"
    work_off(world.platform)
    desk.open(desk.url)
    assert (desk.say("jobs-inserted"), desk.say("jobs-updated"), desk.say("jobs-failed")) == ("5", "0", "3")
    assert "A user with this email exists already" in desk.say("jobs-errors")
    assert "broken" in desk.say("jobs-errors")
    assert found(world, "email:new*") == 1, "a check makes nobody"
    assert world.management()("GET", desk.url.replace(JOBS, "/jobs")).status_code == 404, "the API knows no checks"
    monkeypatch.setattr(limits, "SLICE_S", -1.0)
    monkeypatch.setattr(limits, "BATCH", 2)
    desk.press("jobs-import")
    desk.open(desk.url)
    work_off(world.platform)
    desk.open(desk.url)
    assert (desk.say("jobs-state"), desk.say("jobs-inserted"), desk.say("jobs-failed")) == ("Done", "5", "3")
    assert found(world, "email:new*") == 6
    report = desk.browser.request("GET", world.issuer.rstrip("/") + desk.url.partition("?")[0] + "/errors")
    assert [json.loads(line)["row"] for line in report.data.splitlines()] == [1, 7, 8]
    assert "attachment" in report.headers["Content-Disposition"]


def test_line_36_csv_and_existing_people(world: World, desk: Desk) -> None:
    jane = world.user("jane.doe@example.com", name="Before")
    upload(desk, b"email,name\njane.doe@example.com,After\nnew@example.com,New\n", upsert="true")
    work_off(world.platform)
    desk.open(desk.url)
    assert (desk.say("jobs-inserted"), desk.say("jobs-updated")) == ("1", "1")
    desk.press("jobs-import")
    work_off(world.platform)
    assert (world.caller().get(f"/users/{jane.user_id}").json or {})["name"] == "After"


def test_line_36_what_is_no_file_of_users(world: World, desk: Desk) -> None:
    assert upload(desk, b"") == 422
    assert upload(desk, b"\x00\x01") == 422
    assert upload(desk, b"[{") == 303
    work_off(world.platform)
    assert desk.open(desk.url).say("jobs-state") == "Failed"
    assert upload(desk, b" " * (world.platform.settings.import_max_bytes + 100_000)) == 413


def test_line_27_an_export_of_the_view_is_harmless_csv(world: World, desk: Desk, clock: Clock, jane: Person) -> None:
    world.user("mallory@example.com", name="=1+1", nickname="@SUM(A1)")
    world.user("other@elsewhere.example.com", name="Elsewhere")
    desk.open(f"{USERS}?q=email%3Amallory*").follow("users-export")
    assert "email:mallory*" in desk.say("export-query")
    desk.press("users-export-begin", format="csv")
    work_off(world.platform)
    desk.open(desk.url)
    assert desk.say("jobs-state") == "Done"
    clock.forward(minutes=6)
    desk.press("jobs-download")
    assert desk.browser.path == "/u/login", "a file of people wants a fresh sign-in"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    form = desk.fields("jobs-confirm")
    job = desk.url.partition("?")[0].removesuffix("/download")
    answer = desk.browser.request("POST", world.issuer.rstrip("/") + f"{job}/download", form=form, site="same-origin")
    file = desk.browser.request("GET", answer.headers["Location"])
    text = gzip.decompress(file.data).decode()
    assert '"\'=1+1"' in text
    assert '"\'@SUM(A1)"' in text
    assert "Elsewhere" not in text
    assert jane.email not in text
    assert world.logs("sue")


def test_line_17_those_who_are_ticked_are_exported(world: World, desk: Desk, clock: Clock, jane: Person) -> None:
    other, third = world.user("other@example.com"), world.user("third@example.com")
    admin = world.installed["admin"]
    clock.forward(minutes=6)
    ticked = {f"row.{each.user_id}": "on" for each in (jane, other)}
    desk.open(USERS).press("users-bulk-go", action="export", **ticked)
    assert desk.browser.path == "/u/login", "a file of people wants a fresh sign-in"
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.say("bulk-count").endswith("2")
    desk.press("bulk-confirm")
    assert (desk.status, desk.has("problems")) == (422, True), "no format was chosen"
    desk.press("bulk-confirm", value="json")
    text = _file(world, desk)
    assert {json.loads(line)["email"] for line in text.splitlines()} == {jane.email, other.email}
    assert third.email not in text


def test_line_17_whoever_is_found_on_all_pages_is_exported(world: World, desk: Desk, jane: Person) -> None:
    for number in range(12):
        world.user(f"crew{number:02}@example.com")
    desk.open(f"{USERS}?rows=10&q=email%3Acrew*").press("users-bulk-go", action="export", all="true")
    assert desk.say("bulk-count").endswith("12")
    desk.press("bulk-confirm", value="csv")
    text = _file(world, desk)
    assert (len(text.splitlines()), jane.email in text) == (1 + 12, False)
    assert world.logs("sue")


def _file(world: World, desk: Desk) -> str:
    """The file of the export whose page this is, once it is written."""
    work_off(world.platform)
    job = desk.url.partition("?")[0]
    assert desk.open(job).say("jobs-state") == "Done"
    form = desk.fields("jobs-download")
    answer = desk.browser.request("POST", world.issuer.rstrip("/") + f"{job}/download", form=form, site="same-origin")
    return gzip.decompress(desk.browser.request("GET", answer.headers["Location"]).data).decode()
