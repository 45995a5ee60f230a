"""Clients that sign who they are: private_key_jwt and client_secret_jwt (RFC 7523, OIDC Core 9)."""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

import pytest
from joserfc.jwk import OctKey

from idp.foundation.kernel.secrets import b64url
from tests.security.rows import row
from tests.world import client_keys
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import KINDS, assertion, call, key, of_text, pem, public
from tests.world.fixtures import Clock
from tests.world.key_sets import KeySetServer, key_set, keyed, token
from tests.world.world import API, Person, World

__all__ = ["key_set"]


def refused(response: Any, error: str = "invalid_client") -> None:
    assert (response.status_code, response.get_json()["error"]) == (401 if error == "invalid_client" else 400, error)


def of_key(app: Application, alg: str) -> str:
    """The ``kid`` that the client's first credential got."""
    client = app.world.management().get(f"/clients/{app.client_id}/credentials")
    assert client[0]["alg"] == alg
    return str(client[0]["kid"])


@pytest.mark.parametrize("alg", list(KINDS))
def test_every_asymmetric_algorithm_lets_a_client_in(world: World, alg: str) -> None:
    app = keyed(world, alg)
    response = token(app, assertion(app, alg=alg, header={"kid": of_key(app, alg)}))
    assert response.status_code == 200, response.get_json()
    refused(token(app, assertion(app, key(alg, "other"), alg, {"kid": None})))


def test_an_assertion_is_for_the_issuer_or_any_endpoint_where_clients_say_who_they_are(world: World) -> None:
    app = keyed(world)
    found = world.get("/.well-known/openid-configuration").get_json()
    others = {"authorization_endpoint", "userinfo_endpoint", "end_session_endpoint", "registration_endpoint"}
    endpoints = {found[name] for name in found.keys() - others if name.endswith("_endpoint")}
    assert len(endpoints) >= 6
    for url in (world.issuer, *endpoints):
        assert token(app, assertion(app, header={"kid": None}, aud=url)).status_code == 200, url


def test_an_assertion_may_be_for_the_addresses_of_clients_with_certificates(world: World) -> None:
    app = keyed(world)
    host = world.issuer.removeprefix("https://")
    refused(token(app, assertion(app, header={"kid": None}, aud=f"https://mtls.{host}oauth/token")))
    world.settings(mtls={"enable_endpoint_aliases": True})
    aliases = world.get("/.well-known/openid-configuration").get_json()["mtls_endpoint_aliases"]
    for name in aliases.keys() - {"userinfo_endpoint"}:
        assert token(app, assertion(app, header={"kid": None}, aud=aliases[name])).status_code == 200, name
    for url in (f"https://mtls.{host}", f"https://mtls.{host}userinfo", f"https://other.{host}oauth/token"):
        refused(token(app, assertion(app, header={"kid": None}, aud=url)))


def test_every_endpoint_takes_it(world: World, browser: Browser, jane: Person) -> None:
    app = keyed(world, callbacks=["https://app.example.test/callback"])
    attempt = app.begin(browser, scope="openid offline_access")
    browser.submit(username=jane.email, password=jane.password)
    form = {"redirect_uri": attempt.params["redirect_uri"], "code_verifier": attempt.verifier}
    code = browser.answer.code
    raw = assertion(app, header={"kid": None})
    tokens = token(app, raw, grant_type="authorization_code", code=code, **form).get_json()
    raw = assertion(app, header={"kid": None})
    assert call(app, "/oauth/introspect", raw, token=tokens["access_token"]).get_json()["active"]
    refused(call(app, "/oauth/introspect", raw, token=tokens["access_token"]))
    raw = assertion(app, header={"kid": None})
    assert call(app, "/oauth/revoke", raw, token=tokens["refresh_token"]).status_code == 200
    raw = assertion(app, header={"kid": None})
    refused(token(app, raw, grant_type="refresh_token", refresh_token=tokens["refresh_token"]), "invalid_grant")


def test_it_may_come_as_json_with_the_id_beside_it(world: World) -> None:
    app = keyed(world)
    sent = {
        "grant_type": "client_credentials",
        "audience": API,
        "client_id": app.client_id,
        "client_secret": None,
        "client_assertion": assertion(app, header={"kid": None}),
        "client_assertion_type": client_keys.ASSERTION_TYPE,
    }
    assert world.post("/oauth/token", json=sent).status_code == 200


@row("E5")
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"sub": None},
        {"aud": "https://evil.test/"},
        {"aud": None},
        {"aud": 5},
        {"aud": []},
        {"aud": [5]},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": int(time.time()) - 300},
        {"exp": int(time.time()) + 90_000},
        {"nbf": int(time.time()) + 90_000},
        {"iat": int(time.time()) + 90_000},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 2_000},
    ],
)
def test_claims_that_are_not_as_they_should_be(world: World, claims: dict[str, Any]) -> None:
    app = keyed(world)
    refused(token(app, assertion(app, header={"kid": None}, **claims)))


@row("E5")
def test_an_audience_that_names_others_too_is_refused(world: World) -> None:
    app = keyed(world)
    refused(token(app, assertion(app, header={"kid": None}, aud=[world.issuer, "https://evil.test/"])))
    assert token(app, assertion(app, header={"kid": None}, aud=[world.issuer])).status_code == 200


@row("E5", "U1")
def test_the_algorithm_is_the_keys_own(world: World) -> None:
    app = keyed(world, "RS256")
    claims = {"iss": app.client_id, "sub": app.client_id, "aud": world.issuer, "exp": int(time.time()) + 60, "jti": "x"}
    body = b64url(json.dumps(claims).encode())

    def made(head: dict[str, Any], secret: bytes | None) -> str:
        signed = f"{b64url(json.dumps(head).encode())}.{body}"
        return f"{signed}.{b64url(hmac.digest(secret, signed.encode(), 'sha256')) if secret is not None else ''}"

    for secret in (pem("RS256").encode(), b"", str(app.secret).encode()):
        refused(token(app, made({"alg": "HS256"}, secret)))
    refused(token(app, made({"alg": "none"}, None)))
    refused(token(app, assertion(app, key("RS256"), "PS256", {"kid": None})))  # registered for RS256
    foreign = key("RS256", "other")
    for member in ({"jwk": public("RS256", "other")}, {"jku": "https://evil.test/keys"}, {"x5u": "https://evil.test/"}):
        refused(token(app, assertion(app, foreign, "RS256", {"kid": of_key(app, "RS256"), **member})))
    refused(token(app, assertion(app, key("RS256"), "RS256", {"kid": "of-nobody"})))
    refused(token(app, assertion(app, key("RS256"), "RS256", {"kid": None, "crit": ["cty"], "cty": "x"})))


@row("E5")
def test_what_was_signed_for_another_end_lets_nobody_in(world: World) -> None:
    app = keyed(world)
    for typ in ("oauth-authz-req+jwt", "at+jwt", "dpop+jwt", "logout+jwt"):
        refused(token(app, assertion(app, header={"kid": None, "typ": typ})))
    for typ in ("JWT", "client-authentication+jwt"):
        assert token(app, assertion(app, header={"kid": None, "typ": typ})).status_code == 200


@row("E5", "X8")
@pytest.mark.parametrize(
    "member", ['"aud":"https://evil.test/"', '"jti":"\\ud800"', '"sub":"x"', '"a":' + "[" * 70 + "]" * 70]
)
def test_a_member_that_stands_twice_or_that_nobody_can_keep_is_refused(world: World, member: str) -> None:
    """Who signed it may have meant the other one."""
    app = keyed(world)
    usual = {"iss": app.client_id, "sub": app.client_id, "exp": int(time.time()) + 60, "aud": world.issuer, "jti": "1"}
    said = "{" + member + "," + json.dumps(usual)[1:]
    refused(token(app, of_text(said, key())))


@row("E5")
@pytest.mark.parametrize(
    "raw", ["", "x", "a.b.c", "a.b", "....", "e30.e30.", "e30.W10.e30", "e30." + "A" * 20_000 + ".x"]
)
def test_what_is_no_token_is_refused(world: World, raw: str) -> None:
    refused(token(keyed(world), raw))


@row("E2", "E8")
def test_one_way_and_it_is_the_clients_own(world: World) -> None:
    app, other = keyed(world), world.client("m2m")
    refused(app.token(grant_type="client_credentials", audience=API))  # its secret
    refused(token(app, assertion(app, header={"kid": None}), client_id=other.client_id), "invalid_request")
    refused(token(app, assertion(app, header={"kid": None}), client_secret=str(app.secret)), "invalid_request")
    sent = {"grant_type": "client_credentials", "audience": API, "client_assertion": assertion(app)}
    refused(world.post("/oauth/token", {**sent, "client_assertion_type": "urn:other"}))
    for kind in ("m2m", "spa"):
        refused(token(world.client(kind), assertion(world.client(kind), header={"kid": None})))


@row("E5")
def test_an_assertion_counts_once_on_every_process(world: World) -> None:
    app, there = keyed(world), world.other_process()
    raw = assertion(app, header={"kid": None}, jti="the same")
    assert token(app, raw).status_code == 200
    refused(token(app, raw))
    elsewhere = Application(there, app.client_id, app.secret, app.callback, app.auth)
    refused(token(elsewhere, raw))
    refused(token(elsewhere, assertion(app, header={"kid": None}, jti="the same")))
    there.platform.db.dispose()


def test_two_clients_may_use_the_same_jti(world: World) -> None:
    for app in (
        keyed(world),
        world.client("m2m", jwks={"keys": [public()]}, token_endpoint_auth_method="private_key_jwt"),
    ):
        world.settings(default_audience=API)
        response = token(app, assertion(app, header={"kid": None}, jti="1"))
        assert response.get_json().get("error") in (None, "access_denied")


@row("E7")
def test_keys_rotate_without_a_pause(world: World, clock: Clock) -> None:
    app, management = keyed(world), world.management()
    path = f"/clients/{app.client_id}"
    old = management.get(f"{path}/credentials")[0]
    entry = {"credential_type": "public_key", "pem": pem("PS256", "new"), "alg": "PS256", "name": "next"}
    new = management.post(f"{path}/credentials", entry)

    def works(name: str, alg: str) -> bool:
        return bool(token(app, assertion(app, key(alg, name), alg, {"kid": None})).status_code == 200)

    assert (works("one", "ES256"), works("new", "PS256")) == (True, False)  # registered, not yet in force
    both = {"private_key_jwt": {"credentials": [{"id": old["id"]}, {"id": new["id"]}]}}
    management.patch(path, {"client_authentication_methods": both})
    assert (works("one", "ES256"), works("new", "PS256")) == (True, True)
    ends = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + 60))
    management.patch(f"{path}/credentials/{old['id']}", {"expires_at": ends})
    assert works("one", "ES256")
    clock.forward(seconds=61)
    assert (works("one", "ES256"), works("new", "PS256")) == (False, True)
    management = world.management()
    management.patch(path, {"client_authentication_methods": {"private_key_jwt": {"credentials": [{"id": new["id"]}]}}})
    assert management("DELETE", f"{path}/credentials/{old['id']}").status_code == 204
    management.patch(path, {"client_authentication_methods": None, "token_endpoint_auth_method": "client_secret_post"})
    assert app.token("client_secret_post", grant_type="client_credentials", audience=API).status_code == 200
    assert not works("new", "PS256")


def published(world: World, url: str, **members: Any) -> Application:
    app = world.client("m2m", token_endpoint_auth_method="private_key_jwt", jwks_uri=url, **members)
    world.grant(app.client_id, world.api(), "read:things")
    return app


def test_a_new_key_of_a_published_set_is_looked_up_and_an_old_one_forgotten(
    world: World, key_set: KeySetServer, clock: Clock
) -> None:
    key_set.keys = [public(name="one")]
    app = published(world, key_set.url)
    for _ in range(3):
        assert token(app, assertion(app, key())).status_code == 200
    assert key_set.asked == 1
    key_set.keys = [{"kty": "unheard of"}, "no key", public(name="two")]
    clock.forward(seconds=11)
    assert token(app, assertion(app, key(name="two"))).status_code == 200
    refused(token(app, assertion(app, key(name="one"))))
    assert key_set.asked == 2  # the address is left alone for a while
    key_set.keys = []
    clock.forward(seconds=301)
    refused(token(app, assertion(app, key(name="two"))))


def test_a_set_that_cannot_be_read_stands_for_an_hour(world: World, key_set: KeySetServer, clock: Clock) -> None:
    key_set.keys = [public()]
    app = published(world, key_set.url)
    assert token(app, assertion(app, key())).status_code == 200
    key_set.status = 500
    clock.forward(seconds=1_800)
    assert token(app, assertion(app, key())).status_code == 200
    clock.forward(seconds=1_801)
    refused(token(app, assertion(app, key())))


@row("E5", "P1")
def test_nobody_makes_us_fetch_more_often_than_the_set_allows(world: World, key_set: KeySetServer) -> None:
    app = published(world, key_set.url)
    for kid in range(5):
        refused(token(app, assertion(app, key(), header={"kid": str(kid)})))
    assert key_set.asked == 1
    inward = world.client("m2m", token_endpoint_auth_method="private_key_jwt", jwks_uri="http://10.0.0.1/keys")
    refused(token(inward, assertion(inward, key())))


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_a_client_set_to_it_signs_with_its_secret(world: World, alg: str) -> None:
    app = world.client("m2m", token_endpoint_auth_method="client_secret_jwt")
    world.grant(app.client_id, world.api(), "read:things")
    secret = OctKey.import_key(str(app.secret), {"kid": "x"})
    assert token(app, assertion(app, secret, alg, {"kid": None})).status_code == 200
    refused(token(app, assertion(app, OctKey.import_key("x" * 64, {"kid": "x"}), alg, {"kid": None})))
    refused(app.token("client_secret_post", grant_type="client_credentials", audience=API))
    refused(token(app, assertion(app, key(), "ES256")))


def test_it_is_off_unless_the_client_is_set_to_it(world: World) -> None:
    app = world.client("m2m")
    world.grant(app.client_id, world.api(), "read:things")
    secret = OctKey.import_key(str(app.secret), {"kid": "x"})
    refused(token(app, assertion(app, secret, "HS256", {"kid": None})))


@pytest.mark.parametrize(
    "members",
    [
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{**public(), "d": "AAAA"}]}},
        {"jwks": {"keys": [{**public(), "alg": "RS256"}]}},
        {"jwks": {"keys": [{**public(), "use": "sign"}]}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}},
        {"jwks_uri": "ftp://example.test/"},
        {"token_endpoint_auth_signing_alg": "none"},
        {"token_endpoint_auth_signing_alg": "HS256"},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"},
    ],
)
def test_keys_that_are_none_are_not_registered(world: World, members: dict[str, Any]) -> None:
    response = world.management()("POST", "/clients", {"name": "x", **members})
    assert (response.status_code, response.get_json()["errorCode"]) == (400, "invalid_body")


def test_one_algorithm_may_be_insisted_on(world: World) -> None:
    app = world.client(
        "m2m",
        jwks={"keys": [public("RS256")]},
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="PS256",
    )
    world.grant(app.client_id, world.api(), "read:things")
    assert token(app, assertion(app, key("RS256"), "PS256")).status_code == 200
    refused(token(app, assertion(app, key("RS256"), "RS256")))
    shown = world.management().get(f"/clients/{app.client_id}")
    assert shown["token_endpoint_auth_signing_alg"] == "PS256"
    assert shown["jwks"]["keys"][0]["kty"] == "RSA"
