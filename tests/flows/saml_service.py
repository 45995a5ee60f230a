"""An application that speaks SAML, and what it reads."""

from __future__ import annotations

import base64
from typing import Any

from lxml import etree

from connectors.saml_format import bindings
from connectors.saml_format.documents import add, element, iso, new_id, parse
from connectors.saml_format.names import ASSERTION, PROTOCOL, RSA_SHA256, q
from idp.foundation.kernel import clock as now
from idp.tenant.keys import store
from tests.world.browser import Browser
from tests.world.saml import pair
from tests.world.world import PASSWORD, Person, World

CONSUMER = "https://service.example.test/acs"
OUT = "https://service.example.test/slo"
SERVICE = "https://service.example.test/metadata"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


class Service:
    """A service provider of tests."""

    def __init__(self, world: World, *, client: dict[str, Any] | None = None, **addon: Any) -> None:
        self.world = world
        document = {"callbacks": [CONSUMER], "addons": {"samlp": addon}, **(client or {})}
        self.client_id = world.client(**document).client_id

    @property
    def address(self) -> str:
        """Where it sends people."""
        return f"{self.world.issuer}samlp/{self.client_id}"

    def request(self, name: str = "AuthnRequest", **attributes: str | None) -> etree._Element:
        """A request that would be answered, but for what ``attributes`` change."""
        given = {
            "ID": new_id(),
            "Version": "2.0",
            "IssueInstant": iso(now.now_ms()),
            "Destination": self.address + ("/logout" if name == "LogoutRequest" else ""),
            "AssertionConsumerServiceURL": CONSUMER if name == "AuthnRequest" else None,
            **attributes,
        }
        made = element(PROTOCOL, name, {"samlp": PROTOCOL, "saml": ASSERTION}, **given)
        add(made, ASSERTION, "Issuer", SERVICE)
        return made

    def url(self, request: etree._Element, *, relay_state: str | None = "where", signed: bool = False) -> str:
        """The address that carries it."""
        key = pair("a service") if signed else None
        target = self.address + ("/logout" if request.tag == q(PROTOCOL, "LogoutRequest") else "")
        return bindings.redirect_url(
            target, "SAMLRequest", request, relay_state=relay_state, sign_with=key, algorithm=RSA_SHA256
        )

    def certificate(self) -> str:
        """Of the key that we sign with."""
        with self.world.context() as work:
            return store.ring(work).current("RS256").certificate


def sign_in(browser: Browser, person: Person) -> None:
    browser.submit(username=person.email, password=PASSWORD)


def answered(browser: Browser) -> tuple[etree._Element, dict[str, str]]:
    """The response that the browser is about to post, and the form."""
    form = browser.shown.forms[0]
    assert form.action == CONSUMER, browser.shown.text
    return parse(base64.b64decode(form.fields["SAMLResponse"])), form.fields


def attributes(response: etree._Element) -> dict[str, list[str | None]]:
    return {str(each.get("Name")): [value.text for value in each] for each in response.iter(q(ASSERTION, "Attribute"))}


def said(response: etree._Element, name: str) -> etree._Element:
    found = next(response.iter(q(ASSERTION, name), q(PROTOCOL, name)), None)
    assert found is not None, etree.tostring(response)
    return found


def logout(service: Service, response: etree._Element, **members: str | None) -> etree._Element:
    made = service.request("LogoutRequest")
    add(made, ASSERTION, "NameID", members.get("name") or said(response, "NameID").text)
    index = members.get("session", said(response, "AuthnStatement").get("SessionIndex"))
    if index:
        add(made, PROTOCOL, "SessionIndex", index)
    return made
