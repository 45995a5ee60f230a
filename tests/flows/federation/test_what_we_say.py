"""What this provider says of itself in federations (OpenID Federation 1.0, 9), and what its settings take."""

from __future__ import annotations

import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.world.application import Application
from tests.world.client_keys import key, public
from tests.world.federation import Federation
from tests.world.registration import discovery
from tests.world.world import World

CONFIGURATION = "/.well-known/openid-federation"


def test_nothing_is_said_until_it_is_switched_on(world: World) -> None:
    client = world.app.test_client()
    assert client.get(CONFIGURATION, base_url=world.issuer).status_code == 404
    assert "client_registration_types_supported" not in discovery(world)
    before = client.get("/.well-known/jwks.json", base_url=world.issuer).get_json()
    world.management().patch("/tenants/settings", {"federation": {"enabled": True}})
    assert client.get(CONFIGURATION, base_url=world.issuer).status_code == 200
    assert client.get("/.well-known/jwks.json", base_url=world.issuer).get_json() == before, "keys of its own"
    world.management().patch("/tenants/settings", {"federation": {"enabled": False}})
    assert client.get(CONFIGURATION, base_url=world.issuer).status_code == 404


def configuration(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of what we say, checked with the keys in it."""
    answer = world.app.test_client().get(CONFIGURATION, base_url=world.issuer)
    assert answer.mimetype == "application/entity-statement+jwt"
    raw = answer.get_data(as_text=True)
    keys = KeySet.import_key_set(jwt.decode(raw, _unproven(raw)).claims["jwks"])
    found = jwt.decode(raw, keys, algorithms=["RS256"])
    return dict(found.header), dict(found.claims)


def _unproven(raw: str) -> Any:
    import base64
    import json

    segment = raw.split(".")[1]
    return KeySet.import_key_set(json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))["jwks"])


def test_what_we_say_of_ourselves(party: Application, federation: Federation) -> None:
    world = party.world
    head, said = configuration(world)
    assert head["typ"] == "entity-statement+jwt"
    assert said["iss"] == said["sub"] == world.issuer
    assert said["iat"] <= time.time() < said["exp"]
    assert said["authority_hints"] == [federation["anchor"].id]
    assert said["metadata"]["openid_provider"] == discovery(world)
    assert said["metadata"]["openid_provider"]["client_registration_types_supported"] == ["automatic"]
    assert "federation_entity" in said["metadata"]
    assert all("d" not in each for each in said["jwks"]["keys"])
    assert len(said["jwks"]["keys"]) == 2, "the one that signs and the next one"


def test_its_keys_turn_with_the_others_and_sign_nothing_else(party: Application) -> None:
    before, said = configuration(party.world)
    party.world.management().post("/keys/signing/rotate", {})
    after, now = configuration(party.world)
    assert after["kid"] == said["jwks"]["keys"][1]["kid"] != before["kid"]
    assert before["kid"] in {each["kid"] for each in now["jwks"]["keys"]}


@pytest.mark.parametrize(
    "change",
    [
        {"trust_anchors": [{"entity_id": "http://anchor.test/", "jwks": {"keys": [public("ES256")]}}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/?x", "jwks": {"keys": [public("ES256")]}}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/", "jwks": {"keys": []}}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/", "jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}]},
        {
            "trust_anchors": [
                {"entity_id": "https://anchor.test/", "jwks": {"keys": [key("ES256").as_dict(private=True)]}}
            ]
        },
        {"trust_anchors": [{"entity_id": "https://anchor.test/"}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/", "jwks": {"keys": [public("ES256")]}}] * 2},
        {"authority_hints": ["anchor"]},
        {"moon": True},
    ],
)
def test_settings_that_are_refused(world: World, change: dict[str, Any]) -> None:
    answer = world.management()("PATCH", "/tenants/settings", {"federation": change})
    assert answer.status_code == 400, answer.get_json()


def test_a_key_without_a_name_is_refused(world: World) -> None:
    nameless = {name: value for name, value in public("ES256").items() if name != "kid"}
    anchors = [{"entity_id": "https://anchor.test/", "jwks": {"keys": [nameless]}}]
    answer = world.management()("PATCH", "/tenants/settings", {"federation": {"trust_anchors": anchors}})
    assert answer.status_code == 400
