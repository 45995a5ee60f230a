"""What is signed and encrypted for a client: ID tokens, userinfo, JARM, introspection (RFC 9701); and request objects
that clients encrypt to us (OpenID Connect Core 5.3.2, 6.1, 10.2; RFC 7516).
"""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey

from idp.applications.clients import encryption, published
from tests.flows.test_pushed_requests import request_object, signing
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.key_sets import KeySetServer, key_set
from tests.world.registration import discovery
from tests.world.world import API, Person, World

__all__ = ["key_set"]
RSA, EC, OKP = RSAKey.generate_key(2048), ECKey.generate_key("P-256"), OKPKey.generate_key("X25519")
BY_KEY = [("RSA-OAEP", RSA), ("RSA-OAEP-256", RSA), *((alg, EC) for alg in encryption.BY_KEY if "ECDH" in alg)]


def jwks(*keys: Any) -> dict[str, Any]:
    return {"keys": [{**key.as_dict(private=False), "use": "enc"} for key in keys]}


def opened(token: str, key: Any, alg: str, enc: str = encryption.USUAL) -> str:
    found = jwe.decrypt_compact(token, key, algorithms=[alg, enc])
    assert found.headers()["cty"] == "JWT"
    assert (found.headers()["alg"], found.headers()["enc"]) == (alg, enc)
    return str((found.plaintext or b"").decode())


def by_secret(app: Application, alg: str, enc: str) -> Any:
    bits = {"A128KW": 128, "A192KW": 192, "A256KW": 256}.get(alg) or encryption.CONTENT[enc]
    name = {384: "sha384", 512: "sha512"}.get(bits, "sha256")
    return OctKey.import_key(hashlib.new(name, str(app.secret).encode()).digest()[: bits // 8])


@pytest.mark.parametrize(("alg", "key"), BY_KEY, ids=[alg for alg, _ in BY_KEY])
def test_id_tokens_are_encrypted_to_a_key_of_the_client(world: World, jane: Person, alg: str, key: Any) -> None:
    app = world.client(jwks=jwks(key), id_token_encrypted_response_alg=alg)
    tokens = app.sign_in(world.browser(), jane)
    claims = app.claims(opened(tokens.id_token, key, alg))
    assert (claims["sub"], claims["aud"]) == (jane.user_id, app.client_id)


def test_the_key_may_be_one_that_the_client_publishes(
    world: World, jane: Person, key_set: KeySetServer, clock: Clock
) -> None:
    key_set.keys = jwks(EC)["keys"]
    app = world.client(jwks_uri=key_set.url, id_token_encrypted_response_alg="ECDH-ES")
    for _ in range(2):
        tokens = app.sign_in(world.browser(), jane)
        assert app.claims(opened(tokens.id_token, EC, "ECDH-ES"))["sub"] == jane.user_id
    assert key_set.asked == 1
    other = ECKey.generate_key("P-256")
    key_set.keys = jwks(other)["keys"]
    clock.forward(seconds=published.FRESH_S + 1)
    tokens = app.sign_in(world.browser(), jane)
    assert opened(tokens.id_token, other, "ECDH-ES")
    key_set.status = 503
    clock.forward(seconds=published.FRESH_S + 1)
    assert opened(app.sign_in(world.browser(), jane).id_token, other, "ECDH-ES"), "an hour where it does not answer"
    clock.forward(seconds=published.KEPT_S)
    with world.context() as work:
        assert published.keys(work, key_set.url) == []


@pytest.mark.parametrize("member", [["P-256"], {}, 7, None])
def test_a_key_whose_curve_is_no_text_encrypts_nothing(member: Any) -> None:
    assert encryption._readable([{"kty": "EC", "crv": member, "x": "AA", "y": "AA"}]) == []


def test_of_many_who_come_while_it_is_fetched_all_get_it(world: World, key_set: KeySetServer) -> None:
    key_set.keys, key_set.waits_s = jwks(EC)["keys"], 0.3

    def read(_: int) -> list[Any]:
        with world.platform.work(world.tenant) as work:
            return published.keys(work, key_set.url)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(4))) == [key_set.keys] * 4


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": 7}', '{"keys": [' + '"x",' * 20_000 + '"x"]}'])
def test_what_is_no_key_set_encrypts_nothing(world: World, key_set: KeySetServer, text: str) -> None:
    key_set.text = text
    with world.context() as work:
        assert published.keys(work, key_set.url) == []
        assert published.keys(work, key_set.url) == []
    assert key_set.asked == 1, "it is left alone for a while"


@pytest.mark.parametrize("enc", list(encryption.CONTENT))
def test_every_content_algorithm(world: World, jane: Person, enc: str) -> None:
    app = world.client(jwks=jwks(OKP), id_token_encrypted_response_alg="ECDH-ES", id_token_encrypted_response_enc=enc)
    tokens = app.sign_in(world.browser(), jane)
    assert app.claims(opened(tokens.id_token, OKP, "ECDH-ES", enc))["sub"] == jane.user_id


@pytest.mark.parametrize("alg", list(encryption.BY_SECRET))
def test_symmetric_ones_take_the_clients_secret(world: World, jane: Person, alg: str) -> None:
    enc = "A256GCM" if alg == "dir" else encryption.USUAL
    app = world.client(id_token_encrypted_response_alg=alg, id_token_encrypted_response_enc=enc)
    tokens = app.sign_in(world.browser(), jane)
    assert app.claims(opened(tokens.id_token, by_secret(app, alg, enc), alg, enc))["sub"] == jane.user_id


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA", "HS256"])
def test_userinfo_is_signed_as_the_client_wants(world: World, jane: Person, alg: str) -> None:
    app = world.client(userinfo_signed_response_alg=alg)
    answer = app.sign_in(world.browser(), jane, scope="openid email").userinfo()
    assert answer.mimetype == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    raw = answer.get_data(as_text=True)
    head = json.loads(_decoded(raw.split(".")[0]))
    assert head["alg"] == alg
    said = json.loads(_decoded(raw.split(".")[1])) if alg == "HS256" else app.claims(raw)
    assert (said["sub"], said["email"]) == (jane.user_id, jane.email)
    assert (said["iss"], said["aud"]) == (world.issuer, app.client_id)
    assert "nonce" not in said


def test_userinfo_may_be_encrypted_too(world: World, jane: Person) -> None:
    app = world.client(jwks=jwks(RSA), userinfo_encrypted_response_alg="RSA-OAEP-256")
    raw = app.sign_in(world.browser(), jane).userinfo().get_data(as_text=True)
    assert app.claims(opened(raw, RSA, "RSA-OAEP-256"))["sub"] == jane.user_id


def test_answers_of_the_authorization_endpoint(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(jwks=jwks(EC), authorization_encrypted_response_alg="ECDH-ES+A256KW")
    app.begin(browser, response_mode="query.jwt")
    browser.submit(username=jane.email, password=jane.password)
    said = app.claims(opened(browser.answer.params["response"], EC, "ECDH-ES+A256KW"))
    assert said["code"]
    assert said["aud"] == app.client_id


def test_introspection_answers_with_a_token_where_it_is_asked_for_one(world: World, jane: Person) -> None:
    app = world.client(introspection_signed_response_alg="ES256")
    tokens = app.sign_in(world.browser(), jane)
    form = {"client_id": app.client_id, "client_secret": app.secret, "token": tokens.access_token}
    client = world.app.test_client()
    kind = "application/token-introspection+jwt"
    answer = client.post("/oauth/introspect", data=form, headers={"Accept": kind}, base_url=world.issuer)
    assert answer.mimetype == kind
    raw = answer.get_data(as_text=True)
    assert json.loads(_decoded(raw.split(".")[0]))["typ"] == "token-introspection+jwt"
    said = app.claims(raw)
    assert (said["iss"], said["aud"], said["token_introspection"]["active"]) == (world.issuer, app.client_id, True)
    assert said["token_introspection"]["sub"] == jane.user_id
    assert not {"sub", "exp"} & said.keys()
    plain = client.post("/oauth/introspect", data=form, base_url=world.issuer)
    assert plain.get_json() == said["token_introspection"]


@row("U1")
@pytest.mark.parametrize(
    "members",
    [
        {"id_token_encrypted_response_alg": "RSA1_5"},
        {"id_token_encrypted_response_alg": "PBES2-HS256+A128KW"},
        {"id_token_encrypted_response_alg": "RSA-OAEP"},
        {"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": jwks(EC)},
        {"id_token_encrypted_response_alg": "A128KW", "token_endpoint_auth_method": "none"},
        {"id_token_encrypted_response_enc": "A128GCM"},
        {"id_token_encrypted_response_alg": "dir", "id_token_encrypted_response_enc": "none"},
        {"jwks": {"keys": [RSA.as_dict(private=True)]}},
        {"userinfo_signed_response_alg": "none"},
    ],
)
def test_what_cannot_be(world: World, members: dict[str, Any]) -> None:
    made = {"name": "x", "app_type": "regular_web", **members}
    assert world.management()("POST", "/clients", made).status_code == 400


# ---- request objects
def ours(world: World, kty: str) -> Any:
    keys = world.app.test_client().get("/.well-known/jwks.json", base_url=world.issuer).get_json()["keys"]
    (found, *_) = [each for each in keys if each.get("use") == "enc" and each["kty"] == kty]
    return JWKRegistry.import_key(found)


def encrypted(world: World, raw: str, alg: str, enc: str = "A256GCM", **head: Any) -> str:
    key = ours(world, "RSA" if "RSA" in alg else "EC")
    return jwe.encrypt_compact({"alg": alg, "enc": enc, "cty": "JWT", **head}, raw, key, algorithms=[alg, enc, "DEF"])


@pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"])
def test_a_request_object_may_be_encrypted_to_us(world: World, browser: Browser, jane: Person, alg: str) -> None:
    app = signing(world, request_object_encryption_alg=alg)
    attempt = app.attempt()
    raw = encrypted(world, request_object(app, attempt.params), alg)
    browser.open(f"/authorize?client_id={app.client_id}&request={raw}", site="cross-site")
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)


@row("A12")
@pytest.mark.parametrize("change", ["zip", "other", "cut", "content", "crit", "long"])
def test_encrypted_objects_that_are_refused(world: World, browser: Browser, change: str) -> None:
    app = signing(world, request_object_encryption_alg="RSA-OAEP-256")
    attempt = app.attempt()
    raw = request_object(app, attempt.params)
    alg, enc = "RSA-OAEP-256", "A256GCM"
    theirs = RSAKey.generate_key(2048)
    bad = {
        "zip": lambda: encrypted(world, raw, alg, zip="DEF"),
        "other": lambda: jwe.encrypt_compact({"alg": alg, "enc": enc}, raw, theirs, algorithms=[alg, enc]),
        "cut": lambda: encrypted(world, raw, alg)[:-6] + "AAAAAA",
        "content": lambda: encrypted(world, "not a token", alg),
        "crit": lambda: _with_head(encrypted(world, raw, alg), crit=["exp"]),
        "long": lambda: encrypted(world, raw, alg) + "A" * 20_000,
    }[change]()
    query = f"client_id={app.client_id}&redirect_uri={app.callback}&response_type=code&request={bad}"
    browser.open(f"/authorize?{query}", site="cross-site")
    assert browser.answer.error == "invalid_request_object"


def test_keys_for_encryption_sign_nothing(world: World, browser: Browser, jane: Person) -> None:
    app = signing(world, request_object_encryption_alg="ECDH-ES")
    tokens = app.sign_in(browser, jane, audience=world.api(API), scope="openid read:things")
    kid = ours(world, "EC").kid
    head = {"alg": "ES256", "kid": kid, "typ": "at+jwt"}
    forged = ".".join([_encoded(json.dumps(head).encode()), *tokens.access_token.split(".")[1:]])
    assert app.userinfo(forged).status_code == 401


def test_discovery_says_all_of_it_in_few_bytes(world: World) -> None:
    world.management().patch(
        "/tenants/settings",
        {"flags": {"enable_dynamic_client_registration": True}, "client_id_metadata_document_supported": True},
    )
    found = discovery(world)
    assert set(found["id_token_encryption_alg_values_supported"]) == set(encryption.ALGORITHMS)
    assert not {"RSA1_5", "none"} & set(found["id_token_encryption_alg_values_supported"])
    assert len(json.dumps(found)) < 8_192


def _with_head(token: str, **more: Any) -> str:
    head, rest = token.split(".", 1)
    return f"{_encoded(json.dumps({**json.loads(_decoded(head)), **more}).encode())}.{rest}"


def _decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
