"""Columns of the lists that say more than a row of one table: the state of connections and of people (spec/
dashboard.md, "Pages").
"""

from __future__ import annotations

import pytest

from idp.admin import navigation
from idp.directory.users import service as users
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.world.browser import Browser
from tests.world.world import Person, World

CONNECTIONS = "/admin/authentication/connections"
SHEET = {
    "apps": {"name", "app_type", "client_id", "is_first_party", "connections", "last_login"},
    "apis": {"name", "identifier", "signing_alg", "token_lifetime", "enforce_policies"},
    "connections": {"name", "strategy", "state", "applications", "users", "trusted_until"},
    "users": {"name", "email", "email_verified", "connection", "last_login", "logins_count", "blocked", "created_at"},
    "roles": {"name", "users", "permissions"},
    "logs": {"date", "type", "description", "user_name", "client_name", "connection", "ip"},
}
"""The columns (C) that the sheet names."""


@pytest.mark.parametrize("name", SHEET)
def test_lists_have_the_columns_of_the_sheet(name: str) -> None:
    resource = navigation.named(name)
    assert resource is not None
    assert resource.listing is not None
    assert SHEET[name] - {each.name for each in resource.listing.columns} == set()


def cell(desk: Desk, name: str, label: str) -> str:
    """What stands in the column of that label, in the row of that name."""
    (found,) = desk.tree.xpath(
        "//tr[.//a[@class='to'][normalize-space()=$name]]/td[@data-label=$label]",
        name=name,
        label=label,
    )
    return " ".join(found.text_content().split())


def test_connections_say_whether_anybody_comes_by_them(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    used, unused = "Username-Password-Authentication", "Nobodys"
    world.connection(unused)
    desk.open(CONNECTIONS)
    with asked(world, monkeypatch) as said:
        desk.open(CONNECTIONS)
    assert len([each for each in said if each.lstrip().upper().startswith("SELECT") or " " not in each]) <= 6, said
    assert [cell(desk, each, "State") for each in (used, unused)] == ["In use", "Not in use"]
    for value, shown in (("on", used), ("off", unused)):
        desk.open(f"{CONNECTIONS}?state={value}")
        assert desk.rows() == [shown]
        assert f"State: {cell(desk, shown, 'State')}" in desk.text
    world.caller().patch(f"/connections/{world.connection_id}/clients", [{"client_id": app.client_id, "status": False}])
    desk.open(f"{CONNECTIONS}?state=on&cols=applications")
    assert int(cell(desk, used, "Applications")) > 0, "the account page and the dashboard come by it"


def test_whoever_is_for_some_applications_is_told_of_no_others(world: World, browser: Browser, hire: Hire) -> None:
    mine, _other = world.client(), world.client()
    person = hire("ed@example.com", "Editor - Specific Apps", client_ids=(mine.client_id,))
    desk = Desk(world, enter(browser, person, CONNECTIONS))
    assert cell(desk, "Username-Password-Authentication", "Applications") == "1"


def test_people_say_that_their_account_is_about_to_go(world: World, desk: Desk, jane: Person) -> None:
    address = f"/admin/users/{jane.user_id}"
    desk.open("/admin/users?q=email%3Ajane*")
    (name,) = desk.rows()
    assert cell(desk, name, "State") == "Active"
    with world.writing() as work:
        work.rows.lock(users.get(work, jane.user_id)).deletion_due = 4_000_000_000_000
    desk.open("/admin/users")
    assert cell(desk, name, "State") == "To be deleted"
    assert "To be deleted" in desk.open(address).text
    world.caller().patch(f"/users/{jane.user_id.replace('|', '%7C')}", {"blocked": True})
    desk.open("/admin/users")
    assert cell(desk, name, "State") == "Blocked"
