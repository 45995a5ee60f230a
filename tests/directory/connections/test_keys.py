"""Keys of a connection's own (spec/management-api.tsv, ``connections.keys``): made, published, turned, and what is
signed with them.
"""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import select

from idp.directory.connections import keys, runtime
from idp.directory.connections.models import ConnectionKey
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import World

UP = "https://op.example.test"
OPTIONS = {
    "client_id": "us",
    "type": "back_channel",
    "issuer": UP,
    "authorization_endpoint": f"{UP}/authorize",
    "token_endpoint": f"{UP}/token",
    "jwks_uri": f"{UP}/jwks",
    "id_token_signed_response_algs": ["RS256"],
}
BY_KEY = {"token_endpoint_auth_method": "private_key_jwt"}
BY_SECRET = {"token_endpoint_auth_method": "client_secret_post", "client_secret": "s3cret"}


@pytest.fixture(autouse=True)
def ready_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """RSA keys cost a tenth of a second each: two of them are used again, under other names."""
    make, again = keys._made, itertools.count()

    def made(use: str, alg: str = keys.ENCRYPTION_ALG) -> keys.Made:
        if alg.startswith("ES"):
            return make(use, alg)
        at = next(again) % 2
        POOL[at:] or POOL.append(make(use, alg))
        return keys.Made(use, alg, POOL[at].private)

    monkeypatch.setattr(keys, "_made", made)


POOL: list[keys.Made] = []


def connect(world: World, strategy: str = "oidc", name: str = "acme", **options: Any) -> str:
    """A connection, by way of the API."""
    known = {} if strategy == "auth0" else OPTIONS
    made = world.caller().post("/connections", {"name": name, "strategy": strategy, "options": {**known, **options}})
    assert made.status_code == 201, made.json
    return str(made.json["id"])


def told(world: World, name: str = "acme") -> list[dict[str, Any]]:
    """What the source reads."""
    answer = world.get(f"/oauth/connection/{name}/.well-known/jwks.json")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    found: list[dict[str, Any]] = (answer.json or {})["keys"]
    assert not {"d", "p", "q"} & {member for key in found for member in key}
    return found


def shown(world: World, connection_id: str) -> dict[str, str]:
    """Keys by use and state."""
    found: list[dict[str, Any]] = world.caller("read:connections_keys").get(f"/connections/{connection_id}/keys").json
    return {f"{each['key_use']} {state}": each["kid"] for each in found for state in STATES if each.get(state)}


STATES = ("current", "next", "previous")


def assertion(world: World, connection_id: str, alg: str = "RS256") -> str:
    """What it signs now."""
    with world.context() as work:
        connection = runtime.find(work, connection_id)
        assert connection is not None
        connector: Any = runtime.runtime.open(work, connection)
        return str(connector._context.signing.sign({"sub": "us"}, alg))


def signed_by(token: str, told_of: list[dict[str, Any]]) -> str:
    """The kid of the key among these that made it."""
    found = jws.deserialize_compact(token, KeySet.import_key_set({"keys": told_of}), algorithms=[told_of[0]["alg"]])
    assert msgspec.json.decode(found.payload) == {"sub": "us"}
    return str(found.headers()["kid"])


@on_both_stores
def test_keys_are_made_before_the_source_is_told(world: World) -> None:
    connection_id = connect(world, **BY_SECRET)
    caller, path = world.caller(), f"/connections/{connection_id}/keys"
    assert caller.get(path).json == []
    made = caller.post(path, {})
    assert made.status_code == 201
    assert [(each["key_use"], each["algorithm"]) for each in made.json] == [
        ("signing", "RS256"),
        ("signing", "RS256"),
        ("encryption", "RSA-OAEP-256"),
    ]
    current, following, encryption = made.json
    assert (current["current"], following["next"], encryption["current"]) == (True, True, True)
    assert current["current_since"]
    assert "current_since" not in following
    assert current["thumbprint"] == current["fingerprint"].replace(":", "")
    assert (current["subject_dn"], current["pkcs"][:21]) == ("CN=Gatehouse signing key", "-----BEGIN PKCS7-----")
    assert caller.get(path).json == made.json
    assert caller.post(path, {}).status_code == 409
    assert sorted((key["kid"], key["use"]) for key in told(world)) == sorted(
        [(current["kid"], "sig"), (following["kid"], "sig"), (encryption["kid"], "enc")]
    )
    with world.context() as work:
        rows = list(work.rows.scalars(select(ConnectionKey)))
    assert "PRIVATE" not in str([vars(row) for row in rows])


@on_both_stores
def test_turning_them_interrupts_nobody(world: World, clock: Clock) -> None:
    connection_id = connect(world, **BY_KEY)
    caller, path = world.caller(), f"/connections/{connection_id}/keys/rotate"
    begun = shown(world, connection_id)
    assert sorted(begun) == ["encryption current", "signing current", "signing next"]
    known, in_flight = told(world), assertion(world, connection_id)
    assert signed_by(in_flight, known) == begun["signing current"]

    answer = caller.post(path)
    assert (answer.status_code, answer.json["next"], "current" in answer.json) == (201, True, False)
    turned = shown(world, connection_id)
    assert turned["signing current"] == begun["signing next"]
    assert turned["signing previous"] == begun["signing current"]
    assert turned["signing next"] == answer.json["kid"]
    assert turned["encryption previous"] == begun["encryption current"]
    assert signed_by(assertion(world, connection_id), known) == begun["signing next"]  # as it was told before
    assert signed_by(in_flight, told(world)) == begun["signing current"]  # and it still knows what is under way
    enc = [key["kid"] for key in told(world) if key["use"] == "enc"]
    assert enc == [turned["encryption current"]]

    clock.forward(minutes=11)
    assert begun["signing current"] not in {key["kid"] for key in told(world)}
    for _ in range(3):
        assert caller.post(path).status_code == 201
    assert len(shown(world, connection_id)) == 5


def test_the_algorithm_may_be_chosen_and_follows_the_options(world: World) -> None:
    connection_id = connect(world, **BY_KEY, token_endpoint_auth_signing_alg="ES256")
    (current, following, _) = (each for each in told(world))
    assert (current["alg"], following["alg"], current["crv"]) == ("ES256", "ES256", "P-256")
    assert signed_by(assertion(world, connection_id, "ES256"), told(world)) == current["kid"]
    caller = world.caller()
    answer = caller.post(f"/connections/{connection_id}/keys/rotate", {"signing_alg": "PS384"})
    assert answer.json["algorithm"] == "PS384"
    refused = caller.post(f"/connections/{connection_id}/keys/rotate", {"signing_alg": "HS256"})
    assert (refused.status_code, refused.json["errorCode"]) == (400, "invalid_body")

    options = {**OPTIONS, **BY_KEY, "token_endpoint_auth_signing_alg": "RS512"}
    assert caller.patch(f"/connections/{connection_id}", {"options": options}).status_code == 200
    new = [key for key in told(world) if key.get("alg") == "RS512"]
    assert len(new) == 2
    assert signed_by(assertion(world, connection_id, "RS512"), new) == shown(world, connection_id)["signing current"]


def test_one_that_begins_to_sign_gets_keys_and_one_that_signed_with_the_tenants_goes_on(world: World) -> None:
    connection_id = connect(world, **BY_SECRET)
    caller = world.caller()
    tenant = {key["kid"] for key in (world.get("/.well-known/jwks.json").json or {})["keys"]}
    assert {key["kid"] for key in told(world)} == tenant
    assert caller.patch(f"/connections/{connection_id}", {"options": {**OPTIONS, **BY_KEY}}).status_code == 200
    assert len(shown(world, connection_id)) == 3

    with world.writing() as work:  # as one that was stored by the release before
        for row in work.rows.lock_all(select(ConnectionKey)):
            work.rows.delete(row)
        work.rows.flush()
        work.configuration_changed()
    assert signed_by(assertion(world, connection_id), told(world)) in tenant
    changed = {"options": {**OPTIONS, **BY_KEY, "scope": "openid"}}
    assert caller.patch(f"/connections/{connection_id}", changed).status_code == 200
    assert shown(world, connection_id) == {}
    assert (
        caller.post(f"/connections/{connection_id}/keys/rotate").status_code == 201
    )  # its first, where there are none
    assert len(shown(world, connection_id)) == 3


def test_they_go_with_the_connection(world: World) -> None:
    connection_id = connect(world, **BY_KEY)
    other = connect(world, name="other", **BY_KEY)
    assert world.caller().delete(f"/connections/{connection_id}").status_code == 202
    with world.context() as work:
        assert {row.connection_id for row in work.rows.scalars(select(ConnectionKey))} == {other}
    assert world.get("/oauth/connection/acme/.well-known/jwks.json").status_code == 404


def test_who_may_and_what_has_none(world: World) -> None:
    connection_id = connect(world, **BY_SECRET)
    path = f"/connections/{connection_id}/keys"
    assert world.caller("read:connections").get(path).status_code == 403
    assert world.caller("read:connections_keys").post(path, {}).status_code == 403
    assert world.caller("read:connections_keys").post(f"{path}/rotate", {}).status_code == 403
    caller = world.caller()
    for strategy, name in (("auth0", "people"), ("google-oauth2", "google")):
        made = caller.post("/connections", {"name": name, "strategy": strategy}).json
        for answer in (
            caller.get(f"/connections/{made['id']}/keys"),
            caller.post(f"/connections/{made['id']}/keys"),
            caller.post(f"/connections/{made['id']}/keys/rotate"),
        ):
            assert (answer.status_code, answer.json["errorCode"]) == (400, "operation_not_supported")
        assert world.get(f"/oauth/connection/{name}/.well-known/jwks.json").status_code == 404
    absent = caller.get("/connections/con_0000000000000000/keys")
    assert (absent.status_code, absent.json["errorCode"]) == (404, "inexistent_connection")
    assert world.get(f"/oauth/connection/{'x' * 400}/.well-known/jwks.json").status_code == 404


@pytest.mark.parametrize("strategy", ["samlp", "pingfederate"])
def test_saml_signs_with_them_and_tells_of_them(world: World, strategy: str) -> None:
    with world.context() as work:
        from idp.tenant.keys import store

        certificate = store.rsa_keys(work)[0].certificate
    options = {"signInEndpoint": "https://idp.example.test/in", "signingCert": certificate}
    made = world.caller().post("/connections", {"name": "corp", "strategy": strategy, "options": options})
    assert made.status_code == 201, made.json
    before = world.get("/samlp/metadata?connection=corp").get_data(as_text=True)
    created = world.caller().post(f"/connections/{made.json['id']}/keys").json
    assert (
        world.caller().post(f"/connections/{made.json['id']}/keys/rotate", {"signing_alg": "ES256"}).status_code == 400
    )
    described = world.get("/samlp/metadata?connection=corp").get_data(as_text=True)
    bodies = ["".join(each["cert"].split("\n")[1:-2]) for each in created]
    assert all(body in described for body in bodies)
    assert not any(body in before for body in bodies)
