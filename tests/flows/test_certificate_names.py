"""Clients that say of themselves which certificate is theirs: by one of its names, or with their keys (RFC 8705 2.1.2,
2.2.2), in a registration and through the Management API.
"""

from __future__ import annotations

import base64
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.x509 import DNSName, IPAddress, RFC822Name, UniformResourceIdentifier

from tests.flows.test_mutual_tls import SUBJECT, ask
from tests.security.rows import row
from tests.world.application import Application
from tests.world.certificates import HEADER, PROXY, Authority, Certified, behind_a_proxy, certified
from tests.world.client_keys import public
from tests.world.fixtures import Clock, OpenWorld
from tests.world.key_sets import KeySetServer, key_set
from tests.world.registration import register, switch_on
from tests.world.world import API, World

__all__ = ["key_set"]
NAMES: dict[str, tuple[str, x509.GeneralName]] = {
    "tls_client_auth_san_dns": ("billing.example.test", DNSName("billing.example.test")),
    "tls_client_auth_san_uri": ("urn:acme:billing", UniformResourceIdentifier("urn:acme:billing")),
    "tls_client_auth_san_ip": ("2001:db8::7", IPAddress(ip_address("2001:db8::7"))),
    "tls_client_auth_san_email": ("Billing@example.test", RFC822Name("Billing@example.test")),
}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def environment(authority: Authority, tmp_path: Path) -> dict[str, str]:
    return behind_a_proxy(tmp_path / "clients-ca.pem", authority)


@pytest.fixture(autouse=True)
def api(world: World) -> str:
    return world.api()


def named(world: World, method: str = "tls_client_auth", **members: Any) -> Application:
    app = world.client("m2m", token_endpoint_auth_method=method, **members)
    world.grant(app.client_id, API, "read:things")
    return app


def shows(app: Application, shown: Certified | None) -> int:
    return ask(app, shown).status_code


# ---- names
def test_the_name_of_the_certificate(world: World, authority: Authority) -> None:
    app = named(world, tls_client_auth_subject_dn="O=Example, OU=Payments, CN=billing")
    assert shows(app, authority.issue(SUBJECT)) == 200
    assert shows(app, authority.issue("CN=other,OU=Payments,O=Example")) == 401
    assert shows(app, certified(SUBJECT)) == 401, "of no authority"
    assert shows(app, None) == 401


@pytest.mark.parametrize("member", list(NAMES))
def test_the_names_beside_it(world: World, authority: Authority, member: str) -> None:
    said, borne = NAMES[member]
    app = named(world, **{member: said})
    others = [each for name, (_, each) in NAMES.items() if name != member]
    assert shows(app, authority.issue("CN=x", beside=[borne])) == 200
    assert shows(app, authority.issue("CN=x", beside=[*others, borne])) == 200
    assert shows(app, authority.issue("CN=x", beside=others)) == 401
    assert shows(app, authority.issue("CN=x")) == 401
    assert shows(app, certified("CN=x", beside=[borne])) == 401


@row("E8")
@pytest.mark.parametrize(
    ("member", "said", "borne"),
    [
        ("tls_client_auth_san_dns", "billing.example.test", DNSName("*.example.test")),
        ("tls_client_auth_san_dns", "billing.example.test", DNSName("billing.example.test.evil.test")),
        ("tls_client_auth_san_dns", "billing.example.test", UniformResourceIdentifier("billing.example.test")),
        ("tls_client_auth_san_uri", "urn:acme:billing", UniformResourceIdentifier("urn:acme:Billing")),
        ("tls_client_auth_san_ip", "10.0.0.1", DNSName("10.0.0.1")),
        ("tls_client_auth_san_email", "billing@example.test", RFC822Name("Billing@example.test")),
        ("tls_client_auth_san_email", "billing@example.test", RFC822Name("billing@sub.example.test")),
    ],
)
def test_a_name_that_only_looks_alike(
    world: World, authority: Authority, member: str, said: str, borne: x509.GeneralName
) -> None:
    assert shows(named(world, **{member: said}), authority.issue("CN=x", beside=[borne])) == 401


@row("E8")
def test_a_name_beside_is_no_subject_and_the_other_way_round(world: World, authority: Authority) -> None:
    by_dns = named(world, tls_client_auth_san_dns="billing.example.test")
    assert shows(by_dns, authority.issue("CN=billing.example.test")) == 401
    by_subject = named(world, tls_client_auth_subject_dn="CN=billing.example.test")
    assert shows(by_subject, authority.issue("CN=x", beside=[DNSName("billing.example.test")])) == 401


@pytest.mark.parametrize(
    ("method", "members"),
    [
        ("tls_client_auth", {}),
        ("tls_client_auth", {"tls_client_auth_san_dns": "a.test", "tls_client_auth_san_uri": "urn:a"}),
        ("tls_client_auth", {"tls_client_auth_subject_dn": "no name"}),
        ("tls_client_auth", {"tls_client_auth_san_ip": "300.1.1.1"}),
        ("tls_client_auth", {"tls_client_auth_san_dns": "*.example.test"}),
        ("tls_client_auth", {"tls_client_auth_san_dns": "x" * 300}),
        ("self_signed_tls_client_auth", {}),
        ("self_signed_tls_client_auth", {"jwks": {"keys": [public()]}}),
        ("self_signed_tls_client_auth", {"jwks": {"keys": [{**public(), "x5c": ["MIIB"]}]}}),
        ("self_signed_tls_client_auth", {"jwks": {"keys": [{**public(), "x5c": "MIIB"}]}}),
        ("self_signed_tls_client_auth", {"jwks": {"keys": [{**public(), "x5c": []}]}}),
        ("self_signed_tls_client_auth", {"jwks": {"keys": [{**public(), "x5c": certified("CN=x").jwk["x5c"]}]}}),
    ],
)
def test_what_names_no_certificate_is_not_stored(world: World, method: str, members: dict[str, Any]) -> None:
    body = {"name": "x", "app_type": "non_interactive", "token_endpoint_auth_method": method, **members}
    answer = world.caller("create:clients").post("/clients", body)
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")


# ---- keys that bring their certificate along
def test_a_certificate_among_the_keys(world: World) -> None:
    mine, other = certified("CN=mine"), certified("CN=mine")
    app = named(world, "self_signed_tls_client_auth", jwks={"keys": [public(), mine.jwk]})
    assert [shows(app, each) for each in (mine, other, None)] == [200, 401, 401]
    world.change_client(app.client_id, jwks={"keys": [other.jwk]})
    assert [shows(app, each) for each in (mine, other)] == [401, 200]


@row("E8")
def test_of_a_chain_the_first_one_counts(world: World, authority: Authority) -> None:
    mine = authority.issue("CN=mine")
    chain = {**mine.jwk, "x5c": [*mine.jwk["x5c"], *authority.own.jwk["x5c"]]}
    app = named(world, "self_signed_tls_client_auth", jwks={"keys": [chain]})
    assert shows(app, mine) == 200
    assert shows(app, authority.own) == 401
    assert shows(app, authority.issue("CN=mine")) == 401, "the same name, of the same authority"


def test_one_that_is_over_lets_nobody_in(world: World) -> None:
    over = certified("CN=over", days=(-9, -1))
    assert shows(named(world, "self_signed_tls_client_auth", jwks={"keys": [over.jwk]}), over) == 401


def test_certificates_at_an_address_turn_without_a_word(world: World, key_set: KeySetServer, clock: Clock) -> None:
    mine, next_one = certified("CN=mine"), certified("CN=mine")
    key_set.keys = [mine.jwk]
    app = named(world, "self_signed_tls_client_auth", jwks_uri=key_set.url)
    assert [shows(app, each) for each in (mine, next_one)] == [200, 401]
    key_set.keys = [mine.jwk, next_one.jwk]
    clock.forward(seconds=11)
    assert [shows(app, each) for each in (mine, next_one)] == [200, 200]
    key_set.keys = [next_one.jwk]
    clock.forward(seconds=301)
    assert [shows(app, each) for each in (mine, next_one)] == [401, 200]


@row("E8")
def test_a_key_is_no_certificate(world: World, key_set: KeySetServer) -> None:
    """A published certificate of somebody else beside a key of one's own names nobody."""
    mine, other = certified("CN=mine"), certified("CN=other")
    key_set.keys = [{**mine.jwk, "x5c": other.jwk["x5c"]}]
    app = named(world, "self_signed_tls_client_auth", jwks_uri=key_set.url)
    assert [shows(app, each) for each in (mine, other)] == [401, 401]


# ---- registration
def test_a_registration_by_a_name(world: World, authority: Authority) -> None:
    switch_on(world, open=True, grant_types=["client_credentials"])
    said = register(
        world,
        redirect_uris=None,
        grant_types=["client_credentials"],
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_san_dns="billing.example.test",
    )
    assert said.status_code == 201, said.text
    made = said.get_json()
    assert made["tls_client_auth_san_dns"] == "billing.example.test"
    assert "client_secret" not in made
    world.grant(made["client_id"], API, "read:things")
    app = Application(world, made["client_id"], None, "", "certificate")
    assert shows(app, authority.issue("CN=x", beside=[DNSName("Billing.example.test")])) == 200


@pytest.mark.parametrize(
    "members",
    [
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_ip": "x"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
    ],
)
def test_a_registration_that_names_no_certificate(world: World, members: dict[str, str]) -> None:
    switch_on(world, open=True)
    said = register(world, **members)
    assert (said.status_code, said.get_json()["error"]) == (400, "invalid_client_metadata")


def test_nobody_registers_for_what_cannot_be_checked(open_world: OpenWorld, environment: dict[str, str]) -> None:
    world = open_world(**dict.fromkeys(environment, ""))
    switch_on(world, open=True)
    jwks = {"keys": [certified("CN=x").jwk]}
    for more in ({"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": jwks},):
        assert register(world, **more).get_json()["error"] == "invalid_client_metadata"


def test_the_proxy_alone_is_believed(world: World) -> None:
    mine = certified("CN=mine")
    app = named(world, "self_signed_tls_client_auth", jwks={"keys": [mine.jwk]})
    form = {"client_id": app.client_id, "grant_type": "client_credentials", "audience": API}
    assert (
        world.send("POST", "/oauth/token", data=form, headers={HEADER: mine.escaped}, address="203.0.113.9").status_code
        == 401
    )
    assert (
        world.send("POST", "/oauth/token", data=form, headers={HEADER: mine.escaped}, address=PROXY).status_code == 200
    )


# ---- certificates that nobody meant to be read
CURVE = "2a8648ce3d0301"
BROKEN = {
    "an extension twice": ("0603551d11", "0603551d25"),
    "a name of another kind": (b"\x82\x06a.test".hex(), b"\xa3\x06a.test".hex()),
    "a curve that nobody has": (f"{CURVE}07", f"{CURVE}77"),
    "a subject that is no text": (b"\x0c\x01x".hex(), b"\x0c\x01\xff".hex()),
}


def broken(how: str) -> bytes:
    """A certificate that can be opened, and not be read to its end."""
    before, after = (bytes.fromhex(each) for each in BROKEN[how])
    der = certified("CN=x", beside=[DNSName("a.test")]).der
    assert before in der
    return der.replace(before, after)


@row("E8")
@pytest.mark.parametrize("how", list(BROKEN))
def test_a_certificate_that_cannot_be_read_is_refused(world: World, how: str) -> None:
    """Whoever reaches the proxy shows it what they like: it is no fault of ours."""
    shown = quote(ssl.DER_cert_to_PEM_cert(broken(how)))
    for members in ({"tls_client_auth_san_dns": "a.test"}, {"tls_client_auth_subject_dn": "CN=x"}):
        app = named(world, **members)
        answer = ask(app, shown)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("how", list(BROKEN))
def test_nor_does_it_come_with_a_key(world: World, how: str) -> None:
    """A stranger registers a client with it."""
    switch_on(world, open=True)
    key = {**public(), "x5c": [base64.b64encode(broken(how)).decode()]}
    said = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {"keys": [key]}}
    assert register(world, **said).status_code == 400
