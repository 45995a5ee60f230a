"""oauth4webapi, which takes nothing that a standard does not say: FAPI 2.0 Message Signing with nonces, and what needs
no browser. And openid-client, which stands on it, in the same profile.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.counterparts.conversation import Conversation, conversation
from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.product import product_environment
from tests.rp.suite import Prepared

pytestmark = [pytest.mark.counterpart]
CIBA, DEVICE = "urn:openid:params:grant-type:ciba", "urn:ietf:params:oauth:grant-type:device_code"


def signing(prepared: Prepared, key: ECKey, **more: Any) -> str:
    """A client of FAPI 2.0 Message Signing with that key; its id."""
    about = {
        "compliance_level": "fapi2_ms_pkj_dpop",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "jwt_configuration": {"alg": "ES256"},
        "authorization_signed_response_alg": "ES256",
        "introspection_signed_response_alg": "ES256",
        "require_dpop_nonce": True,
        **more,
    }
    callbacks = [prepared.suite.url("callback")]
    made = prepared.product.management().create_client(app_type="regular_web", callbacks=callbacks, **about)
    return str(made["client_id"])


@pytest.fixture(scope="module")
def party(node: str, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    other = prepared.product.management().create_client(
        app_type="regular_web",
        callbacks=[],
        grant_types=[CIBA, DEVICE],
        token_endpoint_auth_method="client_secret_basic",
    )
    env = product_environment(
        ISSUER=str(prepared.metadata["issuer"]),
        CALLBACK=prepared.suite.url("callback"),
        CLIENT_ID=signing(prepared, key),
        JWK=json.dumps(key.as_dict(private=True)),
        OTHER_ID=other["client_id"],
        OTHER_SECRET=other["client_secret"],
        NODE_EXTRA_CA_CERTS=str(prepared.product.verify),
    )
    log: Path = tmp_path_factory.mktemp("oauth4webapi") / "node.log"
    with conversation([node, "oauth4webapi_party.mjs"], log_path=log, env=env, cwd=NODE_FOLDER) as talk:
        yield talk


def test_message_signing(prepared: Prepared, party: Conversation) -> None:
    found = party.ask("finish", url=prepared.arrived(party.ask("begin")["url"]))
    assert found["userinfo"]["email"]
    assert found["type"].lower() == "dpop"
    assert found["signed"].startswith("application/token-introspection+jwt")
    assert (found["about"]["active"], list(found["about"]["cnf"])) == (True, ["jkt"])
    assert found["retried"] >= 1, "no nonce was asked for"


def test_message_signing_with_openid_client(node: str, prepared: Prepared, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    env = product_environment(
        ISSUER=str(prepared.metadata["issuer"]),
        CALLBACK=prepared.suite.url("callback"),
        CLIENT_ID=signing(prepared, key),
        JWK=json.dumps(key.as_dict(private=True)),
        NODE_EXTRA_CA_CERTS=str(prepared.product.verify),
    )
    argv = [node, "openid_client_fapi.mjs"]
    with conversation(argv, log_path=tmp_path / "node.log", env=env, cwd=NODE_FOLDER) as talk:
        found = talk.ask("finish", url=prepared.arrived(talk.ask("begin")["url"]))
    assert found["userinfo"]["email"]
    assert (found["type"].lower(), found["about"]["active"]) == ("dpop", True)


def test_without_a_browser(prepared: Prepared, party: Conversation) -> None:
    hint = prepared.files["fapi-ciba-poll"]["client"]["hint_value"]
    assert party.ask("ciba", hint=hint, message="Order 4711-W")["expires_in"] == 300
    assert party.ask("redeem")["error"] == "authorization_pending"
    prepared.decide("Order 4711-W")
    found = party.ask("redeem")
    assert found["claims"]["sub"] == json.loads(hint)["sub"]
    assert found["userinfo"]["email"]

    prepared.connect(party.ask("device")["url"])
    assert party.ask("redeem")["claims"]["sub"] == found["claims"]["sub"]
