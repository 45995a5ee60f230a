"""The login preview of an application (spec/dashboard.md, "Pages", applications/apps; lines 18 and 39)."""

from __future__ import annotations

from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

FRAME = "/admin/branding/look/preview"


def path(client_id: str) -> str:
    return f"/admin/applications/apps/{client_id}/login"


def test_line_39_the_page_is_that_of_the_application(world: World, desk: Desk) -> None:
    app = world.client(name="Harbour <i>")
    desk.open(path(app.client_id))
    assert desk.say("login-begins") == "Signing in begins with login."
    (frame,) = desk.tree.xpath("//iframe")
    assert frame.get("sandbox") == ""
    shown = desk.open(frame.get("src"))
    assert (shown.status, "Harbour <i>" in shown.text, "<i>" in shown.html) == (200, True, False)
    assert "Acme" not in shown.text, "no made-up connection is offered"
    world.management().patch("/prompts", {"identifier_first": True})
    assert "login/identifier" in desk.open(path(app.client_id)).say("login-begins")


def test_an_application_without_connections(world: World, desk: Desk) -> None:
    app = world.client()
    for each in world.management().get("/connections"):
        world.caller().patch(f"/connections/{each['id']}/clients", [{"client_id": app.client_id, "status": False}])
    desk.open(path(app.client_id))
    assert desk.has("login-nobody")
    (frame,) = desk.tree.xpath("//iframe")
    assert desk.open(frame.get("src")).status == 200
    machine = world.management().post("/clients", {"name": "Robot", "app_type": "non_interactive"})
    assert desk.open(path(machine["client_id"])).status == 404


def test_line_18_not_those_of_other_administrators(world: World, hire: Hire) -> None:
    app = world.client()
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), path(app.client_id)))
    assert viewer.status == 200
    assert viewer.open(f"{FRAME}?client_id=nobody").status == 404
    people = Desk(world, enter(world.browser(), hire("pat@example.com", "Viewer - Users"), path(app.client_id)))
    assert people.status == 403


def test_the_list_says_how_many_connections_and_when_somebody_came_last(world: World, desk: Desk) -> None:
    app, jane = world.client(name="The shop"), world.user()
    columns = "cols=name,connections,last_login"
    desk.open(f"/admin/applications/apps?q=The+shop&{columns}")
    (row,) = desk.tree.xpath("//tbody/tr")
    assert " ".join(row.text_content().split()) == "The shop 1 –"
    app.sign_in(world.browser(), jane)
    desk.open(f"/admin/applications/apps?q=The+shop&{columns}")
    assert desk.tree.xpath("//tbody/tr//time")
