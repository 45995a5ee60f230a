"""Duplicating an application (spec/dashboard.md, "Pages", applications/apps; lines 6, 11, 12, 18, 19)."""

from __future__ import annotations

from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

APPS = "/admin/applications/apps"


def test_line_12_a_copy_says_its_own_secret_once(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}").follow("apps-duplicate")
    assert desk.fields("apps-confirm")["name"] == "The web app (copy)"
    desk.press("apps-confirm", without=("grants",))
    new = desk.url.split("/")[4]
    assert new != app.client_id
    assert "duplicated" in desk.text
    secret = desk.say("once-client_secret")
    assert secret != app.secret
    assert desk.fields("apps-save")["callbacks"] == "\n".join(world.management().get(f"/clients/{new}")["callbacks"])
    assert secret not in desk.open(f"{APPS}/{new}/settings").html


def test_line_6_what_is_refused_is_said_beside_what_was_typed(world: World, desk: Desk) -> None:
    path = f"{APPS}/{world.client().client_id}/duplicate"
    before = len(world.management().get("/clients"))
    desk.open(path).press("apps-confirm", name="<b>", without=("connections",))
    assert desk.status == 422
    assert desk.has("duplicate-problem")
    sent = desk.fields("apps-confirm")
    assert (sent["name"], "connections" in sent, "grants" in sent) == ("<b>", False, True)
    assert len(world.management().get("/clients")) == before


def test_lines_18_and_19_who_may_not_is_not_offered_it(world: World, hire: Hire) -> None:
    app = world.client()
    for name, of in (("Viewer - Config", ()), ("Editor - Specific Apps", (app.client_id,))):
        person = hire(f"{name.split(' ')[0]}{len(of)}@example.com".lower(), name, client_ids=of)
        other = Desk(world, enter(world.browser(), person, f"{APPS}/{app.client_id}"))
        assert other.status == 200
        assert not other.has("apps-duplicate")
        assert other.open(f"{APPS}/{app.client_id}/duplicate").status == 403
