"""People of a token service that speaks WS-Federation sign in, and what becomes of what it says."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from connectors.saml_format import federation, signatures
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.passive import CLAIMS, ENTITY, SIGN_IN, PassiveSource, connect, metadata
from tests.world.saml import pair
from tests.world.sources import logged
from tests.world.world import World


@pytest.fixture
def app(world: World) -> Application:
    """The application people sign in to."""
    return world.client(allowed_logout_urls=["https://app.example.test/bye"])


def come(browser: Browser, app: Application, source: PassiveSource, **members: Any) -> dict[str, Any]:
    """Sign in there, and answer the claims of the ID token."""
    attempt = app.begin(browser, connection=source.name)
    source.answer(browser, source.says(**members), source.asked(browser)["wctx"])
    return attempt.tokens(browser.answer).id_claims


@on_both_stores
def test_somebody_signs_in(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    attempt = app.begin(browser, connection=source.name, login_hint="jane@corp.example")
    asked = source.asked(browser)
    assert asked["wa"] == "wsignin1.0"
    assert (asked["wtrealm"], asked["wreply"]) == (source.realm, f"{world.issuer}login/callback")
    assert asked["login_hint"] == "jane@corp.example"
    told = {
        f"{CLAIMS}/emailaddress": "jane@corp.example",
        f"{CLAIMS}/givenname": "Jane",
        f"{CLAIMS}/upn": "jane@corp",
        "http://schemas.xmlsoap.org/claims/Group": ["staff", "all"],
    }
    source.answer(browser, source.says(claims=told), asked["wctx"])
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == "adfs|corp|jane"
    assert (claims["email"], claims["email_verified"], claims["given_name"]) == ("jane@corp.example", False, "Jane")
    stored = world.caller().get("/users/adfs%7Ccorp%7Cjane").json
    assert (stored["upn"], stored["groups"]) == ("jane@corp", ["staff", "all"])
    (entry,) = logged(world, "s")
    assert (entry["connection"], entry["strategy"]) == ("corp", "adfs")


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_either_version_of_saml_may_be_the_token(
    world: World, browser: Browser, app: Application, version: str
) -> None:
    assert come(browser, app, connect(world, app.client_id), version=version)["sub"] == "adfs|corp|jane"


@pytest.mark.parametrize("version", ["1.1", "2.0"])
def test_an_encrypted_token_is_opened(world: World, browser: Browser, app: Application, version: str) -> None:
    from idp.tenant.keys import store

    with world.context() as work:
        ours = store.ring(work).current("RS256").certificate
    source = connect(world, app.client_id)
    assert come(browser, app, source, version=version, encrypt_for=ours)["sub"] == "adfs|corp|jane"


@pytest.mark.parametrize(
    ("options", "name", "claims", "account"),
    [
        ({"user_id_attribute": f"{CLAIMS}/upn"}, "jane", {f"{CLAIMS}/upn": "j@corp"}, "j@corp"),
        ({}, None, {f"{CLAIMS}/nameidentifier": "n-1", f"{CLAIMS}/upn": "j@corp"}, "n-1"),
        ({}, None, {f"{CLAIMS}/upn": "j@corp"}, "j@corp"),
    ],
)
def test_what_names_the_account(
    world: World,
    browser: Browser,
    app: Application,
    options: dict[str, Any],
    name: str | None,
    claims: dict[str, str],
    account: str,
) -> None:
    source = connect(world, app.client_id, **options)
    assert come(browser, app, source, name=name, claims=claims)["sub"] == f"adfs|corp|{account}"


def test_an_address_counts_as_proven_where_an_administrator_says_so(
    world: World, browser: Browser, app: Application
) -> None:
    source = connect(world, app.client_id, should_trust_email_verified_connection="always_set_emails_as_verified")
    assert come(browser, app, source)["email_verified"] is True


@pytest.mark.parametrize("digest", ["thumbprints", "prev_thumbprints", "thumbprints_sha384"])
def test_a_certificate_may_be_known_by_its_fingerprint(
    world: World, browser: Browser, app: Application, digest: str
) -> None:
    name = signatures.thumbprint_sha384 if "384" in digest else signatures.thumbprint
    written = name(pair().certificate).upper()
    spaced = ":".join(written[at : at + 2] for at in range(0, len(written), 2))
    source = connect(world, app.client_id, fedMetadataXml=None, signInEndpoint=SIGN_IN, **{digest: [spaced]})
    assert come(browser, app, source)["sub"] == "adfs|corp|jane"


def test_sign_out_goes_on_there(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    come(browser, app, source)
    bye = "https://app.example.test/bye"
    browser.open(f"/v2/logout?client_id={app.client_id}&returnTo={bye}&federated")
    asked = source.asked(browser)
    assert (asked["wa"], asked["wtrealm"]) == ("wsignout1.0", source.realm)
    assert asked["wreply"].startswith(f"{world.issuer}logout?state=")
    browser.open(asked["wreply"])
    assert browser.left_for == bye


def test_an_administrator_reads_what_to_enter_there(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    browser.open(f"/samlp/metadata?connection={source.name}")
    root = etree.fromstring(browser.shown.html.encode())
    assert root.get("entityID") == source.realm
    assert f"{world.issuer}login/callback" in browser.shown.html


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"fedMetadataXml": None}, "adfs_server"),
        ({"fedMetadataXml": None, "signInEndpoint": SIGN_IN}, "thumbprints"),
        ({"fedMetadataXml": "<html/>"}, "token services"),
        ({"fedMetadataXml": "nonsense"}, "no well-formed XML"),
        ({"fedMetadataXml": metadata(sign_in="javascript:alert(1)")}, "the metadata name no passive endpoint"),
        ({"fedMetadataXml": None, "adfs_server": "https://["}, "options.adfs_server: is neither a host"),
        ({"fedMetadataXml": None, "adfs_server": "adfs.example:port"}, "options.adfs_server: is neither a host"),
        ({"signInEndpoint": "https://["}, "options.signInEndpoint: is not the address"),
        ({"thumbprints": ["12:34"]}, "no fingerprint"),
        ({"signingCert": "nonsense"}, "certificate cannot be read"),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_saved(world: World, options: dict[str, Any], reason: str) -> None:
    given = {name: value for name, value in {"fedMetadataXml": metadata(), **options}.items() if value is not None}
    answer = world.caller().post("/connections", json={"name": "corp", "strategy": "adfs", "options": given})
    assert answer.status_code == 400
    assert reason in answer.json["message"]


def test_metadata_of_adfs_itself_are_read() -> None:
    """It describes an application, a token service and a SAML identity provider in one document."""
    document = metadata().replace(
        "</md:EntityDescriptor>",
        '<md:RoleDescriptor xsi:type="fed:ApplicationServiceType" protocolSupportEnumeration="x"/>'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>'
        "</md:EntityDescriptor>",
    )
    found = federation.token_service(document)
    assert (found.entity_id, found.sign_in, list(found.signing)) == (ENTITY, SIGN_IN, [pair().certificate])
