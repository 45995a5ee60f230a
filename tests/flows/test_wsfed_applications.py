"""Applications that speak WS-Federation: what they are told, in which words, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from connectors.saml_format import federation, signatures, trust
from connectors.saml_format.documents import parse
from connectors.saml_format.names import ASSERTION_1, ENCRYPTION, TRUST, q
from idp.protocol.saml.settings import CLAIMS
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.passive import connect
from tests.world.saml import pair
from tests.world.world import PASSWORD, Person, World

CALLBACK = "https://rp.example.test/signin"
BYE = "https://rp.example.test/bye"


def application(world: World, *, client: dict[str, Any] | None = None, **addon: Any) -> Application:
    """One that speaks WS-Federation."""
    members = {
        "callbacks": [CALLBACK],
        "allowed_logout_urls": [BYE],
        "client_aliases": ["urn:rp"],
        "addons": {"wsfed": addon},
    }
    return world.client(**{**members, **(client or {})})


def answered(browser: Browser, action: str = CALLBACK) -> tuple[etree._Element, dict[str, str]]:
    """The document that the browser is about to post, and the form."""
    form = browser.shown.forms[0]
    assert form.action == action, browser.shown.text
    return parse(form.fields["wresult"].encode()), form.fields


def told(world: World, answer: etree._Element) -> etree._Element:
    """The token, as our key signed it."""
    from idp.tenant.keys import store

    with world.context() as work:
        ours = store.ring(work).current("RS256").certificate
    token = answer.find(f"{q(TRUST, 'RequestedSecurityToken')}/{q(ASSERTION_1, 'Assertion')}")
    read = signatures.verified(token, [ours])
    assert read is not None
    return read


def attributes(token: etree._Element) -> dict[str, list[str | None]]:
    return {
        f"{each.get('AttributeNamespace')}/{each.get('AttributeName')}": [value.text for value in each]
        for each in token.iter(q(ASSERTION_1, "Attribute"))
    }


def said(token: etree._Element, name: str) -> etree._Element:
    found = next(token.iter(q(ASSERTION_1, name)), None)
    assert found is not None, etree.tostring(token)
    return found


def sign_in(browser: Browser, person: Person) -> None:
    browser.submit(username=person.email, password=PASSWORD)


def test_characters_that_xml_lacks_keep_nobody_out(world: World, browser: Browser, jane: Person) -> None:
    world.caller().patch(f"/users/{jane.user_id}", {"user_metadata": {"motto": "a\x01b\ufffe"}})
    rp = application(world, mappings={"user_metadata.motto": "https://rp.example.test/motto"})
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0", site="cross-site")
    sign_in(browser, jane)
    token = told(world, answered(browser)[0])
    assert attributes(token)["https://rp.example.test/motto"] == ["a\ufffdb\ufffd"]


def test_somebody_signs_in(world: World, browser: Browser, jane: Person) -> None:
    rp = application(world)
    url = f"/wsfed/{rp.client_id}?wa=wsignin1.0&wtrealm=urn:rp&wreply={CALLBACK}&wctx=rm%3D0%26id%3Dpassive"
    browser.open(url, site="cross-site")
    assert browser.path == "/u/login"
    sign_in(browser, jane)
    answer, form = answered(browser)
    assert (form["wa"], form["wctx"]) == ("wsignin1.0", "rm=0&id=passive")
    token = told(world, answer)
    assert said(token, "Audience").text == "urn:rp"
    assert said(token, "NameIdentifier").text == jane.user_id
    assert attributes(token)[f"{CLAIMS}/emailaddress"] == [jane.email]
    assert not any("metadata" in name or "password" in name for name in attributes(token))
    (entry,) = world.logs("wsfed_token_issued")
    assert (entry.user_id, entry.client_id) == (jane.user_id, rp.client_id)
    browser.open(url, site="cross-site")
    assert answered(browser), "whoever is signed in is not asked again"


def test_the_least_that_an_application_may_say(world: World, browser: Browser, jane: Person) -> None:
    rp = application(world, client={"client_aliases": []})
    for url in (f"/wsfed/{rp.client_id}", f"/wsfed?wtrealm={rp.client_id}", f"/wsfed?wtrealm=urn:{rp.client_id}"):
        browser.open(url)
        if browser.path == "/u/login":
            sign_in(browser, jane)
        answer, form = answered(browser)
        assert said(told(world, answer), "Audience").text in {rp.client_id, f"urn:{rp.client_id}"}
        assert "wctx" not in form


def test_a_form_of_another_site_finds_the_session(world: World, browser: Browser, jane: Person) -> None:
    rp = application(world)
    browser.open(f"/wsfed/{rp.client_id}")
    sign_in(browser, jane)
    form = {"wa": "wsignin1.0", "wtrealm": "urn:rp", "wctx": "where"}
    browser.open(f"/wsfed/{rp.client_id}", method="POST", form=form, site="cross-site")
    assert answered(browser)[1]["wctx"] == "where"


@pytest.mark.parametrize(("fresh", "asks"), [("0", True), ("5", True), ("60", False), ("", False)])
def test_how_old_a_sign_in_may_be(
    world: World, browser: Browser, jane: Person, clock: Clock, fresh: str, asks: bool
) -> None:
    rp = application(world)
    browser.open(f"/wsfed/{rp.client_id}")
    sign_in(browser, jane)
    clock.forward(minutes=10)
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&wfresh={fresh}")
    assert (browser.path == "/u/login") is asks
    if asks:
        sign_in(browser, jane)
        assert answered(browser)


def test_the_addon_decides_what_is_told(world: World, browser: Browser) -> None:
    jane = world.user(name="Jane Doe", app_metadata={"role": "chief"})
    rp = application(
        world,
        audience="urn:fixed",
        issuer="urn:us",
        mappings={"email": f"{CLAIMS}/emailaddress", "app_metadata.role": f"{CLAIMS}/role", "name": "plain"},
        passthroughClaimsWithNoMapping=False,
        mapIdentities=False,
        createUpnClaim=False,
        nameIdentifierProbes=[f"{CLAIMS}/emailaddress"],
        authnContextClassRef="urn:oasis:names:tc:SAML:1.0:am:password",
    )
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&wtrealm=urn:anything")
    sign_in(browser, jane)
    token = told(world, answered(browser)[0])
    assert (token.get("Issuer"), said(token, "Audience").text) == ("urn:us", "urn:fixed")
    assert said(token, "NameIdentifier").text == jane.email
    assert attributes(token) == {
        f"{CLAIMS}/emailaddress": [jane.email],
        f"{CLAIMS}/role": ["chief"],
        "urn:oasis:names:tc:SAML:1.0:attrname:unspecified/plain": ["Jane Doe"],
    }


def test_only_the_application_can_read_an_encrypted_token(world: World, browser: Browser, jane: Person) -> None:
    theirs = pair("a relying party")
    rp = application(world, encryptionCert=theirs.certificate)
    browser.open(f"/wsfed/{rp.client_id}")
    sign_in(browser, jane)
    answer, form = answered(browser)
    assert jane.email not in form["wresult"]
    assert next(answer.iter(q(ENCRYPTION, "EncryptedData")), None) is not None
    token = trust.token(form["wresult"], [theirs.private_key])
    assert said(token, "NameIdentifier").text == jane.user_id


def test_home_realm(world: World, browser: Browser, jane: Person) -> None:
    rp = application(world)
    source = connect(world, rp.client_id, name="corp")
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&whr=corp")
    asked = source.asked(browser)
    source.answer(browser, source.says(), asked["wctx"])
    assert said(told(world, answered(browser)[0]), "NameIdentifier").text == "adfs|corp|jane"


def test_whoever_is_blocked_reads_it_on_our_page(world: World, browser: Browser, jane: Person) -> None:
    rp = application(world)
    browser.open(f"/wsfed/{rp.client_id}")
    sign_in(browser, jane)
    answered(browser)
    world.caller().patch(f"/users/{jane.user_id}", json={"blocked": True})
    browser.open(f"/wsfed/{rp.client_id}")
    assert (browser.status, browser.path) == (200, "/u/login"), "the session is over"
    sign_in(browser, jane)
    assert browser.status == 403
    assert "user is blocked" in browser.shown.text
    assert "wresult" not in browser.shown.html
    assert {entry.description for entry in world.logs("f")} == {"user is blocked"}


def test_signing_out(world: World, browser: Browser, jane: Person) -> None:
    rp = application(world)
    other = application(world, client={"callbacks": ["https://other.example.test/in?x=1"]})
    for each, action in ((rp, CALLBACK), (other, "https://other.example.test/in?x=1")):
        browser.open(f"/wsfed/{each.client_id}")
        if browser.path == "/u/login":
            sign_in(browser, jane)
        answered(browser, action)
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignout1.0&wreply={BYE}")
    browser.submit()
    assert "https://other.example.test/in?x=1&amp;wa=wsignoutcleanup1.0" in browser.shown.html
    assert "https://rp.example.test/signin?wa=wsignoutcleanup1.0" not in browser.shown.html
    assert BYE in browser.shown.html
    browser.open(f"/wsfed/{rp.client_id}")
    assert browser.path == "/u/login"


def test_metadata(world: World, browser: Browser) -> None:
    rp = application(world)
    for path, address in (("", "wsfed"), (f"/{rp.client_id}", f"wsfed/{rp.client_id}")):
        browser.open(f"/wsfed{path}/FederationMetadata/2007-06/FederationMetadata.xml")
        found = federation.token_service(browser.shown.html)
        assert found.sign_in == f"{world.issuer}{address}"
        assert found.entity_id == f"urn:{world.issuer.partition('://')[2].rstrip('/')}"
        assert found.signing


@pytest.mark.parametrize(
    ("client", "query", "words"),
    [
        ({"addons": {}}, "", "add-on wsfed is off"),
        ({"callbacks": []}, "", "wreply"),
        ({}, "?wa=wattr1.0", "not offered"),
        ({}, "?wreq=%3Ca/%3E", "wreq"),
        ({}, "?wreqptr=https://a.example/", "wreqptr"),
        ({}, "?wfresh=-1", "wfresh"),
        ({}, "?wfresh=999999999999999999", "wfresh"),
        ({"addons": {"wsfed": {"encryptionCert": "nonsense"}}}, "", "not set up correctly"),
        ({"organization_usage": "require"}, "", "organization"),
    ],
)
def test_what_is_refused(world: World, browser: Browser, client: dict[str, Any], query: str, words: str) -> None:
    rp = application(world, client=client)
    browser.open(f"/wsfed/{rp.client_id}{query}")
    assert browser.status == 400
    assert words in browser.shown.text, browser.shown.text


def test_a_form_that_no_address_carries_is_refused(world: World, browser: Browser) -> None:
    rp = application(world)
    for size, status in ((8_192, 200), (40_000, 414)):
        form = {"wa": "wsignin1.0", "wctx": "x" * size}
        browser.open(f"/wsfed/{rp.client_id}", method="POST", form=form, site="cross-site")
        assert browser.status == status, size
    assert "too long" in browser.shown.text


def test_nobody_that_is_registered(browser: Browser) -> None:
    for url in ("/wsfed/nobody", "/wsfed", "/wsfed?wtrealm=urn:nobody", f"/wsfed/{'x' * 2000}"):
        browser.open(url)
        assert browser.status == 400
