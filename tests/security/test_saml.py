"""Answers of SAML identity providers that are not to be believed (security.md group SA). Each begins as one that is:
really signed, and then changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from connectors.saml_format import signatures
from connectors.saml_format.documents import add, element
from connectors.saml_format.names import ASSERTION, PROTOCOL, SIGNATURE, q
from idp.foundation.kernel import clock as now
from idp.foundation.kernel import sizes
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.saml import SamlSource, connect, encoded, metadata, pair
from tests.world.sources import EVIL, logged, refused
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


# ---- SA3: everything that an answer has to say
MINUTE = 60_000
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "audience": ({"audience": "urn:somebody-else"}, "audience: the audience is urn:somebody-else"),
    "no audience": ({"conditions": False}, "no Conditions"),
    "recipient": ({"recipient": "https://elsewhere.example/acs"}, "recipient: Recipient is"),
    "no recipient": ({"recipient": None}, "recipient: Recipient is"),
    "destination": ({"destination": "https://elsewhere.example/acs"}, "destination: Destination is"),
    "issuer of the response": ({"response_issuer": "https://evil.example"}, "issuer: Issuer is"),
    "issuer": ({"issuer": "https://evil.example"}, "issuer: Issuer is"),
    "another request": ({"request_id": "_another"}, "request: not the answer to what was asked"),
    "confirmed for another request": ({"confirmed_request": "_another"}, "request: not the answer"),
    "confirmed for no request": ({"confirmed_request": None}, "request: nobody was asked"),
    "session over": ({"session_ends": now.now_ms() - 10 * MINUTE}, "clock: the session there ended"),
}


@row("SA3")
@pytest.mark.parametrize("case", WRONG)
def test_what_an_answer_says_has_to_fit(world: World, browser: Browser, app: Application, case: str) -> None:
    source = connect(world, app.client_id, metadataXml=metadata().decode())
    members, reason = WRONG[case]
    request_id, state = away(browser, app, source)
    source.answer(browser, source.says(**{"request_id": request_id, **members}), state)
    refused(world, browser, reason)


@row("SA3")
@pytest.mark.parametrize(("seconds", "good"), [(-355, True), (-365, False), (55, True), (65, False)])
def test_clocks_may_differ_by_a_minute(
    world: World, browser: Browser, app: Application, source: SamlSource, seconds: int, good: bool
) -> None:
    request_id, state = away(browser, app, source)
    source.answer(browser, source.says(request_id, at=now.now_ms() + seconds * 1000), state)
    if good:
        assert browser.answer.code
    else:
        refused(world, browser, "clock: ")
        assert "clock" in browser.answer.params["error_description"]


@row("SA3")
def test_a_status_that_is_no_success(world: World, browser: Browser, app: Application, source: SamlSource) -> None:
    request_id, state = away(browser, app, source)
    status = "urn:oasis:names:tc:SAML:2.0:status:"
    source.answer(browser, source.says(request_id, status=(f"{status}Requester", f"{status}RequestDenied")), state)
    refused(world, browser, "RequestDenied")


# ---- SA4: once
@row("SA4")
def test_an_assertion_counts_once(world: World, browser: Browser, app: Application, clock: Clock) -> None:
    unsolicited = {"enabled": True, "client_id": app.client_id}
    source = connect(world, app.client_id, idpinitiated=unsolicited)
    posted = source.says(None).posted()
    source.answer(browser, posted, None)
    assert browser.answer.code
    thief = world.browser()
    source.answer(thief, posted, None)
    assert thief.status == 403
    assert "replay: the assertion" in str([entry.get("details") for entry in logged(world, "f")])
    clock.forward(minutes=7)
    source.answer(thief, posted, None)
    assert thief.status == 403
    assert "clock: " in str([entry.get("details") for entry in logged(world, "f")]), "no longer kept, no longer good"


@row("SA4")
@on_both_stores
def test_of_two_that_bring_it_at_once_one_arrives(world: World, app: Application) -> None:
    source = connect(world, app.client_id, idpinitiated={"enabled": True, "client_id": app.client_id})
    posted = source.says(None).posted()

    def bring() -> str:
        browser = world.browser()
        source.answer(browser, posted, None)
        return browser.left_for or ""

    assert sum("code=" in each for each in at_once([bring] * 4)) == 1


# ---- SA5: unsolicited
@row("SA5")
@pytest.mark.parametrize("options", [{}, {"idpinitiated": {"enabled": False, "client_id": "x"}}])
def test_an_answer_that_nobody_asked_for(
    world: World, browser: Browser, app: Application, options: dict[str, Any]
) -> None:
    source = connect(world, app.client_id, **options)
    source.answer(browser, source.says(None), None)
    assert (browser.status, browser.left_for) == (400, None)
    assert "unsolicited response" in str([entry.get("details") for entry in logged(world, "f")])
    assert logged(world, "s") == []


@row("SA5")
def test_an_answer_to_somebody_elses_request_is_not_unsolicited(
    world: World, browser: Browser, app: Application
) -> None:
    source = connect(world, app.client_id, idpinitiated={"enabled": True, "client_id": app.client_id})
    request_id, state = away(browser, app, source)
    victim = world.browser()
    source.answer(victim, source.says(request_id), None)
    assert victim.status == 403
    assert "not known here" in str([entry.get("details") for entry in logged(world, "f")])
    source.answer(victim, source.says(request_id), state)
    assert victim.status == 400, "the state is the other browser's"
    assert logged(world, "s") == []


# ---- SA6: comments
@row("SA6")
def test_a_name_is_read_whole(world: World, browser: Browser, app: Application, source: SamlSource) -> None:
    def comment(response: etree._Element) -> None:
        name = response.find(f".//{q(ASSERTION, 'NameID')}")
        split = etree.Comment("cut here")
        split.tail, name.text = ".evil.example", "jane@acme.example"
        name.append(split)

    request_id, state = away(browser, app, source)
    source.answer(browser, source.says(request_id, name_id="jane@acme.example.evil.example", change=comment), state)
    (entry,) = world.logs("s")
    assert entry.user_id == "samlp|acme|jane@acme.example.evil.example"


# ---- SA7, SA8, SA10: what is no message
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0">&c;</samlp:Response>'
)
EXTERNAL = (
    '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
    '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0">&secret;</samlp:Response>'
)
FETCHED = '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>'
DEEP = "<a>" * 5_000 + "</a>" * 5_000


@row("SA7")
@pytest.mark.parametrize("document", [EXTERNAL, FETCHED, FETCHED.encode("utf-16"), "<?xml version='1.1'?>" + EXTERNAL])
def test_no_document_type(
    world: World, browser: Browser, app: Application, source: SamlSource, document: str | bytes
) -> None:
    _, state = away(browser, app, source)
    source.answer(browser, encoded(document), state)
    refused(world, browser, "invalid: the document is not UTF-8" if isinstance(document, bytes) else "doctype: ")


@row("P2")
def test_nothing_is_fetched_for_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from connectors.saml_format.documents import SamlError, parse

    def connect(*_args: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for document in (EXTERNAL, FETCHED):
        with pytest.raises(SamlError):
            parse(document.encode())


@row("SA8")
@pytest.mark.parametrize(
    ("document", "reason"), [(BOMB, "doctype: "), (DEEP, "no well-formed XML"), ("<x/>" + " " * 150_000, "structure: ")]
)
def test_bombs(
    world: World, browser: Browser, app: Application, source: SamlSource, document: str, reason: str
) -> None:
    _, state = away(browser, app, source)
    source.answer(browser, encoded(document), state)
    refused(world, browser, reason)


@row("SA8")
def test_a_message_of_more_than_256_kb_is_not_kept(
    world: World, browser: Browser, app: Application, source: SamlSource
) -> None:
    request_id, state = away(browser, app, source)
    source.answer(browser, "A" * sizes.POSTED_ANSWER.most, state)
    assert browser.status == 413
    source.answer(browser, source.says(request_id), state)
    assert browser.answer.code, "the state is still good"


@row("SA10")
@pytest.mark.parametrize(
    "value", ["", "%%%", "QUJD", encoded("<a/>"), encoded("<a"), encoded(b"\xff\xfe"), encoded("\0")]
)
def test_garbage(world: World, browser: Browser, app: Application, source: SamlSource, value: str) -> None:
    _, state = away(browser, app, source)
    source.answer(browser, value, state)
    assert browser.answer.error == "access_denied"
    for relay_state in (None, "", "x" * 500, "unknown"):
        source.answer(browser, value, relay_state)
        assert (400 <= browser.status < 500, browser.left_for) == (True, None)


@row("SA10")
def test_garbage_where_unsolicited_answers_are_taken(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id, idpinitiated={"enabled": True, "client_id": app.client_id})
    source.answer(browser, "QUJD", None)
    assert (browser.status, browser.left_for) == (403, None)
    browser.open("/login/callback?answer=unknown")
    assert browser.status == 400
    browser.open(f"/login/callback?answer={'x' * 5000}")
    assert browser.status == 400


# ---- SA9: RelayState
@row("SA9")
@pytest.mark.parametrize("relay_state", ["https://evil.example/", "javascript:alert(1)", '"><script>alert(1)</script>'])
def test_relay_state_leads_nowhere(world: World, browser: Browser, app: Application, relay_state: str) -> None:
    source = connect(world, app.client_id, idpinitiated={"enabled": True, "client_id": app.client_id})
    source.answer(browser, source.says(None), relay_state)
    assert browser.answer.url == app.callback
    assert "evil" not in str(browser.hops)
    off = connect(world, app.client_id, name="off")
    off.answer(browser, off.says(None), relay_state)
    assert (browser.status, browser.left_for) == (400, None)
    assert "alert(1)" not in (browser.response.get_data(as_text=True) if browser.response else "")


# ---- SA11, SA12, SA13: whose accounts
@row("SA11", "N5")
def test_an_address_opens_nobody_elses_account(
    world: World, browser: Browser, app: Application, source: SamlSource
) -> None:
    jane = world.user("jane@acme.example")
    connect(world, app.client_id, name="other")
    request_id, state = away(browser, app, source)
    said = {"email": "jane@acme.example", "email_verified": True}
    source.answer(browser, source.says(request_id, name_id=jane.user_id, attributes=said), state)
    (entry,) = world.logs("s")
    assert entry.user_id == f"samlp|acme|{jane.user_id}"
    assert entry.user_id != jane.user_id


@row("SA12")
def test_no_attribute_writes_what_is_ours(world: World, browser: Browser, app: Application) -> None:
    fields = {"app_metadata": "role", "blocked": "off", "user_id": "employee", "logins_count": "n"}
    source = connect(world, app.client_id, fieldsMap=fields)
    request_id, state = away(browser, app, source)
    said = {
        "role": "admin",
        "off": True,
        "employee": "e-1",
        "n": "77",
        "app_metadata": '{"role": "admin"}',
        "user_metadata": "x",
        "identities": "x",
        "multifactor": "x",
        "created_at": "1970-01-01",
        "email": "jane@source.example",
    }
    source.answer(browser, source.says(request_id, attributes=said), state)
    assert browser.answer.code
    stored = world.caller().get("/users/samlp%7Cacme%7Ce-1").json
    assert stored["logins_count"] == 1
    assert {"app_metadata", "user_metadata", "blocked", "multifactor"}.isdisjoint(stored)
    assert stored["created_at"] > "2000"
    assert len(stored["identities"]) == 1


@row("SA13")
def test_an_assertion_of_another_connections_source(world: World, browser: Browser, app: Application) -> None:
    ours = connect(world, app.client_id)
    theirs = connect(world, app.client_id, name="other", key=pair("another source"))
    request_id, state = away(browser, app, ours)
    theirs.answer(browser, theirs.says(request_id, key=pair("another source")), state)
    refused(world, browser, "destination: ")
    request_id, state = away(browser, app, ours)
    stolen = ours.says(request_id, key=pair("another source"))
    theirs.answer(browser, stolen, state)
    refused(world, browser, "signature: ")


# ---- SA14: one reading
@row("SA14")
def test_what_was_signed_is_what_is_read() -> None:
    from connectors.saml_format.documents import SamlError, parse, written

    assertion = element(ASSERTION, "Assertion", {"saml": ASSERTION}, ID="_a", Version="2.0")
    add(assertion, ASSERTION, "Issuer", "urn:x")
    signatures.signed(assertion, pair(), at=1)
    read = signatures.verified(parse(written(assertion)), [pair().certificate])
    assert read is not None
    assert read.find(q(SIGNATURE, "Signature")) is None, "the bytes that were signed have none"
    assert read is not assertion
    for odd in ("<a ID='1'><b id='1'/></a>", "<a ID='1'><?pi x?></a>", "<a xml:id='1' ID='1'/>"):
        with pytest.raises(SamlError):
            parse(odd.encode())


@row("U8")
def test_keys_that_an_attacker_could_open_are_not_taken(
    world: World, browser: Browser, app: Application, source: SamlSource
) -> None:
    from connectors.saml_format.names import ENCRYPTION

    with world.context() as work:
        from idp.tenant.keys import store

        ours = store.ring(work).current("RS256").certificate

    def weak(name: str, index: int) -> Change:
        def change(response: etree._Element) -> None:
            response.findall(f".//{q(ENCRYPTION, 'EncryptionMethod')}")[index].set("Algorithm", f"{ENCRYPTION}{name}")

        return change

    def other_bits(response: etree._Element) -> None:
        value = response.findall(f".//{q(ENCRYPTION, 'CipherValue')}")[-1]
        value.text = "A" * 4 + str(value.text)[4:]

    for change, reason in (
        (weak("rsa-1_5", 1), "the key is encrypted with"),
        (weak("tripledes-cbc", 0), "encrypted with"),
        (other_bits, "cannot be opened with our keys"),
    ):
        request_id, state = away(browser, app, source)
        source.answer(browser, source.says(request_id, encrypt_for=ours, change=change), state)
        refused(world, browser, reason)
