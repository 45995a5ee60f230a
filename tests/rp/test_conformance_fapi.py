"""The Foundation's plans of FAPI 2.0 and of CIBA, with the clients that `idp dev --tls --conformance` prepares for them
(docs/conformance.md): the whole way of each, and what must not be taken on it.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests
from joserfc.jwk import ECKey

from idp.operations.dev.conformance import EMAIL, PASSWORD
from tests.rp.suite import Prepared
from tests.world.application import challenge_of
from tests.world.client_keys import signed
from tests.world.holder import prove

pytestmark = [pytest.mark.counterpart]
CIBA = "urn:openid:params:grant-type:ciba"


def base64url(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


class Fapi:
    """A module's client: it pushes, goes through the browser, and proves its key."""

    def __init__(self, prepared: Prepared, plan: str, name: str = "client") -> None:
        self.party, self.prepared, self.signs = prepared.party(plan, name), prepared, plan == "fapi2-ms"
        self.verifier, self.held = secrets.token_urlsafe(40), ECKey.generate_key("P-256")

    def request(self, **params: str) -> dict[str, str]:
        return {
            "client_id": self.party.client_id,
            "response_type": "code",
            "redirect_uri": self.party.callback,
            "scope": "openid profile email offline_access",
            "state": secrets.token_urlsafe(96),
            "nonce": "n" * 64,
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **params,
        }

    def object(self, params: dict[str, str], **claims: Any) -> str:
        now = int(time.time())
        usual = {"iss": self.party.client_id, "aud": self.prepared.metadata["issuer"], "nbf": now, "exp": now + 300}
        return signed({**usual, **params, **claims}, self.party.key, typ="oauth-authz-req+jwt")

    def push(self, params: dict[str, str], **more: str) -> requests.Response:
        if self.signs:
            params = {"request": self.object({**params, "response_mode": "jwt"})}
        return self.party.call("pushed_authorization_request_endpoint", **{**params, **more})

    def through(self, uri: str) -> dict[str, str]:
        """The parameters of the answer, opened where they are signed."""
        browser = self.prepared.browser()
        url = f"{self.prepared.metadata['authorization_endpoint']}?client_id={self.party.client_id}&request_uri={uri}"
        shown = browser.follow(url, f"{self.prepared.suite.base}/")
        assert not shown.is_redirect
        again = browser.follow(url, f"{self.prepared.suite.base}/")  # shown twice: it is spent when it is answered
        assert again.status_code == 200
        gone = browser.submit(
            again, f"{self.prepared.suite.base}/", username=EMAIL, password=PASSWORD, action="default"
        )
        assert gone.is_redirect, gone.text[:2_000]
        found = dict(parse_qsl(urlsplit(gone.headers["Location"]).query))
        if self.signs:
            assert set(found) == {"response"}
            found = self.party.claims(found["response"])
            assert (found["aud"], found["exp"] > time.time()) == (self.party.client_id, True)
        assert found["iss"] == self.prepared.metadata["issuer"]
        return found

    def proof(self, url: str, method: str = "POST", token: str | None = None) -> dict[str, str]:
        return {"DPoP": prove(self.held, "ES256", method, url, token)}

    def redeem(self, code: str, *, bound: bool = True, **form: str) -> requests.Response:
        headers = self.proof(str(self.prepared.metadata["token_endpoint"])) if bound else None
        return self.party.redeem(code, headers, **{"code_verifier": self.verifier, **form})


@pytest.mark.parametrize("plan", ["fapi2-sp", "fapi2-ms"])
def test_fapi2(prepared: Prepared, plan: str) -> None:
    one, other = Fapi(prepared, plan), Fapi(prepared, plan, "client2")
    params = one.request()
    pushed = one.push(params)
    assert (pushed.status_code, pushed.json()["expires_in"] < 600) == (201, True)
    uri = pushed.json()["request_uri"]
    found = one.through(uri)
    assert found["state"] == params["state"]
    answer = one.redeem(found["code"])
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    assert tokens["token_type"] == "DPoP"
    claims = one.party.id_claims(tokens["id_token"], params["nonce"])
    address, token = prepared.files[plan]["resource"]["resourceUrl"], tokens["access_token"]
    for scheme in ("DPoP", "dpop"):
        headers = {"Authorization": f"{scheme} {token}", **one.proof(address, "GET", token)}
        assert prepared.call("GET", address, headers=headers).json()["sub"] == claims["sub"]
    assert prepared.call("GET", address, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert prepared.call("GET", f"{address}?access_token={token}").status_code in {400, 401}
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    headers = one.proof(str(prepared.metadata["token_endpoint"]))
    assert one.party.call("token_endpoint", headers, **form).status_code == 200
    headers = other.proof(str(prepared.metadata["token_endpoint"]))
    assert other.party.call("token_endpoint", headers, **form).json()["error"] == "invalid_grant"
    again = one.redeem(found["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("plan", ["fapi2-sp", "fapi2-ms"])
def test_what_fapi2_refuses(prepared: Prepared, plan: str) -> None:
    one, other = Fapi(prepared, plan), Fapi(prepared, plan, "client2")
    issuer = prepared.metadata["issuer"]
    for aud in (
        [issuer],
        prepared.metadata["token_endpoint"],
        prepared.metadata["pushed_authorization_request_endpoint"],
    ):
        refused = one.push(one.request(), client_assertion=one.party.assertion(aud=aud))
        assert refused.json()["error"] == "invalid_client", aud
    now = int(time.time())
    accepted = one.push(one.request(), client_assertion=one.party.assertion(nbf=now + 8))
    assert accepted.status_code == 201
    for claims in ({"nbf": now + 70}, {"exp": now - 300}, {"sub": None}):
        assert (
            one.push(one.request(), client_assertion=one.party.assertion(**claims)).json()["error"] == "invalid_client"
        )
    for params in ({"code_challenge_method": "plain"}, {"response_type": "code id_token"}, {"request_uri": "urn:x"}):
        assert one.push(one.request(**params)).status_code == 400, params
    browser = prepared.browser()
    answer = one.party.ask(browser, **{**one.request(), "nonce": None})
    assert answer.params.get("error") or answer.mode == "page"
    uri = one.push(one.request()).json()["request_uri"]
    url = f"{prepared.metadata['authorization_endpoint']}?client_id={other.party.client_id}&request_uri={uri}"
    assert browser.follow(url, f"{prepared.suite.base}/").status_code == 400
    code = one.through(uri)["code"]
    assert one.redeem(code, bound=False).json()["error"] == "invalid_dpop_proof"
    assert one.redeem(code, code_verifier="x" * 50).json()["error"] == "invalid_grant"
    if plan == "fapi2-ms":
        one.signs = False
        assert one.push(one.request()).json()["error"] == "invalid_request"
        one.signs = True
        for claims in ({"aud": "https://other.example/"}, {"exp": None}, {"nbf": None}, {"exp": now + 4_200}):
            request = one.object(one.request(), **claims)
            refused = one.party.call("pushed_authorization_request_endpoint", request=request)
            assert refused.json()["error"] in {"invalid_request", "invalid_request_object"}, claims
        both = one.object(one.request(), aud=[issuer, "https://other.example/"], nbf=now + 8)
        assert one.party.call("pushed_authorization_request_endpoint", request=both).status_code == 201


# ---- CIBA, with the proxy's part played by the header
class Asking:
    """A client that asks by a signed request, with a certificate."""

    def __init__(self, prepared: Prepared, mode: str, name: str = "client") -> None:
        self.plan = prepared.files[f"fapi-ciba-{mode}"]
        self.prepared, self.party = prepared, prepared.party(f"fapi-ciba-{mode}", name)
        shown = self.plan["mtls" if name == "client" else "mtls2"]["cert"]
        self.headers = {"X-Client-Cert": quote(shown)}

    def request(self, **claims: Any) -> str:
        now, client = int(time.time()), self.party.client
        usual = {"iss": client["client_id"], "aud": self.prepared.metadata["issuer"], "iat": now, "nbf": now}
        usual |= {"exp": now + 300, "jti": secrets.token_urlsafe(9), "scope": client["scope"]}
        usual |= {client["hint_type"]: client["hint_value"], "client_notification_token": "a-bearer-token-0123456789"}
        return signed({**usual, **claims}, self.party.key)

    def call(self, endpoint: str, headers: dict[str, str] | None = None, **form: str) -> requests.Response:
        """As the suite does: the assertion is for the token endpoint of clients with certificates."""
        who = self.party.assertion(aud=self.prepared.metadata["mtls_endpoint_aliases"]["token_endpoint"])
        return self.party.call(endpoint, headers or self.headers, **{"client_assertion": who, **form})

    def begin(self, **claims: Any) -> requests.Response:
        return self.call("backchannel_authentication_endpoint", request=self.request(**claims))

    def poll(self, asked: str, headers: dict[str, str] | None = None) -> requests.Response:
        return self.call("token_endpoint", headers, grant_type=CIBA, auth_req_id=asked)


@pytest.mark.parametrize("mode", ["poll", "ping"])
def test_ciba(prepared: Prepared, mode: str) -> None:
    assert mode in prepared.metadata["backchannel_token_delivery_modes_supported"]
    one, other = Asking(prepared, mode), Asking(prepared, mode, "client2")
    message = secrets.token_hex(4)
    began = one.begin(binding_message=message, requested_expiry="120")
    assert began.status_code == 200, began.text
    asked = began.json()["auth_req_id"]
    assert began.json()["expires_in"] == 120
    assert one.poll(asked).json()["error"] == "authorization_pending"
    refused = one.poll(asked, {"X-Nobody": "without a certificate"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert other.poll(asked).json()["error"] == "invalid_grant"
    prepared.decide(message, yes=True)
    if mode == "ping":
        told = {"auth_req_id": asked}
        heard = prepared.suite.wait_for("ciba-notification-endpoint", lambda heard: json.loads(heard.body) == told)
        assert heard.authorization == "Bearer a-bearer-token-0123456789"
    assert one.poll(asked, {"X-Nobody": "x"}).json()["error"] == "invalid_request"
    answer = one.poll(asked)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    claims = one.party.id_claims(tokens["id_token"])
    assert claims["auth_time"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    address = prepared.metadata["userinfo_endpoint"]
    interaction = str(uuid.uuid4())
    told = prepared.call("GET", address, headers={**bearer, **one.headers, "x-fapi-interaction-id": interaction})
    assert (told.json()["sub"], told.headers["x-fapi-interaction-id"]) == (claims["sub"], interaction)
    assert {"Date", "Content-Type"} <= told.headers.keys()
    told = prepared.call("GET", address, headers={**bearer, **one.headers})
    assert uuid.UUID(told.headers["x-fapi-interaction-id"])
    assert prepared.call("GET", address, headers={**bearer, **other.headers}).status_code == 401
    assert prepared.call("GET", address, headers=bearer).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert one.call("token_endpoint", **form).status_code == 200
    message = secrets.token_hex(4)
    asked = one.begin(binding_message=message).json()["auth_req_id"]
    prepared.decide(message, yes=False)
    assert one.poll(asked).json()["error"] == "access_denied"


def test_what_ciba_refuses(prepared: Prepared) -> None:
    one, other = Asking(prepared, "poll"), Asking(prepared, "poll", "client2")
    now = int(time.time())
    for name in ("aud", "iss", "exp", "iat", "nbf", "jti"):
        assert one.begin(**{name: None}).json()["error"] == "invalid_request", name
    for claims in (
        {"aud": "https://other.example/"},
        {"iss": other.party.client_id},
        {"exp": now - 300},
        {"exp": now + 4_200},
        {"nbf": now - 4_200},
        {"nbf": now + 4_200},
        {"id_token_hint": "a.b.c"},
    ):
        assert one.begin(**claims).json()["error"] == "invalid_request", claims
    theirs = other.request(iss=one.party.client_id)
    answer = one.call("backchannel_authentication_endpoint", request=theirs)
    assert answer.json()["error"] == "invalid_request"
    plain = {"scope": "openid", "login_hint": one.party.client["hint_value"]}
    assert one.call("backchannel_authentication_endpoint", **plain).json()["error"] == "invalid_request"
    aliases = prepared.metadata["mtls_endpoint_aliases"]
    assert {"backchannel_authentication_endpoint", "token_endpoint", "userinfo_endpoint"} <= aliases.keys()


def test_a_client_assertion_that_is_none(prepared: Prepared) -> None:
    """What the suite's module of invalid assertions sends."""
    one = Asking(prepared, "poll")
    party, now, who = one.party, int(time.time()), one.party.client_id
    unsigned = f"{base64url({'alg': 'none'})}.{base64url({'iss': who, 'sub': who})}."
    form: dict[str, str | None]
    for form in (
        {"client_assertion": None, "client_assertion_type": None, "client_id": who},
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
        *({"client_assertion": party.assertion(**{name: None})} for name in ("iss", "sub", "aud")),
        *({"client_assertion": party.assertion(**{name: "other"})} for name in ("iss", "sub")),
        {"client_assertion": party.assertion(aud="https://other.example/")},
        {"client_assertion": party.assertion(exp=now - 300)},
        {"client_assertion": unsigned},
        {"client_assertion": f"{party.assertion()[:-8]}AAAAAAAA"},
    ):
        refused = party.call("backchannel_authentication_endpoint", one.headers, request=one.request(), **form)
        assert refused.status_code in {400, 401}, form
        assert refused.json()["error"] in {"invalid_request", "invalid_client"}, form
