"""What official tools showed of Auth0's Management API: the rows of "Corrections" in its specification, in their order.

The tools themselves run in ``tests/tools`` and ``tests/rp``; here stands what each of them needs, without them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from idp.applications.clients.rules import DEVICE_CODE
from idp.operations.installation import tenant
from tests.world.key_pair import public_pem
from tests.world.management import Api
from tests.world.templates import AUDIENCE, CONNECTION, INSTALLED
from tests.world.world import World

SETTINGS = """
customize_mfa_in_postlogin_action allow_organization_name_in_authentication_api pushed_authorization_requests_supported
client_id_metadata_document_supported
"""
FLAGS = """
enable_client_connections enable_apis_section enable_pipeline2 enable_dynamic_client_registration
enable_custom_domain_in_emails enable_sso allow_changing_enable_sso universal_login enable_legacy_logs_search_v2
disable_clickjack_protection_headers enable_public_signup_user_exists_error use_scope_descriptions_for_consent
allow_legacy_delegation_grant_types allow_legacy_ro_grant_types allow_legacy_tokeninfo_endpoint enable_legacy_profile
enable_idtoken_api2 no_disclose_enterprise_connections disable_management_api_sms_obfuscation
enable_adfs_waad_email_verification revoke_refresh_token_grant dashboard_log_streams_next dashboard_insights_view
disable_fields_map_fix mfa_show_factor_list_on_enrollment remove_alg_from_jwks
"""
"""What ``auth0 tenant-settings show`` lists."""


def made(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a POST created."""
    answer = api.post(path, body)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def changed(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What a PATCH answered."""
    answer = api.patch(path, body)
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})


def read(api: Api, path: str, **query: Any) -> Any:
    """What a GET answered."""
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.json
    return answer.json


# ---- the system API
def test_the_system_api_has_the_name_that_tools_look_for(api: Api) -> None:
    (system,) = read(api, "/resource-servers", identifiers=AUDIENCE)
    assert system["name"] == "Auth0 Management API"


def test_an_older_installation_takes_the_name_over(open_world: Any) -> None:
    world: World = open_world(INSTALLED)
    with world.writing() as work:
        row = work.rows.lock(tenant.apis.get(work, AUDIENCE))
        row.name = "Gatehouse Management API"
    tenant.provision(world.platform, world.tenant, world.issuer, is_default=True)
    assert (
        world.management().get("/resource-servers?identifiers=" + quote(AUDIENCE))[0]["name"] == tenant.MANAGEMENT_API
    )


# ---- PATCH of a client
NESTED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        "mobile",
        {"ios": {"team_id": "T", "app_bundle_identifier": "b"}},
        {"android": {"app_package_name": "p"}},
        {"ios": {"team_id": "T", "app_bundle_identifier": "b"}, "android": {"app_package_name": "p"}},
    ),
    (
        "mobile",
        {"ios": {"team_id": "T", "app_bundle_identifier": "b"}},
        {"ios": {"team_id": "U"}},
        {"ios": {"team_id": "U", "app_bundle_identifier": "b"}},
    ),
    (
        "session_transfer",
        {"can_create_session_transfer_token": True, "delegation": {"enforce_device_binding": "ip"}},
        {"allowed_authentication_methods": ["cookie"], "delegation": None},
        {"can_create_session_transfer_token": True, "allowed_authentication_methods": ["cookie"]},
    ),
    (
        "session_transfer",
        {"allowed_authentication_methods": ["cookie", "query"]},
        {"allowed_authentication_methods": ["query"]},
        {"allowed_authentication_methods": ["query"]},
    ),
    (
        "native_social_login",
        {"apple": {"enabled": True}},
        {"facebook": {"enabled": False}},
        {"apple": {"enabled": True}, "facebook": {"enabled": False}},
    ),
    (
        "addons",
        {"slack": {"team": "a"}, "azure_sb": {"namespace": "n", "sasKey": "secret"}},
        {"zoom": {"account": "z"}, "slack": None, "azure_sb": {"namespace": "m"}},
        {"zoom": {"account": "z"}, "azure_sb": {"namespace": "m", "sasKey": "secret"}},
    ),
    ("client_metadata", {"a": "1", "b": "2"}, {"a": None, "c": "3"}, {"b": "2", "c": "3"}),
]


@pytest.mark.parametrize(("member", "before", "change", "after"), NESTED)
def test_objects_of_a_client_merge(
    api: Api, member: str, before: dict[str, Any], change: dict[str, Any], after: dict[str, Any]
) -> None:
    where = f"/clients/{made(api, '/clients', {'name': 'App', member: before})['client_id']}"
    assert changed(api, where, {member: change})[member] == after
    assert read(api, where)[member] == after
    assert member not in changed(api, where, {member: None})


def test_settings_of_tokens_merge_into_those_in_force(api: Api) -> None:
    client = made(api, "/clients", {"name": "App", "app_type": "spa"})
    where = f"/clients/{client['client_id']}"
    some = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 9}
    assert changed(api, where, {"refresh_token": some})["refresh_token"] == {**client["refresh_token"], **some}
    assert changed(api, where, {"jwt_configuration": {"alg": "PS256"}})["jwt_configuration"] == {
        **client["jwt_configuration"],
        "alg": "PS256",
    }


def test_how_a_client_is_told_of_logouts_is_replaced(api: Api) -> None:
    both = {"backchannel_logout_urls": ["https://a.example/out"], "backchannel_logout_initiators": {"mode": "all"}}
    where = f"/clients/{made(api, '/clients', {'name': 'App', 'oidc_logout': both})['client_id']}"
    one = {"backchannel_logout_urls": ["https://b.example/out"]}
    assert changed(api, where, {"oidc_logout": one})["oidc_logout"] == one
    assert "oidc_logout" not in changed(api, where, {"oidc_logout": {}}), "the provider sends this for none"


# ---- fields of connections
def test_connections_keep_what_tools_rely_on(api: Api, world: World) -> None:
    (connection,) = read(api, "/connections", fields="name")
    assert connection == {"id": world.connection_id, "is_domain_connection": False, "name": CONNECTION}
    assert read(api, f"/connections/{world.connection_id}", fields="name") == connection
    assert read(api, f"/clients/{world.machine}/connections", fields="name")["connections"] == [connection]
    assert "id" not in read(api, "/connections", fields="id", include_fields="false")[0]


# ---- POST of a client
def test_a_new_client_says_nothing_that_it_was_not_told(api: Api, world: World) -> None:
    client = made(api, "/clients", {"name": "App", "app_type": "regular_web"})
    assert client["oidc_conformant"] is False
    assert "alg" not in client["jwt_configuration"]
    told = made(api, "/clients", {"name": "App", "oidc_conformant": True, "jwt_configuration": {"alg": "ES256"}})
    assert (told["oidc_conformant"], told["jwt_configuration"]["alg"]) == (True, "ES256")


METHODS = ("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")


@pytest.mark.parametrize("method", METHODS)
def test_keys_that_come_inline_become_credentials(api: Api, method: str) -> None:
    key = {"credential_type": "public_key", "name": "first", "pem": public_pem()}
    body = {"name": "App", "app_type": "regular_web", "client_authentication_methods": {method: {"credentials": [key]}}}
    client = made(api, "/clients", body)
    where = f"/clients/{client['client_id']}"
    (stored,) = read(api, f"{where}/credentials")
    assert stored["id"].startswith("cred_")
    assert stored["name"] == "first"
    assert client["client_authentication_methods"] == {method: {"credentials": [{"id": stored["id"]}]}}
    assert "token_endpoint_auth_method" not in client, "a client has one way to authenticate"
    assert api.delete(f"{where}/credentials/{stored['id']}").status_code == 400, "it is in force"


def test_keys_of_signed_requests_become_credentials_too(api: Api) -> None:
    key = {"credential_type": "public_key", "pem": public_pem()}
    client = made(api, "/clients", {"name": "App", "signed_request_object": {"required": True, "credentials": [key]}})
    (stored,) = read(api, f"/clients/{client['client_id']}/credentials")
    assert client["signed_request_object"] == {"required": True, "credentials": [{"id": stored["id"]}]}


def test_no_other_method_stands_in_for_keys(api: Api, world: World) -> None:
    client = made(api, "/clients", {"name": "Machine", "app_type": "non_interactive"})
    where = f"/clients/{client['client_id']}"
    credential = made(api, f"{where}/credentials", {"credential_type": "public_key", "pem": public_pem()})
    by_key = {"private_key_jwt": {"credentials": [{"id": credential["id"]}]}}
    now = changed(api, where, {"client_authentication_methods": by_key, "token_endpoint_auth_method": None})
    assert now["client_authentication_methods"] == by_key
    form = {
        "grant_type": "client_credentials",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
    }
    assert world.post("/oauth/token", {**form, "audience": AUDIENCE}).get_json()["error"] == "invalid_client"
    back = changed(api, where, {"token_endpoint_auth_method": "client_secret_basic"})
    assert "client_authentication_methods" not in back
    assert back["token_endpoint_auth_method"] == "client_secret_basic"


@pytest.mark.parametrize(
    "methods",
    [
        {"private_key_jwt": {"credentials": "x"}},
        {"private_key_jwt": {"credentials": [{"id": "cred_nobody"}]}},
        {"private_key_jwt": {"credentials": [{"credential_type": "public_key", "pem": "no key"}]}},
        {"private_key_jwt": {"credentials": [{"pem": "no kind"}]}},
        {"private_key_jwt": {}},
        {"by_hand": {}},
    ],
)
def test_methods_that_are_none_are_refused(api: Api, methods: dict[str, Any]) -> None:
    answer = api.post("/clients", {"name": "App", "client_authentication_methods": methods})
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")
    both = {"private_key_jwt": {"credentials": [{"credential_type": "public_key", "pem": public_pem()}]}}
    two = {"name": "App", "client_authentication_methods": both, "token_endpoint_auth_method": "client_secret_post"}
    assert api.post("/clients", two).status_code == 400


# ---- resource servers
def test_an_api_takes_back_what_it_told(api: Api) -> None:
    created = made(api, "/resource-servers", {"identifier": "https://orders.example/", "name": "Orders"})
    assert "is_system" not in created
    where = f"/resource-servers/{created['id']}"
    told = read(api, where)
    assert told["is_system"] is False
    again = {name: value for name, value in told.items() if name not in {"id", "identifier"}}
    assert changed(api, where, again) == told
    assert api.patch(where, {"is_system": True}).status_code == 400


def test_an_api_names_the_client_that_acts_as_it(api: Api) -> None:
    server = made(api, "/resource-servers", {"identifier": "https://orders.example/"})
    other = made(api, "/resource-servers", {"identifier": "https://other.example/"})
    where = f"/resource-servers/{server['id']}"
    assert "client_id" not in read(api, where)
    acting = {"name": "Orders", "app_type": "resource_server", "resource_server_identifier": server["identifier"]}
    client = made(api, "/clients", acting)
    assert client["grant_types"] == []
    assert read(api, where)["client_id"] == client["client_id"]
    assert api.post("/clients", acting).status_code == 400, "it has a client"
    assert api.post("/clients", {**acting, "resource_server_identifier": "https://none/"}).status_code == 400
    changed(api, f"/clients/{client['client_id']}", {"resource_server_identifier": other["identifier"]})
    assert "client_id" not in read(api, where)
    assert read(api, f"/resource-servers/{other['id']}")["client_id"] == client["client_id"]
    assert api.delete(f"/clients/{client['client_id']}").status_code == 204
    assert "client_id" not in read(api, f"/resource-servers/{other['id']}")


# ---- client grants
def test_a_grant_may_name_a_scope_before_its_api_does(api: Api, world: World) -> None:
    server = made(api, "/resource-servers", {"identifier": "https://orders.example/", "scopes": [{"value": "a"}]})
    client = made(api, "/clients", {"name": "Machine", "app_type": "non_interactive"})
    ask = {"client_id": client["client_id"], "audience": server["identifier"]}
    assert api.post("/client-grants", {**ask, "scope": ["later"]}).status_code == 400
    grant = made(api, "/client-grants", {**ask, "scope": ["a"]})
    assert changed(api, f"/client-grants/{grant['id']}", {"scope": ["a", "later"]})["scope"] == ["a", "later"]
    form = {**ask, "grant_type": "client_credentials", "client_secret": client["client_secret"]}
    assert world.post("/oauth/token", form).get_json()["scope"] == "a", "no token carries what the API does not define"
    changed(api, f"/resource-servers/{server['id']}", {"scopes": [{"value": "a"}, {"value": "later"}]})
    assert world.post("/oauth/token", form).get_json()["scope"] == "a later"


# ---- user blocks
@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("given", ["jane@example.com", "jane", "+4915112345678", "|x", "auth0|"])
def test_blocks_of_no_user_id_are_asked_for_by_identifier(api: Api, method: str, given: str) -> None:
    answer = api(method, f"/user-blocks/{quote(given, safe='')}")
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_uri")
    assert api(method, "/user-blocks", query_string={"identifier": given}).status_code in {200, 204}


# ---- connections
def test_usernames_are_asked_for_in_one_way(api: Api) -> None:
    attributes = {"username": {"identifier": {"active": True}}}
    both = {"attributes": attributes, "requires_username": True}
    answer = api.post("/connections", {"name": "people", "strategy": "auth0", "options": both})
    assert answer.status_code == 400
    assert (answer.json or {})["message"] == "Cannot set both options.attributes and options.requires_username"
    connection = made(
        api, "/connections", {"name": "people", "strategy": "auth0", "options": {"attributes": attributes}}
    )
    where = f"/connections/{connection['id']}"
    assert api.patch(where, {"options": both}).status_code == 400
    assert changed(api, where, {"options": connection["options"]})["options"] == connection["options"]


# ---- validation
@pytest.mark.parametrize(
    "policies",
    [
        {"user": {"policy": "whatever"}},
        {"client": {"policy": "allow_all"}},
        {"client": None},
        {"user": "allow_all"},
        {"nobody": {"policy": "deny_all"}},
    ],
)
def test_policies_are_the_known_ones(api: Api, policies: dict[str, Any]) -> None:
    body = {"identifier": "https://orders.example/", "subject_type_authorization": policies}
    assert (api.post("/resource-servers", body).json or {})["errorCode"] == "invalid_body"


def test_a_machine_has_no_device(api: Api) -> None:
    machine = {"name": "Machine", "app_type": "non_interactive"}
    assert api.post("/clients", {**machine, "grant_types": [DEVICE_CODE]}).status_code == 400
    where = f"/clients/{made(api, '/clients', machine)['client_id']}"
    assert api.patch(where, {"grant_types": [DEVICE_CODE]}).status_code == 400
    assert api.patch(where, {"grant_types": [DEVICE_CODE], "app_type": "native"}).status_code == 200
    assert api.patch(where, {"app_type": "non_interactive"}).status_code == 200, "the provider changes one alone"


def test_who_helps_has_an_address_of_mail(api: Api) -> None:
    """It stands behind a link on every page."""
    for wrong in ("nobody", "https://help.example.com/", "a@b.example?bcc=c@d.example&body=x y"):
        refused = api.patch("/tenants/settings", {"support_email": wrong})
        assert (refused.status_code, refused.json["errorCode"]) == (400, "invalid_body"), wrong
    for right in ("help@example.com", "", None):
        assert api.patch("/tenants/settings", {"support_email": right}).status_code == 200


def test_the_default_directory_is_there(api: Api) -> None:
    assert api.patch("/tenants/settings", {"default_directory": "nowhere"}).status_code == 400
    assert "default_directory" not in read(api, "/tenants/settings")
    assert changed(api, "/tenants/settings", {"default_directory": CONNECTION})["default_directory"] == CONNECTION
    assert "default_directory" not in changed(api, "/tenants/settings", {"default_directory": None})


def test_the_former_name_of_backchannel_logout_means_the_same(api: Api) -> None:
    urls = {"backchannel_logout_urls": ["https://a.example/out"]}
    client = made(api, "/clients", {"name": "App", "oidc_backchannel_logout": urls})
    assert (client["oidc_logout"], client["oidc_backchannel_logout"]) == (urls, urls)
    where = f"/clients/{client['client_id']}"
    cleared = changed(api, where, {"oidc_backchannel_logout": None})
    assert {"oidc_logout", "oidc_backchannel_logout"} & cleared.keys() == set()
    now = changed(api, where, {"oidc_backchannel_logout": None, "oidc_logout": urls})
    assert now["oidc_logout"] == urls, "the name of today wins"


# ---- tenant settings
@pytest.mark.parametrize(
    "name",
    ["session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime"],
)
def test_minutes_read_back_as_hours(api: Api, name: str) -> None:
    assert changed(api, "/tenants/settings", {f"{name}_in_minutes": 15})[name] == 0.25
    told = read(api, "/tenants/settings")
    assert told[name] == 0.25
    told.pop("sandbox_versions_available")
    assert changed(api, "/tenants/settings", told)[name] == 0.25
    assert changed(api, "/tenants/settings", {f"{name}_in_minutes": 120})[name] == 2
    assert changed(api, "/tenants/settings", {name: 5})[name] == 5
    with_default = changed(api, "/tenants/settings", {name: None, f"{name}_in_minutes": None})
    assert with_default[name] in {168, 72, 24}


def test_every_switch_that_is_listed_is_on_or_off(api: Api) -> None:
    settings = read(api, "/tenants/settings")
    assert [name for name in FLAGS.split() if not isinstance(settings["flags"].get(name), bool)] == []
    assert [name for name in SETTINGS.split() if not isinstance(settings.get(name), bool)] == []
    assert settings["flags"]["enable_client_connections"] is True
    assert "mtls" not in settings, "the provider takes its absence for switched off"
    assert isinstance(settings["oidc_logout"]["rp_logout_end_session_endpoint_discovery"], bool)


# ---- what is not built
def test_deliveries_of_an_event_stream_are_a_bare_array(api: Api) -> None:
    assert read(api, "/event-streams/est_1/deliveries") == []
