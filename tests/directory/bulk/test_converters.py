"""Exports of other products, converted and imported (spec/migration.md)."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest

from idp.directory.bulk import converters, files
from idp.directory.bulk.converters.contract import Unconvertible
from idp.directory.bulk.importing import Refused
from idp.directory.users import imported_factors
from tests.directory.bulk import samples
from tests.directory.bulk.conftest import Bulk
from tests.world.factors import code_of, demand, sent_code

JANE = "jane@example.com"
SAMPLES: dict[str, tuple[str, str, dict[str, Any], str | None, list[tuple[str, str]]]] = {
    "auth0": (
        samples.AUTH0,
        "auth0|5f7c8ec7c33c6c004bbafe82",
        {"name": "Jane Doe", "email_verified": True, "user_metadata": {"colour": "blue"}},
        None,
        [],
    ),
    "okta": (
        samples.OKTA,
        "auth0|00ub0oNGTSWTBKOLGLNR",
        {"given_name": "Jane", "email_verified": True, "app_metadata": {"okta_login": JANE}},
        "U*U",
        [],
    ),
    "gigya": (
        samples.GIGYA,
        "auth0|1de6b6dc0e8a4eb6a1a2c1ee79a5e53a",
        {"name": "Jane Doe", "email_verified": True, "user_metadata": {"country": "Norway", "data": {"terms": True}}},
        "U*U",
        [],
    ),
    "stormpath": (
        samples.STORMPATH,
        "auth0|3apenYvL0Z9v9spdzpFfey",
        {"name": "Jane Doe", "email_verified": True, "user_metadata": {"favorite": "green"}},
        "U*U",
        [],
    ),
    "keycloak": (
        samples.KEYCLOAK,
        "auth0|5b8d9a1c-0d0f-4a75-a8a3-9c7a0a1f3e11",
        {"phone_number": "+15550100", "email_verified": True, "user_metadata": {"department": "Sales"}},
        "U*U",
        [("totp", "JYZFC6TLIRAXGZ2RI5ZEIMTXJV4XC6LY")],
    ),
    "firebase": (
        samples.FIREBASE,
        "auth0|mY1rN0bUlDh8S4hBzNYp6J7kF1o2",
        {"name": "Jane Doe", "email_verified": True, "phone_number": "+15550100"},
        "user1password",
        [("phone", "+15550100")],
    ),
    "cognito": (
        samples.COGNITO,
        "auth0|eaad0219-2117-439f-8d46-4db20e59268f",
        {"given_name": "Jane", "email_verified": True, "user_metadata": {"plan": "gold"}},
        None,
        [],
    ),
    "supabase": (
        samples.SUPABASE,
        "auth0|f2a9e3c2-8a4e-4b31-b0f6-1b1d7a6a0a51",
        {"name": "Jane Doe", "email_verified": True, "app_metadata": {"provider": "email"}},
        "U*U",
        [],
    ),
    "clerk": (
        samples.CLERK,
        "auth0|user_2fA",
        {"name": "Jane Doe", "email_verified": True, "app_metadata": {"clerk_username": "jane"}},
        "U*U",
        [("totp", "ABCDEFGH234567")],
    ),
    "ldif": (
        samples.LDIF,
        "auth0|7c1a2a4e-0f7c-103d-8a55-6d6a1f0a0001",
        {"given_name": "Jané", "name": "Jane Doe", "phone_number": "+15550100"},
        "U*U",
        [],
    ),
    "csv": (samples.CSV, "auth0|j", {"name": "=Jane", "user_metadata": {"colour": "blue"}}, "U*U", []),
}


def run(bulk: Bulk, name: str, content: str, **more: Any) -> tuple[files.Tally, list[Refused]]:
    """The file, imported."""
    refused: list[Refused] = []
    asked = files.Import(
        converter=converters.named(name),
        connection_id=bulk.world.connection_id,
        options=samples.FIREBASE_OPTIONS if name == "firebase" else {},
        refused=refused.append,
        **more,
    )
    source = io.BufferedReader(io.BytesIO(content.encode()))  # type: ignore[arg-type]
    return files.import_file(bulk.world.platform, bulk.world.tenant, source, asked), refused


def test_there_is_a_sample_of_each() -> None:
    assert SAMPLES.keys() == converters.CONVERTERS.keys()


@pytest.mark.parametrize("name", SAMPLES)
def test_what_others_export_is_imported(bulk: Bulk, name: str) -> None:
    content, user_id, members, password, factors = SAMPLES[name]
    dry, refused = run(bulk, name, content, dry_run=True)
    assert (dry.failed, refused, bulk.api.get("/users-by-email", email=JANE).get_json()) == (0, [], [])
    tally, _ = run(bulk, name, content)
    assert (tally.inserted, tally.failed, tally.left_out) == (dry.inserted, 0, dry.left_out)
    user = bulk.user(JANE)
    assert user["user_id"] == user_id
    assert {each: user.get(each) for each in members} == members
    if password is not None:
        assert bulk.signs_in(JANE, password)
    else:
        assert bulk.hash_of(JANE) is None
    with bulk.world.context() as work:
        assert [(each.kind, each.value) for each in imported_factors.of_user(work, user_id)] == factors


def test_migration_acceptance_4_an_export_of_auth0_keeps_ids_and_passwords(bulk: Bulk) -> None:
    """Acceptance 4 of migration.md: NDJSON with prefixed ids and bcrypt hashes; ``sub`` stays."""
    tally, _ = run(bulk, "auth0", samples.AUTH0)
    assert tally.inserted == 2
    assert bulk.signs_in("hash@example.com", "U*U")
    assert bulk.user("hash@example.com")["user_id"] == "auth0|60425dc43519d90068f82973"
    again, _ = run(bulk, "auth0", samples.AUTH0, upsert=True)
    assert (again.inserted, again.updated) == (0, 2)


def test_migration_acceptance_3_gigyas_people_sign_in(bulk: Bulk) -> None:
    """Acceptance 3 of migration.md: a Gigya sample becomes an import, and its users sign in."""
    made = [each.row for each in converters.named("gigya").read(io.BytesIO(samples.GIGYA.encode()), {})]
    assert bulk.run(made)["summary"]["inserted"] == 1
    assert bulk.signs_in(JANE, "U*U")


def test_our_own_export_comes_back(bulk: Bulk) -> None:
    bulk.run([{"email": JANE, "user_id": "j", "user_metadata": {"a": 1}, "name": "=Jane"}])
    content = bulk.export(connection_id=bulk.world.connection_id).decode()
    as_csv = bulk.export(format="csv", connection_id=bulk.world.connection_id).decode()
    assert bulk.api.delete("/users/auth0|j").status_code == 204
    tally, _ = run(bulk, "auth0", content, upsert=True)
    assert (tally.inserted, tally.failed) == (1, 0)
    assert (bulk.user(JANE)["user_id"], bulk.user(JANE)["user_metadata"]) == ("auth0|j", {"a": 1})
    assert bulk.api.delete("/users/auth0|j").status_code == 204
    run(bulk, "csv", as_csv, upsert=True)
    assert (bulk.user(JANE)["user_id"], bulk.user(JANE)["name"]) == ("auth0|j", "=Jane")


def test_rows_that_are_wrong_are_reported_without_secrets(bulk: Bulk) -> None:
    rows = [{"email": JANE}, {"email": JANE}, {"email": "x", "password_hash": "secret"}]
    tally, refused = run(bulk, "auth0", json.dumps(rows))
    assert (tally.total, tally.inserted, tally.failed) == (3, 1, 2)
    lines = [json.loads(files.reported(each)) for each in refused]
    assert [(line["row"], line["errors"][0]["code"]) for line in lines] == [(2, "DUPLICATED_USER"), (3, "FORMAT")]
    assert "secret" not in json.dumps(lines)


def test_an_interrupted_import_goes_on(bulk: Bulk) -> None:
    rows = json.dumps([{"email": f"u{n}@example.com"} for n in range(6)])
    run(bulk, "auth0", json.dumps([{"email": f"u{n}@example.com"} for n in range(4)]))
    tally, _ = run(bulk, "auth0", rows, first=5)
    assert (tally.inserted, tally.failed) == (2, 0)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("content", ["{", "\x00\x01", '[{"email": 1}]', "[1]", '{"users": 3}', "a,b\n1", '"', "dn"])
def test_nonsense_is_no_traceback(name: str, content: str) -> None:
    source = io.BufferedReader(io.BytesIO(content.encode()))  # type: ignore[arg-type]
    with contextlib.suppress(Unconvertible):
        assert all(isinstance(made.row, dict) for made in converters.named(name).read(source, {}))


@pytest.mark.parametrize("name", ["keycloak", "clerk"])
def test_the_app_of_before_is_asked_for_and_its_codes_are_right(bulk: Bulk, name: str) -> None:
    """Issue 9.8: seeds come along, from the file to the sign-in."""
    content, user_id, _, password, ((_, seed),) = SAMPLES[name]
    run(bulk, name, content)
    demand(bulk.world, "otp")
    attempt = bulk.world.client().begin(browser := bulk.world.browser())
    browser.submit(username=JANE, password=password or "")
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
    browser.submit(code=code_of(seed))
    assert attempt.tokens(browser.answer).id_claims["sub"] == user_id


def test_a_number_that_was_a_second_factor_is_one_here(bulk: Bulk) -> None:
    content, user_id, _, password, ((_, number),) = SAMPLES["firebase"]
    run(bulk, "firebase", content)
    demand(bulk.world, "sms")
    attempt = bulk.world.client().begin(browser := bulk.world.browser())
    browser.submit(username=JANE, password=password or "")
    assert browser.path == "/u/mfa-sms/mfa-sms-challenge"
    browser.submit(code=sent_code(bulk.world, number))
    assert attempt.tokens(browser.answer).id_claims["sub"] == user_id
