"""What an administrator of some applications sees and changes of their client grants, and of nobody else's (decision
0467).
"""

from __future__ import annotations

from typing import Any

import pytest

from idp.admin.desk import operations
from idp.applications.clients import api as clients
from idp.applications.clients import client_grants_api as grants
from idp.foundation.kernel.actor import DASHBOARD, Actor
from idp.foundation.kernel.errors import Forbidden, NotFound
from idp.management.operations import management_scopes
from idp.tenant.members import roles
from idp.tenant.members.roles import SPECIFIC_APPS
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.world import World

SCOPES = ("read:things", "write:things")


class Apps:
    """Two applications with a grant of one API each, and one without; ``mine`` and ``bare`` are the editor's."""

    def __init__(self, world: World) -> None:
        self.world, self.audience = world, world.api(scopes=SCOPES)
        kind: dict[str, Any] = {"grant_types": ["client_credentials"]}
        self.mine, self.others, self.bare = (
            world.client("m2m", name=name, **kind).client_id for name in ("Shop", "Payroll", "Bare")
        )
        for each in (self.mine, self.others):
            world.grant(each, self.audience, "read:things")
        api = world.caller()
        servers: Any = api.get("/resource-servers").json
        self.server = next(each["id"] for each in servers if each["identifier"] == self.audience)
        self.management = next(each["id"] for each in servers if each["is_system"])
        self.table = f"/admin/applications/apis/{self.server}/m2m"

    def of(self, client_id: str) -> dict[str, Any]:
        found: Any = self.world.caller().get("/client-grants", client_id=client_id, audience=self.audience).json
        return dict(found[0]) if found else {}

    def scopes(self) -> dict[str, list[str]]:
        return {each: sorted(self.of(each).get("scope", [])) for each in (self.mine, self.others, self.bare)}

    @property
    def editor(self) -> Actor:
        rights = roles.rights([SPECIFIC_APPS], management_scopes())
        return Actor("", "auth0|ed", rights, DASHBOARD, frozenset({SPECIFIC_APPS}), frozenset({self.mine, self.bare}))


@pytest.fixture
def apps(world: World) -> Apps:
    return Apps(world)


@pytest.fixture
def desk(world: World, browser: Browser, hire: Hire, apps: Apps) -> Desk:
    person = hire("ed@example.com", SPECIFIC_APPS, client_ids=(apps.mine, apps.bare))
    return Desk(world, enter(browser, person, apps.table))


def test_the_table_of_an_api_has_their_applications_alone(desk: Desk, apps: Apps) -> None:
    assert (desk.status, apps.others in desk.html, "Payroll" in desk.html) == (200, False, False)
    boxes = desk.tree.xpath("//input[@type='checkbox'][not(@disabled)]/@name")
    assert sorted(boxes) == [f"may.{apps.mine} {scope}" for scope in sorted(SCOPES)], "what has no grant gets none"
    form = {**desk.fields("machines-save"), f"may.{apps.mine} write:things": "on", "confirmed": "yes"}
    desk.browser.open(apps.table, site="same-origin", method="POST", form=form)
    assert (desk.status, apps.scopes()) == (
        200,
        {apps.mine: sorted(SCOPES), apps.others: ["read:things"], apps.bare: []},
    )


def test_the_tab_of_an_application_changes_a_grant_and_makes_none(desk: Desk, apps: Apps) -> None:
    desk.open(f"/admin/applications/apps/{apps.mine}/apis")
    assert (desk.has(f"apps-grant-{apps.server}"), desk.has(f"apps-revoke-{apps.server}")) == (True, False)
    assert not desk.has(f"apps-grant-{apps.management}")
    desk.press(f"apps-grant-{apps.server}", scope="write:things")
    assert (desk.status, apps.scopes()[apps.mine]) == (200, ["write:things"])
    desk.open(f"/admin/applications/apps/{apps.bare}/apis")
    assert (desk.status, desk.has(f"apps-grant-{apps.server}")) == (200, False)
    assert desk.open(f"/admin/applications/apps/{apps.others}/apis").status == 404


def test_forms_by_hand_change_nothing_of_others_and_make_nothing(desk: Desk, apps: Apps) -> None:
    before, csrf = apps.scopes(), {"csrf": desk.fields("machines-save")["csrf"]}
    of_others, of_mine = apps.of(apps.others)["id"], apps.of(apps.mine)["id"]
    grant, other = f"/admin/applications/apps/{apps.mine}/grant", f"/admin/applications/apps/{apps.others}/grant"
    made = {"audience": apps.audience, "scope": "read:things"}
    beyond = {f"was.{apps.others}": "", f"may.{apps.others} write:things": "on", "confirmed": "yes"}
    along = {"pending": f'[{{"client_id": "{apps.others}", "add": ["write:things"]}}]', "confirmed": "yes"}
    bare = {f"was.{apps.bare}": "", f"may.{apps.bare} read:things": "on", "confirmed": "yes"}
    sent: list[tuple[str, dict[str, str], int]] = [
        (other, {"grant": of_others, "scope": "write:things"}, 404),
        (grant, {"grant": of_others, "scope": "write:things"}, 404),
        (grant, {"grant": of_mine, "status": "off"}, 422),
        (f"/admin/applications/apps/{apps.bare}/grant", made, 422),
        (apps.table, beyond, 200),
        (apps.table, along, 200),
        (apps.table, bare, 422),
        (f"{apps.table.removesuffix('m2m')}delete", {}, 403),
    ]
    for address, form, status in sent:
        desk.browser.open(address, site="same-origin", method="POST", form={**csrf, **form})
        assert desk.status == status, (address, form)
    assert apps.scopes() == before


def test_operations_answer_404_for_what_is_others(world: World, apps: Apps) -> None:
    of_others, of_mine = apps.of(apps.others)["id"], apps.of(apps.mine)["id"]
    with world.platform.work(world.tenant, actor=apps.editor, orm=True) as work:
        listed = operations.call(work, grants.list_grants)
        assert {each["client_id"] for each in listed} == {apps.mine}
        counted = operations.call(work, grants.list_grants, query={"include_totals": "true"})
        assert (counted["total"], len(counted["client_grants"])) == (1, 1)
        assert operations.call(work, grants.list_grants, query={"client_id": apps.others}) == []
        assert operations.call(work, grants.get_grant, {"id": of_mine})["client_id"] == apps.mine
        for handler, body in ((grants.get_grant, None), (grants.update_grant, {"scope": ["write:things"]})):
            with pytest.raises(NotFound):
                operations.call(work, handler, {"id": of_others}, body)
    everything = Actor("", "auth0|ed", frozenset(management_scopes()), DASHBOARD, clients=apps.editor.clients)
    with world.platform.work(world.tenant, actor=everything, orm=True) as work:
        operations.call(work, grants.delete_grant, {"id": of_others})  # unknown ids are no error
        made = {"client_id": apps.others, "audience": "https://other.example", "scope": []}
        with pytest.raises(NotFound, match="client"):
            operations.call(work, grants.create_grant, None, made)
    assert apps.of(apps.others)["scope"] == ["read:things"]


def test_who_is_for_some_applications_gives_nothing_of_the_management_api(world: World, apps: Apps) -> None:
    """A token of the application would be for all of them: with what they hold of their own it would be more."""
    audience, api = world.installed["management"]["audience"], world.caller()
    given: Any = api.post("/client-grants", {"client_id": apps.mine, "audience": audience, "scope": []}).json
    with world.platform.work(world.tenant, actor=apps.editor, orm=True) as work:
        assert work.actor.has("read:clients")
        with pytest.raises(Forbidden):
            operations.call(work, grants.update_grant, {"id": given["id"]}, {"scope": ["read:clients"]})
    assert api.patch(f"/client-grants/{given['id']}", {"scope": ["read:clients"]}).status_code == 200
    with world.platform.work(world.tenant, actor=apps.editor, orm=True) as work:
        shown = operations.call(work, clients.get_client, {"id": apps.mine})
        assert "client_secret" not in shown, "whoever has it reads every application"
        assert operations.call(work, clients.get_client, {"id": apps.bare})["client_secret"]
        with pytest.raises(Forbidden):
            operations.call(work, clients.rotate_secret, {"id": apps.mine})
        with pytest.raises(Forbidden):
            operations.call(work, grants.update_grant, {"id": given["id"]}, {"scope": []})


def test_the_table_of_the_management_api_has_nothing_to_tick(desk: Desk, apps: Apps, world: World) -> None:
    audience = world.installed["management"]["audience"]
    made = world.caller().post("/client-grants", {"client_id": apps.mine, "audience": audience, "scope": []})
    assert made.status_code == 201
    desk.open(f"/admin/applications/apis/{apps.management}/m2m")
    assert (desk.status, "Shop" in desk.html) == (200, True)
    assert desk.tree.xpath("//input[@type='checkbox'][not(@disabled)]") == []
