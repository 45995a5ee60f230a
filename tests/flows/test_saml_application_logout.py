"""Applications that speak SAML: signing out, from either side."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from connectors.saml_format import bindings
from connectors.saml_format.names import SUCCESS
from tests.flows.saml_service import OUT, Service, answered, logout, said, sign_in
from tests.world.browser import Browser
from tests.world.saml import pair
from tests.world.world import Person, World


# ---- signing out
def signed_in(browser: Browser, service: Service, jane: Person) -> etree._Element:
    browser.open(service.url(service.request()))
    if browser.path == "/u/login":
        sign_in(browser, jane)
    return answered(browser)[0]


def is_signed_in(browser: Browser, service: Service) -> bool:
    browser.open(service.url(service.request(IsPassive="true")))
    return said(answered(browser)[0], "StatusCode").get("Value") == SUCCESS


def test_an_application_signs_somebody_out(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, logout={"callback": OUT})
    request = logout(service, signed_in(browser, service, jane))
    browser.open(service.url(request), site="cross-site")
    assert (browser.left_for or "").startswith(OUT)
    query = {name: values[0] for name, values in parse_qs(urlsplit(str(browser.left_for)).query).items()}
    answer = bindings.from_redirect(query["SAMLResponse"])
    assert (answer.get("InResponseTo"), query["RelayState"]) == (request.get("ID"), "where")
    assert said(answer, "StatusCode").get("Value") == SUCCESS
    assert bindings.signed_query(str(browser.left_for).partition("?")[2], [service.certificate()], "SAMLResponse")
    assert not is_signed_in(browser, service)


@pytest.mark.parametrize("members", [{"session": "another"}, {"session": None}, {"name": "somebody else"}])
def test_nobody_is_signed_out_by_a_stranger(
    world: World, browser: Browser, jane: Person, members: dict[str, str | None]
) -> None:
    service = Service(world, logout={"callback": OUT})
    request = logout(service, signed_in(browser, service, jane), **members)
    browser.open(service.url(request), site="cross-site")
    assert (browser.left_for or "").startswith(OUT)
    assert is_signed_in(browser, service)


def test_a_signature_signs_out_without_the_session(world: World, browser: Browser, jane: Person) -> None:
    service = Service(world, logout={"callback": OUT}, signingCert=pair("a service").certificate)
    browser.open(service.url(service.request(), signed=True))
    sign_in(browser, jane)
    request = logout(service, answered(browser)[0], session=None)
    browser.open(service.url(request), site="cross-site")
    assert browser.status == 400
    browser.open(service.url(request, signed=True), site="cross-site")
    assert (browser.left_for or "").startswith(OUT)
    browser.open(service.url(service.request(IsPassive="true"), signed=True))
    assert said(answered(browser)[0], "StatusCode").get("Value") != SUCCESS


def test_other_ways_out_tell_the_applications(world: World, browser: Browser, jane: Person) -> None:
    told = Service(world, logout={"callback": OUT})
    quiet = Service(world, logout={"callback": "https://quiet.example.test/", "slo_enabled": False})
    response = signed_in(browser, told, jane)
    signed_in(browser, quiet, jane)
    browser.open("/v2/logout")
    assert browser.response is not None
    page = browser.response.get_data(as_text=True)
    assert "quiet.example.test" not in page
    frame = next(each for each in etree.HTML(page).iter("iframe") if OUT in str(each.get("src")))
    query = parse_qs(urlsplit(str(frame.get("src"))).query)
    message = bindings.from_redirect(query["SAMLRequest"][0])
    assert said(message, "NameID").text == said(response, "NameID").text
    assert said(message, "SessionIndex").text == said(response, "AuthnStatement").get("SessionIndex")
    assert bindings.signed_query(str(frame.get("src")).partition("?")[2], [told.certificate()], "SAMLRequest")
    assert "frame-src https://service.example.test" in browser.response.headers["Content-Security-Policy"]
