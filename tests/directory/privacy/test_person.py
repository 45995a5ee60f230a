"""Everything that is stored of one person: as a file, and gone (spec/privacy.md, acceptance 3)."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import String, Text, select

from idp.directory.authorization import service as extension
from idp.directory.privacy import service, tables
from idp.directory.privacy.api import SCOPES
from idp.foundation.db.schema import metadata
from tests.directory.provisioning.conftest import Directory
from tests.directory.provisioning.test_groups import crew
from tests.security.rows import row
from tests.world.access import Access
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import API, Person, World

KEPT = {
    "logs": "what happened is told; pseudonymised where the tenant says so",
    "mailbox_messages": "development's own",
    "counters": "for minutes",
    "one_time": "attempts to sign in that nobody finished: they end after an hour",
}


FURNISHED = {
    "users",
    "identities",
    "database_accounts",
    "sessions",
    "session_clients",
    "authorizations",
    "user_grants",
    "login_failures",
    "logs",
    "user_roles",
    "user_permissions",
    "group_members",
    "scim_resources",
    "authorization_members",
}
"""The tables in which somebody has rows here."""


def lived(world: World, directory: Directory) -> Person:
    """Somebody with at least one row in each of these."""
    jane = world.user("jane.doe@example.com", username=None, name="Jane Doe", user_metadata={"colour": "green"})
    api, access = world.caller(), Access(world)
    world.api()
    access.give(jane, access.role("Reader", "read:things"), permissions=["write:things"])
    app, browser = world.client(is_first_party=False), world.browser()
    app.sign_in(browser, jane, audience=API, scope="openid profile offline_access read:things")
    app.begin(stranger := world.browser())
    stranger.submit(username=jane.email, password="wrong")
    api.post("/tickets/password-change", {"user_id": jane.user_id})
    crew(directory, directory.jane()["id"])
    (member,) = api.get(f"/groups/{api.get('/groups').json[0]['id']}/members").json["members"]
    provider, _, account = member["id"].partition("|")
    body = {"provider": provider, "user_id": account, "connection_id": directory.connection_id}
    assert api.post(f"/users/{quote(jane.user_id)}/identities", body).status_code == 201
    with world.writing() as work:
        extension.install(work)
        group = extension.create(work, extension.GROUP, {"name": "Crew", "description": "d"})
        extension.join(work, extension.GROUP, [group.id], [jane.user_id])
    return jane


def opened(content: bytes) -> dict[str, Any]:
    """The documents of an archive by the names of their tables."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name.removeprefix("personal-data/").removesuffix(".json") for name in archive.namelist()]
        return {name: json.loads(archive.read(member)) for name, member in zip(names, archive.namelist(), strict=True)}


@row("W4")
@on_both_stores
def test_the_archive_shows_everything_and_nothing_secret(world: World, directory: Directory, store: str) -> None:
    jane = lived(world, directory)
    answer = world.caller().get(f"/users/{quote(jane.user_id)}/archive")
    assert answer.status_code == 200
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (
        "application/zip",
        'attachment; filename="personal-data.zip"',
    )
    found = opened(answer.data)
    expected = {each.table for each in tables.every() if each.archived}
    assert found.keys() == expected | {"manifest"}
    assert {name for name in FURNISHED if not found.get(name)} == set()
    (user,) = found["users"]
    assert (user["email"], user["user_metadata"]) == ("jane.doe@example.com", {"colour": "green"})
    assert user["created_at"].endswith("Z")
    assert {each["clientID"] if "clientID" in each else each["client_id"] for each in found["user_grants"]}
    assert len(found["identities"]) == 2
    text = json.dumps({name: rows for name, rows in found.items() if name != "logs"})
    with world.platform.db.engine.connect() as connection:
        secrets = [
            value
            for table in metadata().sorted_tables
            for column in table.columns
            if column.name in {"password_hash", "secret_hash", "token_hash", "tokens_sealed", "key_hash"}
            for value in connection.scalars(select(column))
            if value
        ]
    assert secrets
    assert [secret for secret in secrets if secret in text] == []
    assert found["manifest"]["user_id"] == jane.user_id
    told = [entry for entry in world.logs("sapi") if entry.description == "Archive of a user"]
    assert [entry.data["details"]["user_id"] for entry in told] == [jane.user_id]


@row("W1", "W5")
def test_the_archive_takes_every_right(world: World, jane: Person) -> None:
    where = f"/users/{quote(jane.user_id)}/archive"
    for scope in SCOPES:
        refused = world.caller(*(SCOPES - {scope})).get(where)
        assert (refused.status_code, refused.json["errorCode"]) == (403, "insufficient_scope")
    assert world.caller(*SCOPES).get(where).status_code == 200
    assert world.caller().get("/users/auth0%7Cnobody/archive").status_code == 404


def test_a_table_gives_its_newest_rows(world: World, jane: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_ROWS", 1)
    app = world.client()
    for _ in range(2):
        app.sign_in(world.browser(), jane)
    found = opened(world.caller().get(f"/users/{quote(jane.user_id)}/archive").data)
    assert len(found["sessions"]) == 1
    told = {each["file"]: each for each in found["manifest"]["files"]}
    assert told["personal-data/sessions.json"]["older_rows_left_out"] is True


@on_both_stores
@pytest.mark.parametrize("how", ["over the API", "with proof", "with the connection"])
def test_a_deleted_user_leaves_no_row(world: World, directory: Directory, store: str, how: str) -> None:
    """spec/privacy.md, acceptance 3: no row anywhere names them, but in the log."""
    jane = lived(world, directory)
    with world.writing() as work:
        person = service.whose(work, jane.user_id)
        before = {each.table: service.count(work, each, person) for each in tables.every()}
    assert {name for name in FURNISHED if not before[name]} == set()
    if how == "with proof":
        with world.platform.work(world.tenant, orm=True) as work:
            proof = service.erase(work, jane.user_id)
        assert [each.table for each in proof if each.after] == ["logs"]
    elif how == "with the connection":
        assert world.caller().delete(f"/connections/{world.connection_id}").status_code == 202
    else:
        assert world.caller().delete(f"/users/{quote(jane.user_id)}").status_code == 204
    with world.writing() as work:
        left = {each.table: service.count(work, each, person) for each in tables.every() if not each.stays}
    assert {name: number for name, number in left.items() if number} == {}
    assert scanned(world, (jane.user_id, jane.account_id, jane.email)) - KEPT.keys() == set()


@on_both_stores
@pytest.mark.parametrize("chosen", ["kept", "pseudonymized"])
def test_the_log_goes_on_as_the_tenant_says(
    world: World, directory: Directory, clock: Clock, store: str, chosen: str
) -> None:
    """spec/privacy.md, acceptance 3: except pseudonymised logs."""
    world.settings(deleted_users_in_logs=chosen)
    jane, other = lived(world, directory), world.user("other@example.com")
    world.client().sign_in(world.browser(), other)
    assert world.caller().patch(f"/users/{quote(jane.user_id)}", {"nickname": "jj"}).status_code == 200
    assert world.caller().delete(f"/users/{quote(jane.user_id)}").status_code == 204
    before = [entry.log_id for entry in world.logs()]
    clock.forward(seconds=10)
    world.work()
    entries = world.logs()
    assert [entry.log_id for entry in entries] == before
    words = (jane.user_id, jane.account_id, jane.email)
    named = [entry.type for entry in entries if any(word in repr((entry.user_id, entry.data)) for word in words)]
    if chosen == "kept":
        assert {"sdu", "s", "fp", "sapi"} <= set(named)
        return
    assert named == []
    (deleted,) = [entry for entry in entries if entry.type == "sdu"]
    assert deleted.user_id is not None
    assert deleted.user_id.startswith("erased|")
    assert {entry.user_id for entry in entries if entry.type == "s"} == {deleted.user_id, other.user_id}
    assert {(entry.ip, entry.user_agent) for entry in entries if entry.user_id == deleted.user_id} == {(None, None)}
    assert [entry.ip for entry in entries if entry.user_id == other.user_id and entry.type == "s"] != [None]
    assert "auth0%7C" not in repr([entry.data for entry in entries if entry.type == "sapi"])


def scanned(world: World, words: tuple[str, ...]) -> set[str]:
    """The tables in which one of these stands anywhere."""
    with world.platform.db.engine.connect() as connection:
        return {
            table.name
            for table in metadata().sorted_tables
            for column in table.columns
            if isinstance(column.type, String | Text) or "JSON" in type(column.type).__name__
            for value in connection.scalars(select(column))
            if value is not None and any(word in str(value) for word in words)
        }
