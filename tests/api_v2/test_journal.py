"""Log entries of writes: ``sapi`` for what was done, ``fapi`` for what was refused, no secret in either (security.md
SEC3, LOG1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from sqlalchemy import select

from idp.management import api_log
from idp.management.mount import endpoints
from idp.tenant.audit.models import LogEntry
from idp.wiring import api_modules
from tests.api_v2.test_users import create, path
from tests.world.management import Api
from tests.world.templates import AUDIENCE, BARE, CONNECTION, TENANT, Databases
from tests.world.world import PASSWORD, World

MARK = "S3cret-Mark-0815"
SOUNDS_SECRET = re.compile(
    r"secret|password|token|pem$|private|_key|key_|credential|hash|link_with|assertion|otp", re.IGNORECASE
)
SETTINGS = {
    # names that sound secret and hold a setting, each looked at
    "token_endpoint_auth_method",
    "otp_autocomplete",
    "aws_access_key_id",  # the name of a key
    "key_id",  # names a credential
    "public_key",
    "otp_length",
    "otp_expiration_time",
    "site_key",  # stands in the page of the challenge
    "token_dialect",
    "refresh_token",
    "token_exchange",
    "subject_token_type",
    "token_lifetime",
    "token_lifetime_for_web",
    "token_lifetime_for_anonymous_access_tokens",
    "secret_encoded",
    "is_token_endpoint_ip_header_trusted",
    "infinite_token_lifetime",
    "idle_token_lifetime",
    "infinite_idle_token_lifetime",
    "preserve_refresh_tokens",
}
WRITES = [
    ("POST", "/clients", {"name": "a", "client_secret": MARK}, 201),
    ("POST", "/clients", {"name": "a", "client_secret": MARK, "callbacks": ["javascript:1"]}, 400),
    ("POST", "/clients", {"name": "a", "encryption_key": {"pub": MARK, "cert": MARK}}, 201),
    ("POST", "/clients", {"name": "a", "callbacks": [f"https://jane:{MARK}@a.example/cb"]}, 400),
    ("POST", "/clients", {"name": "a", "nonsense": {"deep": [{"api_secret": MARK}]}}, 400),
    ("PATCH", "/clients/{client}", {"client_secret": MARK}, 200),
    ("POST", "/clients/{client}/credentials", {"credential_type": "public_key", "pem": MARK}, 400),
    (
        "POST",
        "/resource-servers",
        {"identifier": "https://a/", "signing_alg": "HS256", "signing_secret": MARK * 3},
        201,
    ),
    ("POST", "/resource-servers", {"identifier": AUDIENCE, "signing_alg": "HS256", "signing_secret": MARK * 3}, 409),
    ("POST", "/connections", {"name": "c", "strategy": "oauth2", "options": {"client_secret": MARK}}, 201),
    ("POST", "/connections", {"name": CONNECTION, "strategy": "sharepoint", "options": {"client_secret": MARK}}, 409),
    (
        "POST",
        "/connections",
        {"name": "d", "strategy": "oauth2", "options": {"customHeaders": {"X-Api": MARK}}},
        201,
    ),
    (
        "POST",
        "/connections",
        {
            "name": "e",
            "strategy": "sms",
            "options": {"twilio_sid": "AC1", "twilio_token": MARK, "from": "+15005550006"},
        },
        201,
    ),
    ("POST", "/connections", {"name": "f", "strategy": "auth0", "options": {"configuration": {"A": MARK}}}, 201),
    ("PATCH", "/connections/{connection}", {"options": {"passwordPolicy": "low", "signing_key": {"key": MARK}}}, 200),
    ("POST", "/users", {"connection": CONNECTION, "email": "n@example.com", "password": f"{MARK} 9 phrase"}, 201),
    ("POST", "/users", {"connection": "nowhere", "email": "o@example.com", "password": MARK}, 400),
    ("PATCH", "/users/{user}", {"password": f"{MARK} 10 phrase"}, 200),
    ("PATCH", "/users/{user}", {"password": MARK, "email": "x@example.com"}, 400),
    ("POST", "/users/{user}/identities", {"link_with": MARK}, 400),
]


def entries(world: World) -> list[LogEntry]:
    with world.platform.db.reading(TENANT) as unit:
        return list(unit.scalars(select(LogEntry).order_by(LogEntry.log_id)))


@pytest.fixture(scope="module")
def shared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World.copy(databases, BARE, "sqlite", tmp_path_factory.mktemp("journal"), IDP_RATE_LIMITS="off")
    yield made
    made.platform.db.dispose()


@pytest.mark.parametrize(("method", "where", "body", "status"), WRITES)
def test_no_secret_of_a_write_is_logged(
    shared: World, method: str, where: str, body: dict[str, Any], status: int
) -> None:
    api = shared.caller()
    places = {
        "client": (api.post("/clients", {"name": "target"}).json or {})["client_id"],
        "connection": next(row["id"] for row in api.get("/connections").json if row["name"] == CONNECTION),
        "user": create(api, f"u{len(entries(shared))}@example.com", verify_email=False)["user_id"],
    }
    answer = api(method, where.format(**places), json=body)
    assert answer.status_code == status, answer.json
    kind = api_log.DONE if status < 400 else api_log.REFUSED
    logged = [entry for entry in entries(shared) if entry.type in {api_log.DONE, api_log.REFUSED}][-1]
    assert logged.type == kind
    request = logged.data["details"]["request"]
    assert request["method"] == method.lower()
    assert set(request["body"]) == set(body), "members are named, their content is hidden"
    assert logged.data["details"]["response"]["statusCode"] == status
    assert all(MARK not in json.dumps(each.data) for each in entries(shared))


def test_secrets_that_answers_carry_are_not_logged(api: Api, world: World) -> None:
    client = api.post("/clients", {"name": "x"}).json or {}
    rotated = api.post(f"/clients/{client['client_id']}/rotate-secret").json or {}
    body = {"identifier": "https://hs/", "signing_alg": "HS256"}
    server = api.post("/resource-servers", body).json or {}
    ticket = api.post("/tickets/password-change", {"user_id": create(api)["user_id"]}).json or {}
    secrets = [client["client_secret"], rotated["client_secret"], server["signing_secret"]]
    secrets += [ticket["ticket"].partition("ticket=")[2], str(api.token), PASSWORD]
    text = json.dumps([entry.data for entry in entries(world)])
    assert [secret for secret in secrets if not secret or secret in text] == []


def test_refused_writes_leave_a_fapi_entry(api: Api, world: World) -> None:
    api.post(
        "/users",
        {"connection": "nowhere", "email": "a@example.com", "password": PASSWORD},
    )
    world.caller("read:users").post("/clients", {"name": "x"})
    create(api)
    api.post("/users", {"connection": CONNECTION, "email": "jane@example.com", "password": PASSWORD})
    found = [(e.type, e.data["details"]["response"]["statusCode"]) for e in entries(world) if "details" in e.data]
    assert found == [("fapi", 400), ("fapi", 403), ("sapi", 201), ("fapi", 409)]
    last = entries(world)[-1]
    assert last.client_id == world.machine
    assert last.data["description"] == "The user already exists."
    assert last.data["ip"]


def test_what_leaves_no_entry(api: Api, world: World) -> None:
    before = len(entries(world))
    Api(world, None).post("/clients", {"name": "x"})
    Api(world, "nonsense").post("/clients", {"name": "x"})
    api.patch("/users/auth0%7Cnobody", {"name": "x"})
    api.post("/no/such/thing", {})
    api.get("/users", q="((")
    world.caller("read:clients").get("/users")
    assert len(entries(world)) == before


def test_deleting_twice_is_logged_as_done(api: Api, world: World) -> None:
    user = create(api)
    for _ in range(2):
        assert api.delete(path(user)).status_code == 204
    assert [entry.type for entry in entries(world)][-3:] == ["sdu", "sapi", "sapi"]


def members(type_: Any, seen: tuple[Any, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path of member names below a body's type."""
    if get_origin(type_) in {Annotated, list, dict, Union, UnionType}:
        for part in get_args(type_):
            yield from members(part, seen)
    elif isinstance(type_, type) and issubclass(type_, msgspec.Struct) and type_ not in seen:
        for name, hint in get_type_hints(type_, include_extras=True).items():
            yield (name,)
            for below in members(hint, (*seen, type_)):
                yield (name, *below)


def test_every_declared_member_that_sounds_secret_is_hidden() -> None:
    bodies = [endpoint.signature.body for endpoint in endpoints(api_modules()) if endpoint.signature.body]
    paths = [(path, body) for body in bodies for path in members(body)]
    secret = [(path, body) for path, body in paths if SOUNDS_SECRET.search(path[-1]) and path[-1] not in SETTINGS]
    assert {"client_secret", "signing_secret", "password", "pem", "link_with", "encryption_key"} <= {
        path[-1] for path, _ in secret
    }
    for names, body in secret:
        document: Any = MARK
        for name in reversed(names):
            document = {name: document}
        assert MARK not in json.dumps(api_log.redact(document, body)), names


@pytest.mark.parametrize(
    "option",
    [
        "client_secret",
        "app_secret",
        "twilio_token",
        "admin_access_token",
        "admin_refresh_token",
        "ext_access_token",
        "decryptionKey",
        "signing_key",
        "signingKey",
        "private_key",
        "password",
        "customHeaders",
        "api_key",
        "bind_password",
        "configuration",
        "Authorization",
    ],
)
def test_secret_connection_options_are_hidden(option: str) -> None:
    assert MARK not in json.dumps(
        api_log.redact({"options": {"gateway_authentication": {option: {"a": MARK}}, option: MARK}})
    )


def test_options_of_a_strategy_that_nobody_knows_are_hidden_whole(api: Api, world: World) -> None:
    """A typing mistake in ``strategy`` must not write down what would have been sealed."""
    options = {"q": "Mark-Of-A-Secret", "x": {"y": ["Mark-Of-A-Secret"]}, "flag": True}
    assert api.post("/connections", {"name": "z", "strategy": "oauth-2", "options": options}).status_code == 400
    body = entries(world)[-1].data["details"]["request"]["body"]
    assert body == {"name": "z", "strategy": "oauth-2", "options": {"q": "***", "x": "***", "flag": True}}


def test_settings_stay_readable() -> None:
    document = {
        "jwt_configuration": {"alg": "PS256"},
        "refresh_token": {"rotation_type": "rotating"},
        "token_lifetime": 5,
        "token_dialect": "x",
        "token_endpoint_auth_method": "none",
        "options": {"passwordPolicy": "low", "issuer": "https://a.example/"},
    }
    assert api_log.redact(document) == document
    assert api_log.redact({"refresh_token": "v1.x"}) == {"refresh_token": api_log.HIDDEN}
