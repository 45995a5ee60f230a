"""Proofs of possession (RFC 9449) that are none, come too late or twice, and nonces."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import warnings
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import RSAKey

from idp.protocol.possession import dpop, nonces, proofs
from tests.flows.dpop.test_dpop import OFFLINE, bound_code, encoded, own
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import key
from tests.world.fixtures import Clock, on_both_stores
from tests.world.holder import Holder
from tests.world.world import Person, World


def tampered(holder: Holder) -> str:
    head, _, signature = holder.proof("POST", "oauth/token").split(".")
    said = {"jti": "j", "htm": "POST", "htu": f"{holder.world.issuer}oauth/token", "iat": int(time.time())}
    return f"{head}.{encoded(said)}.{signature}"


def headed(**header: Any) -> Any:
    return lambda h: Holder(h.app, header=header).proof("POST", "oauth/token")


def saying(**claims: Any) -> Any:
    return lambda h: h.proof("POST", "oauth/token", **claims)


def with_secret(holder: Holder) -> str:
    """Signed with a symmetric key that it brings along."""
    jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 32).decode()}
    said = {"jti": "j", "htm": "POST", "htu": f"{holder.world.issuer}oauth/token", "iat": int(time.time())}
    body = f"{encoded({'typ': 'dpop+jwt', 'alg': 'HS256', 'jwk': jwk})}.{encoded(said)}"
    made = hmac.digest(b"k" * 32, body.encode(), hashlib.sha256)
    return f"{body}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def unsigned(holder: Holder) -> str:
    said = {"jti": "j", "htm": "POST", "htu": f"{holder.world.issuer}oauth/token", "iat": int(time.time())}
    return f"{encoded({'typ': 'dpop+jwt', 'alg': 'none', 'jwk': holder.jwk})}.{encoded(said)}."


def small_key(holder: Holder) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        small = RSAKey.generate_key(1024, private=True)
    jwk = {name: value for name, value in small.as_dict(private=False).items() if name != "kid"}
    return Holder(holder.app, "RS256", header={"jwk": jwk}).proof("POST", "oauth/token", by=small)


def twice(holder: Holder) -> str:
    """Signed well, over a payload that names a member twice."""
    said = {"jti": "j", "htm": "POST", "htu": f"{holder.world.issuer}oauth/token", "iat": int(time.time())}
    text = '{"htm":"GET",' + json.dumps(said)[1:]
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": holder.jwk}
    return str(jws.serialize_compact(head, text.encode(), holder.key, algorithms=["ES256"]))


BAD: dict[str, Any] = {
    "a member stands twice": twice,
    "garbage": lambda h: "x",
    "three empty parts": lambda h: "..",
    "not base64": lambda h: "§.§.§",
    "an array": lambda h: f"{encoded([])}.{encoded([])}.x",
    "deeply nested": lambda h: f"{base64.urlsafe_b64encode(b'[' * 900).decode()}.x.x",
    "too large": lambda h: h.proof("POST", "oauth/token", padding="x" * 5000),
    "two": lambda h: ", ".join(h.proof("POST", "oauth/token") for _ in range(2)),
    "JSON serialization": lambda h: json.dumps({"protected": "a", "payload": "b", "signature": "c"}),
    "unsigned": unsigned,
    "symmetric": with_secret,
    "tampered": tampered,
    "signed by another key": lambda h: h.proof("POST", "oauth/token", by=key("ES256", "another")),
    "no typ": headed(typ=None),
    "typ JWT": headed(typ="JWT"),
    "no jwk": headed(jwk=None),
    "jwk is a text": headed(jwk="x"),
    "a private key": lambda h: Holder(h.app, header={"jwk": h.key.as_dict(private=True)}).proof("POST", "oauth/token"),
    "jku instead": headed(jwk=None, jku="https://evil.example/jwks"),
    "another alg than the key's": headed(alg="ES384"),
    "alg that is unknown": headed(alg="ES256K"),
    "crit": headed(crit=["x"], x=1),
    "no jti": saying(jti=None),
    "jti is a number": saying(jti=7),
    "jti is empty": saying(jti=""),
    "jti is long": saying(jti="x" * 257),
    "no htm": saying(htm=None),
    "another method": saying(htm="GET"),
    "method in small letters": saying(htm="post"),
    "no htu": saying(htu=None),
    "another address": saying(htu="https://evil.example/oauth/token"),
    "another path": saying(htu="https://login.example.test/oauth/par"),
    "an address that is none": saying(htu="http://[::1/oauth/token"),
    "a user in the address": lambda h: h.proof(
        "POST", "oauth/token", htu=f"{h.world.issuer}oauth/token".replace("://", "://x@")
    ),
    "no iat": saying(iat=None),
    "iat is a text": saying(iat="now"),
    "a small RSA key": small_key,
}


@row("U1", "U2", "U7")
@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_proof_is_refused(machine: Holder, name: str) -> None:
    answer = own(machine, BAD[name](machine))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof"), answer.get_json()
    assert "access_token" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda u: f"{u}?a=b#c",
        lambda u: u.replace("http://", "HTTP://").replace("https://", "HTTPS://"),
        lambda u: u.replace("login", "LOGIN").replace("localhost", "LOCALHOST"),
        lambda u: u.replace("oauth", "%6fauth"),
    ],
)
def test_addresses_are_compared_in_their_normal_form(machine: Holder, change: Any) -> None:
    htu = change(f"{machine.world.issuer}oauth/token")
    assert own(machine, machine.proof("POST", "oauth/token", htu=htu)).status_code == 200


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://A.example", "https://a.example/"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
        ("https://a.example/%7Ex%2f", "https://a.example/~x%2F"),
        ("https://a.example/%zz", "https://a.example/%zz"),
        ("ftp://a.example/", None),
        ("https://a.example:x/", None),
        ("/oauth/token", None),
    ],
)
def test_the_normal_form(url: str, expected: str | None) -> None:
    assert dpop.normal(url) == expected


# ---- time, nonces, replays
@row("E5")
@on_both_stores
def test_a_proof_counts_once_on_all_processes(world: World, machine: Holder, store: str) -> None:
    other = world.other_process()
    proof = machine.proof("POST", "oauth/token")
    assert own(machine, proof).status_code == 200
    elsewhere = Holder(Application(other, machine.app.client_id, machine.app.secret, "", machine.app.auth))
    for holder in (machine, elsewhere):
        answer = own(holder, proof)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof")
    other.platform.db.dispose()


def test_a_proof_counts_once_at_resources(spa: Holder, browser: Browser, jane: Person) -> None:
    token = spa.sign_in(browser, jane).access_token
    proof = spa.proof("GET", "/userinfo", token)
    assert spa.get("/userinfo", token, proof).status_code == 200
    assert spa.get("/userinfo", token, proof).status_code == 401


def test_a_request_that_gets_nothing_leaves_nothing(machine: Holder) -> None:
    proof = machine.proof("POST", "oauth/token")
    assert machine.token(proof, grant_type="client_credentials", audience="https://none.example/").status_code == 400
    assert own(machine, proof).status_code == 200


@pytest.mark.parametrize(("seconds", "good"), [(-10, True), (-59, True), (-90, False), (10, True), (60, False)])
def test_a_proof_is_of_now_or_of_a_nonce(machine: Holder, seconds: int, good: bool) -> None:
    moment = int(time.time()) + seconds
    answer = own(machine, machine.proof("POST", "oauth/token", iat=moment))
    if good:
        assert answer.status_code == 200
        assert "DPoP-Nonce" not in answer.headers
        return
    assert (answer.status_code, answer.get_json()["error"]) == (400, "use_dpop_nonce")
    machine.nonce = answer.headers["DPoP-Nonce"]
    assert own(machine, machine.proof("POST", "oauth/token", iat=moment)).status_code == 200


@pytest.mark.parametrize("whose", ["client", "tenant"])
def test_nonces_on_demand(world: World, browser: Browser, jane: Person, clock: Clock, whose: str) -> None:
    if whose == "tenant":
        world.settings(require_dpop_nonce=True)
    holder = Holder(world.client("spa", require_dpop_nonce=whose == "client"))
    attempt = bound_code(holder, browser, jane, scope=OFFLINE)
    answer = holder.redeem(attempt, browser.answer)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "use_dpop_nonce")
    holder.nonce = answer.headers["DPoP-Nonce"]
    tokens = holder.redeem(attempt, browser.answer)
    assert (tokens.status_code, "DPoP-Nonce" in tokens.headers) == (200, False)
    token = tokens.get_json()["access_token"]
    assert holder.get("/userinfo", token).status_code == 200
    bare = Holder(holder.app).get("/userinfo", token)
    assert (bare.status_code, bare.get_json()["error"]) == (401, "use_dpop_nonce")
    assert 'error="use_dpop_nonce"' in bare.headers["WWW-Authenticate"]
    clock.forward(seconds=nonces.NEW_AFTER_S + 1)
    renewed = holder.get("/userinfo", token)
    assert renewed.status_code == 200
    clock.forward(seconds=nonces.LIFETIME_S)
    late = holder.get("/userinfo", token)
    assert (late.status_code, late.get_json()["error"]) == (401, "use_dpop_nonce")
    assert nonces.LIFETIME_S > nonces.NEW_AFTER_S
    holder.nonce = late.headers["DPoP-Nonce"]
    assert holder.get("/userinfo", token).status_code == 200
    assert renewed.headers["DPoP-Nonce"] != late.headers["DPoP-Nonce"]


@pytest.mark.parametrize("nonce", ["", "x", "x" * 200, "§", "bgAAAABp" + "A" * 40])
def test_a_nonce_that_is_none_of_ours(machine: Holder, nonce: str) -> None:
    answer = own(machine, machine.proof("POST", "oauth/token", nonce=nonce))
    assert answer.get_json()["error"] == "use_dpop_nonce"


def test_a_key_makes_no_more_proofs_than_it_may(machine: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "MOST_PROOFS", 2)
    holder = Holder(machine.app, name="busy")
    assert [own(holder).status_code for _ in range(3)] == [200, 200, 429]
    assert own(Holder(machine.app, name="calm")).status_code == 200


def test_browsers_of_other_origins(world: World, spa: Holder, browser: Browser, jane: Person) -> None:
    origin = {"Origin": "https://app.example.test"}
    for path in ("/oauth/token", "/userinfo", "/oauth/par", "/mfa/authenticators"):
        asked = world.app.test_client().options(path, headers=origin, base_url=world.issuer)
        assert "dpop" in asked.headers["Access-Control-Allow-Headers"].lower()
    token = spa.sign_in(browser, jane).access_token
    headers = {"Authorization": f"DPoP {token}", "DPoP": spa.proof("GET", "/userinfo", token), **origin}
    answer = world.get("/userinfo", headers=headers)
    assert "dpop-nonce" in answer.headers["Access-Control-Expose-Headers"].lower()


def test_a_browser_sees_why_factors_are_refused(world: World, spa: Holder, browser: Browser, jane: Person) -> None:
    """Without the challenge it would not learn that a nonce is wanted, or where the metadata is (RFC 9728 5.1)."""
    audience = f"{world.issuer}mfa/"
    tokens = spa.sign_in(browser, jane, audience=audience, scope="openid read:authenticators")
    headers = {"Authorization": f"Bearer {tokens.access_token}", "Origin": "https://app.example.test"}
    answer = world.get("/mfa/authenticators", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"]
    exposed = answer.headers["Access-Control-Expose-Headers"].lower().replace(" ", "").split(",")
    assert {"www-authenticate", "dpop-nonce"} <= set(exposed)
