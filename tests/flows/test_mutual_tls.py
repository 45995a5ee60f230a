"""Clients that authenticate by a TLS certificate, and tokens bound to one (RFC 8705), behind a proxy that ends TLS."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from idp.applications.clients import service, stored
from idp.protocol.possession import certificates
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.certificates import HEADER, PROXY, SERVER_AUTH, Authority, Certified, behind_a_proxy, certified
from tests.world.fixtures import Clock, OpenWorld
from tests.world.holder import Holder
from tests.world.world import API, Person, World

SUBJECT = "CN=billing,OU=Payments,O=Example"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def environment(authority: Authority, tmp_path: Path) -> dict[str, str]:
    return behind_a_proxy(tmp_path / "clients-ca.pem", Authority("Others"), authority)


def by_name(world: World, *names: str, kind: str = "m2m", **members: Any) -> Application:
    credentials = [{"credential_type": "cert_subject_dn", "subject_dn": name} for name in names]
    return certificated(world, kind, "tls_client_auth", credentials, **members)


def by_own(world: World, *owned: Certified, kind: str = "m2m", **members: Any) -> Application:
    credentials = [{"credential_type": "x509_cert", "pem": each.pem} for each in owned]
    return certificated(world, kind, "self_signed_tls_client_auth", credentials, **members)


def certificated(world: World, kind: str, method: str, credentials: list[Any], **members: Any) -> Application:
    world.api() if not world.management().get("/resource-servers?identifiers=" + quote(API)) else None
    methods = {method: {"credentials": credentials}}
    app = world.client(kind, client_authentication_methods=methods, token_endpoint_auth_method=None, **members)
    world.grant(app.client_id, API, "read:things")
    app.auth = "certificate"
    return app


def ask(app: Application, shown: Certified | str | None, path: str = "/oauth/token", **form: str) -> TestResponse:
    """Through the proxy."""
    text = shown.escaped if isinstance(shown, Certified) else shown
    headers = {HEADER: text} if text is not None else {}
    sent = {"grant_type": "client_credentials", "audience": API} if path == "/oauth/token" and not form else form
    return app.world.send("POST", path, data={"client_id": app.client_id, **sent}, headers=headers, address=PROXY)


# ---- who somebody is
def test_a_certificate_of_a_known_authority_with_the_clients_name(world: World, authority: Authority) -> None:
    app = by_name(world, SUBJECT)
    answer = ask(app, authority.issue(SUBJECT))
    assert (answer.status_code, answer.get_json()["token_type"]) == (200, "Bearer")
    assert "cnf" not in app.claims(answer.get_json()["access_token"])


@pytest.mark.parametrize(
    "written", [SUBJECT, "O=Example,OU=Payments,CN=billing", "CN=Billing, OU=payments, O=EXAMPLE", "pem"]
)
def test_names_are_compared_as_names(world: World, authority: Authority, written: str) -> None:
    known = authority.issue(SUBJECT)
    if written == "pem":
        credential = {"credential_type": "cert_subject_dn", "pem": authority.issue(SUBJECT).pem}
        app = certificated(world, "m2m", "tls_client_auth", [credential])
    else:
        app = by_name(world, written)
    assert ask(app, known).status_code == 200


REFUSED: dict[str, Any] = {
    "nothing": lambda a: None,
    "garbage": lambda a: "x",
    "an empty certificate": lambda a: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----".replace("\n", " "),
    "too large": lambda a: "M" * 20_000,
    "another name": lambda a: a.issue("CN=other,OU=Payments,O=Example"),
    "a longer name": lambda a: a.issue(f"CN=x,{SUBJECT}"),
    "self-signed with the name": lambda a: certified(SUBJECT),
    "an authority of the same name": lambda a: Authority(a.name).issue(SUBJECT),
    "a client as an authority": lambda a: certified(SUBJECT, by=a.issue("CN=between")),
    "over": lambda a: a.issue(SUBJECT, days=(-9, -1)),
    "not yet": lambda a: a.issue(SUBJECT, days=(1, 9)),
    "for servers": lambda a: a.issue(SUBJECT, usage=SERVER_AUTH),
    "two of them": lambda a: f"{a.issue(SUBJECT).escaped},{a.issue(SUBJECT).escaped}",
}


@row("E8")
@pytest.mark.parametrize("name", list(REFUSED))
def test_other_certificates_let_nobody_in(world: World, authority: Authority, name: str) -> None:
    answer = ask(by_name(world, SUBJECT), REFUSED[name](authority))
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@row("E8")
def test_a_secret_does_not_stand_in(world: World, authority: Authority) -> None:
    app = by_name(world, SUBJECT)
    with world.writing() as work:
        row_ = service.get(work, app.client_id)
        secret = stored.secret(work, app.client_id, row_.secret_sealed) or "x"
    form = {"grant_type": "client_credentials", "audience": API, "client_secret": secret}
    assert ask(app, None, **form).status_code == 401
    assert ask(app, authority.issue(SUBJECT), **form).status_code == 401
    other = world.client("m2m")
    world.grant(other.client_id, API, "read:things")
    assert ask(other, authority.issue(SUBJECT)).status_code == 401


def test_a_certificate_of_its_own(world: World) -> None:
    mine, other = certified("CN=mine"), certified("CN=mine")
    app = by_own(world, mine)
    assert ask(app, mine).status_code == 200
    assert ask(app, other).status_code == 401
    assert ask(by_own(world, other), mine).status_code == 401
    assert ask(by_own(world, over := certified("CN=over", days=(-9, -1))), over).status_code == 401


@row("Q2", "E8")
@pytest.mark.parametrize("address", ["203.0.113.9", "127.0.0.1", "", "::1"])
def test_nobody_but_the_proxy_is_believed(world: World, address: str) -> None:
    mine = certified("CN=mine")
    app = by_own(world, mine)
    form = {"client_id": app.client_id, "grant_type": "client_credentials", "audience": API}
    answer = world.send("POST", "/oauth/token", data=form, headers={HEADER: mine.escaped}, address=address)
    assert answer.status_code == 401
    assert ask(app, mine).status_code == 200


@row("Q2")
def test_the_proxy_is_who_is_connected_whatever_it_says_of_others(open_world: OpenWorld) -> None:
    world = open_world(IDP_TRUSTED_PROXIES="1")
    mine = certified("CN=mine")
    app = by_own(world, mine)
    form = {"client_id": app.client_id, "grant_type": "client_credentials", "audience": API}

    def through(connected: str, told: str) -> int:
        headers = {HEADER: mine.escaped, "X-Forwarded-For": told}
        return world.send("POST", "/oauth/token", data=form, headers=headers, address=connected).status_code

    assert through(PROXY, "203.0.113.9") == 200
    assert through("203.0.113.9", PROXY) == 401


def test_without_the_setting_nobody_is_believed(open_world: OpenWorld, environment: dict[str, str]) -> None:
    world = open_world(**dict.fromkeys(environment, ""))
    mine = certified("CN=mine")
    app = by_own(world, mine)
    assert ask(app, mine).status_code == 401
    found = world.get("/.well-known/openid-configuration").get_json()
    assert not any("tls" in each for each in found["token_endpoint_auth_methods_supported"])


# ---- new certificates without a pause
def test_certificates_change_without_a_pause(world: World, clock: Clock) -> None:
    old, new = certified("CN=old"), certified("CN=new")
    app = by_own(world, old)
    api, path = world.management(), f"/clients/{app.client_id}"
    made = api.post(f"{path}/credentials", {"credential_type": "x509_cert", "pem": new.pem, "name": "new"})
    first = next(each["id"] for each in api.get(f"{path}/credentials") if each["id"] != made["id"])
    assert [ask(app, each).status_code for each in (old, new)] == [200, 401]
    both = [{"id": first}, {"id": made["id"]}]
    api.patch(path, {"client_authentication_methods": {"self_signed_tls_client_auth": {"credentials": both}}})
    assert [ask(app, each).status_code for each in (old, new)] == [200, 200]
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    api.patch(f"{path}/credentials/{first}", {"expires_at": ends})
    assert [ask(app, each).status_code for each in (old, new)] == [200, 200]
    clock.forward(hours=2)
    assert [ask(app, each).status_code for each in (old, new)] == [401, 200]


@pytest.mark.parametrize(
    "credential",
    [
        {"credential_type": "cert_subject_dn"},
        {"credential_type": "cert_subject_dn", "subject_dn": "no name"},
        {"credential_type": "cert_subject_dn", "pem": "x"},
        {"credential_type": "x509_cert", "pem": "x"},
        {"credential_type": "x509_cert"},
    ],
)
def test_credentials_that_are_none(world: World, credential: dict[str, str]) -> None:
    api = world.caller("update:clients", "create:client_credentials")
    answer = api.post(f"/clients/{world.client().client_id}/credentials", credential)
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")


# ---- bound tokens
BOUND = {"tls_client_certificate_bound_access_tokens": True}


def shown_with(world: World, path: str, token: str, shown: Certified | None, scheme: str = "Bearer") -> TestResponse:
    headers = {"Authorization": f"{scheme} {token}", **({HEADER: shown.escaped} if shown else {})}
    return world.send("GET", path, headers=headers, address=PROXY)


def test_a_machines_token_is_bound_to_its_certificate(world: World) -> None:
    mine, other = certified("CN=mine"), certified("CN=other")
    app = by_own(world, mine, other, **BOUND)
    token = ask(app, mine).get_json()["access_token"]
    assert app.claims(token)["cnf"] == {"x5t#S256": mine.x5t}
    told = ask(app, mine, "/oauth/introspect", token=token).get_json()
    assert (told["token_type"], told["cnf"]) == ("Bearer", {"x5t#S256": mine.x5t})


def test_the_management_api_wants_the_certificate(world: World) -> None:
    mine = certified("CN=mine")
    app, audience = by_own(world, mine, **BOUND), f"{world.issuer}api/v2/"
    world.grant(app.client_id, audience, "read:clients")
    token = ask(app, mine, grant_type="client_credentials", audience=audience).get_json()["access_token"]
    assert shown_with(world, "/api/v2/clients", token, mine).status_code == 200
    for shown in (None, certified("CN=mine")):
        assert shown_with(world, "/api/v2/clients", token, shown).status_code == 401
    assert shown_with(world, "/api/v2/clients", token, mine, "DPoP").status_code == 401


@pytest.mark.parametrize("audience", [None, API])
def test_somebodys_tokens_are_bound(world: World, browser: Browser, jane: Person, audience: str | None) -> None:
    mine = certified("CN=mine")
    app = by_own(world, mine, kind="web", **BOUND)
    attempt = app.begin(browser, audience=audience, scope="openid email offline_access")
    browser.submit(username=jane.email, password=jane.password)
    form = {
        "grant_type": "authorization_code",
        "code": browser.answer.params["code"],
        "redirect_uri": attempt.params["redirect_uri"],
        "code_verifier": attempt.verifier,
    }
    tokens = ask(app, mine, **form).get_json()
    assert shown_with(world, "/userinfo", tokens["access_token"], mine).status_code == 200
    refused = shown_with(world, "/userinfo", tokens["access_token"], None)
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_token")
    again = ask(app, mine, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).get_json()
    assert shown_with(world, "/userinfo", again["access_token"], mine).status_code == 200


def test_a_public_clients_tokens_are_bound_to_any_certificate(world: World, browser: Browser, jane: Person) -> None:
    """RFC 8705 4: nobody knows the certificate, and what was issued to it is its own."""
    mine, other = certified("CN=device"), certified("CN=device")
    app = world.client("spa", **BOUND)
    attempt = app.begin(browser, scope="openid offline_access")
    browser.submit(username=jane.email, password=jane.password)
    form = {
        "grant_type": "authorization_code",
        "code": browser.answer.params["code"],
        "redirect_uri": attempt.params["redirect_uri"],
        "code_verifier": attempt.verifier,
    }
    assert ask(app, None, **form).get_json()["error"] == "invalid_request"
    tokens = ask(app, mine, **form).get_json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert ask(app, other, **refresh).get_json()["error"] == "invalid_grant"
    assert ask(app, mine, **refresh).status_code == 200


@pytest.mark.parametrize(
    ("said", "shows", "outcome"),
    [
        ({"mechanism": "mtls", "required": True}, True, "x5t#S256"),
        ({"mechanism": "mtls", "required": True}, False, "invalid_request"),
        ({"mechanism": "mtls", "required": False}, True, "x5t#S256"),
        ({"mechanism": "mtls", "required": False}, False, None),
        ({"mechanism": "mtls", "required": True, "required_for": "public_clients"}, False, None),
        ({"mechanism": "dpop", "required": True}, True, "invalid_dpop_proof"),
    ],
)
def test_what_an_api_wants(world: World, said: dict[str, Any], shows: bool, outcome: str | None) -> None:
    world.api(proof_of_possession=said)
    app = world.client("m2m")
    world.grant(app.client_id, API, "read:things")
    form = {"grant_type": "client_credentials", "audience": API, "client_secret": app.secret or ""}
    answer = ask(app, certified("CN=mine") if shows else None, **form).get_json()
    if outcome is None or "#" in outcome:
        cnf = app.claims(answer["access_token"]).get("cnf")
        assert (list(cnf) if cnf else None) == ([outcome] if outcome else None)
    else:
        assert answer["error"] == outcome


def test_client_and_api_that_disagree(world: World) -> None:
    world.api(proof_of_possession={"mechanism": "mtls", "required": True})
    app = world.client("m2m", dpop_bound_access_tokens=True)
    world.grant(app.client_id, API, "read:things")
    answer = Holder(app).token(grant_type="client_credentials", audience=API)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


# ---- discovery
def test_discovery_says_where_to_come_with_certificates(world: World) -> None:
    path = "/.well-known/openid-configuration"
    found = world.get(path).get_json()
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(found["token_endpoint_auth_methods_supported"])
    assert found["tls_client_certificate_bound_access_tokens"] is True
    assert "mtls_endpoint_aliases" not in found
    world.management().patch("/tenants/settings", {"mtls": {"enable_endpoint_aliases": True}})
    found = world.get(path).get_json()
    host = world.issuer.removeprefix("https://")
    aliases = found["mtls_endpoint_aliases"]
    assert aliases["token_endpoint"] == f"https://mtls.{host}oauth/token"
    assert aliases["pushed_authorization_request_endpoint"] == f"https://mtls.{host}oauth/par"
    assert aliases["backchannel_authentication_endpoint"] == f"https://mtls.{host}bc-authorize"
    assert "authorization_endpoint" not in aliases


def test_a_proof_may_name_the_alias(open_world: OpenWorld) -> None:
    world = open_world(IDP_MTLS_URL="https://certs.example.test:8443")
    world.settings(mtls={"enable_endpoint_aliases": True})
    app = world.client("m2m")
    world.grant(app.client_id, world.api(), "read:things")
    holder = Holder(app)
    htu = "https://certs.example.test:8443/oauth/token"
    assert world.get("/.well-known/openid-configuration").get_json()["mtls_endpoint_aliases"]["token_endpoint"] == htu
    form = {"grant_type": "client_credentials", "audience": API}
    assert holder.token(holder.proof("POST", "", htu=htu), **form).status_code == 200
    evil = holder.proof("POST", "", htu="https://evil.example.test/oauth/token")
    assert holder.token(evil, **form).status_code == 400


# ---- how proxies write them
def test_every_way_to_write_a_certificate() -> None:
    mine = certified("CN=mine")
    bare = base64.b64encode(mine.der).decode()
    written = (
        mine.escaped,
        quote(mine.pem, safe=""),
        mine.pem.replace("\n", " "),
        bare,
        quote(bare, safe=""),
        f":{bare}:",
    )
    assert [certificates.read(each) for each in written] == [mine.der] * len(written)
    for none in ("", "%", "x", "%zz", ":", base64.b64encode(b"text").decode()):
        assert certificates.read(none) is None
