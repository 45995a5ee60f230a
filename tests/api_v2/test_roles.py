"""Roles, permissions and groups over the Management API (spec/access-control.md, "Core RBAC objects")."""

from __future__ import annotations

import re
from typing import Any

import pytest

from idp.directory.roles.service import assignments, permissions, roles
from tests.api_v2.test_users import create, path
from tests.security.rows import row
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.templates import AUDIENCE

SERVER = {
    "identifier": "https://orders.example/",
    "name": "Orders",
    "scopes": [
        {"value": "read:orders", "description": "See orders"},
        {"value": "write:orders"},
        {"value": "cancel:orders"},
    ],
}


def named(*values: str, identifier: str = "https://orders.example/") -> dict[str, Any]:
    return {"permissions": [{"resource_server_identifier": identifier, "permission_name": value} for value in values]}


@pytest.fixture
def server(api: Api) -> dict[str, Any]:
    return api.post("/resource-servers", SERVER).json or {}


def role(api: Api, name: str = "Clerk", *values: str) -> str:
    """A role with permissions; answers its id."""
    made = api.post("/roles", {"name": name, "description": f"{name}s"})
    assert made.status_code == 200, made.json
    role_id = str((made.json or {})["id"])
    if values:
        assert api.post(f"/roles/{role_id}/permissions", named(*values)).status_code == 201
    return role_id


@on_both_stores
def test_a_role_is_made_changed_and_removed(api: Api, store: str) -> None:
    """spec/access-control.md, acceptance 2: status codes exactly as listed."""
    made = api.post("/roles", {"name": "Clerk", "description": "At the counter"})
    assert made.status_code == 200
    shown = made.json or {}
    assert re.fullmatch("rol_[A-Za-z0-9]{16}", shown["id"])
    assert shown == {"id": shown["id"], "name": "Clerk", "description": "At the counter", "type": "tenant"}
    where = f"/roles/{shown['id']}"
    assert api.get(where).json == shown
    assert api.post("/roles", {"name": "Clerk"}).status_code == 409
    assert (api.post("/roles", {"name": "Other"}).json or {})["description"] is None
    assert api.patch(where, {"name": "Other"}).status_code == 409
    assert api.patch(where, {"name": "Clerk", "description": "Here"}).json == {**shown, "description": "Here"}
    gone = api.delete(where)
    assert (gone.status_code, gone.data) == (200, b"")
    for answer in (api.get(where), api.delete(where), api.patch(where, {"name": "x"})):
        assert answer.status_code == 404


def test_roles_are_listed_and_found(api: Api) -> None:
    for name in ("Über-Clerk", "clerk", "Head_100%", "other"):
        role(api, name)
    assert [each["name"] for each in api.get("/roles").json] == ["Über-Clerk", "clerk", "Head_100%", "other"]
    for part, found in (("CLERK", 2), ("über", 1), ("_100%", 1), ("%", 1), ("nothing", 0)):
        totals = api.get("/roles", name_filter=part, include_totals="true").json or {}
        assert (totals["total"], len(totals["roles"])) == (found, found), part
    assert {name: value for name, value in totals.items() if name != "roles"} == {"start": 0, "limit": 50, "total": 0}
    assert [each["name"] for each in api.get("/roles", per_page=1, page=2).json] == ["Head_100%"]
    assert api.get("/roles", type="organization").json == []
    assert len(api.get("/roles", type="tenant").json) == 4
    assert api.get("/roles", type="other").status_code == 400


@on_both_stores
def test_what_a_role_may_do(api: Api, server: dict[str, Any], store: str) -> None:
    where = f"/roles/{role(api)}/permissions"
    first = api.post(where, named("write:orders", "read:orders"))
    assert (first.status_code, first.data) == (201, b"")
    assert api.post(where, named("read:orders")).status_code == 201, "again is no error"
    assert api.get(where).json == [
        {
            "resource_server_identifier": "https://orders.example/",
            "permission_name": "read:orders",
            "resource_server_name": "Orders",
            "description": "See orders",
        },
        {
            "resource_server_identifier": "https://orders.example/",
            "permission_name": "write:orders",
            "resource_server_name": "Orders",
            "description": None,
        },
    ]
    totals = api.get(where, include_totals="true", per_page=1).json or {}
    assert (totals["total"], totals["limit"], len(totals["permissions"])) == (2, 1, 1)
    assert api.delete(where, named("write:orders", "never:given")).status_code == 204
    assert [each["permission_name"] for each in api.get(where).json] == ["read:orders"]


@row("W3")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (named("unknown:orders"), 400, "inexistent_permission"),
        (named("read:orders", identifier="https://other.example/"), 404, "inexistent_resource_server"),
        ({"permissions": []}, 400, "invalid_body"),
        ({"permissions": [{"permission_name": "read:orders"}]}, 400, "invalid_body"),
        ({**named("read:orders"), "name": "x"}, 400, "invalid_body"),
        ({}, 400, "invalid_body"),
        (None, 400, "invalid_body"),
    ],
)
def test_permissions_that_are_none(api: Api, server: dict[str, Any], body: Any, status: int, code: str) -> None:
    """spec/access-control.md, acceptance 6: unknown permission 404/400."""
    user, role_id = create(api), role(api)
    for where in (f"/roles/{role_id}/permissions", f"{path(user)}/permissions"):
        answer = api.post(where, body)
        assert (answer.status_code, (answer.json or {}).get("errorCode")) == (status, code), answer.json
        assert api.get(where).json == []
    assert api.post("/roles/rol_0000000000000000/permissions", named("read:orders")).status_code == 404
    assert api.post("/users/auth0%7Cnobody/permissions", named("read:orders")).status_code == 404


@on_both_stores
def test_what_somebody_has_and_why(api: Api, server: dict[str, Any], store: str) -> None:
    user = create(api)
    where = f"{path(user)}/roles"
    clerk, head = role(api, "Clerk", "read:orders", "write:orders"), role(api, "Head", "write:orders")
    assert api.post(where, {"roles": [head, clerk]}).status_code == 204
    assert api.post(where, {"roles": [clerk]}).status_code == 204, "again is no error"
    assert api.get(where).json == [
        {"id": clerk, "name": "Clerk", "description": "Clerks"},
        {"id": head, "name": "Head", "description": "Heads"},
    ]
    assert (api.get(where, include_totals="true").json or {})["total"] == 2
    assert api.post(f"{path(user)}/permissions", named("write:orders", "cancel:orders")).status_code == 201
    found = api.get(f"{path(user)}/permissions", include_totals="true").json or {}
    assert (found["start"], found["limit"], found["total"]) == (0, 50, 3)
    direct = {"source_id": "", "source_name": "", "source_type": "DIRECT"}
    by_clerk = {"source_id": clerk, "source_name": "Clerk", "source_type": "ROLE"}
    by_head = {"source_id": head, "source_name": "Head", "source_type": "ROLE"}
    assert {each["permission_name"]: each["sources"] for each in found["permissions"]} == {
        "cancel:orders": [direct],
        "read:orders": [by_clerk],
        "write:orders": [direct, by_clerk, by_head],
    }
    (second,) = api.get(f"{path(user)}/permissions", per_page=1, page=1).json
    assert second["permission_name"] == "read:orders"
    assert api.delete(f"{path(user)}/permissions", named("write:orders", "read:orders")).status_code == 204
    assert [each["permission_name"] for each in api.get(f"{path(user)}/permissions").json] == [
        "cancel:orders",
        "read:orders",
        "write:orders",
    ], "roles still give the others"
    assert api.delete(where, {"roles": [clerk, "rol_unknown"]}).status_code == 204
    assert [each["id"] for each in api.get(where).json] == [head]


def test_effective_permissions_name_their_sources(api: Api, server: dict[str, Any]) -> None:
    """spec/access-control.md, acceptance 5."""
    user = create(api)
    clerk = role(api, "Clerk", "read:orders", "write:orders")
    api.post(f"{path(user)}/roles", {"roles": [clerk]})
    api.post(f"{path(user)}/permissions", named("write:orders"))
    where, of_api = f"{path(user)}/effective-permissions", {"resource_server_identifier": "https://orders.example/"}
    first = api.get(where, take=1, **of_api).json or {}
    second = api.get(where, take=1, from_=first["next"], **of_api).json or {}
    assert "next" not in second
    shown = [*first["permissions"], *second["permissions"]]
    assert [(each["permission_name"], each["sources"]) for each in shown] == [
        ("read:orders", ["roles"]),
        ("write:orders", ["direct", "roles"]),
    ]
    found = api.get(f"{where}/sources/effective-roles", permission_name="read:orders", **of_api).json
    expected = {"id": clerk, "name": "Clerk", "description": "Clerks", "sources": ["direct"]}
    assert found == {"roles": [expected]}
    assert api.get(f"{path(user)}/effective-roles").json == {"roles": [expected]}
    assert api.get(f"{path(user)}/effective-roles/sources/groups", role_id=clerk).json == {"groups": []}
    assert api.get(where).status_code == 400
    assert api.get(where, resource_server_identifier="https://nowhere/").status_code == 404
    assert api.get(f"{path(user)}/effective-roles/sources/groups", role_id="rol_x").status_code == 404


@on_both_stores
def test_who_has_a_role_in_every_style(api: Api, store: str) -> None:
    clerk = role(api)
    people = [create(api, f"u{number}@example.com")["user_id"] for number in range(3)]
    where = f"/roles/{clerk}/users"
    given = api.post(where, {"users": people})
    assert (given.status_code, given.data) == (200, b"")
    assert api.post(where, {"users": people[:1]}).status_code == 200
    assert sorted(each["user_id"] for each in api.get(where).json) == sorted(people)
    assert set(api.get(where).json[0]) == {"user_id", "email", "picture", "name"}
    totals = api.get(where, include_totals="true").json or {}
    assert (totals["start"], totals["limit"], totals["total"], len(totals["users"])) == (0, 50, 3, 3)
    seen: list[str] = []
    following: dict[str, Any] = {}
    while True:
        page = api.get(where, take=1, include_totals="true", **following).json or {}
        seen += [each["user_id"] for each in page["users"]]
        if "next" not in page:
            break
        assert set(page) == {"users", "next"}
        following = {"from_": page["next"]}
    assert sorted(seen) == sorted(people)
    assert api.post(where, {"users": [*people, "auth0|nobody"]}).status_code == 404
    assert api.post("/roles/rol_x/users", {"users": people}).status_code == 404
    assert api.get("/roles/rol_x/users").status_code == 404
    assert api.post(f"/users/{people[0]}/roles", {"roles": [clerk, "rol_x"]}).status_code == 404


@on_both_stores
def test_what_is_gone_takes_along_what_hangs_on_it(api: Api, server: dict[str, Any], store: str) -> None:
    """spec/access-control.md, acceptance 6: deleting API cascades; so do a scope, a role and a user."""
    user, other = create(api), create(api, "other@example.com")
    clerk, head = role(api, "Clerk", "read:orders", "write:orders"), role(api, "Head", "cancel:orders")
    for each in (user, other):
        api.post(f"{path(each)}/roles", {"roles": [clerk, head]})
        api.post(f"{path(each)}/permissions", named("cancel:orders", "write:orders"))
    where = f"/resource-servers/{server['id']}"
    kept = [each for each in server["scopes"] if each["value"] != "cancel:orders"]
    assert api.patch(where, {"scopes": kept}).status_code == 200
    api.patch(where, {"scopes": server["scopes"]})
    assert api.get(f"/roles/{head}/permissions").json == [], "a scope that comes back is another"
    assert [each["permission_name"] for each in api.get(f"{path(user)}/permissions").json] == [
        "read:orders",
        "write:orders",
    ]
    api.delete(f"/roles/{head}")
    assert [each["id"] for each in api.get(f"{path(user)}/roles").json] == [clerk]
    api.delete(path(other))
    assert [each["user_id"] for each in api.get(f"/roles/{clerk}/users").json] == [user["user_id"]]
    api.delete(where)
    assert (api.get(f"/roles/{clerk}/permissions").json, api.get(f"{path(user)}/permissions").json) == ([], [])
    again = api.post("/resource-servers", SERVER).json or {}
    assert again["id"] != server["id"]
    assert api.get(f"{path(user)}/permissions").json == [], "an API of the same name inherits nothing"


def test_a_user_who_is_linked_brings_no_roles(api: Api, server: dict[str, Any]) -> None:
    first, second = create(api, email_verified=True), create(api, "second@example.com", email_verified=True)
    clerk = role(api, "Clerk", "read:orders")
    api.post(f"{path(second)}/roles", {"roles": [clerk]})
    linked = {"provider": "auth0", "user_id": second["user_id"].partition("|")[2]}
    assert api.post(f"{path(first)}/identities", linked).status_code == 201
    assert api.get(f"{path(first)}/roles").json == []
    assert api.get(f"/roles/{clerk}/users").json == []


def test_caps(api: Api, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignments, "MOST_ROLES_OF_USER", 1)
    monkeypatch.setattr(permissions, "MOST_PERMISSIONS", 2)
    user, other = create(api), create(api, "other@example.com")
    clerk, head = role(api, "Clerk", "read:orders", "write:orders"), role(api, "Head")
    monkeypatch.setattr(roles, "MOST_ROLES", 2)
    refused = api.post("/roles", {"name": "One too many"})
    assert (refused.status_code, (refused.json or {})["errorCode"]) == (400, "too_many_roles")
    assert api.post(f"{path(user)}/roles", {"roles": [clerk, head]}).status_code == 400
    assert api.get(f"{path(user)}/roles").json == []
    api.post(f"{path(user)}/roles", {"roles": [clerk]})
    assert api.post(f"/roles/{head}/users", {"users": [other["user_id"], user["user_id"]]}).status_code == 400
    assert api.get(f"/roles/{head}/users").json == [], "all or nothing"
    answer = api.post(f"/roles/{clerk}/permissions", named("cancel:orders", "read:orders"))
    assert answer.status_code == 400
    assert (answer.json or {})["message"].startswith("No more permissions can be assigned")
    assert (
        api.post(f"{path(user)}/permissions", named("read:orders", "write:orders", "cancel:orders")).status_code == 400
    )
    assert api.post(f"{path(user)}/permissions", named("read:orders", "write:orders", "read:orders")).status_code == 201


@row("W6")
@pytest.mark.parametrize("name", ["", "a\0b", "a\nb", "x" * 256, 5, None])
def test_names_that_are_none(api: Api, name: Any) -> None:
    assert api.post("/roles", {"name": name}).status_code == 400
    assert api.get("/roles").json == []


RIGHTS: list[tuple[str, str, tuple[str, ...]]] = [
    ("GET", "/roles", ("read:roles",)),
    ("POST", "/roles", ("create:roles",)),
    ("DELETE", "/roles/rol_x", ("delete:roles",)),
    ("POST", "/roles/rol_x/permissions", ("update:roles",)),
    ("GET", "/roles/rol_x/users", ("read:users", "read:roles", "read:role_members")),
    ("POST", "/roles/rol_x/users", ("update:roles", "create:role_members")),
    ("GET", "{user}/roles", ("read:users", "read:roles", "read:role_members")),
    ("DELETE", "{user}/roles", ("update:users", "delete:role_members")),
    ("POST", "{user}/permissions", ("update:users",)),
    ("GET", "{user}/effective-roles", ("read:user_effective_roles",)),
    ("GET", "{user}/groups", ("read:groups",)),
    ("DELETE", "/groups/grp_11111111111111", ("delete:groups",)),
    ("POST", "/roles/rol_x/groups", ("create:group_roles",)),
]


@row("W1", "W10")
def test_each_right_by_itself_opens_and_no_other(api: Api) -> None:
    user = create(api)
    others = api.world.caller("read:clients", "update:clients", "read:connections")
    mine = api.world.caller_for(user["user_id"], "read:current_user", "update:current_user_metadata")
    for method, template, scopes in RIGHTS:
        where = template.format(user=path(user))
        for scope in scopes:
            assert api.world.caller(scope)(method, where, json={}).status_code != 403, (method, where, scope)
        for caller in (others, mine):
            refused = caller(method, where, json={})
            assert (refused.status_code, (refused.json or {})["errorCode"]) == (403, "insufficient_scope"), where


@row("E6")
def test_permissions_of_the_management_api_open_nothing_to_people(api: Api) -> None:
    """Somebody may be given them, as Auth0 allows; people get of that API what concerns themselves, whatever they
    have.
    """
    user = create(api)
    given = named("delete:users", identifier=AUDIENCE)
    assert api.post(f"{path(user)}/permissions", given).status_code == 201
    (system,) = api.get("/resource-servers", identifiers=AUDIENCE).json
    assert api.patch(f"/resource-servers/{system['id']}", {"enforce_policies": True}).status_code == 400
