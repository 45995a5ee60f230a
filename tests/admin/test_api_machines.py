"""Applications and permissions of an API as one table (decision 0436)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import inspect

from idp.admin import api_machines
from idp.admin.desk import operations
from idp.applications.clients.models import Client, ClientGrant
from idp.foundation.apikit import cursor
from idp.foundation.kernel.actor import DASHBOARD, Actor
from idp.foundation.kernel.errors import ManagementError
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import World

SECONDS = 5.0
"""That a page of a large table is drawn in, on a busy machine: a plan that joins both tables takes far longer."""
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


def machines(world: World, amount: int) -> list[str]:
    """So many of them at once, in the order of their names."""
    like = machine(world, "Like these")
    with world.platform.work(world.tenant, orm=True) as work, work.transaction():
        row = work.rows.get(Client, (world.tenant, like))
        assert row is not None
        columns = {each.key: getattr(row, each.key) for each in inspect(Client).columns}
        made = [f"machine{number:05}" for number in range(amount)]
        rows = [Client(**{**columns, "client_id": each, "name": f"Machine {each[7:]}"}) for each in made]
        work.rows.add_all(rows)
        work.configuration_changed()
    world.caller().delete(f"/clients/{like}")
    return made


def granted(world: World) -> dict[str, list[str]]:
    found: Any = world.caller().get("/client-grants", audience="https://orders.example", per_page="100").json
    return {each["client_id"]: sorted(each["scope"]) for each in found}


def tick(desk: Desk, *, on: tuple[str, ...] = (), off: tuple[str, ...] = ()) -> None:
    """Send the table with these boxes (``<client_id> <scope>``) ticked, and those not."""
    form = {**desk.fields("machines-save"), **{f"may.{each}": "on" for each in on}}
    form = {name: text for name, text in form.items() if name.removeprefix("may.") not in off}
    action = str(desk.one("machines").get("action"))
    desk.browser.open(action, site="same-origin", method="POST", form=form)


def turn(desk: Desk, button: str, *, on: tuple[str, ...] = (), off: tuple[str, ...] = (), **typed: str) -> None:
    """Go to another page of the table with these boxes ticked, and those not, as a browser without scripts does."""
    form = {**desk.fields("machines-save"), **{f"may.{each}": "on" for each in on}, **typed}
    form = {name: text for name, text in form.items() if name.removeprefix("may.") not in off}
    pressed = desk.one(button)
    form[str(pressed.get("name"))] = str(pressed.get("value"))
    desk.browser.open(str(pressed.get("formaction")), site="same-origin", method="POST", form=form)


def ticked(desk: Desk) -> set[str]:
    return {str(each).removeprefix("may.") for each in desk.tree.xpath("//input[@type='checkbox'][@checked]/@name")}


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
    turn(desk.open(there), "machines-scopes-more")
    assert f"may.{ship} do:14" in desk.html
    assert f"may.{ship} do:00" not in desk.html
    tick(desk, off=(f"{ship} do:14",))
    desk.press("machines-confirm")
    assert granted(world) == {ship: ["do:03", "do:05"]}


def test_pages_and_statements(world: World, desk: Desk, there: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = machines(world, 27)
    desk.open(there)
    shown = [each for each in made if f"was.{each}" in desk.html]
    turn(desk, "machines-next")
    with asked(world, monkeypatch) as said:
        desk.open(desk.url)
    assert len([each for each in said if each.lstrip().upper().startswith("SELECT") or " " not in each]) <= 6, said
    with asked(world, monkeypatch) as said:
        turn(desk, "machines-first", on=(f"{made[26]} do:00",))
    assert len([each for each in said if each.lstrip().upper().startswith("SELECT") or " " not in each]) <= 6, said
    turn(desk, "machines-next", off=(f"{made[26]} do:00",))
    rest = [each for each in made if f"was.{each}" in desk.html]
    assert sorted(shown + rest) == sorted(made)
    assert desk.has("machines-first")
    assert not desk.has("machines-next")
    desk.open(f"{there}?app=machine+00007")
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


def test_ticks_go_along_from_page_to_page_and_through_a_search(world: World, desk: Desk, there: str) -> None:
    made = machines(world, 27)
    given: Any = world.caller().post(
        "/client-grants", {"client_id": made[1], "audience": "https://orders.example", "scope": ["do:01", "do:14"]}
    )
    assert given.status_code == 201
    desk.open(there)
    assert not desk.has("machines-unsaved")
    turn(desk, "machines-next", on=(f"{made[0]} do:00",), off=(f"{made[1]} do:01",))
    assert (desk.status, ticked(desk)) == (422, set())
    assert desk.say("machines-unsaved").startswith("2 changes")
    turn(desk, "machines-scopes-more", on=(f"{made[26]} do:02",))
    turn(desk, "machines-first", on=(f"{made[26]} do:13",))
    assert ticked(desk) == {f"{made[1]} do:14"}
    turn(desk, "machines-find", off=(f"{made[1]} do:14",), app="machine 00000")
    turn(desk, "machines-scopes-before") if desk.has("machines-scopes-before") else None
    assert ticked(desk) == {f"{made[0]} do:00"}
    turn(desk, "machines-clear", on=(f"{made[0]} do:03",), off=(f"{made[0]} do:00",))
    assert ticked(desk) == {f"{made[0]} do:03"}, "what was ticked and is not any more"
    assert granted(world) == {made[1]: ["do:01", "do:14"]}, "nothing is saved"
    tick(desk)
    said = desk.say("machines-changes")
    assert all(each in said for each in ("Machine 00000", "Machine 00001", "Machine 00026", "do:13", "do:14"))
    desk.press("machines-back", go="page")
    assert (desk.has("machines-table"), desk.say("machines-unsaved")[:1]) == (True, "5")
    tick(desk)
    before = len(world.logs("sapi"))
    desk.press("machines-confirm", without=("go",))
    assert granted(world) == {made[0]: ["do:03"], made[26]: ["do:02", "do:13"]} | {made[1]: []}
    assert len(world.logs("sapi")) == before + 1, "one act"
    assert not desk.has("machines-unsaved")


def test_pages_without_a_change_have_an_address(world: World, desk: Desk, there: str) -> None:
    made = machines(world, 27)
    turn(desk.open(there), "machines-find", app="machine 0001")
    assert (desk.status, desk.url.partition("?")[2]) == (200, "app=machine+0001")
    assert [each for each in made if f"was.{each}" in desk.html] == made[10:20]
    turn(desk, "machines-find", app="nothing", on=(f"{made[11]} do:01",))
    assert (desk.has("nothing-found"), desk.say("machines-unsaved")[:1]) == (True, "1")
    turn(desk, "machines-clear")
    assert ticked(desk) == {f"{made[11]} do:01"}
    desk.follow("machines-discard")
    assert (desk.status, ticked(desk)) == (200, set())


def test_no_more_is_carried_along_than_is_saved_as_one(world: World, desk: Desk, there: str) -> None:
    made = machines(world, 106)
    desk.open(there)
    wanted: list[str] = []
    while len(wanted) <= 75:
        assert desk.has("machines-table")
        drawn = [each for each in made if f"was.{each}" in desk.html]
        turn(desk, "machines-next", on=tuple(f"{each} do:00" for each in drawn))
        wanted += drawn
    assert (desk.status, desk.has("machines-full"), desk.has("machines-table")) == (422, True, False)
    desk.press("machines-confirm")
    assert granted(world) == {each: ["do:00"] for each in wanted}


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_page_on_which_every_box_is_ticked_is_saved(world: World, desk: Desk, there: str, signed_in: bool) -> None:
    made, scopes = machines(world, 24), [f"do:{number:02}" for number in range(api_machines.COLUMNS)]
    desk.open(there)
    form = {**desk.fields("machines-save"), **{f"may.{each} {scope}": "on" for each in made for scope in scopes}}
    action = str(desk.one("machines").get("action"))
    if not signed_in:
        desk.sign_out()
    desk.browser.open(action, site="same-origin", method="POST", form=form)
    if not signed_in:
        admin = world.installed["admin"]
        desk.browser.submit(username=admin["email"], password=admin["password"])
        tick(desk)
    assert desk.has("machines-confirm"), desk.text
    desk.press("machines-confirm")
    assert granted(world) == dict.fromkeys(made, scopes)


def test_what_comes_along_is_checked(world: World, desk: Desk, there: str) -> None:
    ship = machine(world, "Ship")
    desk.open(there)
    form, action = desk.fields("machines-save"), str(desk.one("machines").get("action"))
    for wrong in (
        "{",
        "[1]",
        '[{"client_id": "x", "client_id": "y"}]',
        '[{"client_id": 1}]',
        '[{"client_id": "x", "more": 1}]',
    ):
        desk.browser.open(action, site="same-origin", method="POST", form={**form, "pending": wrong})
        assert desk.status == 400, wrong
    unknown = f'[{{"client_id": "{ship}", "add": ["made:up"]}}]'
    desk.browser.open(action, site="same-origin", method="POST", form={**form, "pending": unknown, "confirmed": "yes"})
    assert (desk.status, granted(world)) == (422, {})


def test_ticks_outlive_their_session(world: World, desk: Desk, there: str) -> None:
    made = machines(world, 27)
    turn(desk.open(there), "machines-next", on=(f"{made[0]} do:00",))
    form = {**desk.fields("machines-save"), f"may.{made[26]} do:02": "on"}
    action = str(desk.one("machines").get("action"))
    desk.sign_out()
    desk.browser.open(action, site="same-origin", method="POST", form=form)
    assert desk.browser.path.startswith("/u/login")
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert (desk.status, ticked(desk), granted(world)) == (200, {f"{made[0]} do:00"}, {})
    tick(desk)
    desk.press("machines-confirm")
    assert granted(world) == {made[0]: ["do:00"], made[26]: ["do:02"]}


@pytest.mark.slow
@on_both_stores
def test_a_page_of_ten_thousand_applications(
    world: World, desk: Desk, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = machines(world, 10_000)
    grants = [
        {"tenant_id": world.tenant, "id": f"cgr_{each}", "client_id": each, "audience": "https://orders.example"}
        | {"scope": ["do:01"], "subject_type": "client", "data": {}, "created_at": 0}
        for each in made[::2]
    ]
    with world.platform.work(world.tenant, orm=True) as work, work.transaction():
        work.rows.add_all([ClientGrant(**each) for each in grants])
    behind = cursor.encode(("machine 09000", "machine09000"))
    for address in (there, f"{there}?after={behind}", f"{there}?app=machine+04567", f"{there}?app=nothing"):
        desk.open(address)
        with asked(world, monkeypatch) as said:
            began = time.perf_counter()
            desk.open(address)
        assert time.perf_counter() - began < SECONDS, address
        assert len([each for each in said if each.lstrip().upper().startswith("SELECT") or " " not in each]) <= 6, said
