"""Resource servers, connections, tenant settings, prompts and signing keys."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode as b64decode
from typing import Any

import pytest

from tests.world.management import Api
from tests.world.templates import AUDIENCE, CONNECTION
from tests.world.world import World

FIXED = "operation_not_supported"


def test_resource_servers(api: Api) -> None:
    body = {
        "identifier": "https://api.example.com/",
        "name": "Orders",
        "scopes": [{"value": "read:orders", "description": "Read"}],
        "allow_offline_access": True,
        "token_lifetime": 600,
    }
    made = api.post("/resource-servers", body)
    assert made.status_code == 201
    shown = made.json or {}
    assert {name: shown[name] for name in body} == body
    assert re.fullmatch("[0-9a-f]{24}", shown["id"])
    assert (shown["signing_alg"], shown["token_lifetime_for_web"]) == ("RS256", 7200)
    assert "signing_secret" not in shown
    assert api.post("/resource-servers", body).status_code == 409
    where = f"/resource-servers/{shown['id']}"
    assert (api.patch(where, {"signing_alg": "HS256"}).json or {})["signing_secret"]
    assert api.patch(where, {"scopes": [{"value": "a"}, {"value": "a"}]}).status_code == 400
    assert api.patch(where, {"identifier": "x"}).status_code == 400
    totals = api.get("/resource-servers", include_totals="true").json or {}
    assert {**totals, "resource_servers": len(totals["resource_servers"])} == {
        "start": 0,
        "limit": 50,
        "total": 2,
        "resource_servers": 2,
    }
    assert len(api.get("/resource-servers", identifiers=body["identifier"]).json) == 1
    assert api.delete(where).status_code == 204
    assert (api.get(where).json or {})["errorCode"] == "inexistent_resource_server"


def test_the_system_api_stays(api: Api) -> None:
    (system,) = api.get("/resource-servers", identifiers=AUDIENCE).json
    where = f"/resource-servers/{system['id']}"
    assert system["is_system"] is True
    assert api.delete(where).status_code == 400
    assert api.patch(where, {"scopes": []}).status_code == 400
    assert api.patch(where, {"token_lifetime": 60}).status_code == 200
    same = {name: system[name] for name in ("name", "skip_consent_for_verifiable_first_party_clients", "scopes")}
    assert api.patch(where, {**same, "token_lifetime": 61}).status_code == 200, "tools send back what they read"
    assert api.patch(where, {**same, "name": "Mine"}).status_code == 400


@pytest.mark.parametrize("alg", ["RS256", "PS256", "RS512", "ES256", "EdDSA"])
def test_the_system_api_signs_as_it_is_told(api: Api, world: World, alg: str) -> None:
    (system,) = api.get("/resource-servers", identifiers=AUDIENCE).json
    where = f"/resource-servers/{system['id']}"
    assert api.patch(where, {"signing_alg": "HS256"}).status_code == 400
    assert api.patch(where, {"signing_alg": alg}).status_code == 200
    management = world.management()
    assert json.loads(b64decode(management.token.partition(".")[0] + "=="))["alg"] == alg
    assert management.get("/clients?fields=client_id")
    api.post("/keys/signing/rotate")
    assert management.get("/clients?fields=client_id"), "keys before stay good"


def test_an_api_takes_its_grants_along(api: Api, world: World) -> None:
    made = api.post("/resource-servers", {"identifier": "https://gone.example/", "scopes": [{"value": "a"}]}).json or {}
    api.post("/client-grants", {"client_id": world.machine, "audience": "https://gone.example/", "scope": ["a"]})
    api.delete(f"/resource-servers/{made['id']}")
    assert api.get("/client-grants", audience="https://gone.example/").json == []


def test_connections(api: Api, world: World) -> None:
    made = api.post("/connections", {"name": "acme-db", "strategy": "auth0", "enabled_clients": [world.machine]})
    assert made.status_code == 201
    shown = made.json or {}
    assert re.fullmatch("con_[A-Za-z0-9]{16}", shown["id"])
    assert (shown["realms"], shown["is_domain_connection"], shown["enabled_clients"]) == (
        ["acme-db"],
        False,
        [world.machine],
    )
    assert shown["options"]["passwordPolicy"] == "good"
    assert api.post("/connections", {"name": "acme-db", "strategy": "auth0"}).status_code == 409
    assert api.post("/connections", {"name": "a b", "strategy": "auth0"}).status_code == 400
    assert api.post("/connections", {"name": "x", "strategy": "nonsense"}).status_code == 400
    where = f"/connections/{shown['id']}"
    changed = api.patch(where, {"options": {"disable_signup": True}, "display_name": "Acme"}).json or {}
    assert (changed["options"], changed["display_name"]) == ({"disable_signup": True}, "Acme")
    assert api.get(f"{where}/status").status_code == 200
    assert (api.get("/connections/nonsense").json or {})["errorCode"] == "invalid_uri"
    assert (api.get("/connections/con_0000000000000000").json or {})["errorCode"] == "inexistent_connection"
    assert [c["name"] for c in api.get("/connections", strategy="auth0,samlp").json] == [CONNECTION, "acme-db"]
    assert set(api.get("/connections", take=50, include_totals="true").json or {}) == {"connections"}
    assert api.delete(where).status_code == 202
    assert api.get(where).status_code == 404


def test_clients_of_a_connection(api: Api, world: World) -> None:
    (connection,) = api.get("/connections", name=CONNECTION).json
    where = f"/connections/{connection['id']}/clients"
    assert api.get(where).json == {"clients": [{"client_id": world.machine}]}
    other = (api.post("/clients", {"name": "other"}).json or {})["client_id"]
    switched = [{"client_id": world.machine, "status": False}, {"client_id": other, "status": True}]
    assert api.patch(where, switched).status_code == 204
    assert api.get(where).json == {"clients": [{"client_id": other}]}
    assert api.patch(where, [{"client_id": world.machine, "status": True}]).status_code == 204
    assert [c["id"] for c in (api.get(f"/clients/{world.machine}/connections").json or {})["connections"]] == [
        connection["id"]
    ]
    assert api.patch(where, {"client_id": "x"}).status_code == 400


@pytest.mark.parametrize("which", ["unknown", "of the system"])
def test_only_clients_of_the_tenants_own_are_let_in(api: Api, world: World, which: str) -> None:
    (everything,) = api.get("/clients", is_global="true").json
    client_id = "nobodys" if which == "unknown" else everything["client_id"]
    refused = (400, "inexistent_client") if which == "unknown" else (403, FIXED)
    (connection,) = api.get("/connections", name=CONNECTION).json
    where, sent = f"/connections/{connection['id']}", {"enabled_clients": [world.machine, client_id]}
    for answer in (
        api.patch(f"{where}/clients", [{"client_id": client_id, "status": True}]),
        api.patch(where, sent),
        api.post("/connections", {"name": "new", "strategy": "auth0", **sent}),
    ):
        assert (answer.status_code, (answer.json or {})["errorCode"]) == refused
    assert api.get(f"{where}/clients").json == {"clients": [{"client_id": world.machine}]}
    assert api.get("/connections", name="new").json == []
    unchanged = [{"client_id": client_id, "status": False}, {"client_id": world.machine, "status": True}]
    assert api.patch(f"{where}/clients", unchanged).status_code == 204, "said again"


def test_only_clients_of_the_tenants_own_act_as_an_api(api: Api, world: World) -> None:
    (everything,) = api.get("/clients", is_global="true").json
    made = api.post("/resource-servers", {"identifier": "urn:acted", "client_id": world.machine}).json or {}
    where = f"/resource-servers/{made['id']}"
    for client_id, refused in (("nobodys", (400, "inexistent_client")), (everything["client_id"], (403, FIXED))):
        for answer in (
            api.patch(where, {"client_id": client_id}),
            api.post("/resource-servers", {"identifier": "urn:other", "client_id": client_id}),
        ):
            assert (answer.status_code, (answer.json or {})["errorCode"]) == refused
    assert api.patch(where, {"name": "N", "client_id": world.machine}).status_code == 200
    assert (api.get(where).json or {})["client_id"] == world.machine
    assert api.patch(where, {"client_id": None}).status_code == 200


def test_one_call_names_so_many_clients(api: Api, world: World) -> None:
    (connection,) = api.get("/connections", name=CONNECTION).json
    where = f"/connections/{connection['id']}"
    assert api.patch(where, {"enabled_clients": [world.machine] * 1_000}).status_code == 200
    assert api.patch(where, {"enabled_clients": [world.machine] * 1_001}).status_code == 400
    assert api.patch(f"{where}/clients", [{"client_id": world.machine, "status": True}] * 51).status_code == 400


def test_settings_merge_flags_and_compatibility(api: Api) -> None:
    settings = api.get("/tenants/settings").json or {}
    assert settings["session_lifetime"] == 168
    assert settings["compatibility"]["authorization_response_iss"] is True
    changed = api.patch(
        "/tenants/settings",
        {
            "friendly_name": "Acme",
            "flags": {"remove_alg_from_jwks": True},
            "compatibility": {"plain_pkce": True},
            "session_lifetime": 24,
        },
    )
    assert changed.status_code == 200
    api.patch("/tenants/settings", {"flags": {"enable_sso": True}})
    read = api.get("/tenants/settings").json or {}
    assert (read["friendly_name"], read["session_lifetime"]) == ("Acme", 24)
    assert (read["flags"]["remove_alg_from_jwks"], read["flags"]["enable_sso"]) == (True, True)
    assert read["compatibility"] == {**settings["compatibility"], "plain_pkce": True}
    assert "friendly_name" not in (api.patch("/tenants/settings", {"friendly_name": None}).json or {})


def test_settings_survive_a_read_modify_write(api: Api) -> None:
    read = api.get("/tenants/settings").json or {}
    read.pop("sandbox_versions_available")
    again = api.patch("/tenants/settings", read)
    assert again.status_code == 200, again.json
    assert api.get("/tenants/settings").json == again.json


@pytest.mark.parametrize(
    "members",
    [
        {"session_lifetime": -1},
        {"picture_url": "javascript:1"},
        {"allowed_logout_urls": ["javascript:1"]},
        {"error_page": {"url": "data:x"}},
        {"compatibility": {"everything": True}},
        {"session_cookie": {"mode": "x"}},
        {"enabled_locales": []},
        {"unknown": 1},
    ],
)
def test_refused_settings(api: Api, members: dict[str, Any]) -> None:
    assert api.patch("/tenants/settings", members).status_code == 400


def test_settings_change_requests_at_once(api: Api, world: World) -> None:
    api.patch("/tenants/settings", {"compatibility": {"auth0_statuses": True}})
    with world.context() as ctx:
        assert ctx.config.settings.compatibility.auth0_statuses is True
    api.patch("/prompts", {"identifier_first": True})
    with world.context() as ctx:
        assert ctx.config.prompts.identifier_first is True


def test_prompts(api: Api) -> None:
    assert api.get("/prompts").json == {
        "universal_login_experience": "new",
        "identifier_first": False,
        "webauthn_platform_first_factor": False,
    }
    assert (api.patch("/prompts", {"identifier_first": True}).json or {})["identifier_first"] is True


def test_signing_keys_rotate_and_revoke(api: Api, world: World) -> None:
    keys = {key["kid"]: key for key in api.get("/keys/signing").json}
    (current,) = [kid for kid, key in keys.items() if key["current"]]
    assert api.post("/keys/signing/rotate").status_code == 201
    assert (api.get(f"/keys/signing/{current}").json or {})["previous"] is True
    assert api.get("/clients").status_code == 200, "the previous key still verifies"
    assert api.put(f"/keys/signing/{current}/revoke").status_code == 200
    assert api.get("/clients").status_code == 401, "revoked means at once"
    fresh = world.caller()
    assert (fresh.get(f"/keys/signing/{current}").json or {})["revoked"] is True
    assert fresh.put(f"/keys/signing/{current}/revoke").status_code == 400
    assert fresh.get("/keys/signing/nonsense").status_code == 404
    assert sum(key["current"] for key in fresh.get("/keys/signing").json) == 1
