"""FAPI 2.0 with certificates: whoever authenticates by one, and whose tokens are bound to one, the whole way; every
level in both forms of the certificate (RFC 8705).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.applications.clients import compliance
from tests.flows.test_fapi2 import KIND, request_object
from tests.flows.test_mutual_tls import SUBJECT
from tests.security.rows import row
from tests.world.application import Attempt
from tests.world.browser import Browser
from tests.world.certificates import HEADER, PROXY, Authority, Certified, behind_a_proxy, certified
from tests.world.client_keys import assertion, key, pem
from tests.world.fixtures import Clock
from tests.world.holder import Holder
from tests.world.world import API, CALLBACK, Person, World

LEVELS = [(name, form) for name in compliance.LEVELS for form in ("authority", "own") if "mtls" in name]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def environment(authority: Authority, tmp_path: Path) -> dict[str, str]:
    return behind_a_proxy(tmp_path / "clients-ca.pem", authority)


class Relying:
    """A client of a level: how it authenticates and what it is bound to, as the level's name says."""

    def __init__(self, world: World, level: str, shown: Certified, form: str) -> None:
        _, kind, by, self.bound = level.split("_")
        self.signs, self.by_key = kind == "ms", by == "pkj"
        self.shown = shown
        entry = {"credential_type": "public_key", "pem": pem("ES256"), "alg": "ES256"}
        certificate = {
            "authority": ("tls_client_auth", {"credential_type": "cert_subject_dn", "subject_dn": SUBJECT}),
            "own": ("self_signed_tls_client_auth", {"credential_type": "x509_cert", "pem": shown.pem}),
        }[form]
        method, credential = ("private_key_jwt", entry) if self.by_key else certificate
        self.app = world.client(
            "m2m",
            app_type="regular_web",
            client_authentication_methods={method: {"credentials": [credential]}},
            signed_request_object={"credentials": [entry], "required": False},
            jwt_configuration={"alg": "PS256"},
            authorization_signed_response_alg="ES256",
            compliance_level=level,
            token_endpoint_auth_method=None,
            grant_types=["authorization_code", "refresh_token", "client_credentials"],
        )
        self.holder = Holder(self.app)
        world.grant(self.app.client_id, API, "read:things")

    @property
    def world(self) -> World:
        return self.app.world

    def post(
        self, path: str, *, shows: Certified | str | None = "own", proves: bool = True, **form: Any
    ) -> TestResponse:
        """A call of the back channel, with what the level wants unless something is left out."""
        sent = {name: value for name, value in form.items() if value is not None}
        headers: dict[str, str] = {}
        certificate = self.shown if shows == "own" else shows
        if isinstance(certificate, Certified):
            headers[HEADER] = certificate.escaped
        if self.by_key:
            raw = assertion(self.app, key("ES256"), "ES256", {"kid": None}, aud=self.world.issuer)
            sent |= {"client_assertion": raw, "client_assertion_type": KIND}
        else:
            sent["client_id"] = self.app.client_id
        if self.bound == "dpop" and proves and path == "/oauth/token":
            headers["DPoP"] = self.holder.proof("POST", path)
        return self.world.send("POST", path, data=sent, headers=headers, address=PROXY)

    def code(self, browser: Browser, person: Person) -> tuple[Attempt, str]:
        attempt = self.app.attempt(
            scope="openid offline_access read:things", audience=API, response_mode="jwt" if self.signs else None
        )
        sent = {"request": request_object(self.app, attempt)} if self.signs else attempt.params
        pushed = self.post("/oauth/par", **sent)
        assert pushed.status_code == 201, pushed.text
        uri = pushed.get_json()["request_uri"]
        browser.open(f"/authorize?client_id={self.app.client_id}&request_uri={uri}", site="cross-site")
        if browser.left_for is None:
            browser.submit(username=person.email, password=person.password)
        answer = browser.answer.params
        said = self.app.claims(answer["response"]) if self.signs else answer
        assert said["iss"] == self.world.issuer
        return attempt, str(said["code"])

    def redeem(self, attempt: Attempt, code: str, **more: Any) -> TestResponse:
        return self.post(
            "/oauth/token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=attempt.verifier,
            **more,
        )

    def userinfo(self, token: str, shown: Certified | None) -> int:
        headers = {"Authorization": f"{'DPoP' if self.bound == 'dpop' else 'Bearer'} {token}"}
        if shown is not None:
            headers[HEADER] = shown.escaped
        if self.bound == "dpop":
            headers["DPoP"] = self.holder.proof("GET", "/userinfo", token)
        return self.world.send("GET", "/userinfo", headers=headers, address=PROXY).status_code


@pytest.fixture(autouse=True)
def api(world: World) -> str:
    return world.api(skip_consent_for_verifiable_first_party_clients=True, signing_alg="PS256")


@pytest.mark.parametrize(("level", "form"), LEVELS)
def test_the_whole_way(
    world: World, browser: Browser, jane: Person, authority: Authority, level: str, form: str
) -> None:
    mine = authority.issue(SUBJECT) if form == "authority" else certified("CN=mine")
    rp = Relying(world, level, mine, form)
    said = rp.redeem(*rp.code(browser, jane))
    assert said.status_code == 200, said.text
    tokens = said.get_json()
    expected = {"jkt": rp.holder.jkt} if rp.bound == "dpop" else {"x5t#S256": mine.x5t}
    assert rp.app.claims(tokens["access_token"])["cnf"] == expected
    assert tokens["token_type"] == ("DPoP" if rp.bound == "dpop" else "Bearer")
    assert rp.app.claims(tokens["id_token"])["sub"] == jane.user_id
    assert rp.userinfo(tokens["access_token"], mine) == 200
    for _ in range(2):
        again = rp.post("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert again.status_code == 200, again.text
        assert rp.app.claims(again.get_json()["access_token"])["cnf"] == expected
    own = rp.post("/oauth/token", grant_type="client_credentials", audience=API)
    assert rp.app.claims(own.get_json()["access_token"])["cnf"] == expected
    told = rp.post("/oauth/introspect", token=tokens["access_token"]).get_json()
    assert (told["active"], told["cnf"]) == (True, expected)


@row("E8", "U4")
@pytest.mark.parametrize(
    "level", ["fapi2_sp_mtls_mtls", "fapi2_sp_pkj_mtls", "fapi2_ms_mtls_mtls", "fapi2_ms_pkj_mtls"]
)
def test_a_token_of_a_certificate_is_nobody_elses(
    world: World, browser: Browser, jane: Person, authority: Authority, level: str
) -> None:
    mine, other = authority.issue(SUBJECT), authority.issue("CN=other")
    rp = Relying(world, level, mine, "authority")
    tokens = rp.redeem(*rp.code(browser, jane)).get_json()
    assert [rp.userinfo(tokens["access_token"], each) for each in (mine, other, None)] == [200, 401, 401]


@row("E8")
@pytest.mark.parametrize("level", ["fapi2_sp_mtls_mtls", "fapi2_sp_mtls_dpop", "fapi2_ms_mtls_mtls"])
@pytest.mark.parametrize("path", ["/oauth/par", "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/bc-authorize"])
def test_without_its_certificate_nobody_is_it(world: World, authority: Authority, level: str, path: str) -> None:
    rp = Relying(world, level, authority.issue(SUBJECT), "authority")
    form = {"grant_type": "client_credentials", "audience": API, "token": "x"}
    for shown in (None, authority.issue("CN=other"), certified(SUBJECT)):
        said = rp.post(path, shows=shown, **form)
        assert (said.status_code, said.get_json()["error"]) == (401, "invalid_client"), path
    secret = rp.post(path, shows=None, client_secret="x" * 40, **form)
    assert (secret.status_code, secret.get_json()["error"]) == (401, "invalid_client")


@row("U4")
def test_who_signs_shows_its_certificate_too(world: World, browser: Browser, jane: Person) -> None:
    """The certificate of ``fapi2_sp_pkj_mtls`` is any that the client holds; without one there is no token."""
    mine = certified("CN=any")
    rp = Relying(world, "fapi2_sp_pkj_mtls", mine, "own")
    attempt, code = rp.code(browser, jane)
    said = rp.redeem(attempt, code, shows=None)
    assert (said.status_code, said.get_json()["error"]) == (400, "invalid_request")
    assert rp.redeem(attempt, code).status_code == 200, "the refusal spent nothing"


def test_another_certificate_for_the_next_token(
    world: World, browser: Browser, jane: Person, authority: Authority, clock: Clock
) -> None:
    """Certificates turn; who authenticates gets tokens for the new one, and the old one's stay the old one's."""
    old, new = authority.issue(SUBJECT), authority.issue(SUBJECT)
    rp = Relying(world, "fapi2_sp_mtls_mtls", old, "authority")
    tokens = rp.redeem(*rp.code(browser, jane)).get_json()
    rp.shown = new
    again = rp.post("/oauth/token", grant_type="refresh_token", refresh_token=tokens["refresh_token"]).get_json()
    assert [rp.userinfo(again["access_token"], each) for each in (new, old)] == [200, 401]
    assert [rp.userinfo(tokens["access_token"], each) for each in (new, old)] == [401, 200]


@row("E8")
@pytest.mark.parametrize("level", ["fapi2_sp_mtls_mtls", "fapi2_sp_mtls_dpop"])
def test_the_level_wants_a_certificate_of_the_client(world: World, level: str) -> None:
    entry = {"credential_type": "public_key", "pem": pem("ES256"), "alg": "ES256"}
    for members in (
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"client_authentication_methods": {"private_key_jwt": {"credentials": [entry]}}},
    ):
        body = {
            "name": "x",
            "app_type": "regular_web",
            "compliance_level": level,
            "jwt_configuration": {"alg": "PS256"},
            **members,
        }
        assert world.caller("create:clients").post("/clients", body).status_code == 400


def test_names_and_keys_of_a_registration_serve_as_well(world: World, authority: Authority) -> None:
    """The level takes certificates whichever way the client names them."""
    for more in (
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "rp.example.test"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {"keys": [certified("CN=x").jwk]}},
    ):
        body = {
            "name": "x",
            "app_type": "regular_web",
            "compliance_level": "fapi2_sp_mtls_mtls",
            "jwt_configuration": {"alg": "PS256"},
            **more,
        }
        answer = world.caller("create:clients").post("/clients", body)
        assert answer.status_code == 201, answer.text
