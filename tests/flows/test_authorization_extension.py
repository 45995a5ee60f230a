"""Auth0's Authorization Extension (spec/access-control.md, "Authorization Extension", acceptance 4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from idp.directory.authorization import runtime, service
from idp.directory.users.models import Identity
from tests.protocol.tokens.test_statements import Sent
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World


@dataclass
class Extension:
    """A machine that calls the extension's API."""

    world: World
    token: str

    def __call__(self, method: str, path: str, json: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        client = Client(self.world.app, use_cookies=False)
        return client.open(
            f"/extensions/authorization/api{path}",
            method=method,
            json=json,
            headers=headers,
            base_url=self.world.issuer.rstrip("/"),
        )

    def get(self, path: str) -> Any:
        answer = self("GET", path)
        assert answer.status_code == 200, answer.json
        return answer.json

    def made(self, path: str, **body: Any) -> str:
        """POST; answers the id."""
        answer = self("POST", path, {"description": "d", **body})
        assert answer.status_code == 200, answer.json
        return str((answer.json or {})["_id"])


def machine(world: World, *scopes: str) -> Extension:
    app = world.client("m2m")
    world.grant(app.client_id, runtime.AUDIENCE, *scopes)
    answer = app.token(grant_type="client_credentials", audience=runtime.AUDIENCE).get_json()
    return Extension(world, answer["access_token"])


@pytest.fixture
def extension(world: World) -> Extension:
    """Put up, with a machine that may do everything."""
    with world.writing() as work:
        service.install(work)
    return machine(world, *service.SCOPES)


def of(client_id: str) -> dict[str, str]:
    return {"applicationType": "client", "applicationId": client_id}


@on_both_stores
def test_nested_groups_grant_the_parents_roles(
    world: World, extension: Extension, browser: Browser, jane: Person, store: str
) -> None:
    app, other = world.client(), world.client()
    edit = extension.made("/permissions", name="edit", **of(app.client_id))
    editor = extension.made("/roles", name="Editor", permissions=[edit], **of(app.client_id))
    extension.made("/roles", name="Elsewhere", **of(other.client_id))
    inner = extension.made("/groups", name="Inner", members=[jane.user_id])
    middle = extension.made("/groups", name="Middle", nested=[inner])
    outer = extension.made("/groups", name="Outer", roles=[editor])
    assert extension("PATCH", f"/groups/{outer}/nested", [middle]).status_code == 204
    assert extension("PATCH", f"/groups/{inner}/nested", [outer]).status_code == 204, "a circle ends"
    switches = {"groupsInToken": True, "rolesInToken": True, "permissionsInToken": True}
    assert (extension("PATCH", "/configuration", switches).json or {})["rolesInToken"] is True
    claims = app.sign_in(browser, jane).id_claims
    assert (claims["groups"], claims["roles"], claims["permissions"]) == (
        ["Inner", "Middle", "Outer"],
        ["Editor"],
        ["edit"],
    )
    assert other.sign_in(browser, jane).id_claims["roles"] == [], "roles are of one application"
    where = f"/users/{quote(jane.user_id, safe='')}"
    answer = extension("POST", f"{where}/policy/{app.client_id}", {"connectionName": "x"})
    assert answer.json == {"groups": ["Inner", "Middle", "Outer"], "roles": ["Editor"], "permissions": ["edit"]}
    assert [each["name"] for each in extension.get(f"{where}/groups")] == ["Inner"]
    assert [each["name"] for each in extension.get(f"{where}/groups/calculate")] == ["Inner", "Middle", "Outer"]
    assert extension.get(f"{where}/roles") == []
    assert [each["name"] for each in extension.get(f"{where}/roles/calculate")] == ["Editor"]
    assert [each["user_id"] for each in extension.get(f"/groups/{outer}/members/nested")["users"]] == [jane.user_id]
    assert [each["name"] for each in extension.get(f"/groups/{inner}/roles/nested")] == ["Editor"]
    assert extension("DELETE", f"/groups/{inner}/members", [jane.user_id]).status_code == 204
    assert app.sign_in(browser, jane).id_claims["groups"] == []


def test_a_mapping_adds_a_group_and_what_the_source_said_may_stay(
    world: World, extension: Extension, browser: Browser, jane: Person
) -> None:
    group = extension.made("/groups", name="Staff")
    sent = [{"groupName": "CN=staff", "connectionName": "Username-Password-Authentication"}]
    assert extension("PATCH", f"/groups/{group}/mappings", sent).status_code == 204
    (mapping,) = extension.get(f"/groups/{group}/mappings")
    world.change_user(jane.user_id, profile={"groups": ["CN=staff", "CN=all"]})
    extension("PATCH", "/configuration", {"groupsInToken": True})
    app = world.client()
    assert app.sign_in(browser, jane).id_claims["groups"] == ["Staff"]
    extension("PATCH", "/configuration", {"groupsPassthrough": True})
    assert app.sign_in(browser, jane).id_claims["groups"] == ["CN=all", "CN=staff", "Staff"]
    assert extension("DELETE", f"/groups/{group}/mappings", [mapping["_id"]]).status_code == 204
    assert app.sign_in(browser, jane).id_claims["groups"] == ["CN=all", "CN=staff"]


def test_one_source_does_not_speak_for_another(
    world: World, extension: Extension, browser: Browser, jane: Person
) -> None:
    """The profile is the primary account's; a mapping trusts the source of the account that was signed in with."""
    group = extension.made("/groups", name="Staff")
    sent = [{"groupName": "CN=staff", "connectionName": "Username-Password-Authentication"}]
    extension("PATCH", f"/groups/{group}/mappings", sent)
    extension("PATCH", "/configuration", {"groupsInToken": True, "groupsPassthrough": True, "persistGroups": True})
    world.change_user(jane.user_id, profile={"groups": ["CN=staff"]})
    app = world.client()
    assert app.sign_in(browser, jane).id_claims["groups"] == ["CN=staff", "Staff"]
    with world.writing() as work:  # the primary account is elsewhere now, and its source says so
        identity = work.rows.scalars(select(Identity).where(Identity.user_id == jane.user_id)).one()
        work.rows.lock(identity)
        identity.position = 1
    tokens = app.sign_in(world.browser(), jane)
    assert tokens.id_claims["groups"] == []
    assert world.management().get(f"/users/{jane.user_id}")["app_metadata"] == {"authorization": {"groups": []}}


def test_an_import_looks_at_everything_once(
    world: World, extension: Extension, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much names however much."""
    permissions = [{"_id": f"p{n}", "name": f"p{n}", "description": "d", **of("a")} for n in range(60)]
    roles = [
        {"_id": f"r{n}", "name": f"r{n}", "description": "d", "permissions": [f"p{n}"], **of("a")} for n in range(60)
    ]
    asked = Counter[str]()
    every = service.every
    monkeypatch.setattr(service, "every", lambda work, kind: asked.update([kind]) or every(work, kind))
    answer = extension("POST", "/configuration/import", {"permissions": permissions, "roles": roles})
    assert answer.status_code == 204, answer.json
    assert max(asked.values()) == 1


def test_what_is_kept_is_in_app_metadata(world: World, extension: Extension, browser: Browser, jane: Person) -> None:
    app = world.client()
    role = extension.made("/roles", name="Editor", **of(app.client_id))
    assert extension("PATCH", f"/users/{quote(jane.user_id, safe='')}/roles", [role]).status_code == 204
    extension("PATCH", "/configuration", {"persistRoles": True, "persistGroups": True})
    app.sign_in(browser, jane)
    user = world.management().get(f"/users/{jane.user_id}")
    assert user["app_metadata"] == {"authorization": {"groups": [], "roles": ["Editor"]}}


@on_both_stores
def test_an_export_comes_back_as_it_was(world: World, extension: Extension, jane: Person, store: str) -> None:
    app = world.client()
    permission = extension.made("/permissions", name="edit", **of(app.client_id))
    role = extension.made("/roles", name="Editor", permissions=[permission], **of(app.client_id))
    inner = extension.made("/groups", name="Inner", members=[jane.user_id], roles=[role])
    extension.made("/groups", name="Outer", nested=[inner], mappings=[{"groupName": "g", "connectionName": "c"}])
    extension("PATCH", f"/users/{quote(jane.user_id, safe='')}/roles", [role])
    extension("PATCH", "/configuration", {"groupsInToken": True})
    exported = extension.get("/configuration/export")
    assert exported["roles"][0]["users"] == [jane.user_id]
    for group in extension.get("/groups")["groups"]:
        extension("DELETE", f"/groups/{group['_id']}")
    assert extension("POST", "/configuration/import", exported).status_code == 204
    assert extension.get("/configuration/export") == exported
    broken = {**exported, "roles": []}
    refused = extension("POST", "/configuration/import", broken)
    assert (refused.status_code, (refused.json or {})["errorCode"]) == (400, "invalid_body")
    assert extension.get("/configuration/export") == exported, "or nothing"


def test_an_import_with_two_of_one_name_changes_nothing(world: World, extension: Extension) -> None:
    app = world.client()
    permission = extension.made("/permissions", name="edit", **of(app.client_id))
    extension.made("/roles", name="Editor", permissions=[permission], **of(app.client_id))
    extension.made("/groups", name="Staff")
    exported = extension.get("/configuration/export")
    for kind in ("permissions", "roles", "groups"):
        twice = {**exported, kind: [*exported[kind], {**exported[kind][0], "_id": "another"}]}
        refused = extension("POST", "/configuration/import", twice)
        assert (refused.status_code, (refused.json or {})["errorCode"]) == (400, "name_taken"), kind
    assert extension.get("/configuration/export") == exported


@on_both_stores
def test_an_import_may_name_more_people_than_a_statement_takes(
    world: World, extension: Extension, jane: Person
) -> None:
    gone = [f"u{number}" for number in range(70_000)]
    group = {"_id": "g", "name": "All", "description": "d", "members": [*gone, jane.user_id]}
    exported = {**extension.get("/configuration/export"), "groups": [group]}
    assert extension("POST", "/configuration/import", exported).status_code == 204
    assert extension.get("/groups/g")["members"] == [jane.user_id]


def test_an_import_reads_what_is_there_once(extension: Extension, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not once more for every object: it holds the tenant meanwhile."""
    read: list[str] = []
    every = service.every

    def counted(work: Any, kind: str) -> Any:
        read.append(kind)
        return every(work, kind)

    exported = extension.get("/configuration/export")
    groups = [{"_id": f"g{number}", "name": f"G{number}", "description": "d"} for number in range(50)]
    monkeypatch.setattr(service, "every", counted)
    assert extension("POST", "/configuration/import", {**exported, "groups": groups}).status_code == 204
    assert sorted(read) == ["group", "permission", "role"]


def test_what_is_gone_is_named_nowhere(world: World, extension: Extension, jane: Person) -> None:
    app = world.client()
    permission = extension.made("/permissions", name="edit", **of(app.client_id))
    role = extension.made("/roles", name="Editor", permissions=[permission], **of(app.client_id))
    group = extension.made("/groups", name="Inner", members=[jane.user_id], roles=[role])
    assert extension("DELETE", f"/permissions/{permission}").status_code == 204
    assert extension.get(f"/roles/{role}")["permissions"] == []
    assert extension("DELETE", f"/roles/{role}").status_code == 204
    assert extension.get(f"/groups/{group}/roles") == []
    world.management().delete(f"/users/{quote(jane.user_id)}")
    assert extension.get(f"/groups/{group}/members") == {"users": [], "total": 0}
    for body in ({"name": "Inner"}, {"name": "x" * 51}, {"name": "New", "roles": ["nope"]}, {"name": "New", "odd": 1}):
        assert extension("POST", "/groups", {"description": "d", **body}).status_code == 400, body
    assert extension("GET", "/groups/nope").status_code == 404
    assert extension("GET", "/nope").status_code == 404


@row("W1", "W5", "A14")
def test_only_machines_with_a_grant_come_in(world: World, jane: Person, browser: Browser) -> None:
    stranger = Extension(world, world.management().token)
    assert stranger("GET", "/groups").status_code == 401, "nobody put it up"
    with world.writing() as work:
        service.install(work)
    reader = machine(world, "read:groups")
    assert reader("GET", "/groups").status_code == 200
    refused = reader("POST", "/groups", {"name": "x", "description": "d"})
    assert (refused.status_code, (refused.json or {})["errorCode"]) == (403, "insufficient_scope")
    acme = world.other_tenant("acme", "https://acme.example.test/")
    with acme.writing() as work:
        service.install(work)
    elsewhere = machine(acme, "read:groups").token
    for token in ("", "x.y.z", world.management().token, elsewhere):
        assert Extension(world, token)("GET", "/groups").status_code == 401
    app = world.client()
    app.begin(browser, audience=runtime.AUDIENCE)
    assert (browser.answer.error, browser.answer.params["error_description"]) == ("unauthorized", "no_end_users")


def test_nobody_pays_for_what_is_not_used(
    world: World, jane: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    attempts = [app.sign_in(browser, jane) for _ in range(2)]
    plain = Sent(monkeypatch).by(lambda: app.sign_in(browser, jane))
    with world.writing() as work:
        service.install(work)
    app.sign_in(browser, jane)
    assert Sent(monkeypatch).by(lambda: app.sign_in(browser, jane)) == plain
    assert attempts
