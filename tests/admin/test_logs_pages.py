"""The pages of the log say what happened in its own words, and who did it by name."""

from __future__ import annotations

from urllib.parse import quote

from tests.admin.conftest import Desk
from tests.world.world import World

LOGS, ROLES = "/admin/monitoring/logs", "/admin/users/roles"


def test_what_a_machine_changed_is_said_by_what_it_did_and_the_name_of_its_application(
    world: World, desk: Desk
) -> None:
    made = world.caller().post("/roles", {"name": "Reader"}).json
    (entry,) = world.logs("sapi")
    assert entry.client_name == "Gatehouse Management"
    desk.open(LOGS)
    assert desk.rows()[0] == "Create a role"
    assert entry.client_id not in desk.text
    assert desk.open(f"{LOGS}/{entry.log_id}").one("logs-facts") is not None
    assert "Create a role" in desk.tree.xpath("string(//h1)")
    desk.open(f"{ROLES}/{quote(made['id'])}")
    assert "Gatehouse Management" in desk.say("roles-latest")


def test_what_an_administrator_changed_says_their_name_and_not_their_id(world: World, desk: Desk) -> None:
    desk.open("/admin/users/roles/new").press("roles-save", name="Reader")
    (entry,) = world.logs("sapi")
    for page in (LOGS, "/admin/monitoring/tail"):
        (row,) = desk.open(page).tree.xpath("//main//*[self::tr or self::li][contains(., 'Create a role')]")
        assert "admin@example.com" in row.text_content()
        assert entry.user_id not in row.text_content()


def test_a_refused_change_is_not_said_to_be_one(world: World, desk: Desk) -> None:
    assert world.caller().post("/roles", {"name": ""}).status_code == 400
    desk.open(LOGS)
    assert desk.rows()[0] == "Management API call that would have changed something was refused."
