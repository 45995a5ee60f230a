"""SAML identity providers as sources: what comes of their answers, and what is refused when a connection is saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from connectors.saml_format.names import EMAIL_ADDRESS, TRANSIENT
from tests.flows.saml_sources.coming import OUT, come, end_request, live
from tests.world import saml
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.key_pair import certified
from tests.world.saml import connect, pair
from tests.world.sources import logged
from tests.world.world import World


def test_somebody_signs_in(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    claims = come(browser, app, source, attributes={"email": "jane@source.example", "givenName": "Jane", "sn": "Doe"})
    assert claims["sub"] == "samlp|acme|jane"
    assert (claims["email"], claims["email_verified"]) == ("jane@source.example", False)
    assert (claims["given_name"], claims["family_name"]) == ("Jane", "Doe")
    (entry,) = logged(world, "s")
    assert (entry["strategy"], entry["strategy_type"], entry["connection"]) == ("samlp", "enterprise", "acme")


@pytest.mark.parametrize("algorithm", ["aes256-gcm", "aes256-cbc"])
@pytest.mark.parametrize("own", [False, True], ids=["the tenant's key", "a key of its own"])
def test_an_encrypted_assertion(world: World, browser: Browser, app: Application, algorithm: str, own: bool) -> None:
    key, certificate = certified("for one connection")
    options = {"decryptionKey": {"key": key, "cert": certificate}} if own else {}
    source = connect(world, app.client_id, **options)
    metadata = etree.fromstring(world.get("/samlp/metadata?connection=acme").data)
    shown = metadata.find(".//{*}KeyDescriptor[@use='encryption']//{*}X509Certificate")
    assert shown is not None
    pem = f"-----BEGIN CERTIFICATE-----\n{shown.text}\n-----END CERTIFICATE-----\n"
    assert ("".join(str(shown.text).split()) in certificate.replace("\n", "")) is own
    assert come(browser, app, source, encrypt_for=pem, encryption=algorithm)["sub"] == "samlp|acme|jane"


def test_what_names_the_account(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id, user_id_attribute="employee")
    given = {"employee": "e-17", "email": "jane@source.example"}
    assert come(browser, app, source, attributes=given)["sub"] == "samlp|acme|e-17"
    browser.jar.kept.clear()
    app.begin(browser, connection="acme")
    request_id, state = source.asked(browser)
    source.answer(browser, source.says(request_id), state)
    assert browser.answer.error == "access_denied"
    assert "subject: the assertion has no attribute employee" in str(logged(world, "f"))


def test_a_name_that_changes_each_time_is_none(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    app.begin(browser, connection="acme")
    request_id, state = source.asked(browser)
    source.answer(browser, source.says(request_id, name_format=TRANSIENT), state)
    assert browser.answer.error == "access_denied"
    assert "user_id_attribute" in str(logged(world, "f"))


def test_attributes_are_mapped(world: World, browser: Browser, app: Application) -> None:
    fields = {"email": "contact", "nickname": ["call-name", "uid"], "email_verified": "proven"}
    source = connect(world, app.client_id, fieldsMap=fields, non_persistent_attrs=["badge"])
    said = {"contact": "j@x.example", "uid": "jj", "proven": "true", "badge": "7", "department": ["a", "b"]}
    claims = come(browser, app, source, attributes=said)
    assert (claims["email"], claims["nickname"], claims["email_verified"]) == ("j@x.example", "jj", True)
    stored = world.caller().get("/users/samlp%7Cacme%7Cjane").json
    assert stored["department"] == ["a", "b"]
    assert "badge" not in str(stored)


def test_an_address_as_the_name(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    claims = come(browser, app, source, name_id="jane@x.example", name_format=EMAIL_ADDRESS, attributes={})
    assert (claims["email"], claims["email_verified"]) == ("jane@x.example", False)


def test_a_new_certificate_beside_the_old_one(world: World, browser: Browser, app: Application) -> None:
    old, new = pair(), pair("the next one")
    source = connect(world, app.client_id, certs=[new.certificate])
    for key in (old, new):
        assert come(browser, app, source, key=key)["sub"] == "samlp|acme|jane"
        browser.jar.kept.clear()


def test_a_certificate_that_expired_still_names_its_key(world: World, browser: Browser, app: Application) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from connectors.saml_format.keys import KeyPair

    key, certificate = certified("long ago", began=-400, days=30)
    gone = KeyPair(load_pem_private_key(key.encode(), None), certificate)
    source = connect(world, app.client_id, key=gone)
    assert come(browser, app, source, key=gone)["sub"] == "samlp|acme|jane"


def test_the_source_says_no(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id)
    status = "urn:oasis:names:tc:SAML:2.0:status:"
    for inner, told in (("AuthnFailed", "access_denied"), ("RequestUnsupported", "server_error")):
        app.begin(browser, connection="acme")
        request_id, state = source.asked(browser)
        source.answer(browser, source.says(request_id, status=(f"{status}Responder", f"{status}{inner}")), state)
        assert browser.answer.error == told
        assert inner in str([entry["details"] for entry in logged(world, "f")])


def test_requests_are_signed(world: World, browser: Browser, app: Application) -> None:
    from connectors.saml_format import bindings
    from idp.tenant.keys import store

    connect(world, app.client_id, signSAMLRequest=True)
    app.begin(browser, connection="acme", login_hint="jane@x.example")
    query = str(browser.left_for).partition("?")[2]
    with world.context() as work:
        certificate = store.ring(work).current("RS256").certificate
    assert bindings.signed_query(query, [certificate], "SAMLRequest")
    key, own = certified("for requests")
    with world.writing() as work:
        from idp.directory.connections import service as connections

        row = connections.by_name(work, "acme")
        assert row is not None
        options = {**row.options, "signSAMLRequest": True, "signing_key": {"key": key, "cert": own}}
        connections.update(work, row, {"options": options})
    app.begin(browser, connection="acme")
    assert bindings.signed_query(str(browser.left_for).partition("?")[2], [own], "SAMLRequest")


def test_a_template_makes_the_request(world: World, browser: Browser, app: Application) -> None:
    template = (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" @@AssertServiceURLAndDestination@@ '
        'ID="@@ID@@" IssueInstant="@@IssueInstant@@" ProtocolBinding="@@ProtocolBinding@@" Version="2.0">'
        '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@@Issuer@@</saml:Issuer></samlp:AuthnRequest>'
    )
    source = connect(world, app.client_id, requestTemplate=template, entityId="urn:us & <them>")
    assert come(browser, app, source, audience="urn:us & <them>")["sub"] == "samlp|acme|jane"


def test_somebody_begins_there(world: World, browser: Browser, app: Application) -> None:
    query = f"redirect_uri={app.callback}&scope=openid email&response_type=code&state=app"
    unsolicited = {"enabled": True, "client_id": app.client_id, "client_authorizequery": query}
    source = connect(world, app.client_id, idpinitiated=unsolicited)
    source.answer(browser, source.says(None), "https://somewhere.example/")
    assert browser.answer.code
    assert browser.answer.params["state"] == "app"
    assert "somewhere" not in str(browser.hops)


PEM = pair().private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"signInEndpoint": None}, "needs options.signInEndpoint"),
        ({"signingCert": None}, "needs the certificate"),
        ({"signingCert": "nonsense!"}, "options.signingCert: no certificate"),
        ({"cert": "bm9uc2Vuc2U="}, "options.cert: the certificate cannot be read"),
        ({"metadataXml": "<md/>"}, "options.metadataXml: the metadata describe no identity providers"),
        ({"metadataXml": "<!DOCTYPE a><a/>"}, "options.metadataXml: the document has a document type"),
        ({"decryptionKey": "nonsense"}, "options.decryptionKey: the private key cannot be read"),
        ({"signing_key": {"key": PEM}}, "options.signing_key: no certificate"),
        ({"requestTemplate": "<a>@@ID@@</a>"}, "options.requestTemplate: the template makes no samlp:AuthnRequest"),
        ({"requestTemplate": "<a>@@Nobody@@</a>"}, "options.requestTemplate: @@Nobody@@ is no placeholder"),
        ({"idpinitiated": {"enabled": True}}, "options.idpinitiated.client_id"),
        ({"protocolBinding": "urn:odd"}, "Invalid enum value 'urn:odd'"),
        ({"signInEndpoint": "javascript:alert(1)"}, "signInEndpoint"),
        ({"signInEndpoint": "https://["}, "options.signInEndpoint: is not the address of a web page"),
        ({"signOutEndpoint": "https://u:p@idp.example/"}, "options.signOutEndpoint"),
        ({"metadataUrl": "https://idp.example:port/"}, "options.metadataUrl"),
        (
            {"signInEndpoint": None, "metadataXml": saml.metadata(sign_in="javascript:alert(1)").decode()},
            "options.metadataXml: the metadata name no SingleSignOnService",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_what_cannot_work_is_refused_when_it_is_saved(world: World, options: dict[str, Any], reason: str) -> None:
    given = {"signInEndpoint": saml.SIGN_IN, "signingCert": pair().certificate, **options}
    answer = world.caller().post("/connections", json={"name": "acme", "strategy": "samlp", "options": given})
    assert answer.status_code == 400, answer.json
    assert reason in answer.json["message"]


def test_keys_of_a_connection_are_secrets(world: World, app: Application) -> None:
    key, certificate = certified("kept")
    options = {"decryptionKey": {"key": key, "cert": certificate}, "signing_key": {"key": key, "cert": certificate}}
    source = connect(world, app.client_id, **options)
    shown = world.caller("read:connections").get(f"/connections/{source.connection_id}").json
    assert shown["options"]["signing_key"]["key"] == key
    hidden = world.caller("read:clients").get(f"/clients/{app.client_id}/connections")
    assert key not in hidden.get_data(as_text=True)
    with world.context() as work:
        from idp.directory.connections import service as connections

        assert key.splitlines()[1] not in str(connections.get(work, source.connection_id).options)


def test_a_source_behind_a_metadata_url(
    world: World, browser: Browser, app: Application, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from idp.foundation import egress
    from idp.foundation.egress import Answer

    published = {"key": pair(), "status": 200}
    asked: list[str] = []

    def get(_settings: object, url: str, **_options: object) -> Answer:
        asked.append(url)
        document = saml.metadata(published["key"]) if published["status"] == 200 else b""
        return Answer(int(published["status"]), {}, document)

    monkeypatch.setattr(egress, "get", get)
    options = {"metadataUrl": "https://saml-source.example.test/metadata", "signInEndpoint": None, "signingCert": None}
    source = connect(world, app.client_id, **options)
    assert come(browser, app, source)["sub"] == "samlp|acme|jane"
    assert len(asked) == 1, "kept"
    published["key"] = pair("the next one")
    clock.forward(minutes=2)
    browser.jar.kept.clear()
    assert come(browser, app, source, key=pair("the next one"))["sub"] == "samlp|acme|jane"
    assert len(asked) == 2, "asked again for a key that was not known"
    for _ in range(3):
        app.begin(browser, connection="acme", prompt="login")
        request_id, state = source.asked(browser)
        source.answer(browser, source.says(request_id, key=pair("an attacker")), state)
        assert browser.answer.error == "access_denied"
    assert len(asked) == 2, "unknown keys cannot make us ask more than once a minute"
    published["status"] = 503
    clock.forward(hours=7)
    browser.jar.kept.clear()
    assert come(browser, app, source, key=pair("the next one"))["sub"] == "samlp|acme|jane", "what was read stays good"
    assert len(asked) == 3


def without_a_canonical_form(text: str) -> str:
    return text.replace("LogoutRequest ", 'LogoutRequest xmlns:odd="no-uri" odd:a="1" ', 1)


def with_an_empty(name: str) -> Callable[[str], str]:
    return lambda text: re.sub(rf"(<ds:{name}>)[^<]*", r"\1", text)


@pytest.mark.parametrize(
    "change", [without_a_canonical_form, with_an_empty("SignatureValue"), with_an_empty("DigestValue")]
)
def test_signatures_that_nobody_can_check(
    world: World, browser: Browser, app: Application, change: Callable[[str], str]
) -> None:
    from connectors.saml_format import signatures
    from connectors.saml_format.documents import written

    source = connect(world, app.client_id, signOutEndpoint=OUT)
    come(browser, app, source)
    request = end_request(source)
    signatures.signed(request, pair(), at=1)
    message = written(request).decode()
    assert change(message) != message
    form = {"SAMLRequest": saml.encoded(change(message))}
    browser.open("/logout?connection=acme", method="POST", form=form, site="cross-site")
    assert (browser.status, live(world)) == (400, 1)


@pytest.mark.parametrize("odd", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "", "now"])
def test_times_that_are_none(odd: str) -> None:
    from connectors.saml_format.documents import SamlError, iso, moment

    with pytest.raises(SamlError):
        iso(moment(odd))


def test_certificates_are_told_with_their_ends(world: World, app: Application) -> None:
    from connectors.contract import Probed
    from connectors.saml_format import signatures
    from idp.directory.connections import runtime as connections

    _, gone = certified("long ago", began=-400, days=30)
    source = connect(world, app.client_id, certs=[gone])
    with world.context() as work:
        found = connections.find(work, source.connection_id)
        assert found is not None
        connector = connections.runtime.open(work, found)
        assert isinstance(connector, Probed)
        told = connector.probe()
    assert told["signs in at"] == saml.SIGN_IN
    assert told[f"certificate {signatures.thumbprint(gone)}"].startswith("expired on ")
    assert "in 36" in told[f"certificate {signatures.thumbprint(pair().certificate)}"]
