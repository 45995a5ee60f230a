"""Group U: signatures, keys and tokens of another kind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.jwk import RSAKey
from sqlalchemy import select

from idp.tenant.keys.models import SigningKey
from tests.security.rows import row
from tests.world.application import Tokens
from tests.world.browser import Browser
from tests.world.world import Person, World

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def b64(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unverified."""
    decoded = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]
    return decoded[0], decoded[1]


def stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


STRANGER = RSAKey.import_key(stranger())


def signed_by_stranger(head: dict[str, Any], claims: dict[str, Any]) -> str:
    body = f"{b64({**head, 'alg': 'RS256'})}.{b64(claims)}".encode()
    return f"{body.decode()}.{b64(jws.JWSRegistry.algorithms['RS256'].sign(body, STRANGER))}"


def with_mac(key: bytes, head: dict[str, Any], claims: dict[str, Any]) -> str:
    body = f"{b64({**head, 'alg': 'HS256'})}.{b64(claims)}"
    return f"{body}.{b64(hmac.new(key, body.encode(), hashlib.sha256).digest())}"


Forgery = Callable[[World, str], str]


def _pem(world: World) -> bytes:
    with world.platform.db.reading(world.tenant) as session:
        return str(session.scalars(select(SigningKey.certificate).where(SigningKey.alg == "RS256")).first()).encode()


def _public(world: World, kid: str) -> dict[str, Any]:
    keys: list[dict[str, Any]] = world.get("/.well-known/jwks.json").get_json()["keys"]
    return next(key for key in keys if key["kid"] == kid)


def _resigned(**changes: Any) -> Forgery:
    def forge(_world: World, token: str) -> str:
        head, claims = parts(token)
        return signed_by_stranger({**head, **changes}, claims)

    return forge


def _mac(key: Callable[[World, str], bytes]) -> Forgery:
    def forge(world: World, token: str) -> str:
        head, claims = parts(token)
        return with_mac(key(world, head["kid"]), head, claims)

    return forge


def _unsigned(alg: str, end: str = "") -> Forgery:
    def forge(_world: World, token: str) -> str:
        head, claims = parts(token)
        return f"{b64({**head, 'alg': alg})}.{b64(claims)}.{end}"

    return forge


def _claims(**changes: Any) -> Forgery:
    def forge(_world: World, token: str) -> str:
        head, _, signature = token.split(".")
        return f"{head}.{b64({**parts(token)[1], **changes})}.{signature}"

    return forge


def _headed(**changes: Any) -> Forgery:
    def forge(_world: World, token: str) -> str:
        return ".".join([b64({**parts(token)[0], **changes}), *token.split(".")[1:]])

    return forge


def _json(flat: bool) -> Forgery:
    def forge(_world: World, token: str) -> str:
        head, body, signature = token.split(".")
        one = {"protected": head, "signature": signature}
        return json.dumps({"payload": body, **one} if flat else {"payload": body, "signatures": [one]})

    return forge


FORGERIES: dict[str, tuple[str, Forgery]] = {
    "alg none": ("U1", _unsigned("none")),
    "alg None with a signature": ("U1", _unsigned("None", "AAAA")),
    "alg empty": ("U1", _unsigned("")),
    "HS256 with the certificate": ("U1", _mac(lambda world, _: _pem(world))),
    "HS256 with the public key's JSON": ("U1", _mac(lambda world, kid: json.dumps(_public(world, kid)).encode())),
    "HS256 with the modulus": ("U1", _mac(lambda world, kid: _public(world, kid)["n"].encode())),
    "HS256 with an empty key": ("U1", _mac(lambda *_: b"")),
    "another RSA algorithm of the same key": ("U1", _headed(alg="PS256")),
    "a key in the header": ("U2", _resigned(jwk=STRANGER.as_dict(private=False))),
    "a key in the header and no kid": ("U2", _resigned(jwk=STRANGER.as_dict(private=False), kid=None)),
    "a jku": ("U2", _resigned(jku="https://evil.test/jwks.json")),
    "an x5u": ("U2", _resigned(x5u="https://evil.test/cert.pem")),
    "an x5c": ("U2", _resigned(x5c=["MIIB"])),
    "an unknown kid": ("U3", _resigned(kid="other")),
    "a kid that is a path": ("U3", _resigned(kid="../../../../dev/null")),
    "a kid that is SQL": ("U3", _resigned(kid="' OR '1'='1")),
    "a kid that is a list": ("U3", _resigned(kid=["x"])),
    "a kid that is a number": ("U3", _resigned(kid=0)),
    "a critical extension": ("U2", _resigned(crit=["exp"])),
    "changed claims": ("U1", _claims(scope="openid admin", exp=int(time.time()) + 10_000)),
    "a cut signature": ("U1", lambda _, token: token[:-10]),
    "no signature": ("U1", lambda _, token: token.rpartition(".")[0] + "."),
    "two parts": ("U7", lambda _, token: token.rpartition(".")[0]),
    "flattened JSON": ("U7", _json(flat=True)),
    "general JSON": ("U7", _json(flat=False)),
    "JSON without a signature": ("U7", lambda _, token: json.dumps({"payload": token.split(".")[1], "signatures": []})),
    "five parts": ("U7", lambda _, token: token + ".AAAA.AAAA"),
}


@pytest.fixture
def tokens(world: World, browser: Browser, jane: Person) -> Tokens:
    """Tokens with a JWT access token."""
    return world.client().sign_in(browser, jane, audience=world.api(), scope="openid profile read:things")


def refused_everywhere(world: World, tokens: Tokens, token: str) -> None:
    """No endpoint of ours believes it."""
    header = {"Authorization": f"Bearer {token}"}
    assert world.get("/userinfo", headers=header).status_code == 401
    assert world.get("/api/v2/clients", headers=header).status_code == 401
    assert tokens.app.introspect(token) == {"active": False}


@row("U1", "U2", "U3", "U7")
@pytest.mark.parametrize("name", list(FORGERIES))
def test_a_forged_token_is_believed_nowhere(
    world: World, browser: Browser, tokens: Tokens, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("something was fetched"))
    forge = FORGERIES[name][1]
    assert tokens.userinfo().status_code == 200
    refused_everywhere(world, tokens, forge(world, tokens.access_token))
    machine = world.management().token
    answer = world.get("/api/v2/clients", headers={"Authorization": f"Bearer {forge(world, machine)}"})
    assert answer.status_code == 401
    assert world.get("/api/v2/clients", headers={"Authorization": f"Bearer {machine}"}).status_code == 200
    tokens.app.begin(browser, prompt="none", id_token_hint=forge(world, tokens.id_token))
    assert "code" not in browser.answer.params


@row("U4")
def test_no_token_passes_for_one_of_another_kind(world: World, browser: Browser, tokens: Tokens, jane: Person) -> None:
    refresh = tokens.app.sign_in(browser, jane, scope="openid offline_access").refresh_token
    machine = world.management().token
    refused_everywhere(world, tokens, tokens.id_token)
    for path in ("/userinfo", "/api/v2/clients"):
        assert world.get(path, headers={"Authorization": f"Bearer {refresh}"}).status_code == 401
    header = {"Authorization": f"Bearer {machine}"}
    assert world.get("/userinfo", headers=header).status_code == 401
    assert world.get("/api/v2/clients", headers={"Authorization": f"Bearer {tokens.access_token}"}).status_code == 401
    for other in (tokens.access_token, tokens.id_token):
        assert tokens.app.refresh(other).get_json()["error"] == "invalid_grant"
    tokens.app.begin(browser, prompt="none", id_token_hint=tokens.access_token)
    assert "code" not in browser.answer.params
    assert (
        parts(tokens.access_token)[0]["typ"] != parts(tokens.id_token)[0]["typ"]
        or "azp" in parts(tokens.access_token)[1]
    )


@row("U4")
def test_a_secret_shared_with_one_party_makes_no_token_of_another(world: World, browser: Browser, jane: Person) -> None:
    secret = "an-api-signing-secret-of-40-characters!!"
    api = world.api("https://mac.example.test/", signing_alg="HS256", signing_secret=secret)
    plain = world.api()
    app = world.client(jwt_configuration={"alg": "HS256"})
    tokens = app.sign_in(browser, jane, audience=plain, scope="openid read:things")
    head, claims = parts(tokens.access_token)
    for aud in (plain, f"{world.issuer}api/v2/", [api, plain], [f"{world.issuer}userinfo", plain]):
        for key in (secret, str(app.secret)):
            refused_everywhere(world, tokens, with_mac(key.encode(), head, {**claims, "aud": aud}))


@row("U5")
def test_published_keys_are_public_and_long_enough(world: World) -> None:
    for alg in ("PS256", "ES256", "EdDSA"):
        world.keys(alg)
    keys = world.get("/.well-known/jwks.json").get_json()["keys"]
    assert len(keys) >= 4
    for key in keys:
        assert PRIVATE_MEMBERS.isdisjoint(key)
        assert key["use"] == "sig"
        assert key["alg"]
        if key["kty"] == "RSA":
            assert len(base64.urlsafe_b64decode(key["n"] + "==")) * 8 >= 2048
    assert "PRIVATE" not in world.get("/.well-known/jwks.json").get_data(as_text=True)


@row("U6")
def test_rotation_keeps_old_tokens_good_until_the_key_is_revoked(world: World, tokens: Tokens) -> None:
    kid = parts(tokens.access_token)[0]["kid"]
    management = world.management()
    management.post("/keys/signing/rotate", None)
    assert tokens.userinfo().status_code == 200
    assert kid in {key["kid"] for key in world.get("/.well-known/jwks.json").get_json()["keys"]}
    fresh = world.management()
    assert parts(fresh.token)[0]["kid"] != kid
    assert fresh("PUT", f"/keys/signing/{kid}/revoke").status_code == 200
    assert kid not in {key["kid"] for key in world.get("/.well-known/jwks.json").get_json()["keys"]}
    assert tokens.userinfo().status_code == 401


@row("U9")
def test_private_keys_are_sealed_at_rest_each_time_anew(world: World) -> None:
    with world.platform.db.reading(world.tenant) as session:
        found = list(session.scalars(select(SigningKey)))
    assert len(found) == len({key.private_sealed for key in found}) >= 2
    with world.context() as work:
        for key in found:
            assert "PRIVATE" not in key.private_sealed
            sealer = work.sealer(SigningKey.private_sealed, kid=key.kid)
            opened = sealer.open(key.private_sealed)
            assert sealer.seal(opened) != sealer.seal(opened)


@row("U9")
def test_a_sealed_text_that_was_changed_does_not_open(world: World) -> None:
    sealer = world.platform.sealer.at("a", "place")
    sealed = sealer.seal("a secret")
    for at in range(len(sealed) // 2, len(sealed) - 2, 3):
        changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
            sealer.open(changed)
