"""POST /jobs/users-exports, and the file (spec/bulk-import-export.md)."""

from __future__ import annotations

import csv
import io
import json

import pytest

from idp.directory.bulk import exporting, limits, progress
from tests.directory.bulk.conftest import Bulk
from tests.directory.bulk.vectors import VECTORS
from tests.security.rows import row
from tests.world.fixtures import Clock, on_both_stores
from tests.world.outbox import work_off


def lines(content: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in content.decode().splitlines()]


@on_both_stores
def test_users_are_exported_line_by_line(bulk: Bulk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 7)
    bulk.run([{"email": f"user{n}@example.com", "user_metadata": {"n": n}} for n in range(20)])
    found = lines(bulk.export())
    mine = [each for each in found if "user_metadata" in each]
    assert len(found) == 20 + 2
    assert sorted(each["user_metadata"]["n"] for each in mine) == list(range(20))  # type: ignore[index]
    assert {each["connection"] for each in mine} == {"Username-Password-Authentication"}
    assert [each["user_id"] for each in found] == sorted(str(each["user_id"]) for each in found)
    assert set(mine[0]) >= {"user_id", "email", "email_verified", "name", "nickname", "created_at", "updated_at"}


def test_the_answer_says_what_was_asked(bulk: Bulk) -> None:
    asked = {
        "connection_id": bulk.world.connection_id,
        "format": "csv",
        "limit": 1,
        "fields": [{"name": "email"}, {"name": "identities[0].connection", "export_as": "provider"}],
    }
    answer = bulk.api.post("/jobs/users-exports", asked)
    assert answer.status_code == 200
    body = answer.get_json()
    said = {"type": "users_export", "status": "pending", "connection": "Username-Password-Authentication"}
    assert {name: body[name] for name in (*asked, *said)} == {**asked, **said}
    location = bulk.done(body["id"])["location"]
    assert location.startswith(bulk.world.issuer)
    assert ".csv.gz?" in location


def test_only_users_of_the_connection_are_exported(bulk: Bulk) -> None:
    elsewhere = bulk.world.connection("other")
    bulk.world.user("jane@example.com", connection_id=elsewhere)
    assert [each["email"] for each in lines(bulk.export(connection_id=elsewhere))] == ["jane@example.com"]
    assert bulk.api.post("/jobs/users-exports", {"connection_id": "con_0123456789abcdef"}).status_code == 400
    assert len(lines(bulk.export(limit=1))) == 1


def test_paths_name_what_is_inside(bulk: Bulk) -> None:
    bulk.run([{"email": "jane@example.com", "user_id": "j", "user_metadata": {"a": {"b": [1, 2]}}}])
    names = ("user_metadata.a.b", "user_metadata.a.b[1]", "identities[0].user_id", "identities[4].user_id", "no.such")
    fields = [{"name": name, "export_as": f"c{at}"} for at, name in enumerate(names)]
    (found,) = [each for each in lines(bulk.export(fields=fields)) if "c0" in each]
    assert found == {"c0": [1, 2], "c1": 2, "c2": "j"}


@row("Z5")
def test_security_z5_bulk_import_export_acceptance_5_csv_runs_no_formula(bulk: Bulk) -> None:
    """Acceptance 5 of bulk-import-export.md, and row Z5 of security.md."""
    evil = ["=cmd()", "+1", "-1", "@SUM(A1)", "\tx", "\rx", ' ="x"', '"quoted", =1']
    bulk.run([{"email": f"u{n}@example.com", "name": name, "user_metadata": {"n": n}} for n, name in enumerate(evil)])
    fields = [{"name": "name"}, {"name": "user_metadata.n", "export_as": "n"}, {"name": "created_at"}]
    content = bulk.export(format="csv", fields=fields, connection_id=bulk.world.connection_id)
    assert b'"\'=cmd()"' in content
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    found = {row["n"]: row for row in rows if row["n"]}
    assert [found[str(n)]["name"] for n in range(len(evil))] == [f"'{name}" for name in evil[:-1]] + [evil[-1]]
    assert found["0"]["created_at"][:2] == "20", "moments have no mark before them"
    many = [{"name": f"user_metadata.m{n}"} for n in range(31)]
    assert bulk.api.post("/jobs/users-exports", {"format": "csv", "fields": many}).status_code == 400
    assert bulk.api.post("/jobs/users-exports", {"format": "csv", "fields": many[:30]}).status_code == 200
    bare = [{"name": "user_metadata"}]
    assert bulk.api.post("/jobs/users-exports", {"format": "csv", "fields": bare}).status_code == 400
    long = [{"name": "x" * 101}]
    assert bulk.api.post("/jobs/users-exports", {"fields": long}).status_code == 400
    assert bulk.api.post("/jobs/users-exports", {"limit": 0}).status_code == 400


def test_no_export_has_a_password_or_a_token_in_it(bulk: Bulk) -> None:
    secret, _ = VECTORS["md5 (RFC 1321)"]
    bulk.run(
        [{"email": "jane@example.com", "custom_password_hash": secret, "mfa_factors": [{"totp": {"secret": "ABCD"}}]}]
    )
    fields = [
        {"name": name} for name in ("password_hash", "custom_password_hash", "mfa_factors", "identities", "email")
    ]
    content = bulk.export(fields=fields).decode() + bulk.export().decode()
    assert secret["hash"]["value"] not in content
    assert "ABCD" not in content


@row("Z6")
def test_security_z6_bulk_import_export_acceptance_6_links_are_good_for_a_minute(bulk: Bulk, clock: Clock) -> None:
    """Acceptance 6 of bulk-import-export.md: the link expires after 60 s, a GET gives another, all goes after a day."""
    answer = bulk.api.post("/jobs/users-exports", {})
    job = bulk.done(answer.get_json()["id"])
    first, second = job["location"], bulk.job(job["id"])["location"]
    assert first != second
    file = bulk.download(first)
    assert (file.status_code, file.mimetype) == (200, "application/gzip")
    assert "default.json.gz" in file.headers["Content-Disposition"]
    assert file.headers["Cache-Control"] == "no-store"
    for wrong in (
        first[:-1],
        first.replace("expires=1", "expires=2"),
        first.split("?")[0],
        first.replace("job_", "job-"),
    ):
        assert bulk.download(wrong).status_code == 404
    clock.forward(seconds=61)
    assert bulk.download(first).status_code == 404
    third = bulk.job(job["id"])["location"]
    assert bulk.download(third).status_code == 200
    clock.forward(hours=24)
    bulk.api = bulk.world.caller()
    assert bulk.api.get(f"/jobs/{job['id']}").status_code == 404
    assert bulk.download(third).status_code == 404


@row("RL6")
@on_both_stores
def test_rl6_an_export_goes_on_where_its_worker_died(bulk: Bulk, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(exporting, "BATCH", 4)
    bulk.run([{"email": f"user{n}@example.com"} for n in range(10)])
    job_id = bulk.api.post("/jobs/users-exports", {}).get_json()["id"]
    calls, real = [], progress.move

    def dies(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise SystemExit("killed")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(progress, "move", dies)
    with pytest.raises(SystemExit):
        work_off(bulk.world.platform)
    clock.forward(seconds=30)
    job = bulk.done(job_id)
    import gzip

    found = [str(each["email"]) for each in lines(gzip.decompress(bulk.download(job["location"]).data))]
    assert len(found) == len(set(found)) == 12


def test_exports_of_one_tenant_are_bounded(bulk: Bulk) -> None:
    answers = [bulk.api.post("/jobs/users-exports", {}).status_code for _ in range(limits.MOST_ACTIVE_EXPORTS + 1)]
    assert answers == [200] * limits.MOST_ACTIVE_EXPORTS + [429]
