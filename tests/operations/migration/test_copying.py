"""``idp migrate-from auth0``: a tenant is copied into another one through the same wire."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Identity
from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.operations.migration import copying, source
from idp.operations.migration.copying import Copy
from idp.operations.migration.report import BEGINNING, KINDS, Report
from tests.operations.migration.wire import Wire
from tests.world.world import PASSWORD, World


@pytest.fixture
def old(world: World) -> World:
    """What is to be copied."""
    old = world.other_tenant("old", "https://old.example.test/")
    old.api("https://api.acme.test/", name="Acme")
    app = old.client("web", name="Shop")
    old.grant(app.client_id, "https://api.acme.test/", "read:things")
    old.connection("customers", [app.client_id], brute_force_protection=False)
    for number in range(7):
        old.user(f"u{number}@example.com", user_metadata={"n": number})
    return old


@pytest.fixture
def mixed(old: World) -> World:
    """And people of another source, accounts that are linked, and roles."""
    made = {"name": "github", "strategy": "github", "options": {"client_id": "g", "client_secret": "s"}}
    assert old.caller().post("/connections", made).status_code == 201
    with old.writing() as work:
        connection = connections.named(work, "github")
        assert connection is not None
        for name in ("ann", "ben", "cem"):
            profile = {"email": f"{name}@social.example", "email_verified": True, "name": name.title()}
            users.arrive(work, connection, Identity(name, profile))
        main = str(old.caller().get("/users-by-email", email="u0@example.com").get_json()[0]["user_id"])
        second = str(old.caller().get("/users-by-email", email="u1@example.com").get_json()[0]["user_id"])
        users.join(work, main, "github|ann", known=True)
        users.join(work, "github|ben", second, known=True)
    api = old.caller()
    api.patch("/users/github%7Cben", {"app_metadata": {"plan": "pro"}})
    role = api.post("/roles", {"name": "reader", "description": "Reads"}).get_json()["id"]
    named = {"resource_server_identifier": "https://api.acme.test/", "permission_name": "read:things"}
    api.post(f"/roles/{role}/permissions", {"permissions": [named]})
    api.post(f"/roles/{role}/users", {"users": [main, "github|cem"]})
    return old


def copy(world: World, old: World, **more: Any) -> Report:
    return copying.run(Copy(platform=world.platform, tenant=world.tenant, source=Wire(old.caller()), **more))


def test_a_tenant_is_copied_and_copied_again(world: World, old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PAGE", 3)
    dry = copy(world, old, dry_run=True)
    assert [dry.counts[kind].copied for kind in ("APIs", "connections")] == [1, 1]
    assert world.caller().get("/users-by-email", email="u1@example.com").get_json() == []
    report = copy(world, old)
    assert {kind: count.copied for kind, count in report.counts.items()} | {"applications": 0} == {
        "APIs": 1,
        "applications": 0,
        "connections": 1,
        "grants": 1,
        "roles": 0,
        "users": 7,
        "linked accounts": 0,
        "members of roles": 0,
    }, report.reasons
    here, there = world.caller(), old.caller()
    (shop,) = [each for each in there.get("/clients").get_json() if each["name"] == "Shop"]
    copied = here.get(f"/clients/{shop['client_id']}").get_json()
    names = ("name", "client_secret", "callbacks", "app_type", "grant_types")
    assert {name: copied[name] for name in names} == {name: shop[name] for name in names}
    (connection,) = [each for each in here.get("/connections").get_json() if each["name"] == "customers"]
    assert connection["options"]["brute_force_protection"] is False
    assert connection["enabled_clients"] == [shop["client_id"]]
    (user,) = here.get("/users-by-email", email="u3@example.com").get_json()
    (before,) = there.get("/users-by-email", email="u3@example.com").get_json()
    assert (user["user_id"], user["user_metadata"]) == (before["user_id"], {"n": 3})
    again = copy(world, old)
    assert [count.copied for count in again.counts.values()] == [0] * len(KINDS)
    assert again.counts["users"].there >= 7
    assert again.reached > BEGINNING


def test_it_goes_on_where_it_was(world: World, old: World) -> None:
    first = copy(world, old)
    old.user("late@example.com", PASSWORD)
    report = copy(world, old, after=first.reached)
    assert report.counts["users"].copied == 1


def test_one_that_cannot_be_copied_stops_nothing(world: World, old: World) -> None:
    class Odd(Wire):
        def get(self, path: str, **query: str) -> Any:
            found = super().get(path, **query)
            return [{"identifier": 7, "name": "odd"}, *found] if path == "/resource-servers" else found

    report = copying.run(Copy(platform=world.platform, tenant=world.tenant, source=Odd(old.caller())))
    assert report.counts["APIs"].refused == 1
    assert report.counts["users"].copied == 7
    assert any("odd" in reason for reason in report.reasons)


def test_linked_accounts_other_sources_and_roles_come_along(world: World, mixed: World) -> None:
    dry = copy(world, mixed, dry_run=True)
    assert dry.counts["roles"].copied == 1
    assert world.caller().get("/roles").get_json() == []
    report = copy(world, mixed)
    assert report.reasons == []
    copied = {kind: report.counts[kind].copied for kind in ("roles", "users", "linked accounts", "members of roles")}
    assert copied == {"roles": 1, "users": 8, "linked accounts": 2, "members of roles": 2}
    here, there = world.caller(), mixed.caller()
    for email in ("u0@example.com", "ben@social.example", "cem@social.example"):
        (now,) = here.get("/users-by-email", email=email).get_json()
        (before,) = there.get("/users-by-email", email=email).get_json()
        for name in ("user_id", "email_verified", "name", "app_metadata"):
            assert now.get(name) == before.get(name), (email, name)
        assert [(each["provider"], each["user_id"], each["connection"]) for each in now["identities"]] == [
            (each["provider"], each["user_id"], each["connection"]) for each in before["identities"]
        ]
    (role,) = here.get("/roles").get_json()
    (permission,) = here.get(f"/roles/{role['id']}/permissions").get_json()
    assert (role["name"], permission["permission_name"]) == ("reader", "read:things")
    assert len(here.get(f"/roles/{role['id']}/users").get_json()) == 2
    again = copy(world, mixed)
    assert [count.copied for count in again.counts.values()] == [0] * len(KINDS)
    assert again.counts["linked accounts"].there == 2
