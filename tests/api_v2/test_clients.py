"""``/clients`` and ``/client-grants`` as SDKs, Terraform and the deploy tool meet them."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from idp.foundation.kernel import registered_urls
from tests.security.rows import row
from tests.world.management import Api
from tests.world.templates import AUDIENCE
from tests.world.world import World


def create(api: Api, **members: object) -> dict[str, object]:
    answer = api.post("/clients", {"name": "App", **members})
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def test_a_new_client_has_a_secret_keys_and_safe_defaults(api: Api) -> None:
    client = create(api, app_type="regular_web", callbacks=["https://app.example.com/cb"])
    assert len(str(client["client_id"])) == 32
    assert len(str(client["client_secret"])) == 64
    assert client["grant_types"] == ["authorization_code", "refresh_token"]
    assert client["token_endpoint_auth_method"] == "client_secret_post"
    assert client["global"] is False
    assert client["tenant"] == "default"
    assert client["callbacks"] == ["https://app.example.com/cb"]


def test_public_clients_rotate_refresh_tokens(api: Api) -> None:
    client = create(api, app_type="spa")
    assert client["token_endpoint_auth_method"] == "none"
    assert client["refresh_token"]["rotation_type"] == "rotating"  # type: ignore[index]


def test_exactly_one_global_client(api: Api) -> None:
    found = api.get("/clients", is_global="true").json
    assert [client["name"] for client in found] == ["All Applications"]
    assert api.delete(f"/clients/{found[0]['client_id']}").status_code == 403


def test_patch_merges_and_null_removes(api: Api) -> None:
    client = create(api, description="x", client_metadata={"a": "1", "b": "2"})
    changed = api.patch(
        f"/clients/{client['client_id']}", {"description": None, "client_metadata": {"a": None, "c": "3"}}
    ).json
    assert changed is not None
    assert "description" not in changed
    assert changed["client_metadata"] == {"b": "2", "c": "3"}
    assert changed["client_secret"] == client["client_secret"]


@row("W11")
def test_every_member_survives_a_read_modify_write(api: Api) -> None:
    client = create(
        api,
        require_pushed_authorization_requests=True,
        compatibility={"plain_pkce": True},
        initiate_login_uri="https://a.example/login",
    )
    path = f"/clients/{client['client_id']}"
    read = dict(api.get(path).json or {})
    derived = ("tenant", "global", "client_id", "signing_keys", "callback_url_template")
    assert (
        api.patch(path, {name: value for name, value in read.items() if name not in derived}).json
        == api.get(path).json
        == read
    )


@row("W3", "W9")
@pytest.mark.parametrize(
    "members",
    [
        {"callbacks": ["javascript:alert(1)"]},
        {"callbacks": ["JavaScript:alert(1)"]},
        {"callbacks": ["data:text/html,x"]},
        {"callbacks": ["https://jane@a.example/cb"]},
        {"callbacks": ["https://jane:secret@a.example/cb"]},
        {"callbacks": ["//a.example/cb"]},
        {"callbacks": ["/cb"]},
        {"callbacks": ["https:///cb"]},
        {"callbacks": ["https://a.example/ cb"]},
        {"callbacks": ["https://a.example/\u202ecb"]},
        {"callbacks": ["https://*.*.a.example/cb"]},
        {"callbacks": ["https://b.*.a.example/cb"]},
        {"callbacks": ["https://x*.a.example/cb"]},
        {"callbacks": ["app.*://cb"]},
        {"callbacks": ["*"]},
        {"callbacks": ["https://*"]},
        {"callbacks": ["https://*.com"]},
        {"callbacks": ["https://a.example/*"]},
        {"callbacks": ["https://a.example/#x"]},
        {"callbacks": ["https://a.example\\@b.example/"]},
        {"allowed_logout_urls": ["data:text/html,x"]},
        {"allowed_logout_urls": ["javascript:1"]},
        {"allowed_logout_urls": ["https://a.example/#x"]},
        {"allowed_logout_urls": ["https://jane@a.example/"]},
        {"allowed_logout_urls": ["https://{organization_name}.a.example/"]},
        {"allowed_logout_urls": ["https://*"]},
        {"web_origins": ["https://a.example/path"]},
        {"web_origins": ["https://a.example?x"]},
        {"web_origins": ["https://jane@a.example"]},
        {"web_origins": ["javascript:1"]},
        {"web_origins": ["null"]},
        {"web_origins": ["*"]},
        {"allowed_origins": ["*"]},
        {"logo_uri": "javascript:1"},
        {"logo_uri": "https://*.a.example/logo.png"},
        {"policy_uri": "data:text/html,x"},
        {"frontchannel_logout_uri": "javascript:1"},
        {"initiate_login_uri": "file:///etc/passwd"},
        {"initiate_login_uri": "http://a.example/login"},
        {"initiate_login_uri": "http://localhost.a.example/login"},
        {"initiate_login_uri": "https://a.example/login#a#b"},
        {"initiate_login_uri": "https://a.example/login#a b"},
        {"initiate_login_uri": "https://jane@a.example/login"},
        {"initiate_login_uri": "myapp:/login"},
        {"oidc_logout": {"backchannel_logout_urls": ["ftp://a.example"]}},
        {"jwt_configuration": {"alg": "none"}},
        {"jwt_configuration": {"alg": "NONE"}},
        {"jwt_configuration": {"alg": None}},
        {"jwt_configuration": {"alg": "HS512"}},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "anything"},
        {"grant_types": ["everything"]},
        {"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]},
        {"client_metadata": {str(n): "x" for n in range(11)}},
        {"client_metadata": {"a": "x" * 256}},
        {"is_global": True},
        {"client_id": "mine"},
        {"name": "<b>"},
    ],
)
def test_dangerous_members_are_invalid_bodies(api: Api, members: dict[str, object]) -> None:
    answer = api.post("/clients", {"name": "App", **members})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errorCode"] == "invalid_body"
    assert len(api.get("/clients").json) == 2


@pytest.mark.parametrize("name", ["callbacks", "allowed_logout_urls", "web_origins", "initiate_login_uri"])
def test_what_may_not_be_created_may_not_be_patched_in(api: Api, name: str) -> None:
    client = create(api, callbacks=["https://a.example/cb"])
    for bad in ("javascript:alert(1)", "https://jane:x@a.example/", "https://a.example/#x"):
        if name == "initiate_login_uri" and bad.endswith("#x"):
            continue  # a login route may have a fragment
        value = bad if name == "initiate_login_uri" else [bad]
        assert api.patch(f"/clients/{client['client_id']}", {name: value}).status_code == 400
    assert api.get(f"/clients/{client['client_id']}").json["callbacks"] == ["https://a.example/cb"]  # type: ignore[index]


@pytest.mark.parametrize(
    "members",
    [
        {
            "callbacks": [
                "https://*.a.example/cb",
                "https://{organization_name}.a.example/cb",
                "com.example.app:/cb",
                "myapp://cb",
            ]
        },
        {
            "callbacks": [
                "http://localhost:3000/cb",
                "http://127.0.0.1/cb",
                "http://[::1]:5/cb",
                "https://a.example/cb?x=1",
            ]
        },
        {"allowed_logout_urls": ["https://*.a.example/", "https://a.example"], "web_origins": ["https://*.a.example"]},
        {"web_origins": ["http://localhost:3000", "https://a.example/"]},
        {"initiate_login_uri": "https://a.example/login?x=1"},
        {"initiate_login_uri": "https://a.example/?x=1#/login?y=2"},
        {"initiate_login_uri": "http://localhost:3000/login"},
        {"initiate_login_uri": "http://127.0.0.1/login"},
    ],
)
def test_what_real_applications_register(api: Api, members: dict[str, object]) -> None:
    client = create(api, **members)
    assert {name: client[name] for name in members} == members


def test_production_begins_logins_on_https_only() -> None:
    assert not registered_urls.login_page("http://localhost:3000/login", development=False)
    assert registered_urls.login_page("https://a.example/login", development=False)


def test_lists_in_every_style(api: Api) -> None:
    for number in range(4):
        create(api, name=f"App {number}", is_first_party=number != 3, app_type="spa" if number else "native")
    totals = api.get("/clients", include_totals="true", per_page=2, page=1).json
    assert {**totals, "clients": len(totals["clients"])} == {"start": 2, "limit": 2, "total": 6, "clients": 2}
    first = api.get("/clients", take=4, include_totals="true").json
    rest = api.get("/clients", take=4, from_=first["next"]).json
    assert "next" not in rest
    assert len({client["client_id"] for client in first["clients"] + rest["clients"]}) == 6
    assert len(api.get("/clients", app_type="spa,native").json) == 4
    assert len(api.get("/clients", is_first_party="false").json) == 1
    assert set(api.get("/clients", fields="client_id,name", per_page=1).json[0]) == {"client_id", "name"}


def test_secrets_need_the_scope_for_keys(world: World, api: Api) -> None:
    path = f"/clients/{create(api)['client_id']}"
    assert "client_secret" not in (world.caller("read:clients").get(path).json or {})
    assert "client_secret" in (world.caller("read:client_keys").get(path).json or {})
    summary = world.caller("read:client_summary").get(path).json
    assert set(summary) <= {"client_id", "name", "app_type", "logo_uri", "is_first_party", "tenant", "global"}


def test_rotation_replaces_the_secret(api: Api) -> None:
    client = create(api)
    rotated = api.post(f"/clients/{client['client_id']}/rotate-secret")
    assert rotated.status_code == 200
    assert rotated.json is not None
    assert rotated.json["client_secret"] != client["client_secret"]


def test_delete_is_idempotent_and_final(api: Api) -> None:
    path = f"/clients/{create(api)['client_id']}"
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 204
    missing = api.get(path)
    assert missing.json == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The client does not exist",
        "errorCode": "inexistent_client",
    }


def test_credentials_hold_public_keys_only(api: Api) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path = f"/clients/{create(api)['client_id']}/credentials"
    made = api.post(path, {"credential_type": "public_key", "name": "k", "pem": public})
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["alg"] == "ES256"
    assert made.json["id"].startswith("cred_")
    assert api.post(path, {"credential_type": "public_key", "pem": secret}).status_code == 400
    assert [entry["id"] for entry in api.get(path).json] == [made.json["id"]]
    one = f"{path}/{made.json['id']}"
    assert api.patch(one, {"expires_at": "2030-01-01T00:00:00.000Z"}).json["expires_at"] == "2030-01-01T00:00:00.000Z"  # type: ignore[index]
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_client_grants(api: Api, world: World) -> None:
    client_id = create(api, app_type="non_interactive")["client_id"]
    body = {"client_id": client_id, "audience": AUDIENCE, "scope": ["read:users"]}
    made = api.post("/client-grants", body)
    assert made.status_code == 201
    assert made.json is not None
    assert made.json == {"id": made.json["id"], **body, "subject_type": "client"}
    assert made.json["id"].startswith("cgr_")
    assert api.post("/client-grants", body).status_code == 409
    assert api.post("/client-grants", {**body, "audience": "https://none"}).status_code == 404
    path = f"/client-grants/{made.json['id']}"
    assert api.patch(path, {"scope": "nonsense"}).status_code == 400
    assert api.patch(path, {"scope": []}).json["scope"] == []  # type: ignore[index]
    assert [grant["id"] for grant in api.get("/client-grants", client_id=client_id).json] == [made.json["id"]]
    wrapped = api.get("/client-grants", take=50, include_totals="true").json
    assert set(wrapped) == {"client_grants"}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_deleted_grant_ends_older_tokens_at_once(world: World, api: Api) -> None:
    (grant,) = api.get("/client-grants", client_id=world.machine).json
    assert (
        api.patch(f"/client-grants/{grant['id']}", {"scope": ["read:clients", "delete:client_grants"]}).status_code
        == 200
    )
    assert api.get("/clients").status_code == 200
    assert api.post("/clients", {"name": "x"}).status_code == 403
    assert api.delete(f"/client-grants/{grant['id']}").status_code == 204
    assert api.get("/clients").status_code == 401
