"""Group SA: assertions of a SAML source whose signature is moved, missing or proves nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from lxml import etree

from connectors.saml_format import signatures
from connectors.saml_format.documents import add, element
from connectors.saml_format.names import ASSERTION, PROTOCOL, SIGNATURE, q
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.saml import SamlSource, connect, pair
from tests.world.sources import EVIL, refused
from tests.world.world import World

Change = Callable[[etree._Element], None]


@pytest.fixture
def app(world: World) -> Application:
    """The application people sign in to."""
    return world.client()


@pytest.fixture
def source(world: World, app: Application) -> SamlSource:
    """A connection to the identity provider of tests."""
    return connect(world, app.client_id)


def away(browser: Browser, app: Application, source: SamlSource) -> tuple[str, str]:
    """Begin, and leave for the source."""
    app.begin(browser, connection=source.name)
    return source.asked(browser)


# ---- SA1: signature wrapping
def _parts(response: etree._Element) -> tuple[etree._Element, etree._Element, etree._Element]:
    """The assertion that is signed, an evil copy of it without a signature, and the signature."""
    good = response.find(q(ASSERTION, "Assertion"))
    assert good is not None
    evil = copy.deepcopy(good)
    evil.remove(evil.find(q(SIGNATURE, "Signature")))
    evil.set("ID", "_evil")
    evil.find(f".//{q(ASSERTION, 'NameID')}").text = EVIL
    return good, evil, good.find(q(SIGNATURE, "Signature"))


def xsw1(response: etree._Element) -> None:
    """The signed response inside of the signature of an evil one."""
    original = copy.deepcopy(response)
    original.remove(original.find(q(SIGNATURE, "Signature")))
    response.find(q(SIGNATURE, "Signature")).append(original)
    response.set("ID", "_evil")
    response.find(f"{q(ASSERTION, 'Assertion')}//{q(ASSERTION, 'NameID')}").text = EVIL


def xsw2(response: etree._Element) -> None:
    """The signed response before the signature of an evil one."""
    original = copy.deepcopy(response)
    original.remove(original.find(q(SIGNATURE, "Signature")))
    response.insert(1, original)
    response.set("ID", "_evil")
    response.findall(q(ASSERTION, "Assertion"))[0].find(f".//{q(ASSERTION, 'NameID')}").text = EVIL


def xsw3(response: etree._Element) -> None:
    """An evil assertion before the signed one."""
    good, evil, _ = _parts(response)
    good.addprevious(evil)


def xsw4(response: etree._Element) -> None:
    """The signed assertion inside of an evil one."""
    good, evil, _ = _parts(response)
    response.replace(good, evil)
    evil.append(good)


def xsw5(response: etree._Element) -> None:
    """An evil assertion with the signature, the signed one behind it."""
    good, evil, signature = _parts(response)
    original = copy.deepcopy(good)
    original.remove(original.find(q(SIGNATURE, "Signature")))
    response.replace(good, evil)
    evil.insert(1, signature)
    response.append(original)


def xsw6(response: etree._Element) -> None:
    """The signed assertion inside of the signature that an evil one carries."""
    xsw5(response)
    original = response[-1]
    response.find(f".//{q(SIGNATURE, 'Signature')}").append(original)


def xsw7(response: etree._Element) -> None:
    """An evil assertion in the extensions."""
    good, evil, _ = _parts(response)
    extensions = element(PROTOCOL, "Extensions")
    extensions.append(evil)
    evil.set("ID", str(good.get("ID")))
    response.insert(1, extensions)


def xsw8(response: etree._Element) -> None:
    """The signed assertion in an object of the signature that an evil one carries."""
    good, evil, signature = _parts(response)
    original = copy.deepcopy(good)
    original.remove(original.find(q(SIGNATURE, "Signature")))
    response.replace(good, evil)
    evil.insert(1, signature)
    evil.set("ID", str(original.get("ID")))
    add(signature, SIGNATURE, "Object").append(original)


def in_advice(response: etree._Element) -> None:
    """The signed assertion as the advice of an evil one."""
    good, evil, _ = _parts(response)
    response.replace(good, evil)
    advice = element(ASSERTION, "Advice")
    evil.insert(3, advice)
    advice.append(good)


def twice(response: etree._Element) -> None:
    """The same ID on an evil assertion elsewhere."""
    good, evil, _ = _parts(response)
    evil.set("ID", str(good.get("ID")))
    status = response.find(q(PROTOCOL, "Status"))
    add(status, PROTOCOL, "StatusDetail").append(evil)


@row("SA1")
@pytest.mark.parametrize("change", [xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, in_advice, twice])
def test_a_wrapped_signature_is_no_signature(
    world: World, browser: Browser, app: Application, source: SamlSource, change: Change
) -> None:
    request_id, state = away(browser, app, source)
    sign = ("response",) if change in {xsw1, xsw2} else ("assertion",)
    source.answer(browser, source.says(request_id, sign=sign, change=change), state)
    refused(world, browser, ":")


# ---- SA2: signatures that prove nothing
def stripped(response: etree._Element) -> None:
    for signature in list(response.iter(q(SIGNATURE, "Signature"))):
        signature.getparent().remove(signature)


def tampered(response: etree._Element) -> None:
    response.find(f".//{q(ASSERTION, 'NameID')}").text = EVIL


def without_references(response: etree._Element) -> None:
    info = response.find(f".//{q(SIGNATURE, 'SignedInfo')}")
    info.remove(info.find(q(SIGNATURE, "Reference")))


def of_everything(response: etree._Element) -> None:
    response.find(f".//{q(SIGNATURE, 'Reference')}").set("URI", "")


def of_the_response(response: etree._Element) -> None:
    response.find(f".//{q(SIGNATURE, 'Reference')}").set("URI", f"#{response.get('ID')}")


def with_another_transform(response: etree._Element) -> None:
    transforms = response.find(f".//{q(SIGNATURE, 'Transforms')}")
    add(transforms, SIGNATURE, "Transform", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116")


def with_a_comment_in_the_digest(response: etree._Element) -> None:
    digest = response.find(f".//{q(SIGNATURE, 'DigestValue')}")
    comment = etree.Comment("bm90IHRoZSBkaWdlc3Q=")
    comment.tail, digest.text = digest.text, None
    digest.append(comment)
    tampered(response)


def two_signatures(response: etree._Element) -> None:
    signature = response.find(f".//{q(SIGNATURE, 'Signature')}")
    signature.addnext(copy.deepcopy(signature))


def with_an_algorithm(name: str, value: str) -> Change:
    def change(response: etree._Element) -> None:
        response.find(f".//{q(SIGNATURE, name)}").set("Algorithm", value)

    return change


def of_another_key(response: etree._Element) -> None:
    """A new signature of the attacker's, who brings the certificate along in KeyInfo."""
    stripped(response)
    tampered(response)
    signatures.signed(response.find(q(ASSERTION, "Assertion")), pair("an attacker"), at=1)


def of_another_key_with_our_certificate(response: etree._Element) -> None:
    """The same, and KeyInfo names the certificate that is configured."""
    of_another_key(response)
    shown = response.find(f".//{q(SIGNATURE, 'X509Certificate')}")
    shown.text = "".join(pair().certificate.splitlines()[1:-1])


def mac_of_the_certificate(response: etree._Element) -> None:
    """A MAC whose key is what everybody knows: the certificate itself."""
    import base64
    import hashlib
    import hmac

    tampered(response)
    assertion = response.find(q(ASSERTION, "Assertion"))
    stripped(response)
    signatures.signed(assertion, pair("an attacker"), at=1)
    info = assertion.find(f".//{q(SIGNATURE, 'SignedInfo')}")
    info.find(q(SIGNATURE, "SignatureMethod")).set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    data = etree.tostring(info, method="c14n", exclusive=True)
    value = hmac.new(pair().certificate.encode(), data, hashlib.sha256).digest()
    assertion.find(f".//{q(SIGNATURE, 'SignatureValue')}").text = base64.b64encode(value).decode()


@row("SA2")
@pytest.mark.parametrize(
    "change",
    [
        stripped,
        tampered,
        without_references,
        of_everything,
        of_the_response,
        with_another_transform,
        with_a_comment_in_the_digest,
        two_signatures,
        with_an_algorithm("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        with_an_algorithm("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#dsa-sha1"),
        with_an_algorithm("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        with_an_algorithm("CanonicalizationMethod", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        of_another_key,
        of_another_key_with_our_certificate,
        mac_of_the_certificate,
    ],
)
def test_a_signature_that_proves_nothing(
    world: World, browser: Browser, app: Application, source: SamlSource, change: Change
) -> None:
    request_id, state = away(browser, app, source)
    source.answer(browser, source.says(request_id, change=change), state)
    refused(world, browser, "ignature")


@row("SA2")
def test_nothing_that_was_signed_with_sha1_is_believed(
    world: World, browser: Browser, app: Application, source: SamlSource
) -> None:
    def weakly(response: etree._Element) -> None:
        assertion = response.find(q(ASSERTION, "Assertion"))
        signatures.signed(assertion, pair(), at=1, algorithm="rsa-sha1", digest="sha1")

    request_id, state = away(browser, app, source)
    source.answer(browser, source.says(request_id, sign=(), change=weakly), state)
    refused(world, browser, "signature: signed with")


@row("SA2")
def test_what_was_encrypted_has_to_be_signed_too(
    world: World, browser: Browser, app: Application, source: SamlSource
) -> None:
    with world.context() as work:
        from idp.tenant.keys import store

        ours = store.ring(work).current("RS256").certificate
    request_id, state = away(browser, app, source)
    source.answer(browser, source.says(request_id, sign=(), encrypt_for=ours), state)
    refused(world, browser, "neither the response nor its assertion is signed")
