"""The Foundation's plan for OpenID Federation, with the keys that `idp dev --tls --conformance` writes for it
(docs/conformance.md): the suite is the anchor, and a relying party that nobody registered.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import JWKRegistry, KeySet

from tests.rp.suite import Party, Prepared
from tests.world.client_keys import signed

pytestmark = [pytest.mark.counterpart]
KIND = "entity-statement+jwt"


class Entities:
    """The suite's own: what each says of itself and of those below it."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared, said = prepared, prepared.files["openid-federation"]
        self.own, self.anchor_id = said["federation"], str(said["federation"]["trust_anchor"])
        self.id = self.anchor_id.removesuffix("/trust-anchor")
        self.anchor = JWKRegistry.import_key(said["federation_trust_anchor"]["trust_anchor_jwks"]["keys"][0])
        self.entity = JWKRegistry.import_key(self.own["rp_ec_jwks"]["keys"][0])
        assert said["federation_trust_anchor"]["immediate_subordinates"] == [self.id, self.own["entity_identifier"]]

    def publish(self, **members: Any) -> list[str]:
        """Lay everything down; answers the chain."""
        protocol = JWKRegistry.import_key(self.own["rp_client_jwks"]["keys"][0])
        metadata = {
            "client_registration_types": ["automatic"],
            "redirect_uris": [self.prepared.suite.url("callback")],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [protocol.as_dict(private=False)]},
        }
        told = {"federation_entity": {"federation_fetch_endpoint": f"{self.anchor_id}/fetch"}}
        chain = [
            self.says(
                self.id,
                self.id,
                self.entity,
                self.entity,
                authority_hints=[self.anchor_id],
                metadata={"openid_relying_party": metadata},
                **members,
            ),
            self.says(self.anchor_id, self.id, self.entity, self.anchor),
            self.says(self.anchor_id, self.anchor_id, self.anchor, self.anchor, metadata=told),
        ]
        places = ".well-known/openid-federation", "trust-anchor/fetch", "trust-anchor/.well-known/openid-federation"
        for name, text in zip(places, chain, strict=True):
            path = self.prepared.suite.path(name)
            self.prepared.suite.documents[path] = f"application/{KIND}", text
        return chain

    def says(self, iss: str, sub: str, about: Any, by: Any, **more: Any) -> str:
        """A statement of one about another."""
        now = int(time.time())
        usual = {"iss": iss, "sub": sub, "iat": now, "exp": now + 600, "jwks": {"keys": [about.as_dict(private=False)]}}
        return signed({**usual, **more}, by, typ=KIND)

    def party(self) -> Party:
        """The suite as the relying party."""
        return Party(self.prepared, {"client_id": self.id, "jwks": self.own["rp_client_jwks"]}, "private_key_jwt")

    def object(self, party: Party, header: Any = None, **claims: Any) -> str:
        """A request as a module signs it."""
        now = int(time.time())
        usual = {
            "iss": self.id,
            "aud": self.prepared.metadata["issuer"],
            "iat": now,
            "exp": now + 300,
            "jti": secrets.token_urlsafe(12),
            "client_id": self.id,
            "response_type": "code",
            "redirect_uri": party.callback,
            "scope": "openid",
            "state": "s" * 64,
            "nonce": "n" * 32,
        }
        return signed({**usual, **claims}, party.key, typ="oauth-authz-req+jwt", **(header or {}))


@pytest.fixture
def entities(prepared: Prepared) -> Entities:
    """The suite's entities, as they should be."""
    made = Entities(prepared)
    made.publish()
    return made


def test_what_the_provider_says_of_itself(prepared: Prepared, entities: Entities) -> None:
    issuer = prepared.metadata["issuer"]
    answer = prepared.call("GET", f"{issuer.rstrip('/')}/.well-known/openid-federation")
    assert answer.headers["Content-Type"] == f"application/{KIND}"
    segment = answer.text.split(".")[1]
    written = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    found = jwt.decode(answer.text, KeySet.import_key_set(written["jwks"]), algorithms=["RS256"])
    assert (found.header["typ"], found.claims["sub"]) == (KIND, issuer)
    assert found.claims["authority_hints"] == [entities.anchor_id]
    assert found.claims["metadata"]["openid_provider"] == prepared.metadata
    assert entities.own["entity_identifier"] == issuer


@pytest.mark.parametrize("post", [False, True])
@pytest.mark.parametrize("with_chain", [False, True])
def test_automatic_registration_with_a_signed_request(
    prepared: Prepared, entities: Entities, post: bool, with_chain: bool
) -> None:
    party = entities.party()
    header = {"trust_chain": entities.publish()} if with_chain else None
    raw = entities.object(party, header)
    answer = party.ask(prepared.browser(), post=post, request=raw, state="s" * 64, redirect_uri=None)
    assert "code" in answer.params, answer
    tokens = party.tokens(answer.params["code"])
    assert party.id_claims(tokens["id_token"], "n" * 32)["aud"] == entities.id


@pytest.mark.parametrize("how", ["object", "assertion"])
def test_automatic_registration_with_a_pushed_request(prepared: Prepared, entities: Entities, how: str) -> None:
    party = entities.party()
    url = str(prepared.metadata["pushed_authorization_request_endpoint"])
    if how == "object":
        pushed = prepared.call("POST", url, data={"client_id": entities.id, "request": entities.object(party)})
    else:
        pushed = party.call(
            "pushed_authorization_request_endpoint",
            response_type="code",
            redirect_uri=party.callback,
            scope="openid",
            state="s" * 64,
        )
    assert pushed.status_code == 201, pushed.text
    browser, until = prepared.browser(), f"{prepared.suite.base}/"
    query = urlencode({"client_id": entities.id, "request_uri": pushed.json()["request_uri"]})
    shown = browser.follow(f"{prepared.metadata['authorization_endpoint']}?{query}", until)
    answer = party._answered(browser, shown, until, "s" * 64)
    assert party.tokens(answer.params["code"])["id_token"]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.com/"},
        {"aud": None},
        {"iss": "https://other.example.com/"},
        {"exp": 1},
        {"exp": None},
        {"jti": None},
        {"sub": "https://other.example.com/"},
        {"client_id": "https://other.example.com/"},
    ],
)
def test_requests_that_a_module_sees_refused(prepared: Prepared, entities: Entities, claims: dict[str, Any]) -> None:
    party = entities.party()
    answer = party.ask(prepared.browser(), request=entities.object(party, **claims), state=None, redirect_uri=None)
    assert answer.mode == "page", answer
    assert "invalid_request_object" in answer.text


def test_a_request_that_was_sent_before(prepared: Prepared, entities: Entities) -> None:
    party = entities.party()
    raw = entities.object(party)
    assert "code" in party.ask(prepared.browser(), request=raw, state="s" * 64, redirect_uri=None).params
    assert party.ask(prepared.browser(), request=raw, state=None, redirect_uri=None).mode == "page"
