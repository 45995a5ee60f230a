"""Narrow scopes stay narrow: who may write and see which member, who may become whom, and what a grant may be widened
to (docs/decisions/0090; security.md W4, W11).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.applications.clients import rights
from idp.applications.clients.schemas import ClientUpdate
from idp.foundation.kernel.secret import shape_of
from idp.management.operations import management_scopes
from tests.security.rows import row
from tests.world.key_pair import public_pem
from tests.world.management import Api
from tests.world.templates import AUDIENCE, INSTALLED, Template
from tests.world.world import World

SECRET = "a-secret-of-the-caller-0123456789-abcdef"
KEY = {"credential_type": "public_key", "pem": public_pem()}
READ = ["read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"]
WRITE = ["update:clients", "update:client_keys", "update:client_credentials"]
SYSTEM_SCOPES = [*READ, *WRITE, "create:clients", "create:client_credentials", "delete:client_credentials"]
ALL_BUT_ONE = [scope for scope in management_scopes() if scope != "delete:users"]


@pytest.fixture
def template() -> Template:
    """A tenant with its own system client."""
    return INSTALLED


@pytest.fixture
def target(api: Api) -> str:
    """An ordinary client."""
    made = api.post("/clients", {"name": "App", "encryption_key": {"pub": "x"}, "addons": {"wams": {"masterkey": "m"}}})
    return str((made.json or {})["client_id"])


@pytest.fixture
def wide(world: World, target: str) -> str:
    """A tenant's own client that may do nearly everything."""
    world.grant(target, AUDIENCE, "read:users", "delete:users")
    return target


def pem() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


# ---- each member its scope
def test_a_secret_takes_the_place_of_keys_only_with_the_scope_for_keys(world: World, api: Api, target: str) -> None:
    path, by_key = f"/clients/{target}", {"private_key_jwt": {"credentials": [KEY]}}
    assert api.patch(path, {"client_authentication_methods": by_key}).status_code == 200
    change = {"token_endpoint_auth_method": "client_secret_post"}
    assert world.caller("update:clients").patch(path, change).status_code == 403
    assert world.caller("update:clients", "update:client_credentials").patch(path, change).status_code == 200


@row("W4")
@pytest.mark.parametrize("scope", WRITE)
@pytest.mark.parametrize(
    ("members", "needed"),
    [
        ({"name": "Other"}, "update:clients"),
        ({"grant_types": ["client_credentials"]}, "update:clients"),
        ({"is_first_party": False}, "update:clients"),
        ({"jwt_configuration": {"alg": "RS256"}}, "update:clients"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "update:clients"),
        ({"client_secret": SECRET}, "update:client_keys"),
        ({"encryption_key": {"pub": "y"}}, "update:client_keys"),
        ({"encryption_key": None}, "update:client_keys"),
        (
            {"client_authentication_methods": {"private_key_jwt": {"credentials": [KEY]}}},
            "update:client_credentials",
        ),
        ({"client_authentication_methods": None}, "update:client_credentials"),
        ({"signed_request_object": {"required": True}}, "update:client_credentials"),
    ],
)
def test_each_member_has_a_scope_of_its_own(
    world: World, target: str, scope: str, members: dict[str, Any], needed: str
) -> None:
    answer = world.caller(scope).patch(f"/clients/{target}", members)
    assert answer.status_code == (200 if scope == needed else 403), answer.json
    if scope != needed:
        assert (answer.json or {})["errorCode"] == "insufficient_scope"
        assert needed in (answer.json or {})["message"]


def test_one_member_out_of_reach_changes_nothing(world: World, api: Api, target: str) -> None:
    before = api.get(f"/clients/{target}").json
    assert (
        world.caller("update:clients").patch(f"/clients/{target}", {"name": "B", "client_secret": SECRET}).status_code
        == 403
    )
    assert api.get(f"/clients/{target}").json == before


def test_secrets_inside_of_settings_need_the_scope_for_keys(world: World, api: Api, target: str) -> None:
    narrow, path = world.caller("update:clients"), f"/clients/{target}"
    assert narrow.patch(path, {"addons": {"wams": {"masterkey": "other"}}}).status_code == 403
    assert narrow.patch(path, {"addons": {"azure_blob": {"storageAccessKey": "new"}}}).status_code == 403
    assert narrow.patch(path, {"addons": {"wams": {"masterkey": "m"}}}).status_code == 200, "said again"
    assert narrow.patch(path, {"addons": {"samlp": {"audience": "https://a.example"}}}).status_code == 200
    both = world.caller("update:clients", "update:client_keys")
    assert both.patch(path, {"addons": {"wams": {"masterkey": "other"}}}).status_code == 200


def test_every_secret_of_a_client_is_somebodys_to_write() -> None:
    secret = {name for name, shape in shape_of(ClientUpdate).members.items() if shape.secret}
    assert secret == {"client_secret", "encryption_key"}
    assert all(rights.WRITE.of(name) == {"update:client_keys"} for name in secret)


# ---- who sees what
@row("W4")
@pytest.mark.parametrize(
    ("scopes", "sees"),
    [
        (["read:client_summary"], {"name"}),
        (["read:client_credentials"], {"name", "signed_request_object"}),
        (["read:clients"], {"name", "grant_types", "signed_request_object"}),
        (["read:client_keys"], {"name", "grant_types", "signed_request_object", "client_secret", "encryption_key"}),
        # a scope for writing shows nothing
        (["read:client_summary", "create:clients", "update:client_keys", "update:clients"], {"name"}),
        (["read:clients", "create:clients", "update:client_keys"], {"name", "grant_types", "signed_request_object"}),
    ],
)
def test_scopes_for_reading_show_and_those_for_writing_do_not(
    world: World, api: Api, target: str, scopes: list[str], sees: set[str]
) -> None:
    api.patch(f"/clients/{target}", {"signed_request_object": {"required": False}})
    watched = {"name", "grant_types", "signed_request_object", "client_secret", "encryption_key"}
    caller = world.caller(*scopes)
    assert watched & set(caller.get(f"/clients/{target}").json or {}) == sees
    (listed,) = [each for each in caller.get("/clients").json if each["client_id"] == target]
    assert watched & set(listed) == sees


@row("W4")
def test_a_secret_is_told_by_the_answer_that_makes_it(world: World, target: str) -> None:
    path = f"/clients/{target}"
    assert (world.caller("create:clients").post("/clients", {"name": "New"}).json or {})["client_secret"]
    assert (world.caller("update:client_keys").post(f"{path}/rotate-secret").json or {})["client_secret"]
    changed = world.caller("update:client_keys").patch(path, {"client_secret": SECRET}).json or {}
    assert changed["client_secret"] == SECRET
    assert "encryption_key" not in changed
    for scope, members in (
        ("update:clients", {"name": "A"}),
        ("update:client_keys", {"encryption_key": {"pub": "z"}}),
        ("update:client_credentials", {"signed_request_object": {"required": False}}),
    ):
        assert "client_secret" not in (world.caller(scope).patch(path, members).json or {"client_secret": 1}), scope


# ---- clients of the system
@row("W4")
@pytest.mark.parametrize(
    "scopes", [[scope] for scope in SYSTEM_SCOPES] + [list(management_scopes())], ids=lambda s: s[0]
)
def test_the_systems_client_is_changed_by_nobody_and_its_secret_told_to_nobody(world: World, scopes: list[str]) -> None:
    path, caller = f"/clients/{world.machine}", world.caller(*scopes)
    answers = [
        caller.patch(path, {"client_secret": SECRET}),
        caller.patch(path, {"name": "Mine"}),
        caller.patch(path, {"grant_types": ["client_credentials", "password"]}),
        caller.patch(path, {"client_authentication_methods": None}),
        caller.post(f"{path}/rotate-secret"),
        caller.post(f"{path}/credentials", {"credential_type": "public_key", "pem": pem()}),
        caller.patch(f"{path}/credentials/cred_1", {"expires_at": None}),
        caller.delete(f"{path}/credentials/cred_1"),
        caller.delete(path),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert "client_secret" not in (caller.get(path).json or {})
    listed = caller.get("/clients").json
    shown = [each for each in (listed if isinstance(listed, list) else ()) if "client_secret" in each]
    assert not {each["client_id"] for each in shown} & {world.machine}
    assert not any(each.get("global") for each in shown)
    secret = world.installed["management"]["client_secret"]
    again = world.post(
        "/oauth/token",
        {"grant_type": "client_credentials", "client_id": world.machine, "client_secret": secret, "audience": AUDIENCE},
    )
    assert again.status_code == 200


def test_of_all_applications_only_the_login_page_is_changed(world: World, api: Api) -> None:
    (everything,) = api.get("/clients", is_global="true").json
    path = f"/clients/{everything['client_id']}"
    assert api.patch(path, {"custom_login_page": "<html></html>", "custom_login_page_on": True}).status_code == 200
    assert api.patch(path, {"custom_login_page": "", "name": "x"}).status_code == 403
    assert world.caller("update:client_keys").patch(path, {"custom_login_page": "x"}).status_code == 403


# ---- becoming somebody else
@row("W4")
def test_nobody_becomes_a_client_that_may_do_more(world: World, wide: str) -> None:
    path, caller = f"/clients/{wide}", world.caller(*ALL_BUT_ONE)
    answers = [
        caller.patch(path, {"client_secret": SECRET}),
        caller.patch(path, {"client_authentication_methods": None}),
        caller.post(f"{path}/rotate-secret"),
        caller.post(f"{path}/credentials", {"credential_type": "public_key", "pem": pem()}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert "client_secret" not in (caller.get(path).json or {})
    assert caller.patch(path, {"name": "Renamed"}).status_code == 200, "settings are no way in"
    equal = world.caller(*WRITE, *READ, "read:users", "delete:users")
    assert equal.patch(path, {"client_secret": SECRET}).status_code == 200
    assert (equal.get(path).json or {})["client_secret"] == SECRET


# ---- grants
@row("W4")
def test_no_grant_is_widened_beyond_what_the_caller_has(world: World, target: str) -> None:
    caller = world.caller("create:client_grants", "update:client_grants", "read:users")
    body = {"client_id": target, "audience": AUDIENCE}
    assert caller.post("/client-grants", {**body, "scope": ["read:users", "delete:users"]}).status_code == 403
    assert caller.post("/client-grants", {**body, "scope": ["read:users"], "allow_all_scopes": True}).status_code == 403
    made = caller.post("/client-grants", {**body, "scope": ["read:users", "read:current_user"]})
    assert made.status_code == 201, made.json
    path = f"/client-grants/{(made.json or {})['id']}"
    refused = caller.patch(path, {"scope": ["read:users", "update:client_keys"]})
    assert refused.status_code == 403
    assert "update:client_keys" in (refused.json or {})["message"]
    assert caller.patch(path, {"allow_all_scopes": True}).status_code == 403
    assert caller.patch(path, {"scope": ["create:client_grants"]}).status_code == 200


def test_a_grant_is_narrowed_by_what_the_caller_has(world: World, api: Api, wide: str) -> None:
    (grant,) = api.get("/client-grants", client_id=wide).json
    caller, path = world.caller("update:client_grants", "read:users"), f"/client-grants/{grant['id']}"
    assert caller.patch(path, {"scope": ["read:users", "delete:users"]}).status_code == 200, "said again"
    assert caller.patch(path, {"organization_usage": "deny"}).status_code == 200, "nothing of its scopes"
    assert caller.patch(path, {"scope": ["delete:users"]}).status_code == 200
    assert caller.patch(path, {"scope": ["read:users", "delete:users"]}).status_code == 200


@row("W4")
def test_nobody_narrows_a_client_until_it_has_no_more_than_they(world: World, api: Api, wide: str) -> None:
    """Its secret would be theirs to see, and good for everything as soon as the grant is put right again."""
    (grant,) = api.get("/client-grants", client_id=wide).json
    narrow = world.caller("update:client_grants", "delete:client_grants", "update:client_keys", "read:users")
    path = f"/client-grants/{grant['id']}"
    answers = [
        narrow.patch(path, {"scope": ["read:users"]}),
        narrow.patch(path, {"scope": []}),
        narrow.patch(path, {"scope": None}),
        narrow.delete(path),
    ]
    assert [(answer.status_code, (answer.json or {})["errorCode"]) for answer in answers] == [
        (403, "insufficient_scope")
    ] * 4
    assert "delete:users" in (answers[0].json or {})["message"]
    assert (api.get(path).json or {})["scope"] == grant["scope"]
    assert narrow.post(f"/clients/{wide}/rotate-secret").status_code == 403
    equal = world.caller("delete:client_grants", "read:users", "delete:users")
    assert equal.delete(path).status_code == 204


@row("W4")
def test_everything_is_taken_only_by_who_has_everything(world: World, api: Api, target: str) -> None:
    body = {"client_id": target, "audience": AUDIENCE, "scope": [], "allow_all_scopes": True}
    path = f"/client-grants/{(api.post('/client-grants', body).json or {})['id']}"
    less = world.caller(*ALL_BUT_ONE)
    for answer in (less.patch(path, {"allow_all_scopes": False}), less.delete(path)):
        assert (answer.status_code, (answer.json or {})["errorCode"]) == (403, "insufficient_scope")
    assert api.patch(path, {"allow_all_scopes": None}).status_code == 200


@row("W4")
def test_grants_of_the_systems_client_are_the_operators(world: World, api: Api) -> None:
    world.api()
    (grant,) = api.get("/client-grants", client_id=world.machine).json
    path = f"/client-grants/{grant['id']}"
    further = {"client_id": world.machine, "audience": "https://api.example.test/", "scope": ["read:things"]}
    for caller in (api, world.caller("update:client_grants", "delete:client_grants", "create:client_grants")):
        answers = [
            caller.patch(path, {"scope": grant["scope"][:1]}),
            caller.patch(path, {"scope": grant["scope"]}),
            caller.delete(path),
            caller.post("/client-grants", further),
        ]
        assert {(answer.status_code, (answer.json or {})["errorCode"]) for answer in answers} == {
            (403, "operation_not_supported")
        }
    assert (api.get(path).json or {})["scope"] == grant["scope"]


def test_apis_of_the_tenant_are_granted_by_the_scope_for_grants(world: World, target: str) -> None:
    world.api()
    caller = world.caller("create:client_grants")
    body = {"client_id": target, "audience": "https://api.example.test/", "scope": ["read:things"]}
    assert caller.post("/client-grants", body).status_code == 201


def test_a_person_gets_no_further_by_a_client(world: World, target: str) -> None:
    person = world.user()
    me = world.caller_for(person.user_id, "read:current_user", "update:clients", "create:client_grants")
    assert me.patch(f"/clients/{target}", {"name": "x"}).status_code == 403
    assert me.post("/client-grants", {"client_id": target, "audience": AUDIENCE, "scope": []}).status_code == 403


@row("W4")
@pytest.mark.parametrize("scope", ["create:clients", "update:clients"])
def test_no_client_acts_as_the_management_api(world: World, api: Api, target: str, scope: str) -> None:
    """It would be told of everybody's tokens, and the system's API would have been changed by a token."""
    caller = world.caller(scope)
    acting = {"app_type": "resource_server", "resource_server_identifier": AUDIENCE}
    made = caller.post("/clients", {"name": "Spy", **acting}) if scope.startswith("create") else None
    refused = made or caller.patch(f"/clients/{target}", acting)
    assert refused.status_code == 400, refused.json
    system = next(each for each in api.get("/resource-servers").json or [] if each["identifier"] == AUDIENCE)
    assert "client_id" not in system


def test_nobody_shuts_the_management_api_for_good(world: World, api: Api) -> None:
    path = f"/resource-servers/{quote(AUDIENCE, safe='')}"
    for policy, status in (("deny_all", 400), ("require_client_grant", 200)):
        change = {"subject_type_authorization": {"client": {"policy": policy}, "user": {"policy": "allow_all"}}}
        assert world.caller("update:resource_servers").patch(path, change).status_code == status
        assert api.get("/clients").status_code == 200


# ---- every other secret
def test_an_apis_secret_is_told_to_whoever_makes_it_or_may_read_and_write(world: World, api: Api) -> None:
    body = {"identifier": "https://mac.example", "signing_alg": "HS256"}
    made = world.caller("create:resource_servers").post("/resource-servers", body).json or {}
    assert len(made["signing_secret"]) >= 32
    path = f"/resource-servers/{made['id']}"
    assert "signing_secret" not in (world.caller("read:resource_servers").get(path).json or {})
    assert "signing_secret" not in (world.caller("update:resource_servers").patch(path, {"name": "N"}).json or {})
    mine = world.caller("update:resource_servers").patch(path, {"signing_secret": SECRET}).json or {}
    assert mine["signing_secret"] == SECRET
    assert (api.get(path).json or {})["signing_secret"] == SECRET


def test_a_connections_secret_is_told_to_whoever_may_read_connections(world: World, api: Api) -> None:
    options = {"client_id": "x", "client_secret": SECRET}
    made = world.caller("create:connections").post(
        "/connections", {"name": "c", "strategy": "sharepoint", "options": options}
    )
    assert "client_secret" not in (made.json or {})["options"]
    path = f"/connections/{(made.json or {})['id']}"
    changed = world.caller("update:connections").patch(path, {"display_name": "C"}).json or {}
    assert "client_secret" not in changed["options"]
    assert (world.caller("read:connections").get(path).json or {})["options"]["client_secret"] == SECRET
    of_client = world.caller("read:clients").get(f"/clients/{world.machine}/connections")
    assert of_client.status_code == 403


@pytest.mark.parametrize("scope", ["update:users_app_metadata", "update:current_user_metadata", "create:users"])
def test_passwords_change_with_the_scope_for_users_alone(world: World, scope: str) -> None:
    person = world.user()
    for caller in (world.caller(scope), world.caller_for(person.user_id, scope)):
        assert caller.patch(f"/users/{person.user_id}", {"password": "another 9 Good phrase"}).status_code == 403
        assert caller.patch(f"/users/{person.user_id}", {"blocked": True}).status_code == 403


def test_scopes_for_oneself_open_nobody_elses_metadata(world: World) -> None:
    person = world.user()
    machine = world.caller("update:users_app_metadata", "update:current_user_metadata")
    assert machine.patch(f"/users/{person.user_id}", {"app_metadata": {"a": 1}}).status_code == 200
    assert machine.patch(f"/users/{person.user_id}", {"user_metadata": {"a": 1}}).status_code == 403
