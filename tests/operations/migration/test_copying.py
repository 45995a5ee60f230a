"""``idp migrate-from auth0``: a tenant is copied into another one through the same wire."""

from __future__ import annotations

from typing import Any

import pytest

from idp.operations.migration import copying, source
from idp.operations.migration.copying import Copy
from tests.world.management import Api
from tests.world.world import PASSWORD, World


class Wire:
    """The Management API of a tenant in this process."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, path: str, **query: str) -> Any:
        answer = self._api.get(path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()


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


def copy(world: World, old: World, **more: Any) -> copying.Report:
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
        "users": 7,
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
    assert [count.copied for count in again.counts.values()] == [0] * 5
    assert again.counts["users"].there >= 7
    assert again.reached > copying.BEGINNING


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
