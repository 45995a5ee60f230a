"""WS-Federation: tokens of others that are not to be believed (security.md group SA). Each token begins as one that is
believed: really signed, then changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from connectors.saml_format import signatures
from connectors.saml_format.documents import add, element
from connectors.saml_format.names import ASSERTION_1, SIGNATURE, TRUST, q
from idp.foundation.kernel import clock, sizes
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.passive import SIGN_IN, PassiveSource, connect, signature_of
from tests.world.racing import at_once
from tests.world.saml import pair
from tests.world.sources import EVIL, logged, refused
from tests.world.world import World

Change = Callable[[etree._Element], None]


@pytest.fixture
def app(world: World) -> Application:
    """The application people sign in to."""
    return world.client()


@pytest.fixture
def source(world: World, app: Application) -> PassiveSource:
    """A connection to the token service of tests."""
    return connect(world, app.client_id)


def away(browser: Browser, app: Application, source: PassiveSource) -> str:
    """Begin, leave for the source, and answer what it has to send back."""
    app.begin(browser, connection=source.name)
    return source.asked(browser)["wctx"]


def _parts(answer: etree._Element) -> tuple[etree._Element, etree._Element, etree._Element]:
    """What holds the token, the token that is signed, and an evil copy of it without a signature."""
    holder = answer.find(q(TRUST, "RequestedSecurityToken"))
    good = holder[0]
    evil = copy.deepcopy(good)
    evil.remove(signature_of(evil))
    evil.set("AssertionID", "_evil")
    for name in evil.iter(q(ASSERTION_1, "NameIdentifier")):
        name.text = EVIL
    return holder, good, evil


def evil_before(answer: etree._Element) -> None:
    _, good, evil = _parts(answer)
    good.addprevious(evil)


def evil_beside(answer: etree._Element) -> None:
    _, _, evil = _parts(answer)
    add(answer, TRUST, "RequestedSecurityToken").append(evil)


def evil_around(answer: etree._Element) -> None:
    holder, good, evil = _parts(answer)
    holder.replace(good, evil)
    evil.append(good)


def evil_with_the_signature(answer: etree._Element) -> None:
    holder, good, evil = _parts(answer)
    original, signature = copy.deepcopy(good), signature_of(good)
    original.remove(signature_of(original))
    holder.replace(good, evil)
    evil.append(signature)
    signature.append(original)


def evil_of_the_same_id(answer: etree._Element) -> None:
    _, good, evil = _parts(answer)
    evil.set("AssertionID", str(good.get("AssertionID")))
    add(answer, TRUST, "Context").append(evil)


def in_advice(answer: etree._Element) -> None:
    holder, good, evil = _parts(answer)
    holder.replace(good, evil)
    advice = element(ASSERTION_1, "Advice")
    evil.insert(1, advice)
    advice.append(good)


def elsewhere(answer: etree._Element) -> None:
    """The signed token where no token belongs, in a second response."""
    _, good, _ = _parts(answer)
    other = add(answer, TRUST, "RequestSecurityTokenResponse")
    add(other, TRUST, "RequestedSecurityToken").append(good)


@row("SA1")
@pytest.mark.parametrize(
    "change",
    [evil_before, evil_beside, evil_around, evil_with_the_signature, evil_of_the_same_id, in_advice, elsewhere],
)
def test_a_wrapped_signature_is_no_signature(
    world: World, browser: Browser, app: Application, source: PassiveSource, change: Change
) -> None:
    source.answer(browser, source.says(change=change), away(browser, app, source))
    refused(world, browser, ":")


def stripped(answer: etree._Element) -> None:
    _, good, _ = _parts(answer)
    good.remove(signature_of(good))


def tampered(answer: etree._Element) -> None:
    for name in answer.iter(q(ASSERTION_1, "NameIdentifier")):
        name.text = EVIL


def of_another_key(answer: etree._Element) -> None:
    stripped(answer)
    tampered(answer)
    token = answer.find(q(TRUST, "RequestedSecurityToken"))[0]
    signatures.signed(token, pair("an attacker"), at=len(token))


def of_another_key_with_our_certificate(answer: etree._Element) -> None:
    of_another_key(answer)
    shown = answer.find(f".//{q(SIGNATURE, 'X509Certificate')}")
    shown.text = "".join(pair().certificate.splitlines()[1:-1])


def weakly(answer: etree._Element) -> None:
    stripped(answer)
    token = answer.find(q(TRUST, "RequestedSecurityToken"))[0]
    signatures.signed(token, pair(), at=len(token), algorithm="rsa-sha1", digest="sha1")


def with_the_other_id(answer: etree._Element) -> None:
    """SAML 1.1 knows no ``ID``: what is signed may not be found by another attribute than the one that is read."""
    _, good, _ = _parts(answer)
    good.set("ID", str(good.get("AssertionID")))


@row("SA2")
@pytest.mark.parametrize("by", ["certificate", "fingerprint"])
@pytest.mark.parametrize(
    "change", [stripped, tampered, of_another_key, of_another_key_with_our_certificate, weakly, with_the_other_id]
)
def test_a_signature_that_proves_nothing(
    world: World, browser: Browser, app: Application, change: Change, by: str
) -> None:
    known = {
        "fedMetadataXml": None,
        "signInEndpoint": SIGN_IN,
        "thumbprints": [signatures.thumbprint(pair().certificate)],
    }
    source = connect(world, app.client_id, **(known if by == "fingerprint" else {}))
    source.answer(browser, source.says(change=change), away(browser, app, source))
    refused(world, browser, ":")


@row("SA2")
def test_what_was_encrypted_has_to_be_signed_too(
    world: World, browser: Browser, app: Application, source: PassiveSource
) -> None:
    from idp.tenant.keys import store

    with world.context() as work:
        ours = store.ring(work).current("RS256").certificate
    source.answer(browser, source.says(sign=False, encrypt_for=ours), away(browser, app, source))
    refused(world, browser, "the token is not signed")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "audience": ({"realm": "urn:somebody-else"}, "audience: the audience is urn:somebody-else"),
    "no audience": ({"audience": False}, "audience: the token is for no audience"),
    "issuer": ({"issuer": "https://evil.example"}, "issuer: Issuer is"),
    "another person": ({"second_name": EVIL}, "subject: the statements are about different people"),
    "not signed in": ({"authenticated": False}, "does not say that anybody signed in"),
    "not by having it": ({"method": "urn:oasis:names:tc:SAML:1.0:cm:holder-of-key"}, "confirmation: confirmed by"),
    "nobody": ({"name": None, "claims": {}}, "subject: nothing names the account"),
    "no audience in 2.0": ({"version": "2.0", "audience": False}, "audience: the token is for no audience"),
    "audience in 2.0": ({"version": "2.0", "realm": "urn:somebody-else"}, "audience: the audience"),
    "not signed in, in 2.0": ({"version": "2.0", "authenticated": False}, "does not say that anybody signed in"),
}


@row("SA3")
@pytest.mark.parametrize("case", WRONG)
def test_what_a_token_says_has_to_fit(
    world: World, browser: Browser, app: Application, source: PassiveSource, case: str
) -> None:
    members, reason = WRONG[case]
    source.answer(browser, source.says(**members), away(browser, app, source))
    refused(world, browser, reason)


@row("SA3")
@pytest.mark.parametrize(("seconds", "good"), [(-355, True), (-365, False), (55, True), (65, False)])
def test_clocks_may_differ_by_a_minute(
    world: World, browser: Browser, app: Application, source: PassiveSource, seconds: int, good: bool
) -> None:
    context = away(browser, app, source)
    source.answer(browser, source.says(at=clock.now_ms() + seconds * 1000), context)
    assert ("code" in browser.answer.params) is good


@row("SA4")
@on_both_stores
def test_a_token_counts_once(world: World, browser: Browser, app: Application, source: PassiveSource) -> None:
    first = source.says(token_id="_once", minutes=60).posted()
    source.answer(browser, first, away(browser, app, source))
    assert browser.answer.code
    browser.jar.kept.clear()
    source.answer(browser, first, away(browser, app, source))
    assert browser.answer.error == "access_denied"
    assert "replay of _once" in str(logged(world, "f"))


@row("SA5")
def test_nobody_arrives_who_was_not_sent(
    world: World, browser: Browser, app: Application, source: PassiveSource
) -> None:
    for context in (None, "", "of-nobody", "x" * 10_000):
        source.answer(browser, source.says(), context)
        assert browser.status == 400
    browser.open(f"/login/callback?connection={source.name}", method="POST", form={"wa": "wsignin1.0", "wresult": "x"})
    assert browser.status == 400
    assert logged(world, "s") == []


@row("SA5")
def test_an_answer_belongs_to_the_browser_that_was_sent(
    world: World, browser: Browser, app: Application, source: PassiveSource
) -> None:
    context = away(browser, app, source)
    stranger = Browser(world)
    source.answer(stranger, source.says(), context)
    assert stranger.status == 400
    assert logged(world, "s") == []


BOMB = (
    '<!DOCTYPE a [<!ENTITY b "bbbb">]><t:RequestSecurityTokenResponse xmlns:t="'
    + TRUST
    + '">&b;</t:RequestSecurityTokenResponse>'
)


@row("SA7", "SA8", "SA10")
@pytest.mark.parametrize(
    "value",
    [BOMB, "", "nonsense", "<a/>", "<a>" * 5_000, "\ud800", "<a>" + "b" * 300_000 + "</a>"],
    ids=["entities", "empty", "no XML", "something else", "deep", "no text", "large"],
)
def test_garbage_is_refused(
    world: World, browser: Browser, app: Application, source: PassiveSource, value: str
) -> None:
    value = value.encode("utf-8", "replace").decode()
    source.answer(browser, value, away(browser, app, source))
    assert browser.status == 413 if len(value) > sizes.POSTED_ANSWER.most else browser.answer.error == "access_denied"
    assert logged(world, "s") == []


@row("SA10")
def test_another_message_than_a_sign_in(
    world: World, browser: Browser, app: Application, source: PassiveSource
) -> None:
    context = away(browser, app, source)
    form = {"wa": "wsignoutcleanup1.0", "wctx": context, "wresult": source.says().posted()}
    browser.open("/login/callback", method="POST", form=form, site="cross-site")
    assert browser.answer.error == "access_denied"


@row("SA6")
def test_a_comment_cuts_no_name(world: World, browser: Browser, app: Application, source: PassiveSource) -> None:
    def commented(answer: etree._Element) -> None:
        for name in answer.iter(q(ASSERTION_1, "NameIdentifier")):
            name.text = "ja"
            comment = etree.Comment("x")
            comment.tail = "ne"
            name.append(comment)

    attempt = app.begin(browser, connection=source.name)
    source.answer(browser, source.says(change=commented), source.asked(browser)["wctx"])
    assert attempt.tokens(browser.answer).id_claims["sub"] == "adfs|corp|jane"


@row("SA11", "SA12")
def test_claims_open_no_account_and_write_nothing_of_ours(
    world: World, browser: Browser, app: Application, source: PassiveSource
) -> None:
    victim = world.user()
    said = {
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": victim.email,
        "app_metadata": "x",
        "blocked": "true",
        "user_id": victim.user_id,
        "email_verified": "true",
    }
    attempt = app.begin(browser, connection=source.name)
    source.answer(browser, source.says(claims=said), source.asked(browser)["wctx"])
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == "adfs|corp|jane"
    assert claims["email_verified"] is False
    stored = world.caller().get("/users/adfs%7Ccorp%7Cjane").json
    assert "blocked" not in stored
    assert not stored.get("app_metadata")


@row("SA13")
def test_a_token_of_another_connections_service(world: World, browser: Browser, app: Application) -> None:
    from tests.world.passive import metadata

    source = connect(world, app.client_id)
    other = pair("another service")
    connect(world, app.client_id, name="other", fedMetadataXml=metadata(other, entity_id="urn:other"))
    source.answer(browser, source.says(key=other, issuer="urn:other"), away(browser, app, source))
    refused(world, browser, "signature")


@row("L1", "L2")
def test_word_of_a_sign_out_leads_to_a_source_alone(
    world: World, browser: Browser, app: Application, source: PassiveSource
) -> None:
    own = "https://adfs.example.test/adfs/ls/?next"
    elsewhere = ("https://evil.example/", "javascript:alert(1)", "http://[", "https://adfs.example.test:0x/", "//[x")
    for wanted, goes in ((own, True), *((each, False) for each in elsewhere)):
        browser.left_for = None
        browser.open(f"/login/callback?wa=wsignoutcleanup1.0&wreply={wanted}")
        assert (browser.left_for == wanted) is goes
        assert browser.response is not None
        assert browser.response.status_code < 500
    attempt = app.begin(browser, connection=source.name)
    source.answer(browser, source.says(), source.asked(browser)["wctx"])
    attempt.tokens(browser.answer)
    browser.open(f"/login/callback?wa=wsignoutcleanup1.0&wreply={own}", site="cross-site")
    browser.open(attempt.url + "&prompt=none")
    assert browser.answer.code, "the session is still there"


@on_both_stores
@row("SA4")
def test_two_at_once_with_one_token(world: World, app: Application) -> None:
    source = connect(world, app.client_id)
    value = source.says(token_id="_raced").posted()

    def come() -> str:
        browser = Browser(world)
        source.answer(browser, value, away(browser, app, source))
        return "in" if "code" in browser.answer.params else "out"

    assert sorted(at_once([come, come])) == ["in", "out"]
