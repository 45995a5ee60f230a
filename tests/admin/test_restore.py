"""History brings values of before back into the form that they belong to, and saves nothing by that (spec/dashboard.md,
"Frame", History tab).
"""

from __future__ import annotations

from tests.admin.conftest import Desk
from tests.world.application import Application
from tests.world.world import World

APPS = "/admin/applications/apps"


def of(app: Application, tab: str = "settings") -> str:
    return f"{APPS}/{app.client_id}/{tab}"


def restore(desk: Desk, number: int = 0) -> Desk:
    """Follow the way back of one entry, the newest first."""
    links = desk.tree.xpath("//ol[@class='history']//a[starts-with(@id, 'restore-')]/@href")
    return desk.open(str(links[number]))


def test_values_of_before_are_filled_in_and_saved_as_any_change(world: World, desk: Desk) -> None:
    app, api = world.client(), world.management()
    api.patch(f"/clients/{app.client_id}", {"callbacks": ["https://one.example.test/"], "description": "first"})
    api.patch(f"/clients/{app.client_id}", {"callbacks": ["https://two.example.test/"], "description": "second"})
    restore(desk.open(of(app, "history")))
    assert desk.url.startswith(of(app))
    assert desk.fields("apps-save")["callbacks"].split() == ["https://one.example.test/"]
    assert desk.fields("apps-save")["description"] == "first"
    assert "Nothing is saved yet" in desk.say("notice")
    assert desk.one("notice").get("data-unsaved") is not None, "leaving warns"
    assert api.get(f"/clients/{app.client_id}")["description"] == "second"
    desk.press("apps-save")
    assert desk.status == 422
    assert desk.has("review-title"), "callbacks are shown, old and new, before they are saved"
    desk.press("apps-confirm")
    found = api.get(f"/clients/{app.client_id}")
    assert (found["callbacks"], found["description"]) == (["https://one.example.test/"], "first")


def test_what_stands_in_no_form_comes_back_in_the_document(world: World, desk: Desk) -> None:
    jane, api = world.user(), world.management()
    path = f"/users/{jane.user_id}"
    api.patch(path, {"app_metadata": {"plan": "gold", "seats": 3}})
    api.patch(path, {"app_metadata": {"plan": "tin", "extra": True}})
    restore(desk.open(f"/admin/users/{jane.user_id.replace('|', '%7C')}/history"))
    assert "/raw?" in desk.url
    desk.press("users-save")
    assert api.get(path)["app_metadata"] == {"plan": "gold", "seats": 3}


def test_members_whose_names_hold_spaces_come_back_with_the_others(world: World, desk: Desk) -> None:
    """A path stands for one member: with a space in it, it would be a field of another object."""
    jane, api = world.user(), world.management()
    path, before = f"/users/{jane.user_id}", {"seats": 3, "my plan": "gold", "deep": {"a b": 1, "c": 2}}
    api.patch(path, {"app_metadata": before})
    api.patch(path, {"app_metadata": {"seats": 4, "my plan": "tin", "deep": {"a b": 2, "c": 3}}})
    restore(desk.open(f"/admin/users/{jane.user_id.replace('|', '%7C')}/history"))
    desk.press("users-save")
    assert api.get(path)["app_metadata"] == before


def test_what_came_later_is_kept_and_a_stale_form_is_refused(world: World, desk: Desk) -> None:
    app, api = world.client(), world.management()
    api.patch(f"/clients/{app.client_id}", {"description": "first"})
    api.patch(f"/clients/{app.client_id}", {"description": "second"})
    api.patch(f"/clients/{app.client_id}", {"name": "Renamed"})
    restore(desk.open(of(app, "history")), 1)
    assert desk.fields("apps-save")["name"] == "Renamed"
    api.patch(f"/clients/{app.client_id}", {"description": "third"})
    desk.press("apps-save")
    assert desk.status == 409
    assert api.get(f"/clients/{app.client_id}")["description"] == "third"


def test_secrets_and_what_is_told_in_part_do_not_come_back(world: World, desk: Desk) -> None:
    app, api = world.client(), world.management()
    addresses = [f"https://{number:03}.example.test/callback" for number in range(80)]
    api.patch(f"/clients/{app.client_id}", {"callbacks": addresses})
    api.patch(f"/clients/{app.client_id}", {"callbacks": ["https://one.example.test/"]})
    api("POST", f"/clients/{app.client_id}/rotate-secret")
    desk.open(of(app, "history"))
    assert desk.tree.xpath("count(//ol[@class='history']/li)") >= 3
    offered = desk.tree.xpath("//ol[@class='history']//a[starts-with(@id, 'restore-')]")
    assert len(offered) == 1, "the first change alone: what was before the second is too long to be told"


def test_entries_of_others_and_other_objects_fill_nothing_in(world: World, desk: Desk) -> None:
    app, other, api = world.client(), world.client(name="Other"), world.management()
    api.patch(f"/clients/{other.client_id}", {"description": "first"})
    api.patch(f"/clients/{other.client_id}", {"description": "second"})
    entry = next(each for each in world.logs() if each.type == "sapi" and each.object == f"clients/{other.client_id}")
    for log_id in (entry.log_id, "nonsense", "0" * 20):
        desk.open(f"{of(app)}?restore={log_id}")
        assert desk.status == 200
        assert not desk.has("notice")
        assert desk.fields("apps-save")["description"] == ""


def test_who_may_not_change_is_offered_nothing(world: World, desk: Desk) -> None:
    app, api = world.client(), world.management()
    api.patch(f"/clients/{app.client_id}", {"description": "first"})
    api.patch(f"/clients/{app.client_id}", {"description": "second"})
    assert desk.open(of(app, "history")).tree.xpath("//a[starts-with(@id, 'restore-')]")
    admin = world.installed["admin"]
    jane = world.user("vera@example.com")
    desk.open("/admin/settings/members/new").press(
        "members-save", **{"email": jane.email, "roles[Auditor]": "true", "roles[Viewer - Config]": "true"}
    )
    assert admin["email"] != jane.email
    browser = world.browser()
    browser.open(of(app, "history"))
    browser.submit(username=jane.email, password=jane.password)
    viewer = Desk(world, browser)
    assert "second" in viewer.text
    assert not viewer.tree.xpath("//a[starts-with(@id, 'restore-')]")
