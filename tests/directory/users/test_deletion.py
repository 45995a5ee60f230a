"""Deleting a connection: whoever had nothing else goes, whoever is linked stays, batch by batch."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.service import deletion
from tests.world.fixtures import on_both_stores
from tests.world.world import World

pytestmark = on_both_stores
GOING = 7


def test_users_of_a_connection_go_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "BATCH", 3)
    api = world.caller()
    made = api.post("/connections", {"name": "Partners", "strategy": "auth0"}).json
    for number in range(GOING):
        body = {"connection": "Partners", "email": f"p{number}@example.com", "password": "correct horse 9 Battery"}
        assert api.post("/users", {**body, "user_id": f"p{number}", "email_verified": True}).status_code == 201
    staying = [world.user(f"stays{number}@example.com") for number in range(4)]
    for number, person in enumerate(staying):
        body = {"provider": "auth0", "user_id": f"p{number}", "connection_id": made["id"]}
        linked = api.post(f"/users/{person.user_id}/identities", body)
        assert linked.status_code == 201, linked.json
    assert api.delete(f"/connections/{made['id']}").status_code == 202
    with world.platform.db.reading(world.tenant) as rows:
        assert rows.scalar(select(func.count()).where(Identity.connection_id == made["id"])) == 0
        assert rows.scalar(select(func.count()).where(DatabaseAccount.connection_id == made["id"])) == 0
        assert rows.scalar(select(func.count()).where(User.user_id.like("auth0|p%"))) == 0
    for person in staying:
        assert [each["connection"] for each in api.get(f"/users/{person.user_id}").json["identities"]] != ["Partners"]
    deleted = [entry.user_id for entry in world.logs("sdu")]
    assert sorted(map(str, deleted)) == [f"auth0|p{number}" for number in range(4, GOING)]
