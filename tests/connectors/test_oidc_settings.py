"""The OpenID Connect connector: what a connection says, discovery, authentication at the source, and its logouts."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from connectors.contract import (
    ConnectorError,
)
from connectors.oauth2 import key_sets
from connectors.oidc.connector import OIDC, OKTA
from connectors.oidc.logout_tokens import EVENT
from tests.connectors.openid import DISCOVERY, METADATA, OPTIONS, Op, S, without_signature
from tests.connectors.provider import (
    AUTHORIZE,
    ISSUER,
    JWKS,
    KEY,
    NOW,
    OTHER,
    TOKEN,
    FakeHttp,
    Said,
    away,
    opened,
    said,
    signed,
)
from tests.security.rows import row


@pytest.fixture(autouse=True)
def no_keys_are_known() -> None:
    key_sets.forget()


@row("CO14")
def test_what_discovery_says_is_pinned() -> None:
    net = FakeHttp({DISCOVERY: said({**METADATA, "odd": {"nested": 1}, "scopes_supported": ["x" * 9_000]})})
    found = opened(OIDC, net, client_id="us", client_secret="s", discovery_url=DISCOVERY).settle()
    assert found["token_endpoint"] == TOKEN
    assert found["id_token_signed_response_algs"] == ["ES256", "RS256"], "never none, never with a shared secret"
    assert (found["token_endpoint_auth_method"], found["type"]) == ("client_secret_post", "back_channel")
    assert found["oidc_metadata"].keys() == METADATA.keys()
    op = Op()
    op.answers(signed(op.claims()))
    op.http.routes[DISCOVERY] = said({**METADATA, "token_endpoint": "https://evil.example/token"})
    op.leaving.back()
    assert op.http.count(DISCOVERY) == 0, "a sign-in asks what is pinned"


@row("CO14")
@pytest.mark.parametrize(
    ("document", "options"),
    [
        ({"issuer": "https://evil.example"}, {}),
        ({"issuer": f"{ISSUER}/other"}, {}),
        ({"issuer": None}, {}),
        ({}, {"issuer": "https://op.example.test/tenant"}),
        ({"token_endpoint": "http://op.example.test/token"}, {}),
        ({"jwks_uri": "file:///etc/passwd"}, {}),
        ({"jwks_uri": None}, {}),
        ({"authorization_endpoint": "javascript:alert(1)"}, {}),
        ({"token_endpoint": ["x"]}, {}),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, {}),
    ],
)
def test_discovery_that_is_refused_when_it_is_saved(document: dict[str, Any], options: dict[str, Any]) -> None:
    told = {name: value for name, value in {**METADATA, **document}.items() if value is not None}
    members = {"client_id": "us", "client_secret": "s", "discovery_url": DISCOVERY, **options}
    with pytest.raises(ConnectorError) as caught:
        opened(OIDC, FakeHttp({DISCOVERY: said(told)}), **members).settle()
    assert caught.value.code == "invalid_configuration"


def test_discovery_that_does_not_answer() -> None:
    members = {"client_id": "us", "client_secret": "s", "discovery_url": DISCOVERY}
    for answer in ({}, {DISCOVERY: said({}, 500)}, {DISCOVERY: said({}, 404)}, {DISCOVERY: Said(200, b"<html>")}):
        with pytest.raises(ConnectorError) as caught:
            opened(OIDC, FakeHttp(dict(answer)), **members).settle()
        assert caught.value.code == "invalid_configuration"
    saved = {**OPTIONS, **members, "oidc_metadata": METADATA, "token_endpoint_auth_method": None}
    assert opened(OIDC, FakeHttp({}), **saved).settle() == {
        "type": "back_channel",
        "token_endpoint_auth_method": "client_secret_post",
    }, "what is pinned already stays, where the provider is away"


def test_endpoints_can_be_entered_by_hand() -> None:
    assert opened(OIDC, FakeHttp({}), **OPTIONS).settle() == {"type": "back_channel"}
    with pytest.raises(ConnectorError):
        opened(OIDC, FakeHttp({}), client_id="us", authorization_endpoint=AUTHORIZE).settle()
    for name, value in {
        "jwks_uri": "ftp://x",
        "discovery_url": "//x",
        "issuer": "https://u:p@x/",
        "token_endpoint": " ",
    }.items():
        assert name in str(OIDC.read({name: value}).contradiction())


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://[", 5, ["https://op.example.test/logout"]])
def test_nobody_is_sent_to_what_is_no_address_when_they_sign_out(address: Any) -> None:
    options = {**OPTIONS, "oidc_metadata": {"end_session_endpoint": address}}
    assert "end_session_endpoint" in str(OIDC.read(options).contradiction())
    assert opened(OIDC, FakeHttp({}), **options).logout_url({"sub": "jane"}, "https://us.example.test/logout") is None


def test_okta_needs_its_domain_alone() -> None:
    url = "https://acme.okta.example/.well-known/openid-configuration"
    net = FakeHttp({url: said({**METADATA, "issuer": "https://acme.okta.example"})})
    found = opened(OKTA, net, client_id="us", client_secret="s", domain="acme.okta.example").settle()
    assert found["issuer"] == "https://acme.okta.example"


class Keys:
    """Signs."""

    def sign(self, claims: Any, algorithm: str) -> str:
        """With the test's key."""
        return jws.serialize_compact({"alg": algorithm}, msgspec.json.encode(claims), KEY, algorithms=[algorithm])


@pytest.mark.parametrize(("form", "audience"), [(None, TOKEN), ("token_endpoint", TOKEN), ("issuer", ISSUER)])
def test_private_key_jwt(form: str | None, audience: str) -> None:
    op = Op(token_endpoint_auth_method="private_key_jwt", token_endpoint_jwtca_aud_format=form, client_secret=None)
    connector = op.connector()
    object.__setattr__(connector._context, "signing", Keys())
    op.leaving = away(connector)
    op.answers(signed(op.claims()))
    op.leaving.back()
    sent = next(each.sent for each in op.http.asked if each.url == TOKEN)
    assert (sent["client_id"], "client_secret" in sent) == ("us", False)
    assert sent["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    claims = msgspec.json.decode(jws.deserialize_compact(sent["client_assertion"], KEY).payload)
    assert (claims["iss"], claims["sub"], claims["aud"], claims["exp"] - claims["iat"]) == ("us", "us", audience, 60)


@pytest.mark.parametrize(
    ("pkce", "method"), [("auto", "S256"), ("S256", "S256"), ("plain", "plain"), ("disabled", None)]
)
def test_pkce_as_configured(pkce: str, method: str | None) -> None:
    op = Op(connection_settings={"pkce": pkce})
    assert op.leaving.params.get("code_challenge_method") == method
    op.answers(signed(op.claims()))
    op.leaving.back()
    assert ("code_verifier" in next(each.sent for each in op.http.asked if each.url == TOKEN)) == (method is not None)


def test_pushed_requests() -> None:
    par = f"{ISSUER}/par"
    op = Op()
    op.options |= {"enable_pushed_authorization_requests": True, "pushed_authorization_request_endpoint": par}
    op.http.routes[par] = said({"request_uri": "urn:x:1", "expires_in": 60}, 201)
    leaving = away(op.connector())
    assert leaving.params == {"client_id": "us", "request_uri": "urn:x:1"}
    (sent,) = [each for each in op.http.asked if each.url == par]
    assert sent.sent["code_challenge_method"] == "S256"
    assert sent.headers["Authorization"].startswith("Basic ")
    op.http.routes[par] = said({"error": "invalid_request"}, 400)
    with pytest.raises(ConnectorError):
        away(op.connector())


def logout_claims(**changed: Any) -> dict[str, Any]:
    usual = {
        "iss": ISSUER,
        "aud": "us",
        "iat": S,
        "exp": S + 120,
        "jti": "j1",
        "sid": "up",
        "sub": "s1",
        "events": {EVENT: {}},
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def test_a_logout_at_the_source_is_heard() -> None:
    op = Op()
    heard = op.connector().logged_out(signed(logout_claims(), typ="logout+jwt"))
    assert (heard.user_id, heard.session, heard.token_id) == ("s1", "up", "j1")
    assert heard.until > NOW
    assert op.connector().logged_out(signed(logout_claims(sid=None, exp=None))).session is None


@pytest.mark.parametrize(
    "message",
    [
        lambda: without_signature(logout_claims()),
        lambda: signed(logout_claims(), OTHER),
        lambda: signed(logout_claims(), OctKey.import_key(b"s3cret-that-is-long-enough-for-it"), "HS256"),
        lambda: signed(logout_claims(aud="other")),
        lambda: signed(logout_claims(iss="https://evil.example")),
        lambda: signed(logout_claims(events=None)),
        lambda: signed(logout_claims(events={"other": {}})),
        lambda: signed(logout_claims(events={EVENT: True})),
        lambda: signed(logout_claims(events=[EVENT])),
        lambda: signed(logout_claims(nonce="n")),
        lambda: signed(logout_claims(jti=None)),
        lambda: signed(logout_claims(sid=None, sub=None)),
        lambda: signed(logout_claims(sid=5)),
        lambda: signed(logout_claims(iat=None)),
        lambda: signed(logout_claims(iat=S - 700, exp=S + 60)),
        lambda: signed(logout_claims(exp=S - 120)),
        lambda: "",
        lambda: "x.y.z",
    ],
)
def test_logout_tokens_that_are_refused(message: Any) -> None:
    with pytest.raises(ConnectorError):
        Op().connector().logged_out(message())


def test_it_says_whether_the_source_answers() -> None:
    op = Op(oidc_metadata=METADATA)
    op.http.routes[DISCOVERY] = said(METADATA)
    assert op.connector().probe() == {"issuer": ISSUER, "jwks": "1 keys"}
    op.http.routes[DISCOVERY] = said({**METADATA, "issuer": "https://evil.example"})
    with pytest.raises(ConnectorError):
        op.connector().probe()
    op.http.routes = {DISCOVERY: said(METADATA), JWKS: said({"keys": []})}
    with pytest.raises(ConnectorError):
        op.connector().probe()
