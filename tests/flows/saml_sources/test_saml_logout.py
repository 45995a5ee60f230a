"""Single logout with a SAML source, both ways."""

from __future__ import annotations

from typing import Any

from tests.flows.saml_sources.coming import OUT, come, end_request, live
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.saml import SamlSource, connect, pair
from tests.world.world import World


def asked_to_end(
    source: SamlSource,
    sub: str = "jane",
    sid: str | None = "_session",
    key: Any = None,
    destination: str | None = None,
    name: str = "SAMLRequest",
) -> str:
    """The query of a signed request of the source."""
    from urllib.parse import urlsplit

    from connectors.saml_format import bindings
    from connectors.saml_format.names import RSA_SHA256

    made = end_request(source, sub, sid, destination)
    url = bindings.redirect_url(
        "https://x/", name, made, relay_state="theirs", sign_with=key or pair(), algorithm=RSA_SHA256
    )
    return f"{urlsplit(url).query}&connection={source.name}"


def forged(source: SamlSource) -> str:
    """The value of a parameter: a request that nobody signed."""
    from connectors.saml_format import bindings

    url = bindings.redirect_url("https://x/", "SAMLRequest", end_request(source))
    return url.partition("SAMLRequest=")[2]


def test_signed_out_at_the_source_too(world: World, browser: Browser, app: Application) -> None:
    from urllib.parse import parse_qs, urlencode, urlsplit

    from connectors.saml_format import bindings
    from connectors.saml_format.names import ASSERTION, PROTOCOL, q

    source = connect(world, app.client_id, signOutEndpoint=OUT)
    world.change_client(app.client_id, allowed_logout_urls=["https://app.example.test/bye"])
    come(browser, app, source)
    leave = {"client_id": app.client_id, "returnTo": "https://app.example.test/bye", "federated": ""}
    browser.open(f"/v2/logout?{urlencode(leave)}")
    assert (browser.left_for or "").startswith(OUT)
    assert live(world) == 0
    query = parse_qs(urlsplit(str(browser.left_for)).query)
    message = bindings.from_redirect(query["SAMLRequest"][0])
    assert message.findtext(q(ASSERTION, "NameID")) == "jane"
    assert message.findtext(q(PROTOCOL, "SessionIndex")) == "_session"
    back = f"/logout?{urlencode({'SAMLResponse': 'x', 'RelayState': query['RelayState'][0]})}"
    browser.open(back, site="cross-site")
    assert browser.left_for == "https://app.example.test/bye"
    browser.open(back, site="cross-site")
    assert browser.left_for is None, "once"
    come(browser, app, source)
    browser.open(f"/v2/logout?{urlencode({'client_id': app.client_id})}")
    assert not (browser.left_for or "").startswith(OUT), "only where it was asked for"


def test_the_source_ends_a_session(world: World, browser: Browser, app: Application) -> None:
    from connectors.saml_format import bindings

    source = connect(world, app.client_id, signOutEndpoint=OUT)
    other = world.browser()
    come(browser, app, source)
    come(other, app, source, session_index="_elsewhere")
    assert live(world) == 2
    browser.open(f"/logout?{asked_to_end(source)}", site="cross-site")
    assert (browser.left_for or "").startswith(OUT)
    assert live(world) == 1
    answer = str(browser.left_for).partition("?")[2]
    with world.context() as work:
        from idp.tenant.keys import store

        assert bindings.signed_query(answer, [store.ring(work).current("RS256").certificate], "SAMLResponse")
    assert "RelayState=theirs" in answer
    browser.open(f"/logout?{asked_to_end(source, sid=None)}", site="cross-site")
    assert live(world) == 0, "all of theirs, in whichever browser"


def test_nobody_else_ends_one(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app.client_id, signOutEndpoint=OUT)
    come(browser, app, source)
    unsigned = asked_to_end(source).partition("&SigAlg")[0] + "&connection=acme"
    for query in (
        asked_to_end(source, key=pair("an attacker")),
        unsigned,
        asked_to_end(source).replace("RelayState=theirs", "RelayState=x"),
        asked_to_end(source).replace("connection=acme", "connection=nobody"),
        asked_to_end(source, destination="https://another-service.example.test/slo"),
        asked_to_end(source, destination=f"{world.issuer}logout?connection=another"),
        f"{asked_to_end(source, name='SAMLResponse')}&SAML%52equest={forged(source)}",
        f"{asked_to_end(source, name='SAMLResponse')}&SAMLRequest={forged(source)}",
        "SAMLRequest=QUJD&connection=acme",
    ):
        browser.open(f"/logout?{query}", site="cross-site")
        assert (browser.status, live(world)) == (400, 1), query
    browser.open(f"/logout?{asked_to_end(source, sub='joe')}", site="cross-site")
    assert live(world) == 1
    for query in ("", "SAMLResponse=x", "state=unknown", f"RelayState={'x' * 3000}"):
        browser.open(f"/logout?{query}", site="cross-site")
        assert live(world) == 1
        app.begin(browser)
        assert browser.answer.code, "the cookie is still there"
    thief = world.browser()
    once = asked_to_end(source)
    thief.open(f"/logout?{once}")
    assert live(world) == 0
    come(browser, app, source)
    thief.open(f"/logout?{once}")
    assert (thief.status, live(world)) == (400, 1), "a message counts once"
