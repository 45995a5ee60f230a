"""Public keys of the tenant's own stand in the JWKS beside ours."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


def public(kid: str) -> dict[str, Any]:
    return {**ECKey.generate_key("P-256").as_dict(private=False), "kid": kid, "use": "sig", "alg": "ES256"}


def test_keys_are_published_and_taken_back(api: Api, world: World) -> None:
    assert api.get("/keys/custom-signing").status_code == 404
    before = world.get("/.well-known/jwks.json").get_json()["keys"]
    keys = [public("mine"), {**RSAKey.generate_key(2048).as_dict(private=False), "kid": "other"}]
    answer = api.put("/keys/custom-signing", {"keys": keys})
    assert (answer.status_code, answer.json) == (200, {"keys": keys})
    assert api.get("/keys/custom-signing").json == {"keys": keys}
    assert world.get("/.well-known/jwks.json").get_json()["keys"] == [*before, *keys]
    assert api.delete("/keys/custom-signing").status_code == 204
    assert world.get("/.well-known/jwks.json").get_json()["keys"] == before


def test_what_is_no_public_key_is_refused(api: Api, world: World) -> None:
    ours = world.get("/.well-known/jwks.json").get_json()["keys"][0]["kid"]
    private = {**ECKey.generate_key("P-256").as_dict(private=True), "kid": "a"}
    small = {"kty": "RSA", "n": "w" * 170, "e": "AQAB"}
    for keys in ([private], [small], [{"kty": "EC"}], [{"kty": "oct"}], [public(ours)], [public("a"), public("a")]):
        assert api.put("/keys/custom-signing", {"keys": keys}).status_code == 400, keys
    assert api.get("/keys/custom-signing").status_code == 404
