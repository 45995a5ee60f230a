"""Applications that speak SAML: what they are told, in which words, and what is refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from connectors.saml_format import bindings, encryption, signatures
from connectors.saml_format.keys import KeyPair
from connectors.saml_format.names import ASSERTION, EMAIL_ADDRESS, PROTOCOL, RSA_SHA256, SUCCESS, q
from idp.protocol.saml.settings import CLAIMS
from tests.flows.saml_service import (
    CONSUMER,
    OUT,
    SERVICE,
    STATUS,
    Service,
    answered,
    attributes,
    logout,
    said,
    sign_in,
)
from tests.world.browser import Browser
from tests.world.saml import pair
from tests.world.world import Person, World


def test_somebody_signs_in(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world)
    request = service.request()
    browser.open(service.url(request), site="cross-site")
    assert browser.path == "/u/login"
    sign_in(browser, jane)
    response, form = answered(browser)
    assert form["RelayState"] == "where"
    assert response.get("InResponseTo") == request.get("ID")
    assert response.get("Destination") == CONSUMER
    assertion = said(response, "Assertion")
    read = signatures.verified(assertion, [service.certificate()])
    assert read is not None
    assert said(read, "NameID").text == jane.user_id
    assert said(read, "Audience").text == SERVICE
    assert said(read, "SubjectConfirmationData").get("Recipient") == CONSUMER
    told = attributes(read)
    assert told[f"{CLAIMS}/emailaddress"] == [jane.email]
    assert told[f"{CLAIMS}/givenname"] == ["Jane"]
    assert told["http://schemas.auth0.com/email_verified"] == ["true"]
    assert not any("metadata" in name or "password" in name for name in told)
    (entry,) = world.logs("saml_assertion_issued")
    assert (entry.user_id, entry.client_id) == (jane.user_id, service.client_id)
    browser.open(service.url(service.request()), site="cross-site")
    assert answered(browser), "whoever is signed in is not asked again"


def test_a_form_of_another_site_finds_the_session(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world)
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    form = {"SAMLRequest": bindings.posted(service.request()), "RelayState": "where"}
    browser.open(service.address, method="POST", form=form, site="cross-site")
    response, fields = answered(browser)
    assert fields["RelayState"] == "where"
    assert said(response, "NameID").text == jane.user_id


def test_somebody_begins_here(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, RelayState="start", audience="urn:service")
    browser.open(service.address)
    sign_in(browser, jane)
    response, form = answered(browser)
    assert (form["RelayState"], response.get("InResponseTo")) == ("start", None)
    assert said(response, "Audience").text == "urn:service"
    browser.open(f"{service.address}?RelayState=elsewhere")
    assert answered(browser)[1]["RelayState"] == "elsewhere"


def test_the_addon_decides_what_is_told(world: World, browser: Browser) -> None:
    jane = world.user(name="Jane Doe", app_metadata={"role": "chief", "secret": "kept"})
    service = Service(
        world,
        mappings={"email": ["mail", f"{CLAIMS}/emailaddress"], "app_metadata.role": "role"},
        passthroughClaimsWithNoMapping=False,
        mapIdentities=False,
        createUpnClaim=False,
        nameIdentifierProbes=[f"{CLAIMS}/emailaddress"],
        nameIdentifierFormat=EMAIL_ADDRESS,
        signResponse=True,
        recipient="https://r.example/",
        destination="https://d.example/",
        issuer="urn:us",
        lifetimeInSeconds=120,
        authnContextClassRef="urn:strong",
        typedAttributes=False,
        includeAttributeNameFormat=False,
    )
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    response, _ = answered(browser)
    assert attributes(response) == {
        "mail": [jane.email],
        f"{CLAIMS}/emailaddress": [jane.email],
        "role": ["chief"],
    }
    assert (said(response, "NameID").text, said(response, "NameID").get("Format")) == (jane.email, EMAIL_ADDRESS)
    assert response.get("Destination") == "https://d.example/"
    assert said(response, "SubjectConfirmationData").get("Recipient") == "https://r.example/"
    assert said(response, "Issuer").text == "urn:us"
    assert said(response, "AuthnContextClassRef").text == "urn:strong"
    assert b"xsi:type" not in etree.tostring(response)
    assert b"NameFormat" not in etree.tostring(response)
    assert signatures.verified(response, [service.certificate()]) is not None
    assert signatures.verified(said(response, "Assertion"), [service.certificate()]) is None


def test_unmapped_attributes_as_they_are(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, mapUnknownClaimsAsIs=True)
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    told = attributes(answered(browser)[0])
    assert told["email_verified"] == ["true"]
    assert told["http://schemas.auth0.com/identities/default/provider"] == ["auth0"]


def test_passive_and_forced(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world)
    browser.open(service.url(service.request(IsPassive="true")))
    response, _ = answered(browser)
    assert [each.get("Value") for each in response.iter(q(PROTOCOL, "StatusCode"))] == [
        f"{STATUS}Responder",
        f"{STATUS}NoPassive",
    ]
    assert signatures.verified(response, [service.certificate()]) is not None
    assert response.find(q(ASSERTION, "Assertion")) is None
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    browser.open(service.url(service.request(IsPassive="true")))
    assert said(answered(browser)[0], "StatusCode").get("Value") == SUCCESS
    browser.open(service.url(service.request(ForceAuthn="true")))
    assert browser.path == "/u/login", "asked again"


def test_somebody_who_may_not(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world)
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    world.change_user(jane.user_id, blocked=True)
    browser.open(service.url(service.request()))
    response, _ = answered(browser)
    assert [each.get("Value") for each in response.iter(q(PROTOCOL, "StatusCode"))][1] == f"{STATUS}AuthnFailed"
    assert said(response, "StatusMessage").text == "user is blocked"


def test_an_application_of_somebody_else_asks_first(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, client={"is_first_party": False})
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    assert browser.path == "/u/consent"
    browser.submit("deny")
    response, _ = answered(browser)
    assert response.find(q(ASSERTION, "Assertion")) is None
    browser.open(service.url(service.request()))
    browser.submit("accept")
    assert said(answered(browser)[0], "NameID").text == jane.user_id


def test_a_signed_request(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, signingCert=pair("a service").certificate)
    browser.open(service.url(service.request()))
    assert (browser.status, browser.left_for) == (400, None)
    url = service.url(service.request(), signed=True)
    browser.open(url.replace("RelayState=where", "RelayState=elsewhere"))
    assert browser.status == 400
    browser.open(url)
    sign_in(browser, jane)
    assert answered(browser)
    posted = service.request()
    signatures.signed(posted, pair("a service"), at=1)
    browser.open(service.address, method="POST", form={"SAMLRequest": bindings.posted(posted)}, site="cross-site")
    assert answered(browser)
    posted.set("AssertionConsumerServiceURL", "https://evil.example/")
    browser.open(service.address, method="POST", form={"SAMLRequest": bindings.posted(posted)}, site="cross-site")
    assert browser.status == 400


def test_a_signature_is_of_what_is_read(world: World, browser: Browser, jane: Person) -> None:
    """Whoever has any address that the application signed must not be able to put another message beside it."""
    service = Service(world, logout={"callback": OUT}, signingCert=pair("a service").certificate)
    browser.open(service.url(service.request(), signed=True))
    sign_in(browser, jane)
    response = answered(browser)[0]
    forged = logout(service, response, session=None)
    mine = service.url(logout(service, response, name="somebody else", session=None), signed=True).partition("?")[2]
    form = {"SAMLRequest": bindings.posted(forged)}
    browser.open(f"{service.address}/logout?{mine}", method="POST", form=form, site="cross-site")
    assert browser.status == 400
    unsigned = service.url(forged, relay_state=None).partition("SAMLRequest=")[2]
    answer = mine.replace("SAMLRequest=", "SAMLResponse=")
    key = pair("a service")
    out = bindings.redirect_url("https://x/", "SAMLResponse", forged, sign_with=key, algorithm=RSA_SHA256)
    for query in (f"{mine}&SAML%52equest={unsigned}", f"{answer}&SAMLRequest={unsigned}"):
        browser.open(f"{service.address}/logout?{query}", site="cross-site")
        assert browser.status == 400
    browser.open(f"{service.address}/logout?{out.partition('?')[2]}&SAML%52equest={unsigned}", site="cross-site")
    assert browser.status == 400, "signed, and about something else"
    browser.open(service.address, method="POST", form={"SAMLRequest": bindings.posted(service.request())})
    assert browser.status == 400
    browser.open(service.url(service.request(IsPassive="true"), signed=True))
    assert said(answered(browser)[0], "StatusCode").get("Value") == SUCCESS, "nobody was signed out"


@pytest.mark.parametrize("name", ["path", "self", "query", "work"])
def test_parameters_of_any_name_are_asked_for_again(world: World, browser: Browser, name: str) -> None:
    service = Service(world)
    form = {"SAMLRequest": bindings.posted(service.request()), name: "1"}
    for path in (f"/samlp/{service.client_id}", f"/samlp/{service.client_id}/logout", "/logout"):
        answer = world.post(path, form)
        assert answer.status_code in {302, 303}, answer.status_code
        assert f"{name}=1" in answer.headers["Location"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"AssertionConsumerServiceURL": "https://evil.example/acs"},
        {"AssertionConsumerServiceURL": f"{CONSUMER}/../other"},
        {"AssertionConsumerServiceURL": "javascript:alert(1)"},
        {"Destination": "https://another.example/samlp/x"},
        {"Destination": "{address}x"},
        {"ID": None},
        {"ID": "x" * 300},
    ],
)
def test_requests_that_lead_nowhere(world: World, browser: Browser, attributes: dict[str, Any]) -> None:
    service = Service(world)
    given = {name: value and value.replace("{address}", service.address) for name, value in attributes.items()}
    browser.open(service.url(service.request(**given)))
    assert (browser.status, browser.left_for) == (400, None)
    assert "evil" not in str([form.action for form in browser.shown.forms])


@pytest.mark.parametrize("value", ["", "%%%", "QUJD", base64.b64encode(b"<!DOCTYPE a><a/>").decode(), "A" * 400_000])
def test_garbage(world: World, browser: Browser, value: str) -> None:
    service = Service(world)
    for path in (service.address, f"{service.address}/logout"):
        browser.open(path, method="POST", form={"SAMLRequest": value}, site="cross-site")
        assert 400 <= browser.status < 500
        if len(value) < 1000:
            browser.open(f"{path}?SAMLRequest={value}")
            assert 400 <= browser.status < 500


def test_a_bomb_in_the_address_is_not_unpacked(world: World, browser: Browser) -> None:
    import zlib

    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(b" " * 5_000_000) + packer.flush()
    service = Service(world)
    value = base64.b64encode(packed).decode().replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    browser.open(f"{service.address}?SAMLRequest={value}")
    assert browser.status == 400


def test_only_applications_with_the_addon(world: World, browser: Browser) -> None:
    plain = world.client()
    for path in (f"/samlp/{plain.client_id}", "/samlp/nobody", f"/samlp/metadata/{plain.client_id}"):
        browser.open(path)
        assert browser.status == 400
    service = Service(world)
    browser.open(f"/samlp/{service.client_id}?connection=nobody")
    assert browser.status == 400
    browser.open(f"{service.address}?RelayState={'x' * 9000}")
    assert browser.status == 400


def test_what_changed_meanwhile(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world)
    browser.open(service.url(service.request()))
    world.change_client(service.client_id, callbacks=["https://moved.example.test/acs"])
    sign_in(browser, jane)
    assert browser.status == 400, "the answer may not go there any more"
    browser.open(f"/samlp/resume?state={'x' * 20}")
    assert browser.status == 400


def test_metadata(world: World) -> None:
    service = Service(world)
    world.rotate_keys()
    answer = world.get(f"/samlp/metadata/{service.client_id}")
    assert answer.content_type == "application/samlmetadata+xml"
    root = etree.fromstring(answer.data)
    assert root.get("entityID") == "urn:id.example.test"
    assert len(root.findall(".//{*}X509Certificate")) == 3, "current, next and previous"
    first = str(root.findtext(".//{*}X509Certificate"))
    assert first in service.certificate().replace("\n", "")
    addresses = {each.get("Location") for each in root.iter() if each.get("Location")}
    assert addresses == {service.address, f"{service.address}/logout"}
    key = pair().private_key
    assert isinstance(key, RSAPrivateKey)


@pytest.mark.parametrize("given", ["encryptionCert", "encryptionPublicKey"])
@pytest.mark.parametrize("members", [{}, {"signResponse": True}, {"encryptionAlgorithm": "aes256-cbc"}], ids=str)
def test_only_the_application_can_read_an_encrypted_assertion(
    world: World, browser: Browser, jane: Person, members: dict[str, Any], given: str
) -> None:
    theirs = pair("a service")
    service = Service(world, **members, **{given: _written(theirs, given)})
    browser.open(service.url(service.request()))
    sign_in(browser, jane)
    response, form = answered(browser)
    assert jane.email not in base64.b64decode(form["SAMLResponse"]).decode()
    if members.get("signResponse"):
        around = signatures.verified(response, [service.certificate()])
        assert around is not None
        response = around
    opened = encryption.decrypted(said(response, "EncryptedAssertion"), [theirs.private_key])
    if not members.get("signResponse"):
        read = signatures.verified(opened, [service.certificate()])
        assert read is not None
        opened = read
    assert said(opened, "NameID").text == jane.user_id


def _written(key: KeyPair, given: str) -> str:
    if given == "encryptionCert":
        return key.certificate
    public = key.private_key.public_key()
    return str(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.mark.parametrize("member", ["encryptionCert", "encryptionPublicKey"])
def test_nothing_goes_out_in_the_clear_instead(world: World, browser: Browser, member: str) -> None:
    ec = generate_private_key(SECP256R1()).public_key()
    written = ec.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for value in ("nonsense", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", written):
        service = Service(world, **{member: value})
        browser.open(service.url(service.request()))
        assert browser.status == 400
        assert "not set up correctly" in browser.shown.text


@pytest.mark.parametrize(
    ("client", "addon", "issuer", "taken"),
    [
        ({}, {}, SERVICE, True),
        ({}, {}, "urn:service", False),
        ({"client_aliases": ["urn:service"]}, {}, "urn:service", True),
        ({}, {"audience": "urn:fixed"}, "urn:service", True),
        ({}, {}, "https://another.example.test/metadata", False),
        ({}, {}, "https://service.example.test.evil/metadata", False),
        ({}, {}, "http://service.example.test/metadata", False),
    ],
)
def test_whom_an_assertion_is_for(
    world: World,
    browser: Browser,
    jane: Person,
    client: dict[str, Any],
    addon: dict[str, Any],
    issuer: str,
    taken: bool,
) -> None:
    service = Service(world, client=client, **addon)
    request = service.request()
    request.find(q(ASSERTION, "Issuer")).text = issuer
    browser.open(service.url(request))
    if not taken:
        assert browser.status == 400
        assert "Issuer" in browser.shown.text
        return
    sign_in(browser, jane)
    assert said(answered(browser)[0], "Audience").text == addon.get("audience", issuer)


def test_a_signed_request_says_whom_it_is_for(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, signingCert=pair("a service").certificate)
    request = service.request()
    request.find(q(ASSERTION, "Issuer")).text = "urn:anything"
    browser.open(service.url(request, signed=True))
    sign_in(browser, jane)
    assert said(answered(browser)[0], "Audience").text == "urn:anything"
