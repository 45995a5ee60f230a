"""``POST /clients/{id}/duplicate``, ours: everything but identity and secrets (spec/dashboard.md, "Pages",
applications/apps; docs/decisions/0402).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.world.client_keys import key
from tests.world.management import Api
from tests.world.templates import AUDIENCE
from tests.world.world import World

SETTINGS: dict[str, Any] = {
    "app_type": "regular_web",
    "description": "The shop",
    "callbacks": ["https://shop.example/cb"],
    "allowed_logout_urls": ["https://shop.example/"],
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    "client_metadata": {"team": "blue"},
    "is_first_party": False,
    "token_endpoint_auth_method": "client_secret_basic",
    "jwt_configuration": {"lifetime_in_seconds": 600},
    "oidc_logout": {"backchannel_logout_urls": ["https://shop.example/out"]},
    "require_pushed_authorization_requests": True,
}
OWN = ("client_id", "client_secret", "name")


def made(api: Api, **members: Any) -> dict[str, Any]:
    answer = api.post("/clients", {"name": "Shop", **members})
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def copied(api: Api, client_id: object, **members: Any) -> dict[str, Any]:
    answer = api.post(f"/clients/{client_id}/duplicate", {"name": "Second shop", **members})
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def test_everything_but_identity_and_secrets(api: Api) -> None:
    one = made(api, **SETTINGS)
    two = copied(api, one["client_id"])
    assert two["name"] == "Second shop"
    assert all(two[name] != one[name] for name in OWN)
    without = [{name: value for name, value in each.items() if name not in OWN} for each in (one, two)]
    assert without[0] == without[1]
    assert two["is_first_party"] is False


@pytest.mark.parametrize("way", ["jwks", "credentials"])
def test_keys_stay_with_whoever_has_them(api: Api, way: str) -> None:
    public = key("ES256").as_dict(private=False)
    registered = {"credential_type": "public_key", "pem": key("ES256").as_pem(private=False).decode()}
    by: dict[str, dict[str, Any]] = {
        "jwks": {
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [public]},
        },
        "credentials": {"client_authentication_methods": {"private_key_jwt": {"credentials": [registered]}}},
    }
    one = made(api, app_type="native", **by[way])
    two = copied(api, one["client_id"])
    assert two["token_endpoint_auth_method"] == "client_secret_post", "and is no public client for that"
    assert not two.keys() & {"jwks", "client_authentication_methods", "token_endpoint_auth_signing_alg"}
    assert api.get(f"/clients/{two['client_id']}/credentials").json == []
    assert public["x"] not in json.dumps(two)


def test_permissions_and_connections_follow_where_they_are_wanted(world: World, api: Api) -> None:
    one = made(api, app_type="non_interactive")
    given = {"client_id": one["client_id"], "audience": world.api(), "scope": ["read:things"]}
    assert api.post("/client-grants", given).status_code == 201
    (connection,) = api.get("/connections").json
    switch = f"/connections/{connection['id']}/clients"
    two = copied(api, one["client_id"])
    (grant,) = api.get("/client-grants", client_id=two["client_id"]).json
    assert (grant["audience"], grant["scope"]) == (given["audience"], ["read:things"])
    assert two["client_id"] in enabled(api, connection["id"])
    assert api.patch(switch, [{"client_id": one["client_id"], "status": False}]).status_code == 204
    three = copied(api, one["client_id"], grants=False)
    assert three["client_id"] not in enabled(api, connection["id"]), "it uses what the other one uses"
    assert api.get("/client-grants", client_id=three["client_id"]).json == []
    four = copied(api, one["client_id"], connections=False)
    assert four["client_id"] in enabled(api, connection["id"]), "as every new one does here"


def enabled(api: Api, connection_id: str) -> list[str]:
    found = api.get(f"/connections/{connection_id}/clients").json
    return [each["client_id"] for each in found["clients"]]


def test_nobody_hands_out_what_they_may_not(world: World, api: Api) -> None:
    one = made(api, app_type="non_interactive")
    given = {"client_id": one["client_id"], "audience": AUDIENCE, "scope": ["delete:users"]}
    assert api.post("/client-grants", given).status_code == 201
    path, body = f"/clients/{one['client_id']}/duplicate", {"name": "X", "connections": False}
    alone = world.caller("create:clients", "read:clients")
    assert alone.post(path, body).status_code == 403, "permissions are others' to give"
    assert alone.post(path, {"name": "X", "grants": False}).status_code == 403, "and so are connections"
    assert alone.post(path, {**body, "grants": False}).status_code == 201
    grants = world.caller("create:clients", "read:clients", "create:client_grants")
    refused = grants.post(path, body)
    assert refused.status_code == 403
    assert "delete:users" in (refused.json or {})["message"]
    assert [each["name"] for each in api.get("/clients").json].count("X") == 1, "what is refused leaves nothing"
    assert world.caller("create:clients").post(path, {**body, "grants": False}).status_code == 403
    assert world.caller("read:clients").post(path, {**body, "grants": False}).status_code == 403


def test_clients_of_the_system_and_none_at_all(api: Api) -> None:
    (everybody,) = api.get("/clients", is_global="true").json
    body = {"name": "X"}
    assert api.post(f"/clients/{everybody['client_id']}/duplicate", body).status_code == 403
    assert api.post("/clients/nobody/duplicate", body).status_code == 404
