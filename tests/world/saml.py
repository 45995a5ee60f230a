"""A SAML identity provider of tests: it signs for real, and says whatever a test wants said."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from connectors.saml_format import bindings, encryption, signatures
from connectors.saml_format.documents import add, element, iso, new_id
from connectors.saml_format.keys import KeyPair
from connectors.saml_format.metadata import Provider, provider
from connectors.saml_format.names import ASSERTION, BEARER, PROTOCOL, SCHEMA, SCHEMA_INSTANCE, SUCCESS, UNSPECIFIED, q
from idp.directory.connections import service as connections
from idp.foundation.kernel import clock
from tests.world.browser import Browser
from tests.world.key_pair import certified
from tests.world.world import World

ENTITY = "https://saml-source.example.test/metadata"
SIGN_IN = "https://saml-source.example.test/sso"
NAME = "acme"
AUTHN = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


@cache
def pair(name: str = "A source of tests") -> KeyPair:
    """A key of that name, the same for all tests of a process."""
    key, certificate = certified(name)
    return KeyPair(load_pem_private_key(key.encode(), None), certificate)


@dataclass
class Said:
    """What a response says; a test changes what it is about. ``minutes`` is how long it is good for."""

    request_id: str | None
    consumer: str
    audience: str
    name_id: str = "jane"
    name_format: str = UNSPECIFIED
    issuer: str = ENTITY
    response_issuer: str | None = ENTITY
    destination: str | None = ""
    recipient: str | None = ""
    confirmed_request: str | None = ""
    status: tuple[str, ...] = (SUCCESS,)
    at: int = field(default_factory=clock.now_ms)
    minutes: int = 5
    assertion_id: str = field(default_factory=new_id)
    attributes: Mapping[str, Any] = field(default_factory=lambda: {"email": "jane@source.example"})
    sign: Sequence[str] = ("assertion",)
    encrypt_for: str | None = None
    encryption: str = "aes256-gcm"
    session_index: str | None = "_session"
    session_ends: int | None = None
    conditions: bool = True
    key: KeyPair = field(default_factory=pair)
    change: Callable[[etree._Element], None] | None = None
    """Changes the response once it is signed."""

    def response(self) -> etree._Element:
        """The message."""
        prefixes = {"samlp": PROTOCOL, "saml": ASSERTION, "xs": SCHEMA, "xsi": SCHEMA_INSTANCE}
        made = element(
            PROTOCOL,
            "Response",
            prefixes,
            ID=new_id(),
            Version="2.0",
            IssueInstant=iso(self.at),
            Destination=self.consumer if self.destination == "" else self.destination,
            InResponseTo=self.request_id,
        )
        if self.response_issuer:
            add(made, ASSERTION, "Issuer", self.response_issuer)
        parent = add(made, PROTOCOL, "Status")
        for each in self.status:
            parent = add(parent, PROTOCOL, "StatusCode", Value=each)
        if self.status == (SUCCESS,):
            self._assert(made)
        if "response" in self.sign:
            signatures.signed(made, self.key, at=1)
        if self.change is not None:
            self.change(made)
        return made

    def _assert(self, response: etree._Element) -> None:
        assertion = add(
            response, ASSERTION, "Assertion", ID=self.assertion_id, Version="2.0", IssueInstant=iso(self.at)
        )
        add(assertion, ASSERTION, "Issuer", self.issuer)
        subject = add(assertion, ASSERTION, "Subject")
        add(subject, ASSERTION, "NameID", self.name_id, Format=self.name_format)
        ends = iso(self.at + self.minutes * 60_000)
        add(
            add(subject, ASSERTION, "SubjectConfirmation", Method=BEARER),
            ASSERTION,
            "SubjectConfirmationData",
            NotOnOrAfter=ends,
            Recipient=self.consumer if self.recipient == "" else self.recipient,
            InResponseTo=self.request_id if self.confirmed_request == "" else self.confirmed_request,
        )
        if self.conditions:
            conditions = add(assertion, ASSERTION, "Conditions", NotBefore=iso(self.at), NotOnOrAfter=ends)
            add(add(conditions, ASSERTION, "AudienceRestriction"), ASSERTION, "Audience", self.audience)
        statement = add(
            assertion,
            ASSERTION,
            "AuthnStatement",
            AuthnInstant=iso(self.at),
            SessionIndex=self.session_index,
            SessionNotOnOrAfter=iso(self.session_ends) if self.session_ends else None,
        )
        add(add(statement, ASSERTION, "AuthnContext"), ASSERTION, "AuthnContextClassRef", AUTHN)
        if self.attributes:
            attributes = add(assertion, ASSERTION, "AttributeStatement")
            for name, values in self.attributes.items():
                attribute = add(attributes, ASSERTION, "Attribute", Name=name)
                for value in values if isinstance(values, list) else [values]:
                    kind = "xs:boolean" if isinstance(value, bool) else "xs:string"
                    words = str(value).lower() if isinstance(value, bool) else value
                    add(attribute, ASSERTION, "AttributeValue", words).set(q(SCHEMA_INSTANCE, "type"), kind)
        if "assertion" in self.sign:
            signatures.signed(assertion, self.key, at=1)
        if self.encrypt_for is not None:
            response.replace(assertion, encryption.encrypted(assertion, self.encrypt_for, self.encryption))

    def posted(self) -> str:
        """The value of the form's field."""
        return bindings.posted(self.response())


@dataclass
class SamlSource:
    """A connection to that identity provider."""

    world: World
    connection_id: str
    name: str = NAME

    @property
    def consumer(self) -> str:
        """Where we want answers posted to."""
        return f"{self.world.issuer}login/callback?connection={self.name}"

    @property
    def audience(self) -> str:
        """How we call ourselves."""
        return f"{self.world.issuer}samlp/metadata?connection={self.name}"

    def asked(self, browser: Browser) -> tuple[str, str]:
        """The id of the request that the browser was sent away with, and its RelayState."""
        assert (browser.left_for or "").startswith(SIGN_IN), browser.left_for or browser.shown.text
        query = parse_qs(urlsplit(str(browser.left_for)).query)
        request = bindings.from_redirect(query["SAMLRequest"][0])
        return str(request.get("ID")), query["RelayState"][0]

    def says(self, request_id: str | None, **members: Any) -> Said:
        """An answer that would be believed, but for what ``members`` change."""
        return Said(**{"consumer": self.consumer, "audience": self.audience, "request_id": request_id, **members})

    def answer(self, browser: Browser, said: Said | str, relay_state: str | None) -> Browser:
        """Have the browser post it, as its page at the identity provider would."""
        form = {"SAMLResponse": said if isinstance(said, str) else said.posted()}
        if relay_state is not None:
            form["RelayState"] = relay_state
        query = urlencode({"connection": self.name})
        return browser.open(f"/login/callback?{query}", method="POST", form=form, site="cross-site")


def connect(world: World, *client_ids: str, name: str = NAME, key: KeyPair | None = None, **options: Any) -> SamlSource:
    """A connection to the identity provider of tests, for those applications."""
    given = {"signInEndpoint": SIGN_IN, "signingCert": (key or pair()).certificate, **options}
    members = {"name": name, "strategy": "samlp", "options": given, "enabled_clients": list(client_ids)}
    with world.writing() as work:
        return SamlSource(world, str(connections.create(work, members).id), name)


def metadata(key: KeyPair | None = None, entity_id: str = ENTITY, sign_in: str = SIGN_IN) -> bytes:
    """What the identity provider publishes of itself."""
    made = Provider(
        entity_id=entity_id,
        sign_in=sign_in,
        sign_out=sign_in,
        signing=[(key or pair()).certificate],
        name_formats=[],
    )
    return provider(made)


def encoded(document: str | bytes) -> str:
    """XML as a form carries it."""
    return base64.b64encode(document.encode() if isinstance(document, str) else document).decode()
