"""The Nimbus OAuth 2.0 SDK, in Java: what Spring Security and many products of companies stand on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from joserfc.jwk import ECKey

from tests.counterparts.conversation import Conversation, conversation
from tests.counterparts.product import product_environment
from tests.rp.suite import Prepared
from tests.rp.test_oauth4webapi import signing
from tests.tools.built import compiled
from tests.world.client_keys import key, public, signed

pytestmark = [pytest.mark.counterpart]
KIND = "urn:acme:legacy-session"


@pytest.fixture(scope="module")
def party(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    env = product_environment(
        ISSUER=str(prepared.metadata["issuer"]),
        CALLBACK=prepared.suite.url("callback"),
        CA=str(prepared.product.verify),
    )
    log = tmp_path_factory.mktemp("nimbus") / "java.log"
    with conversation(compiled("nimbus", "Party"), log_path=log, env=env) as talk:
        yield talk


def test_message_signing(prepared: Prepared, party: Conversation) -> None:
    held = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    client_id = signing(prepared, held)
    begun = party.ask("begin", client_id=client_id, jwk=json.dumps(held.as_dict(private=True)))
    found = party.ask("finish", url=prepared.arrived(begun["url"]))
    assert found["email"]
    assert (found["type"].lower(), found["active"]) == ("dpop", True)
    assert found["cnf"]
    assert found["retried"] >= 1, "no nonce was asked for"


def test_token_exchange(prepared: Prepared, party: Conversation) -> None:
    issuer, management = "https://legacy.acme.example", prepared.product.management()
    validation = {"issuer": issuer, "jwks": {"keys": [public()]}}
    profile = {"name": "Legacy", "subject_token_type": KIND, "type": "custom_authentication", "validation": validation}
    management.post("token-exchange-profiles", profile)
    client = management.create_client(
        app_type="regular_web",
        callbacks=[],
        token_endpoint_auth_method="client_secret_basic",
        token_exchange={"allow_any_profile_of_type": ["custom_authentication"]},
    )
    user, now = management.create_user(connection=prepared.product.connection), int(time.time())
    claims = {"iss": issuer, "aud": prepared.metadata["issuer"], "sub": user["user_id"], "iat": now, "exp": now + 60}
    access = {"client_id": client["client_id"], "secret": client["client_secret"]}
    found = party.ask("exchange", **access, token=signed(claims, key()), type=KIND)
    assert found["sub"] == user["user_id"]
    assert found["issued"] == "urn:ietf:params:oauth:token-type:access_token"
