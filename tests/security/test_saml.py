"""Answers of SAML identity providers that are not to be believed (security.md group SA). Each begins as one that is:
really signed, and then changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from connectors.saml_format import signatures
from connectors.saml_format.documents import add, element
from connectors.saml_format.names import ASSERTION, SIGNATURE, q
from idp.foundation.kernel import clock as now
from idp.foundation.kernel import sizes
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.saml import SamlSource, connect, encoded, metadata, pair
from tests.world.sources import logged, refused
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
