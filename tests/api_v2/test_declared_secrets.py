"""A secret is declared by its type, and what nobody declared counts as one (decision 0070)."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select, text

from connectors.registry import STRATEGIES
from connectors.strategy import Secret as ConnectorSecret
from connectors.strategy import SecretDocument as ConnectorSecretDocument
from idp.directory.connections import runtime
from idp.directory.connections.models import Connection
from idp.foundation.apikit import Api as Endpoints
from idp.foundation.apikit import Body, openapi
from idp.foundation.kernel import document_encryption, secret
from idp.foundation.kernel.secret import Secret, SecretDocument
from idp.foundation.kernel.secrets import Sealer
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.management import api_log
from tests.api_v2.test_journal import entries
from tests.world.management import Api
from tests.world.templates import CONNECTION, TENANT
from tests.world.world import World

MARK = "Mark-Of-A-Secret"
SEALER = Sealer(["k" * 32], "secrets").at("a", "place")
UNDECLARED = ["auth_token", "bind_credentials", "webhook_key", "pem", "anything", "pin"]
BUILT, NOT_BUILT = "auth0", "sharepoint"


def row(world: World, connection_id: str) -> Connection:
    with world.platform.db.reading(TENANT) as unit:
        return unit.scalars(select(Connection).where(Connection.id == connection_id)).one()


@pytest.mark.parametrize("strategy", [BUILT, NOT_BUILT])
@pytest.mark.parametrize("option", UNDECLARED)
def test_a_secret_option_nobody_declared(api: Api, world: World, strategy: str, option: str) -> None:
    options = {option: {"deep": [MARK]}, "passwordPolicy": "low"}
    made = api.post("/connections", {"name": "made", "strategy": strategy, "options": options}).json or {}
    assert made["options"][option] == options[option], "who may read connections reads it"
    path = f"/connections/{made['id']}"
    assert set(row(world, made["id"]).options[option]) == {document_encryption.MARK}
    assert row(world, made["id"]).options["passwordPolicy"] == "low"
    writer = world.caller("update:connections").patch(path, {"options": options})
    assert option not in (writer.json or {})["options"]
    api.patch(path, {"options": {**options, "passwordPolicy": 5}, "nonsense": 1})
    logged = json.dumps([entry.data for entry in entries(world)])
    assert option in logged, "the member is named"
    assert MARK not in logged
    assert MARK not in writer.get_data(as_text=True)


def test_an_object_of_tenant_settings_that_an_earlier_version_sealed_still_opens(api: Api, world: World) -> None:
    known, unknown = {"enable_endpoint_aliases": True}, {"anything": MARK}
    with world.writing() as work:
        stored = {
            name: {document_encryption.MARK: work.sealer(Tenant.settings, id=TENANT).seal(json.dumps(value))}
            for name, value in (("mtls", known), ("device_flow", unknown))
        }
        work.rows.lock(work.rows.get_one(Tenant, TENANT)).settings = stored
        work.configuration_changed()
    shown = api.get("/tenants/settings").json or {}
    assert shown["mtls"] == known
    assert "device_flow" not in shown, "what nobody documented counts as absent"


def test_declared_and_undeclared_members_of_addons_and_tenant_settings(api: Api, world: World) -> None:
    addons = {"wams": {"masterkey": MARK, "region": "eu", "x": MARK}, "firebase": {"secret": MARK}, "own": {"a": MARK}}
    client = api.post("/clients", {"name": "a", "addons": addons, "encryption_key": {"pub": MARK}}).json or {}
    assert client["addons"] == addons
    reader = world.caller("read:clients").get(f"/clients/{client['client_id']}").json or {}
    assert reader["addons"] == {"wams": {"region": "eu"}, "firebase": {}}
    changed = api.patch(f"/clients/{client['client_id']}", {"description": "x"}).json or {}
    assert (changed["addons"], changed["encryption_key"]) == (addons, {"pub": MARK})
    assert api.patch("/tenants/settings", {"mtls": {"anything": MARK}}).status_code == 400
    with world.platform.db.reading(TENANT) as unit:
        assert MARK not in str(unit.execute(text("SELECT data FROM clients")).all())


class Lock(msgspec.Struct):
    """A part of the throw-away body."""

    combination: Secret
    colour: str = ""


class ThrowAway(Body):
    """A body that exists here only."""

    name: str
    combination: Annotated[Secret, Meta(max_length=50)] | UnsetType | None = UNSET
    locks: list[Lock] | UnsetType = UNSET
    drawer: SecretDocument | UnsetType = UNSET


THROWN = {
    "name": "shed",
    "combination": MARK,
    "locks": [{"combination": MARK, "colour": "red"}],
    "drawer": {"left": MARK},
}


def test_a_declared_secret_needs_no_further_line() -> None:
    stored = document_encryption.seal(THROWN, ThrowAway, SEALER)
    assert MARK not in json.dumps(stored)
    assert stored["locks"][0]["colour"] == "red"
    assert document_encryption.opened(stored, ThrowAway, SEALER) == THROWN
    for document in (stored, THROWN):
        assert document_encryption.without_secrets(document, ThrowAway) == {
            "name": "shed",
            "locks": [{"colour": "red"}],
        }
    assert api_log.redact(THROWN, ThrowAway) == {
        "name": "shed",
        "combination": api_log.HIDDEN,
        "locks": [{"combination": api_log.HIDDEN, "colour": "red"}],
        "drawer": api_log.HIDDEN,
    }


def test_openapi_says_what_is_a_secret() -> None:
    endpoints = Endpoints("sheds")

    @endpoints.post("/sheds", scopes={"create:sheds"}, summary="Create a shed")
    def create_shed(work: Work, body: ThrowAway) -> None:
        """Never called."""

    document = openapi.document(endpoints.endpoints, title="", version="", server="", token_url="")
    properties = document["components"]["schemas"]["ThrowAway"]["properties"]
    text_ = next(each for each in properties["combination"]["anyOf"] if each.get("type") == "string")
    assert (text_["format"], text_["writeOnly"], text_["maxLength"]) == ("password", True, 50)
    assert properties["drawer"]["writeOnly"] is True
    assert document["components"]["schemas"]["Lock"]["properties"]["combination"]["format"] == "password"


def test_connectors_and_product_mean_the_same_by_secret() -> None:
    for theirs, ours in ((ConnectorSecret, Secret), (ConnectorSecretDocument, SecretDocument)):
        (one, other) = (msgspec.inspect.type_info(each) for each in (theirs, ours))
        assert isinstance(one, msgspec.inspect.Metadata)
        assert isinstance(other, msgspec.inspect.Metadata)
        assert (one.extra, one.extra_json_schema) == (other.extra, other.extra_json_schema)
        assert secret.shape_of(theirs) == secret.shape_of(ours)


BY_NAME = {
    # as the version before sealed them: by the names of members, at any depth, undeclared ones in clear
    "client_secret": {"$sealed": SEALER.seal(json.dumps(MARK))},
    "deep": {"list": [{"private_key": {"$sealed": SEALER.seal(json.dumps({"a": MARK}))}, "open": 1}]},
    "auth_token": MARK,
    "issuer": "https://idp.example/",
    "planted": {"$sealed": "junk"},
}


@pytest.mark.parametrize("strategy", [BUILT, NOT_BUILT])
def test_what_an_earlier_version_sealed_by_name_still_opens(strategy: str) -> None:
    assert document_encryption.opened(BY_NAME, STRATEGIES[strategy].options, SEALER) == {
        "client_secret": MARK,
        "deep": {"list": [{"private_key": {"a": MARK}, "open": 1}]},
        "auth_token": MARK,
        "issuer": "https://idp.example/",
        "planted": {"$sealed": "junk"},
    }
    assert MARK not in json.dumps(document_encryption.without_secrets(BY_NAME, STRATEGIES[strategy].options))


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"passwordPolicy": "bogus"}, "options.passwordPolicy"),
        ({"validation": {"username": {"min": "x"}}}, "options.validation.username.min"),
        ({"password_history": {"enable": True, "size": 25}}, "options.password_history.size"),
        ({"disable_signup": "yes"}, "options.disable_signup"),
        ({"customScripts": {"login": 5}}, "options.customScripts.login"),
    ],
)
def test_options_of_another_type_are_refused(api: Api, options: dict[str, Any], where: str) -> None:
    made = api.post("/connections", {"name": "made", "strategy": BUILT, "options": options})
    default = next(each for each in api.get("/connections").json if each["name"] == CONNECTION)
    changed = api.patch(f"/connections/{default['id']}", {"options": options})
    for answer in (made, changed):
        assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")
        assert f"on property {where}" in (answer.json or {})["message"]


def test_options_that_an_earlier_version_took_are_read_as_if_they_were_absent(world: World, api: Api) -> None:
    stored = {"passwordPolicy": "bogus", "validation": {"username": {"min": "x"}}, "requires_username": True}
    connection_id = next(each["id"] for each in api.get("/connections").json if each["name"] == CONNECTION)
    with world.platform.db.unit(TENANT) as unit:
        unit.lock(unit.get_one(Connection, (TENANT, connection_id))).options = stored
    with world.context() as work:
        found = runtime.find(work, connection_id)
        assert found is not None
        assert found.password_rules.level is None, "the usual one"
        assert found.accounts is not None
        assert found.accounts.username_length == (1, 15)
    assert api.get(f"/connections/{connection_id}").json["options"] == stored  # type: ignore[index]


def test_options_of_a_new_database(api: Api) -> None:
    made = api.post("/connections", {"name": "made", "strategy": BUILT}).json or {}
    assert made["options"] == {
        "mfa": {"active": True, "return_enroll_settings": True},
        "passwordPolicy": "good",
        "strategy_version": 2,
        "brute_force_protection": True,
        "disable_signup": False,
        "import_mode": False,
        "disable_self_service_change_password": False,
        "authentication_methods": {"password": {"enabled": True}, "passkey": {"enabled": False}},
        "passkey_options": {
            "challenge_ui": "both",
            "local_enrollment_enabled": True,
            "progressive_enrollment_enabled": True,
        },
    }
