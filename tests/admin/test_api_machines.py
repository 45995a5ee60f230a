"""Applications and permissions of an API as one table (decision 0436)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.admin import api_machines
from idp.admin.desk import operations
from idp.foundation.kernel.actor import DASHBOARD, Actor
from idp.foundation.kernel.errors import ManagementError
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.world.browser import Browser
from tests.world.world import World

SCOPES = [{"value": f"do:{number:02}"} for number in range(15)]


@pytest.fixture
def there(world: World) -> str:
    """An API with more permissions than a page shows, and where its table is."""
    made: Any = world.caller().post(
        "/resource-servers", {"name": "Orders", "identifier": "https://orders.example", "scopes": SCOPES}
    )
    assert made.status_code == 201, made.json
    return f"/admin/applications/apis/{made.json['id']}/m2m"


def machine(world: World, name: str) -> str:
    return world.client("m2m", name=name, grant_types=["client_credentials"]).client_id


def granted(world: World) -> dict[str, list[str]]:
    found: Any = world.caller().get("/client-grants", audience="https://orders.example").json
    return {each["client_id"]: sorted(each["scope"]) for each in found}


def tick(desk: Desk, *, on: tuple[str, ...] = (), off: tuple[str, ...] = ()) -> None:
    """Send the table with these boxes (``<client_id> <scope>``) ticked, and those not."""
    form = {**desk.fields("machines-save"), **{f"may.{each}": "on" for each in on}}
    form = {name: text for name, text in form.items() if name.removeprefix("may.") not in off}
    action = str(desk.one("machines").get("action"))
    desk.browser.open(action, site="same-origin", method="POST", form=form)


def test_what_differs_is_shown_and_saved_as_one(world: World, desk: Desk, there: str) -> None:
    ship, bill = machine(world, "Ship"), machine(world, "Bill")
    desk.open(there)
    assert [each for each in (ship, bill) if f"was.{each}" not in desk.html] == []
    tick(desk, on=(f"{ship} do:00", f"{ship} do:01", f"{bill} do:02"))
    assert (desk.status, "do:01" in desk.say("machines-changes")) == (422, True)
    assert granted(world) == {}, "shown first"
    before = len(world.logs("sapi"))
    desk.press("machines-confirm")
    assert desk.status == 200
    assert granted(world) == {ship: ["do:00", "do:01"], bill: ["do:02"]}
    assert len(world.logs("sapi")) == before + 1, "one act"
    tick(desk, off=(f"{ship} do:00",))
    desk.press("machines-confirm")
    assert granted(world) == {ship: ["do:01"], bill: ["do:02"]}
    tick(desk)
    assert (desk.status, granted(world)) == (200, {ship: ["do:01"], bill: ["do:02"]})


def test_what_others_changed_and_what_stands_elsewhere_stays(world: World, desk: Desk, there: str) -> None:
    ship = machine(world, "Ship")
    grant: Any = world.caller().post(
        "/client-grants", {"client_id": ship, "audience": "https://orders.example", "scope": ["do:00", "do:14"]}
    )
    desk.open(there)
    changed = world.caller().patch(f"/client-grants/{grant.json['id']}", {"scope": ["do:00", "do:14", "do:05"]})
    assert changed.status_code == 200
    tick(desk, on=(f"{ship} do:03",), off=(f"{ship} do:00",))
    desk.press("machines-confirm")
    assert granted(world) == {ship: ["do:03", "do:05", "do:14"]}
    desk.open(there).follow("machines-scopes-more")
    assert f"may.{ship} do:14" in desk.html
    assert f"may.{ship} do:00" not in desk.html
    tick(desk, off=(f"{ship} do:14",))
    desk.press("machines-confirm")
    assert granted(world) == {ship: ["do:03", "do:05"]}


def test_pages_and_statements(world: World, desk: Desk, there: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [machine(world, f"Machine {number:02}") for number in range(27)]
    desk.open(there)
    shown = [each for each in made if f"was.{each}" in desk.html]
    with asked(world, monkeypatch) as said:
        desk.follow("machines-next")
    assert len([each for each in said if each.lstrip().upper().startswith("SELECT") or " " not in each]) <= 6, said
    rest = [each for each in made if f"was.{each}" in desk.html]
    assert sorted(shown + rest) == sorted(made)
    assert desk.has("machines-first")
    assert not desk.has("machines-next")
    desk.open(f"{there}?app=machine+07")
    assert [each for each in made if f"was.{each}" in desk.html] == [made[7]]
    assert desk.open(f"{there}?app=nothing").has("nothing-found")
    assert desk.open(f"{there}?after=x&from=x").status == 200


def test_all_of_it_or_nothing(world: World, desk: Desk, there: str) -> None:
    ship = machine(world, "Ship")
    desk.open(there)
    tick(desk, on=(f"{ship} do:01",))
    world.caller().delete(f"/clients/{ship}")
    desk.press("machines-confirm")
    assert (desk.status, granted(world)) == (200, {}), "an application that is gone changes nothing"

    other = machine(world, "Other")
    wanted = [{"client_id": other, "add": ["do:01"]}, {"client_id": "nobody", "add": ["do:01"]}]
    actor = Actor(channel=DASHBOARD, scopes=frozenset({"update:client_grants", "create:client_grants"}))
    params = {"id": there.split("/")[-2]}
    with world.platform.work(world.tenant, actor=actor, orm=True) as work, pytest.raises(ManagementError):
        operations.call(work, api_machines.change, params, {"changes": wanted})
    assert granted(world) == {}
    for scopes, clients in (({"update:client_grants"}, None), (actor.scopes, frozenset({"another"}))):
        less = Actor(channel=DASHBOARD, scopes=frozenset(scopes), clients=clients)
        with world.platform.work(world.tenant, actor=less, orm=True) as work, pytest.raises(ManagementError):
            operations.call(work, api_machines.change, params, {"changes": wanted[:1]})
    assert granted(world) == {}
    with world.platform.work(world.tenant, actor=actor, orm=True) as work:
        answer = operations.call(work, api_machines.change, params, {"changes": wanted[:1]})
    assert (answer, granted(world)) == ({"changed": 1}, {other: ["do:01"]})


def test_who_only_sees_has_no_boxes_to_tick(world: World, browser: Browser, hire: Hire, there: str) -> None:
    ship = machine(world, "<b>Ship</b>")
    desk = Desk(world, enter(browser, hire("vic@example.com", "Viewer - Config"), there))
    assert (desk.status, desk.has("machines-save"), "<b>Ship" in desk.html) == (200, False, False)
    token = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0]), f"was.{ship}": ""}
    form = {**token, f"may.{ship} do:01": "on", "confirmed": "yes"}
    desk.browser.open(there, site="same-origin", method="POST", form=form)
    assert (desk.status, granted(world)) == (403, {})


def test_the_systems_own_and_who_has_everything_are_not_changed(world: World, desk: Desk) -> None:
    audience = world.installed["management"]["audience"]
    apis: Any = world.caller().get("/resource-servers").json
    there = next(each["id"] for each in apis if each["identifier"] == audience)
    system = world.installed["management"]["client_id"]
    desk.open(f"/admin/applications/apis/{there}/m2m")
    assert (desk.status, f'name="was.{system}"' in desk.html) == (200, False)
    form = {**desk.fields("machines-save"), f"was.{system}": "read:users", "confirmed": "yes"}
    action = str(desk.one("machines").get("action"))
    desk.browser.open(action, site="same-origin", method="POST", form=form)
    assert (desk.status, desk.has("problems")) == (422, True)
