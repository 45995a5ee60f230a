"""Tokens, scopes, filters, versions and bounds of the SCIM endpoints."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.directory.connections import service as connections
from idp.directory.provisioning import scim
from idp.directory.provisioning.models import ScimConfiguration, ScimResource, ScimToken
from idp.foundation.ephemeral.models import Counter
from tests.directory.provisioning.conftest import GROUP, Directory, Provision, document, logged, people
from tests.world.fixtures import Clock, on_both_stores
from tests.world.templates import TWO_TENANTS, Template
from tests.world.world import World


def test_tokens_are_of_one_connection_and_kept_as_hashes(world: World, provision: Provision) -> None:
    acme, other = provision(world, "acme"), provision(world, "other")
    for token in ("", "nonsense", other.token, acme.token + "x", acme.token.partition(".")[0]):
        answer = Directory(world, acme.connection_id, token)("GET", "/Users")
        assert (answer.status_code, (answer.json or {})["status"]) == (401, "401")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert Directory(world, "con_nobody", acme.token)("GET", "/Users").status_code == 401
    with world.context() as work:
        rows = list(work.rows.scalars(select(ScimToken)))
    assert acme.token not in str([vars(row) for row in rows])
    assert acme("GET", "/Users").status_code == 200


def test_a_token_ends(world: World, directory: Directory, clock: Clock) -> None:
    caller, path = world.caller(), f"/connections/{directory.connection_id}/scim-configuration/tokens"
    made = caller.post(path, {"scopes": ["get:users"], "token_lifetime": 900}).json or {}
    short = Directory(world, directory.connection_id, made["token"])
    assert short("GET", "/Users").status_code == 200
    clock.forward(minutes=16)
    assert short("GET", "/Users").status_code == 401
    assert directory("GET", "/Users").status_code == 200
    listed = {each["token_id"]: each for each in caller.get(path).json or []}
    assert listed[made["token_id"]]["valid_until"] > listed[made["token_id"]]["last_used_at"]
    assert all("token" not in each for each in listed.values())
    for token_id in listed:
        assert caller.delete(f"{path}/{token_id}").status_code == 204
    assert directory("GET", "/Users").status_code == 401
    assert caller.delete(f"{path}/{made['token_id']}").status_code == 404


def test_a_token_does_what_its_scopes_say(world: World, provision: Provision) -> None:
    reader = provision(world, "acme", scopes=["get:users"])
    assert reader("GET", "/Users").status_code == 200
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}
    assert reader("POST", "/Users/.search", search).status_code == 200
    for method, path in (("POST", "/Users"), ("GET", "/Groups"), ("DELETE", "/Users/x"), ("PUT", "/Users/x")):
        assert reader(method, path, document()).status_code == 403, (method, path)
    assert people(world) == []


@on_both_stores
def test_filters_and_pages(directory: Directory) -> None:
    for name in ("jane", "john", "joan"):
        directory.jane(userName=name, externalId=name, displayName=name.title())
    assert directory.found('filter=userName%20eq%20"JANE"') == ["jane"]
    assert directory.found('filter=externalId%20eq%20"joan"') == ["joan"]
    assert directory.found('filter=externalId%20eq%20"JOAN"') == []
    assert directory.found('filter=userName%20sw%20"jo"') == ["john", "joan"]
    assert directory.found('filter=userName%20sw%20"jo"%20and%20not%20(displayName%20eq%20"John")') == ["joan"]
    assert directory.found('filter=emails[type%20eq%20"work"]&count=2&startIndex=2') == ["john", "joan"]
    assert directory.found("count=1&startIndex=3") == ["joan"]
    assert (directory("GET", "/Users?count=0").json or {})["totalResults"] == 3
    assert directory("GET", "/Users?filter=nonsense").status_code == 400
    only_names = (directory("GET", "/Users?attributes=userName").json or {})["Resources"][0]
    assert set(only_names) == {"schemas", "id", "userName"} | ({"meta"} & set(only_names))


def test_a_filter_that_would_look_at_everybody(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scim, "MOST_LOOKED_AT", 1)
    for name in ("jane", "john"):
        directory.jane(userName=name, externalId=name)
    refused = directory("GET", '/Users?filter=userName%20sw%20"j"')
    assert (refused.status_code, (refused.json or {})["scimType"]) == (400, "tooMany")
    assert directory.found('filter=userName%20eq%20"jane"') == ["jane"]


def test_versions(directory: Directory) -> None:
    made = directory.jane()
    path, change = f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "Boss"}
    first = directory("GET", path)
    assert first.headers["ETag"] == made["meta"]["version"]
    assert directory("GET", path, If_None_Match=first.headers["ETag"]).status_code == 304
    assert directory.patch(path, change, If_Match=first.headers["ETag"]).headers["ETag"] == 'W/"2"'
    assert directory.patch(path, change, If_Match=first.headers["ETag"]).status_code == 412
    assert directory("DELETE", path, If_Match=first.headers["ETag"]).status_code == 412
    assert directory.patch(path, change).headers["ETag"] == 'W/"2"', "nothing has changed"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/Users", b"{", 400),
        ("POST", "/Users", b"[]", 400),
        ("POST", "/Users", b"\xff", 400),
        ("POST", "/Users", b'{"a":' * 2_000, 400),
        ("PATCH", "/Users/x", b"{}", 400),
        ("GET", "/Nothing", None, 404),
        ("PUT", "/Users", b"{}", 405),
        ("POST", "/Bulk", b"{}", 501),
        ("GET", "/Me", None, 501),
        ("GET", "/Users/" + "x" * 500, None, 404),
        ("GET", "", None, 200),
    ],
)
def test_bad_requests(directory: Directory, method: str, path: str, body: bytes | None, status: int) -> None:
    answer = directory(method, path, body)
    assert answer.status_code == status, answer.json
    assert status == 200 or (answer.json or {})["status"] == str(status)


def test_bodies_have_a_size(directory: Directory) -> None:
    assert directory("POST", "/Users", b" " * (1024 * 1024 + 1)).status_code == 413


@pytest.fixture
def template(request: pytest.FixtureRequest) -> Template:
    """Two tenants where a test wants them."""
    return TWO_TENANTS


def test_tenants(world: World, directory: Directory) -> None:
    other = world.second_tenant()
    assert Directory(other, directory.connection_id, directory.token)("GET", "/Users").status_code == 401


def test_the_api_of_configurations(world: World, directory: Directory) -> None:
    caller, path = world.caller(), f"/connections/{directory.connection_id}/scim-configuration"
    shown = caller.get(path).json or {}
    assert set(shown) == {
        "tenant_name",
        "connection_id",
        "connection_name",
        "strategy",
        "mapping",
        "updated_on",
        "created_at",
        "user_id_attribute",
    }
    assert (shown["user_id_attribute"], {"auth0": "blocked", "scim": "active"} in shown["mapping"]) == (
        "externalId",
        True,
    )
    assert caller.get(f"{path}/default-mapping").json == {"mapping": shown["mapping"]}
    assert (caller.get("/connections-scim-configurations").json or {})["scim_configurations"] == [shown]
    assert caller.post(path, {}).status_code == 409
    rules = [{"auth0": "email", "scim": "userName"}]
    changed = caller.patch(path, {"user_id_attribute": "userName", "mapping": rules}).json or {}
    assert (changed["user_id_attribute"], changed["mapping"]) == ("userName", rules)
    for bad in (
        {"user_id_attribute": "user name", "mapping": rules},
        {"user_id_attribute": "userName", "mapping": [{"auth0": "app_metadata", "scim": "title"}]},
        {"user_id_attribute": "userName", "mapping": [{"auth0": "blocked", "scim": "title"}]},
        {"user_id_attribute": "userName", "mapping": [{"auth0": "x", "scim": "emails["}]},
        {"user_id_attribute": "userName"},
    ):
        assert caller.patch(path, bad).status_code == 400, bad
    assert caller.post(f"{path}/tokens", {"scopes": ["read:users"]}).status_code == 400
    for _ in range(9):
        assert caller.post(f"{path}/tokens", {"scopes": ["get:users"]}).status_code == 201
    assert caller.post(f"{path}/tokens", {"scopes": ["get:users"]}).status_code == 409
    directory.jane()
    assert caller.delete(path).status_code == 204
    assert caller.get(path).status_code == 404
    assert directory("GET", "/Users").status_code == 401
    assert len(people(world)) == 1, "users stay"
    database = caller.post(f"/connections/{world.connection_id}/scim-configuration", {})
    assert database.status_code == 400


def test_a_connection_takes_everything_along(world: World, directory: Directory) -> None:
    directory.jane()
    with world.writing() as work:
        connections.delete(work, directory.connection_id)
    with world.context() as work:
        assert [list(work.rows.scalars(select(each))) for each in (ScimConfiguration, ScimToken, ScimResource)] == [
            [],
            [],
            [],
        ]
    assert people(world) == []


def test_refusals_are_logged(world: World, directory: Directory) -> None:
    Directory(world, directory.connection_id, "nonsense")("GET", "/Users")
    directory("POST", "/Users", b"{")
    entries = logged(world, "fscim")
    assert [entry.get("details", {}).get("status") for entry in entries] == [None, 400]
    assert directory.token not in str(entries)


@on_both_stores
def test_strangers_leave_one_counter_behind(world: World, directory: Directory) -> None:
    for name in ("con_a", "con_b", "%00", f"{'x' * 70}%00"):
        answer = world.get(f"/scim/v2/connections/{name}/Users", headers={"Authorization": "Bearer x"})
        assert answer.status_code in {401, 404}
    assert directory("GET", "/Users").status_code == 200
    with world.context() as work:
        keys = list(work.rows.scalars(select(Counter.key).where(Counter.key.startswith("scim:"))))
    assert [each.split(":")[1] for each in sorted(keys)] == ["-", directory.connection_id]


@on_both_stores
def test_texts_and_numbers_that_no_store_takes(world: World, directory: Directory) -> None:
    made = directory.jane()
    for odd in ("\\u0000", "a\\ud800"):
        for name in ("userName", "externalId", "id"):
            assert directory.found(f'filter={name} eq "{odd}"') == []
    assert directory.found(f"startIndex={'9' * 30}") == []
    for members in ({"userName": "a\0"}, {"externalId": "a\0"}, {"displayName": "a\0"}):
        for answer in (
            directory("POST", "/Users", document(**members)),
            directory("PUT", f"/Users/{made['id']}", document(**members)),
        ):
            assert (answer.status_code, (answer.json or {})["scimType"]) == (400, "invalidValue"), members
    for members in ({"displayName": "\0"}, {"displayName": "staff", "externalId": "\0"}):
        assert directory("POST", "/Groups", {"schemas": [GROUP], **members}).status_code == 400
    assert len(people(world)) == 1
