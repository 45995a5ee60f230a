"""POST /jobs/users-imports and what comes of it (spec/bulk-import-export.md)."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from sqlalchemy import select

from idp.directory.bulk.models import Job
from idp.directory.users import imported_factors
from tests.directory.bulk.conftest import Bulk
from tests.directory.bulk.vectors import VECTORS, text
from tests.security.rows import row
from tests.world.fixtures import on_both_stores

JANE = "jane@example.com"
MD5 = VECTORS["md5 (RFC 1321)"][0]


@on_both_stores
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
    user = bulk.user(JANE)
    assert user["given_name"] == "Jane"
    assert user["email_verified"] is False
    entries = bulk.api.get("/logs", q="type:sui").get_json()
    assert [each["details"]["job"]["summary"]["inserted"] for each in entries] == [1]


def test_everything_that_a_row_may_say_is_kept(bulk: Bulk) -> None:
    bulk.world.connection_options(requires_username=True)
    said = {
        "email": JANE,
        "email_verified": True,
        "phone_number": "+15550100",
        "phone_verified": True,
        "username": "Jane",
        "given_name": "Jane",
        "family_name": "Doe",
        "name": "Jane Doe",
        "nickname": "jd",
        "picture": "https://example.com/jane.png",
        "blocked": True,
        "app_metadata": {"plan": "gold"},
        "user_metadata": {"colour": "blue"},
    }
    job = bulk.run([{**said, "user_id": "auth0|abc"}])
    assert job["summary"]["inserted"] == 1, bulk.errors(job["id"])
    user = bulk.user(JANE)
    assert {name: user.get(name) for name in said} == {**said, "username": "jane"}
    assert user["user_id"] == "auth0|abc"
    assert bulk.run([{"email": "b@example.com", "user_id": "b"}])["summary"]["inserted"] == 1
    assert bulk.user("b@example.com")["user_id"] == "auth0|b"


REFUSED = {
    "no email": ({"name": "x"}, "OBJECT_REQUIRED"),
    "no object": ("jane", "INVALID_TYPE"),
    "email of the wrong type": ({"email": 7}, "INVALID_TYPE"),
    "no address": ({"email": "jane"}, "FORMAT"),
    "null": ({"email": JANE, "name": None}, "INVALID_TYPE"),
    "long name": ({"email": JANE, "given_name": "x" * 151}, "MAX_LENGTH"),
    "empty name": ({"email": JANE, "given_name": ""}, "MIN_LENGTH"),
    "number": ({"email": JANE, "phone_number": "555"}, "PATTERN"),
    "script as picture": ({"email": JANE, "picture": "javascript:alert(1)"}, "FORMAT"),
    "protected field": ({"email": JANE, "logins_count": 5}, "NOT_PASSED"),
    "identities": ({"email": JANE, "identities": []}, "NOT_PASSED"),
    "password": ({"email": JANE, "password": "x"}, "NOT_PASSED"),
    "username where there are none": ({"email": JANE, "username": "jane"}, "NOT_PASSED"),
    "both hashes": (
        {"email": JANE, "custom_password_hash": MD5, "password_hash": "$2a$05$" + "C" * 53},
        "NOT_PASSED",
    ),
    "unknown algorithm": ({"email": JANE, "custom_password_hash": text("rot13", "x")}, "ENUM_MISMATCH"),
    "hash without value": (
        {"email": JANE, "custom_password_hash": {"algorithm": "md5", "hash": {"encoding": "hex"}}},
        "OBJECT_REQUIRED",
    ),
    "keylen 0": ({"email": JANE, "custom_password_hash": {**MD5, "keylen": 0}}, "MINIMUM"),
    "cost": ({"email": JANE, "custom_password_hash": {**MD5, "cost": 2**40}}, "MAXIMUM"),
    "password_hash of another kind": ({"email": JANE, "password_hash": "$2y$05$" + "C" * 53}, "PATTERN"),
    "reserved metadata": ({"email": JANE, "app_metadata": {"identities": 1}}, "NOT_PASSED"),
    "metadata with dots": ({"email": JANE, "user_metadata": {"a.b": 1}}, "NOT_PASSED"),
    "metadata as list": ({"email": JANE, "user_metadata": []}, "INVALID_TYPE"),
    "no factors": ({"email": JANE, "mfa_factors": []}, "ARRAY_LENGTH_SHORT"),
    "eleven factors": ({"email": JANE, "mfa_factors": [{"totp": {"secret": "A"}}] * 11}, "ARRAY_LENGTH_LONG"),
    "two factors in one": (
        {"email": JANE, "mfa_factors": [{"totp": {"secret": "A"}, "email": {"value": JANE}}]},
        "NOT_PASSED",
    ),
    "no seed": ({"email": JANE, "mfa_factors": [{"totp": {"secret": "a1"}}]}, "PATTERN"),
    "a seed that is no key": ({"email": JANE, "mfa_factors": [{"totp": {"secret": "A"}}]}, "MFA_FACTORS_FAILED"),
}


@row("Z4")
def test_rows_that_are_wrong_are_told_apart(bulk: Bulk) -> None:
    found = bulk.errors(bulk.run([row for row, _ in REFUSED.values()])["id"])
    codes = [[error["code"] for error in each["errors"]] for each in found]
    assert dict(zip(REFUSED, codes, strict=True)) == {name: [code] for name, (_, code) in REFUSED.items()}
    assert bulk.api.get("/users-by-email", email=JANE).get_json() == []


@on_both_stores
def test_bulk_import_export_acceptance_3_what_an_upsert_changes(bulk: Bulk) -> None:
    """Acceptance 3 of bulk-import-export.md: who is there, is changed; metadata is replaced, not merged."""
    first = {"email": JANE, "email_verified": True, "name": "Jane", "user_id": "j", "user_metadata": {"a": 1, "b": 2}}
    bulk.run([{**first, "custom_password_hash": MD5}])
    assert bulk.codes([{"email": JANE}]) == ["CONFLICT_EMAIL"]
    assert bulk.codes([{"email": "other@example.com", "user_id": "j"}]) == ["CONFLICT"]
    changed = {"email": JANE, "name": "J.", "user_metadata": {"c": 3}, "blocked": True}
    job = bulk.run([changed, {"email": "new@example.com"}], upsert="true")
    assert job["summary"] == {"failed": 0, "updated": 1, "inserted": 1, "total": 2}
    user = bulk.user(JANE)
    assert (user["name"], user["user_metadata"], user["email_verified"]) == ("J.", {"c": 3}, True)
    assert "blocked" not in user
    bulk.run([{"email": "moved@example.com", "user_id": "j"}], upsert="true")
    moved = bulk.user("moved@example.com")
    assert (moved["user_id"], moved["email_verified"]) == ("auth0|j", False)
    assert bulk.signs_in("moved@example.com", "abc")
    assert bulk.codes([{"email": "new@example.com", "user_id": "j"}], upsert="true") == ["CONFLICT_EMAIL"]


def test_an_account_is_changed_once_by_a_file(bulk: Bulk) -> None:
    bulk.run([{"email": JANE, "user_id": "j", "name": "Jane"}])
    rows = [{"email": "moved@example.com", "user_id": "j", "name": "J."}, {"email": JANE, "name": "Somebody"}]
    assert bulk.codes(rows, upsert="true") == ["CONFLICT"]
    assert (bulk.user("moved@example.com")["user_id"], bulk.user("moved@example.com")["name"]) == ("auth0|j", "J.")


def test_nobody_is_imported_twice_from_one_file(bulk: Bulk) -> None:
    bulk.world.connection_options(requires_username=True)
    rows = [
        {"email": JANE, "user_id": "a", "username": "jane", "phone_number": "+15550100"},
        {"email": "JANE@example.com"},
        {"email": "b@example.com", "user_id": "auth0|a"},
        {"email": "c@example.com", "username": "Jane"},
        {"email": "d@example.com", "phone_number": "+15550100"},
    ]
    for upsert in ("false", "true"):
        assert bulk.codes(rows, upsert=upsert)[-4:] == ["DUPLICATED_USER"] * 4
    assert bulk.codes([{"email": "e@example.com", "username": "jane"}]) == ["CONFLICT_USERNAME"]


@row("Z3")
@on_both_stores
def test_security_z3_an_import_overwrites_no_live_password(bulk: Bulk) -> None:
    bulk.run([{"email": JANE, "custom_password_hash": MD5}])
    other = {"email": JANE, "custom_password_hash": VECTORS["MySQL"][0]}
    bulk.run([other], upsert="true")
    assert not bulk.signs_in(JANE, "abc")
    assert bulk.signs_in(JANE, "mypass"), "nobody had signed in with the first one"
    bulk.run([{"email": JANE, "custom_password_hash": MD5}], upsert="true")
    bulk.run(
        [{"email": JANE, "password_hash": "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"}],
        upsert="true",
    )
    assert bulk.signs_in(JANE, "mypass"), "the password of somebody who has signed in stays"
    assert not bulk.signs_in(JANE, "abc")


def test_whoever_has_no_password_gets_the_one_of_a_later_file(bulk: Bulk) -> None:
    bulk.run([{"email": JANE}])
    bulk.run([{"email": JANE, "custom_password_hash": MD5}], upsert="true")
    assert bulk.signs_in(JANE, "abc")


@row("Z3")
def test_security_z3_people_of_other_connections_are_nobody_here(bulk: Bulk) -> None:
    elsewhere = bulk.world.connection("other")
    bulk.world.user(JANE, connection_id=elsewhere, name="Jane")
    assert bulk.run([{"email": JANE, "name": "Mallory"}], upsert="true")["summary"]["inserted"] == 1
    names = sorted(each["name"] for each in bulk.api.get("/users-by-email", email=JANE).get_json())
    assert names == ["Jane", "Mallory"]


def test_factors_wait_sealed(bulk: Bulk) -> None:
    factors = [{"totp": {"secret": "ABCDEFGH234567"}}, {"phone": {"value": "+15550100"}}, {"email": {"value": JANE}}]
    bulk.run([{"email": JANE, "user_id": "j", "mfa_factors": factors}])
    with bulk.world.writing() as work:
        found = imported_factors.take(work, "auth0|j")
        assert imported_factors.of_user(work, "auth0|j") == []
    assert [(each.kind, each.value) for each in found] == [
        ("totp", "ABCDEFGH234567"),
        ("phone", "+15550100"),
        ("email", JANE),
    ]


def test_bulk_import_export_acceptance_4_errors_hide_what_is_secret(bulk: Bulk) -> None:
    """Acceptance 4 of bulk-import-export.md: /errors masks hashes; 204 for a clean job."""
    seed = [{"totp": {"secret": "ABCDEFGH234567"}}]
    job = bulk.run(
        [{"email": "x", "custom_password_hash": MD5, "mfa_factors": seed}, {"email": "y", "password_hash": "z"}]
    )
    answer = bulk.api.get(f"/jobs/{job['id']}/errors")
    shown = answer.get_data(as_text=True)
    assert MD5["hash"]["value"] not in shown
    assert "ABCDEFGH234567" not in shown
    first, second = answer.get_json()
    assert first["user"]["custom_password_hash"] == {"algorithm": "md5", "hash": {"value": "*****", "encoding": "hex"}}
    assert second["user"]["password_hash"] == "*****"
    clean = bulk.run([{"email": JANE}])
    assert bulk.api.get(f"/jobs/{clean['id']}/errors").status_code == 204
    assert bulk.api.get("/jobs/job_unknown/errors").status_code == 404


BAD_FILES = {
    "no JSON": b"hello",
    "truncated": b'[{"email": "jane@example.com"},',
    "object that ends early": b'[{"email": "jane@example.com"]',
    "not a number": b'[{"email": "jane@example.com", "user_metadata": {"a": NaN}}]',
    "gzip": gzip.compress(b"[]" * 1000),
    "two arrays": b"[][]",
}


@row("Z2")
@pytest.mark.parametrize("name", BAD_FILES)
def test_security_z2_a_file_that_is_none_fails_as_a_whole(bulk: Bulk, name: str) -> None:
    job = bulk.run(None, raw=BAD_FILES[name])
    assert job["status"] == "failed"
    assert job["status_details"]
    answer = bulk.api.get(f"/jobs/{job['id']}/errors")
    assert answer.get_json()["status"] == "failed"
    assert len(bulk.api.get("/logs", q="type:fui").get_json()) == 1


HOSTILE = {
    "NUL": '{"email": "jane@example.com", "user_metadata": {"a": "\\u0000"}}',
    "half a character": '{"email": "jane@example.com", "user_metadata": {"a": "\\ud800"}}',
    "deep": '{"email": "jane@example.com", "user_metadata": ' + '{"a":' * 100 + "1" + "}" * 101,
    "twice": '{"email": "jane@example.com", "email": "john@example.com"}',
    "huge number": '{"email": "jane@example.com", "user_metadata": {"a": 99999999999999999999}}',
}


@row("Z2")
def test_security_z2_hostile_rows_are_refused_and_others_are_not(bulk: Bulk) -> None:
    raw = f"[{', '.join(HOSTILE.values())}, {json.dumps({'email': 'good@example.com'})}]".encode()
    job = bulk.run(None, raw=raw)
    assert job["summary"] == {"failed": len(HOSTILE), "updated": 0, "inserted": 1, "total": len(HOSTILE) + 1}
    assert {error["code"] for each in bulk.errors(job["id"]) for error in each["errors"]} == {"FORMAT"}


def test_requests_that_are_wrong_are_refused(bulk: Bulk) -> None:
    world = bulk.world
    nowhere = world.connection("nowhere")
    with world.writing() as work:
        from idp.directory.connections import service as connections

        connections.set_clients(work, connections.get(work, nowhere), [])
        work.configuration_changed()
    refused = {
        "no users": bulk.api(
            "POST",
            "/jobs/users-imports",
            data={"connection_id": world.connection_id},
            content_type="multipart/form-data",
        ),
        "empty": bulk.post(None, raw=b"  "),
        "no connection": bulk.api("POST", "/jobs/users-imports", data={"users": (io.BytesIO(b"[]"), "u.json")}),
        "bad id": bulk.post([], connection_id="x"),
        "unknown connection": bulk.post([], connection_id="con_0123456789abcdef"),
        "disabled": bulk.post([], connection_id=nowhere),
        "JSON": bulk.api.post("/jobs/users-imports", {"users": "x", "connection_id": world.connection_id}),
        "broken": bulk.api(
            "POST", "/jobs/users-imports", data=b"--x\r\nhello", content_type="multipart/form-data; boundary=x"
        ),
        "without a boundary": bulk.api("POST", "/jobs/users-imports", data=b"x", content_type="multipart/form-data"),
        "odd switch": bulk.post([], upsert="perhaps"),
        "extra": bulk.post([], more="x"),
        "text for the file": bulk.api(
            "POST",
            "/jobs/users-imports",
            data={"connection_id": world.connection_id, "users": "[]"},
            content_type="multipart/form-data",
        ),
    }
    answered = {name: answer.status_code for name, answer in refused.items()}
    assert answered == dict.fromkeys(refused, 400), {n: a.get_data(as_text=True) for n, a in refused.items()}
    with world.context() as work:
        assert list(work.rows.scalars(select(Job))) == []


@row("Z2")
def test_security_z2_larger_bodies_are_413(bulk: Bulk) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="users"; filename="u.json"\r\n\r\n'
    body = head + b"[" + b" " * 512_000 + b"]\r\n--x--\r\n"
    answer = bulk.api("POST", "/jobs/users-imports", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert answer.get_json()["error"] == "Payload Too Large"
    assert "512000" in answer.get_json()["message"]


def test_numbers_that_identify_people_are_somebodys(bulk: Bulk) -> None:
    phone = {"identifier": {"active": True}, "signup": {"verification": {"active": False}}}
    email = {"identifier": {"active": True}, "signup": {"status": "optional"}}
    bulk.world.connection_options(attributes={"phone_number": phone, "email": email})
    jane = {"phone_number": "+12025550123", "custom_password_hash": MD5}
    assert bulk.run([jane])["summary"]["inserted"] == 1, "an address is not asked for"
    other = {"phone_number": "+12025550123", "email": JANE}
    again = bulk.run([other])
    assert again["summary"]["failed"] == 1
    assert [each["errors"][0]["code"] for each in bulk.errors(again["id"])] == ["CONFLICT"]
    assert bulk.run([other], upsert="true")["summary"]["updated"] == 1
    assert bulk.user(JANE)["phone_number"] == "+12025550123"
    assert bulk.signs_in("+1 202 555 0123", VECTORS["md5 (RFC 1321)"][1])


def test_what_nobody_is_without_is_asked_of_rows(bulk: Bulk) -> None:
    bulk.world.connection_options(attributes={"email": {}, "phone_number": {"profile_required": True}})
    job = bulk.run([{"email": JANE}, {"email": "b@example.com", "phone_number": "+12025550123"}])
    assert (job["summary"]["inserted"], job["summary"]["failed"]) == (1, 1)
    assert bulk.errors(job["id"])[0]["errors"][0]["path"] == "phone_number"
