"""Undo: what it brings back, and that nobody but ourselves offers it (spec/dashboard.md, line 16)."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.admin.conftest import Desk, enter
from tests.world.application import Application
from tests.world.fixtures import Clock
from tests.world.world import World

APPS, APIS = "/admin/applications/apps", "/admin/applications/apis"


def of(app: Application, tab: str = "settings") -> str:
    return f"{APPS}/{app.client_id}/{tab}"


def test_line_16_what_was_taken_away_comes_back_with_undo(world: World, desk: Desk) -> None:
    app, connection = world.client(), world.connection_id
    desk.open(of(app, "connections")).press(f"apps-connection-{connection}")
    assert world.management().get(f"/clients/{app.client_id}/connections?take=5")["connections"] == []
    desk.press("undo")
    assert [
        each["id"] for each in world.management().get(f"/clients/{app.client_id}/connections?take=5")["connections"]
    ]
    assert sum(each.type == "sapi" for each in world.logs()) >= 2


def test_line_16_a_permission_comes_back_with_its_description(world: World, desk: Desk) -> None:
    world.api("https://undo.example.test/", scopes=("read:a",))
    desk.open(APIS).open(str(desk.tree.xpath("//a[@class='to'][contains(., 'Things')]")[0].get("href")))
    desk.follow("tab-permissions").press("apis-remove-1")
    assert "read:a" not in desk.tree.xpath("string(//table)")
    desk.press("undo")
    assert "read:a" in desk.tree.xpath("string(//table)")
    desk.press("apis-add", value="write:b")
    assert "write:b" in desk.tree.xpath("string(//table)")
    desk.press("apis-add", value="no good")
    assert desk.status == 422
    assert "does not match pattern" in desk.say("value-problem")
    assert desk.one("value").get("value") == "no good"


def test_undo_is_offered_by_nobody_else(world: World, desk: Desk) -> None:
    """A link that has an administrator press "Undo" and so make somebody an Owner, or anything else."""
    asked = {"undo": "/admin/settings/members/new", "undo.email": "mallory@example.com", "undo.roles[Owner]": "true"}
    desk.open(f"/admin?{urlencode({'done': 'users.done.block', **asked})}")
    assert desk.has("notice")
    assert not desk.has("undo")
    app = world.client()
    desk.open(of(app, "connections")).press(f"apps-connection-{world.connection_id}")
    assert desk.has("undo")
    ours = desk.url
    for forged in (ours.replace("status=on", "status=off"), ours.replace(app.client_id, "another")):
        desk.open(forged)
        assert forged != ours
        assert not desk.has("undo")
    other = Desk(world, enter(world, world.browser(), ours))
    assert not other.has("undo"), "nor by ourselves to somebody else's browser"
    assert desk.open(ours).has("undo")


def test_line_16_a_role_comes_back_with_undo(world: World, desk: Desk) -> None:
    jane, api = world.user(), world.api()
    desk.open("/admin/users/roles/new").press("roles-save", name="Reader")
    desk.press("roles-add", api=api, permission="read:things")
    assert "read:things" in desk.text
    desk.press("roles-remove-1").press("undo")
    assert "read:things" in desk.text
    desk.follow("tab-users").press("roles-assign", user=jane.email)
    assert jane.user_id in desk.text
    desk.press("roles-user-1")
    assert world.management().get(f"/users/{jane.user_id}/roles") == []
    desk.press("undo")
    assert [each["name"] for each in world.management().get(f"/users/{jane.user_id}/roles")] == ["Reader"]
    desk.open("/admin/users/roles")
    assert desk.tree.xpath("//td[@data-label='Users']//text()")[0].strip() == "1"


def test_line_16_undo_is_offered_for_half_a_minute(world: World, desk: Desk, clock: Clock) -> None:
    app = world.client()
    desk.open(of(app, "connections")).press(f"apps-connection-{world.connection_id}")
    ours = desk.url
    (left,) = desk.tree.xpath("//*[@id='notice']/form/@data-for")
    assert 25_000 < int(left) <= 30_000, "the page itself takes it away then"
    clock.forward(seconds=29)
    assert desk.open(ours).has("undo")
    clock.forward(seconds=2)
    assert not desk.open(ours).has("undo")
    assert not desk.open(ours.replace("undo-until=", "undo-until=9")).has("undo"), "nobody else gives it more time"


def test_line_16_metadata_come_back_with_undo(world: World, desk: Desk, clock: Clock) -> None:
    jane, api = world.user(), world.management()
    path, tab = f"/users/{jane.user_id}", f"/admin/users/{jane.user_id.replace('|', '%7C')}/metadata"
    api.patch(path, {"app_metadata": {"plan": "gold", "seats": 3}, "user_metadata": {"colour": "red"}})
    desk.open(tab).press("users-save", app_metadata='{"plan": "tin", "extra": true}')
    assert api.get(path)["app_metadata"] == {"plan": "tin", "extra": True}
    assert "gold" not in desk.url, "what was before waits with us, not in an address"
    desk.press("undo")
    assert api.get(path)["app_metadata"] == {"plan": "gold", "seats": 3}
    assert api.get(path)["user_metadata"] == {"colour": "red"}
    assert sum(each.type == "sapi" and "app_metadata.plan" in str(each.data) for each in world.logs()) >= 2
    for late in (False, True):
        desk.open(tab).press("users-save", app_metadata='{"plan": "tin"}')
        if late:
            clock.forward(seconds=31)
        else:
            api.patch(path, {"nickname": "somebody was quicker"})
        desk.press("undo")
        assert "too late" in desk.say("notice")
        assert api.get(path)["app_metadata"] == {"plan": "tin"}
        api.patch(path, {"app_metadata": {"plan": "gold"}})
