"""Groups that directories send: who is in them, and which roles that gives (spec/access-control.md)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from idp.directory.connections import service as connections
from tests.directory.provisioning.conftest import GROUP, Directory, document, people
from tests.world.access import Access
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.sources import KNOWN, only
from tests.world.world import API, World


def crew(directory: Directory, *members: str, **more: Any) -> dict[str, Any]:
    """A group, made."""
    sent = {"schemas": [GROUP], "displayName": "Crew", "members": [{"value": each} for each in members], **more}
    answer = directory("POST", "/Groups", sent)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


def user_path(world: World) -> str:
    (user,) = people(world)
    return f"/users/{quote(user.user_id, safe='')}"


@on_both_stores
@pytest.mark.parametrize("odd", ["a\0b", "x" * 400, "💥"])
def test_a_member_that_nobody_can_be_is_nobody(world: World, directory: Directory, api: Api, odd: str) -> None:
    jane = directory.jane()
    made = crew(directory, jane["id"], odd)
    assert made["members"] == [{"value": jane["id"]}, {"value": odd}], "kept as it was sent"
    (group,) = api.get("/groups").json
    assert len((api.get(f"/groups/{group['id']}/members").json or {})["members"]) == 1


@on_both_stores
def test_a_group_and_its_members_are_seen(world: World, directory: Directory, api: Api, store: str) -> None:
    jane = directory.jane()
    sent = crew(directory, jane["id"], externalId="g-1")
    listed = api.get("/groups", include_totals="true").json or {}
    (group,) = listed["groups"]
    assert (listed["total"], group["name"], group["external_id"], group["connection_id"]) == (
        1,
        "Crew",
        "g-1",
        directory.connection_id,
    )
    assert group["tenant_name"] == "default"
    where = f"/groups/{group['id']}"
    assert api.get(where).json == group
    assert api.get("/groups", fields="name", take=5).json == {"groups": [{"name": "Crew"}]}
    for query, found in (({"search": "REW"}, 1), ({"name": "Cre"}, 0), ({"external_id": "g-1"}, 1)):
        assert len(api.get("/groups", **query).json) == found, query
    (member,) = (api.get(f"{where}/members").json or {})["members"]
    (user,) = people(world)
    assert (member["id"], member["member_type"], member["type"]) == (user.user_id, "user", "connection")
    (mine,) = api.get(f"{user_path(world)}/groups").json
    assert {name: value for name, value in mine.items() if name != "membership_created_at"} == group
    removal = {"op": "remove", "path": f'members[value eq "{jane["id"]}"]'}
    assert directory.patch(f"/Groups/{sent['id']}", removal).status_code == 204
    assert (api.get(f"{where}/members").json, api.get(f"{user_path(world)}/groups").json) == ({"members": []}, [])
    directory.patch(f"/Groups/{sent['id']}", {"op": "replace", "path": "displayName", "value": "Staff"})
    assert (api.get(where).json or {})["name"] == "Staff"
    assert directory("DELETE", f"/Groups/{sent['id']}").status_code == 204
    assert api.get(where).status_code == 404
    assert (api.get("/groups/nonsense").json or {})["errorCode"] == "invalid_uri"


@on_both_stores
def test_a_role_of_a_group_is_in_its_members_tokens(
    world: World, directory: Directory, api: Api, browser: Browser, store: str
) -> None:
    world.api(token_dialect="rfc9068_profile_authz", enforce_policies=True)
    app = world.client()
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, directory.connection_id), [(app.client_id, True)])
    only(world, app.client_id)
    jane = directory.jane(externalId="jane")
    crew(directory, jane["id"])
    role_id = Access(world).role("Reader", "read:things")
    (group,) = api.get("/groups").json
    assert api.post(f"/roles/{role_id}/groups", {"groups": [group["id"]]}).status_code == 204
    assert api.post(f"/groups/{group['id']}/roles", {"roles": [role_id]}).status_code == 204, "again is no error"
    attempt = app.begin(browser, audience=API, scope="openid read:things write:things offline_access")
    browser.submit(username="jane", password=KNOWN["jane"])
    tokens = attempt.tokens(browser.answer)
    assert (tokens.access_claims["permissions"], tokens.raw["scope"]) == (
        ["read:things"],
        "openid read:things offline_access",
    )
    who = user_path(world)
    assert api.get(f"{who}/roles").json == [], "given to the group, not by name"
    ((effective,), (source,)) = (
        (api.get(f"{who}/effective-roles").json or {})["roles"],
        (api.get(f"{who}/effective-roles/sources/groups", role_id=role_id).json or {})["groups"],
    )
    assert (effective["id"], effective["sources"], source["id"]) == (role_id, ["groups"], group["id"])
    of_api = {"resource_server_identifier": API}
    (permission,) = (api.get(f"{who}/effective-permissions", **of_api).json or {})["permissions"]
    assert (permission["permission_name"], permission["sources"]) == ("read:things", ["roles"])
    assert [each["id"] for each in (api.get(f"/groups/{group['id']}/roles").json or {})["roles"]] == [role_id]
    assert [each["id"] for each in (api.get(f"/roles/{role_id}/groups").json or {})["groups"]] == [group["id"]]
    assert api.delete(f"/groups/{group['id']}/roles", {"roles": [role_id]}).status_code == 204
    assert tokens.refreshed().access_claims["permissions"] == []
    api.post(f"/roles/{role_id}/groups", {"groups": [group["id"]]})
    assert tokens.refreshed().access_claims["permissions"] == ["read:things"]
    assert api.delete(f"/groups/{group['id']}").status_code == 204
    assert tokens.refreshed().access_claims["permissions"] == []


def test_membership_belongs_to_the_account(world: World, directory: Directory, api: Api) -> None:
    """Whoever has the account is in the group, linked or not; a directory that renames it keeps it in."""
    jane = directory.jane()
    crew(directory, jane["id"])
    owner = world.user("owner@example.com")
    (user,) = people(world)
    provider, _, account = user.user_id.partition("|")
    where = f"/users/{quote(owner.user_id, safe='')}"
    linked = {"provider": provider, "user_id": account, "connection_id": directory.connection_id}
    assert api.post(f"{where}/identities", linked).status_code == 201
    assert [each["name"] for each in api.get(f"{where}/groups").json] == ["Crew"]
    assert api.delete(f"{where}/identities/{provider}/{quote(account, safe='')}").status_code == 200
    assert api.get(f"{where}/groups").json == []
    assert [each["name"] for each in api.get(f"{user_path(world)}/groups").json] == ["Crew"]
    assert directory("PUT", f"/Users/{jane['id']}", document(externalId="jane-2")).status_code == 200
    assert [each["name"] for each in api.get(f"{user_path(world)}/groups").json] == ["Crew"]


@pytest.mark.parametrize("how", ["by the directory", "here", "with the connection", "with the configuration"])
def test_nobody_who_is_gone_is_in_a_group(world: World, directory: Directory, api: Api, how: str) -> None:
    jane = directory.jane()
    crew(directory, jane["id"])
    (group,) = api.get("/groups").json
    configuration = f"/connections/{directory.connection_id}"
    answer = {
        "by the directory": lambda: directory("DELETE", f"/Users/{jane['id']}"),
        "here": lambda: api.delete(user_path(world)),
        "with the connection": lambda: api.delete(configuration),
        "with the configuration": lambda: api.delete(f"{configuration}/scim-configuration"),
    }[how]()
    assert answer.status_code == (202 if how == "with the connection" else 204)
    if how.startswith("with"):
        assert api.get("/groups").json == []
    else:
        assert api.get(f"/groups/{group['id']}/members").json == {"members": []}
