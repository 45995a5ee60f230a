"""Secrets that must be read back are sealed in the database and shown only to those who may read them (security.md
SEC1, SEC2, W4).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text

from idp.directory.connections import runtime
from idp.directory.connections.models import Connection
from idp.foundation.db.schema import metadata
from idp.foundation.kernel import document_encryption, ids
from tests.api_v2.test_access import refresh_token, sign_in
from tests.api_v2.test_users import create
from tests.world.management import Api
from tests.world.sealed import as_before
from tests.world.templates import TENANT
from tests.world.world import World

MARK = "Mark-Of-A-Secret"
OPTIONS = {
    "client_id": "public",
    "client_secret": MARK,
    "app_secret": f"-----BEGIN PRIVATE KEY-----\n{MARK}",
    "twilio_token": MARK,
    "signing_key": {"cert": "public", "key": MARK},
    "decryptionKey": MARK,
    "configuration": {"DB_URL": f"postgres://x:{MARK}@h/"},
    "customHeaders": [{"name": "X-Api", "value": MARK}],
    "gateway_authentication": {"method": "bearer", "secret": MARK, "secret_base64_encoded": False},
    "bind_password": MARK,
    "admin_refresh_token": MARK,
    "passwordPolicy": "low",
    "password_history": {"enable": True, "size": 5},
    "token_endpoint": "https://idp.example/token",
}


@pytest.fixture
def connection(api: Api) -> dict[str, Any]:
    return dict(api.post("/connections", {"name": "upstream", "strategy": "sharepoint", "options": OPTIONS}).json or {})


def everything(world: World) -> str:
    """The text of every column of every row, whoever's."""
    with world.platform.db.engine.connect() as open_connection:
        rows = [
            str(tuple(row)) for table in metadata().sorted_tables for row in open_connection.execute(table.select())
        ]
    return "\n".join(rows)


def on_disk(world: World) -> bytes:
    """The database's files, the write-ahead log included."""
    name = Path(str(world.platform.db.engine.url.database))
    return b"".join(each.read_bytes() for each in name.parent.glob(f"{name.name}*") if each.is_file())


@pytest.mark.usefixtures("connection")
def test_nothing_that_was_secret_stands_in_the_database(api: Api, world: World) -> None:
    password = f"{MARK} 9 phrase"
    made = [
        api.post("/clients", {"name": "a", "client_secret": MARK, "addons": {"wams": {"masterkey": MARK}}}),
        api.post("/resource-servers", {"identifier": "https://a/", "signing_alg": "HS256", "signing_secret": MARK}),
        api.post("/connections", {"name": "again", "strategy": "auth0", "options": OPTIONS}),
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    client_id, connection_id = (made[0].json or {})["client_id"], (made[2].json or {})["id"]
    assert api.patch(f"/connections/{connection_id}", {"options": OPTIONS}).status_code == 200
    assert api.patch(f"/clients/{client_id}", {"addons": {"azure_sb": {"sasKey": MARK}}}).status_code == 200
    rotated = api.post(f"/clients/{client_id}/rotate-secret").json or {}
    user = create(api, password=password)
    sign_in(world, user["user_id"])
    refresh_token(world, user["user_id"])
    ticket = (api.post("/tickets/password-change", {"user_id": user["user_id"]}).json or {})["ticket"]
    stored, files = everything(world), on_disk(world)
    assert user["email"] in stored, "the search looks where things are"
    assert b"jane@example.com" in files
    for secret in (MARK, password, rotated["client_secret"], ticket.partition("ticket=")[2], "BEGIN PRIVATE KEY"):
        assert secret not in stored
        assert secret.encode() not in files


def test_who_may_read_connections_reads_all_of_them(api: Api, world: World, connection: dict[str, Any]) -> None:
    assert connection["options"] == OPTIONS
    reader = world.caller("read:connections")
    for options in (
        reader.get(f"/connections/{connection['id']}").json["options"],  # type: ignore[index]
        next(row for row in reader.get("/connections").json if row["id"] == connection["id"])["options"],
    ):
        assert options == OPTIONS
    api.patch(f"/connections/{connection['id']}/clients", [{"client_id": world.machine, "status": True}])
    (first, second) = reader.get(f"/clients/{world.machine}/connections").json["connections"]  # type: ignore[index]
    assert OPTIONS in (first["options"], second["options"])


def test_who_may_only_write_them_reads_no_secret(world: World, connection: dict[str, Any]) -> None:
    for answer in (
        world.caller("update:connections").patch(f"/connections/{connection['id']}", {"display_name": "Up"}),
        world.caller("create:connections").post(
            "/connections", {"name": "b", "strategy": "sharepoint", "options": OPTIONS}
        ),
    ):
        assert answer.status_code in {200, 201}
        assert MARK not in answer.get_data(as_text=True)
        assert document_encryption.MARK not in answer.get_data(as_text=True)
        assert (answer.json or {})["options"]["token_endpoint"] == OPTIONS["token_endpoint"]
        assert (answer.json or {})["options"]["password_history"] == OPTIONS["password_history"]


def test_requests_work_with_the_open_options(world: World, connection: dict[str, Any]) -> None:
    with world.context() as ctx:
        found = runtime.find(ctx, connection["id"])
        assert found is not None
        assert found.document == OPTIONS


def test_keys_of_addons_need_the_scope_for_keys(api: Api, world: World) -> None:
    addons = {"wams": {"masterkey": MARK, "region": "eu"}}
    client = api.post("/clients", {"name": "a", "addons": addons}).json or {}
    path = f"/clients/{client['client_id']}"
    assert client["addons"] == addons
    assert (world.caller("read:clients").get(path).json or {})["addons"] == {"wams": {"region": "eu"}}
    assert (world.caller("read:client_keys").get(path).json or {})["addons"] == addons
    assert (api.patch(path, {"description": "x"}).json or {})["addons"] == addons


@pytest.mark.parametrize(
    "document",
    [
        {"client_secret": {"$sealed": "v1.x.y"}},
        {"password": {"$sealed": "junk", "a": 1}},
        {"scope": {"$sealed": "junk"}},
        {"client_secret": "", "api_key": None, "secret": 5, "is_private": True},
        {"a": [{"b": {"client_secret": [1, {"c": "d"}]}}]},
    ],
)
def test_nobody_plants_a_sealed_text(api: Api, document: dict[str, Any]) -> None:
    made = api.post("/connections", {"name": "planted", "strategy": "sharepoint", "options": document})
    assert made.status_code == 201
    assert (made.json or {})["options"] == document


def test_options_stored_in_clear_before_are_still_read(api: Api, world: World, connection: dict[str, Any]) -> None:
    with world.platform.db.unit(TENANT) as unit:
        unit.execute(
            text("UPDATE connections SET options = :options WHERE id = :id"),
            {"options": '{"client_secret":"old"}', "id": connection["id"]},
        )
        assert unit.scalars(select(Connection).where(Connection.id == connection["id"])).one().options
    assert api.get(f"/connections/{connection['id']}").json["options"] == {"client_secret": "old"}  # type: ignore[index]


def sealed_text(world: World, value: str) -> dict[str, str]:
    """``value`` as the release before put it into the database: it opens in any row."""
    return {document_encryption.MARK: as_before(world.platform.sealer, msgspec.json.encode(value).decode())}


def test_what_an_earlier_version_sealed_by_name_opens_where_it_is_harmless_now(api: Api, world: World) -> None:
    """It sealed every ``*private*``, ``*saskey*`` and ``*secret*``, at any depth."""
    client_id = (api.post("/clients", {"name": "old"}).json or {})["client_id"]
    connection_id = (api.post("/connections", {"name": "old", "strategy": "sharepoint"}).json or {})["id"]
    addons = {"firebase": {"private_key_id": sealed_text(world, "key one"), "client_email": "a@b.example"}}
    options = {"fieldsMap": {"secret_question": sealed_text(world, "field")}}
    with world.platform.db.unit(TENANT) as unit:
        for table, key, id_, column, value in (
            ("clients", "client_id", client_id, "data", {"addons": addons}),
            ("connections", "id", connection_id, "options", options),
        ):
            new = {"value": msgspec.json.encode(value).decode(), "id": id_}
            unit.execute(text(f"UPDATE {table} SET {column} = :value WHERE {key} = :id"), new)
    client, connection = f"/clients/{client_id}", f"/connections/{connection_id}"
    assert (api.get(client).json or {})["addons"]["firebase"]["private_key_id"] == "key one"
    assert (api.get(connection).json or {})["options"] == {"fieldsMap": {"secret_question": "field"}}
    assert document_encryption.MARK not in world.caller("update:connections").get(connection).get_data(as_text=True)


@pytest.mark.parametrize("member", ["fieldsMap", "idpinitiated"])
def test_a_text_that_was_stolen_sealed_is_not_opened_where_anything_may_be_sent(
    api: Api, world: World, member: str
) -> None:
    for planted in (sealed_text(world, MARK), {"$sealed": "v1.00000000.AAAA"}):
        options = {member: {"x": [planted]}}
        made = api.post("/connections", {"name": f"c{ids.hex24()}", "strategy": "sharepoint", "options": options})
        assert made.status_code == 201
        assert (api.get(f"/connections/{(made.json or {})['id']}").json or {})["options"] == options
    assert api.get("/connections").status_code == 200
