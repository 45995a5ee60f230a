"""The Authorization Extension at the dashboard: its state, and everything of it as a file (spec/dashboard.md,
extensions).
"""

from __future__ import annotations

import json

import pytest

from idp.directory.authorization import service
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.flows.test_authorization_extension import Extension, machine, of
from tests.world.fixtures import Clock
from tests.world.world import Person, World

PAGE = "/admin/extensions/authorization"


@pytest.fixture
def extension(world: World) -> Extension:
    with world.writing() as work:
        service.install(work)
    return machine(world, *service.SCOPES)


def filled(world: World, extension: Extension, jane: Person) -> None:
    """A group with somebody, two roles of two applications, a permission."""
    shop, other = world.client(name="Shop"), world.client(name="Other")
    edit = extension.made("/permissions", name="edit", **of(shop.client_id))
    editor = extension.made("/roles", name="Editor", permissions=[edit], **of(shop.client_id))
    extension.made("/roles", name="Reader", **of(other.client_id))
    extension.made("/groups", name="Staff", members=[jane.user_id], roles=[editor])


def test_where_it_is_not_there_the_page_says_how_to_put_it_up(desk: Desk) -> None:
    desk.open(PAGE)
    assert desk.status == 200
    assert desk.say("authorization-install") == "idp roles install-extension"
    assert not desk.has("authorization-export")
    token = str(desk.tree.xpath("//input[@name='csrf']/@value")[0])
    desk.browser.open(f"{PAGE}/export", site="same-origin", method="POST", form={"csrf": token})
    assert desk.status == 404


def test_what_it_holds_and_whether_sign_ins_ask_it(
    world: World, desk: Desk, extension: Extension, jane: Person
) -> None:
    filled(world, extension, jane)
    desk.open(PAGE)
    counts = {name: desk.say(f"authorization-{name}") for name in ("groups", "roles", "permissions", "people")}
    assert counts == {"groups": "1", "roles": "2", "permissions": "1", "people": "1"}
    assert [each.text_content() for each in desk.one("authorization-applications")] == ["Other", "Shop"]
    assert desk.say("authorization-applications-count") == "2"
    assert desk.say("authorization-asked") == "No sign-in asks it"
    assert extension.get("/configuration/status")["rule"]["enabled"] is False
    for switches, expected in (
        ({"rolesInToken": True, "groupsPassthrough": True}, {"groups": "OffOnOff", "roles": "OnOffOff"}),
        ({"rolesInToken": False, "persistGroups": True}, {"groups": "OffOnOn", "roles": "OffOffOff"}),
    ):
        extension("PATCH", "/configuration", switches)
        desk.open(PAGE)
        assert desk.say("authorization-asked") == "Every sign-in asks it"
        for what, states in expected.items():
            cells = desk.one(f"authorization-switch-{what}").xpath("./td")[1:]
            assert "".join(each.text_content().strip() for each in cells) == states
    extension("PATCH", "/configuration", {"persistGroups": False})
    assert desk.open(PAGE).say("authorization-asked") == "No sign-in asks it", "what passes through asks nobody"
    assert desk.follow("authorization-grants").status == 200
    assert "/m2m" in desk.url


def test_everything_is_a_file_after_a_fresh_sign_in(
    world: World, desk: Desk, extension: Extension, jane: Person, clock: Clock
) -> None:
    filled(world, extension, jane)
    desk.open(PAGE).press("authorization-export")
    response = desk.browser.response
    assert response is not None
    assert "authorization-extension.json" in response.headers["Content-Disposition"]
    assert json.loads(response.get_data(as_text=True)) == extension.get("/configuration/export")
    assert [each.description for each in world.logs("sapi")][-1] == "Export the Authorization Extension"
    clock.forward(minutes=6)
    before = len(world.logs("sapi"))
    desk.open(PAGE).press("authorization-export")
    assert desk.browser.path == "/u/login"
    assert len(world.logs("sapi")) == before


def test_rights_are_those_of_apis_and_of_people(world: World, extension: Extension, hire: Hire) -> None:
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), PAGE))
    assert (viewer.status, viewer.has("authorization-export")) == (200, False)
    token = str(viewer.tree.xpath("//input[@name='csrf']/@value")[0])
    viewer.browser.open(f"{PAGE}/export", site="same-origin", method="POST", form={"csrf": token})
    assert viewer.status == 403
    users = Desk(world, enter(world.browser(), hire("ulf@example.com", "Viewer - Users"), "/admin"))
    assert f'href="{PAGE}"' not in users.html
    assert users.open(PAGE).status == 403


def test_line_4_the_page_stays_within_six_statements(
    world: World, desk: Desk, extension: Extension, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(world, extension, jane)
    desk.open(PAGE)
    with asked(world, monkeypatch) as said:
        desk.open(PAGE)
    assert len(said) <= 6, said
