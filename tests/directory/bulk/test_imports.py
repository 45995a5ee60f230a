"""POST /jobs/users-imports and what comes of it (spec/bulk-import-export.md)."""

from __future__ import annotations

from tests.directory.bulk.conftest import Bulk


def test_users_are_imported(bulk: Bulk) -> None:
    answer = bulk.post([{"email": "Jane@Example.com", "given_name": "Jane"}, {"email": "x"}], external_id="mine")
    body = answer.get_json()
    assert answer.status_code == 202, body
    assert {**body, "id": "", "created_at": ""} == {
        "id": "",
        "type": "users_import",
        "status": "pending",
        "created_at": "",
        "connection_id": bulk.world.connection_id,
        "connection": "Username-Password-Authentication",
        "upsert": False,
        "external_id": "mine",
        "send_completion_email": False,
    }
    job = bulk.done(body["id"])
    assert job["status"] == "completed"
    assert job["summary"] == {"failed": 1, "updated": 0, "inserted": 1, "total": 2}
    (refused,) = bulk.errors(job["id"])
    assert refused["user"] == {"email": "x"}
    assert [each["code"] for each in refused["errors"]] == ["FORMAT"]
    user = bulk.user("jane@example.com")
    assert user["given_name"] == "Jane"
    assert user["email_verified"] is False
