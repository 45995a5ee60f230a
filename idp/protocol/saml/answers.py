"""The answers that applications get: responses with an assertion, refusals, and messages about signing out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.saml_format import bindings, encryption, signatures
from connectors.saml_format.documents import add, element, iso, new_id
from connectors.saml_format.keys import KeyPair
from connectors.saml_format.names import (
    ASSERTION,
    BEARER,
    PREFIXES,
    PROTOCOL,
    RESPONDER,
    RSA_SHA1,
    RSA_SHA256,
    SCHEMA_INSTANCE,
    SUCCESS,
    URI_NAMES,
    q,
)
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.saml.person import Described, SignedIn
from idp.protocol.saml.requests import SamlRequest
from idp.protocol.saml.settings import SamlApplication
from idp.tenant.keys import store

if TYPE_CHECKING:
    from lxml.etree import _Element

CONFIRMED_MS = 5 * 60_000
"""How long somebody may take to bring a response to the application."""
EARLIER_MS = 60_000
"""``NotBefore`` lies this far back: clocks differ."""


def response(
    work: Work, application: SamlApplication, asked: SamlRequest, session: SignedIn, person: Described
) -> dict[str, str]:
    """The form fields of a response that says who is signed in."""
    made, now = _begun(work, application, "Response", asked.consumer, asked.request_id), clock.now_ms()
    _status(made, [SUCCESS])
    assertion = add(made, ASSERTION, "Assertion", ID=new_id(), Version="2.0", IssueInstant=iso(now))
    add(assertion, ASSERTION, "Issuer", application.issuer(work))
    _subject(assertion, application, asked, person, now)
    _conditions(assertion, application, asked, now)
    _statements(assertion, application, session, person)
    if application.settings.signResponse:
        _encrypt(made, assertion, application)
        _sign(work, application, made)
    else:
        _sign(work, application, assertion)
        _encrypt(made, assertion, application)
    return _fields(made, asked)


def _sign(work: Work, application: SamlApplication, target: _Element) -> None:
    settings = application.settings
    pair = own_pair(work)
    signatures.signed(target, pair, at=1, algorithm=settings.signatureAlgorithm, digest=settings.digestAlgorithm)


def _encrypt(made: _Element, assertion: _Element, application: SamlApplication) -> None:
    """Only the application can read the assertion, where it has a certificate for that. A signature of its own was made
    before, and one of the response goes around.
    """
    receiver = application.settings.encrypts_for
    if receiver is not None:
        made.replace(assertion, encryption.encrypted(assertion, receiver, application.settings.encryptionAlgorithm))


def refusal(work: Work, application: SamlApplication, asked: SamlRequest, code: str, words: str) -> dict[str, str]:
    """The form fields of a signed response that says why nobody is."""
    made = _begun(work, application, "Response", asked.consumer, asked.request_id)
    _status(made, [RESPONDER, code], words)
    _sign(work, application, made)
    return _fields(made, asked)


def logged_out(
    work: Work,
    application: SamlApplication,
    target: str,
    request_id: str,
    relay_state: str | None,
    codes: Sequence[str],
) -> str:
    """The address that tells the application what came of its request to sign out."""
    made = _begun(work, application, "LogoutResponse", target, request_id)
    _status(made, codes)
    return _redirect(work, application, target, "SAMLResponse", made, relay_state)


def logout_request(work: Work, application: SamlApplication, target: str, name_id: str, session_id: str) -> str:
    """The address that tells the application that a session of ours ended."""
    made = _begun(work, application, "LogoutRequest", target, None)
    made.set("NotOnOrAfter", iso(clock.now_ms() + CONFIRMED_MS))
    add(made, ASSERTION, "NameID", name_id, Format=application.settings.nameIdentifierFormat)
    add(made, PROTOCOL, "SessionIndex", session_id)
    return _redirect(work, application, target, "SAMLRequest", made, None)


def _begun(work: Work, application: SamlApplication, name: str, destination: str, request_id: str | None) -> _Element:
    made = element(
        PROTOCOL,
        name,
        PREFIXES,
        ID=new_id(),
        Version="2.0",
        IssueInstant=iso(clock.now_ms()),
        Destination=(application.settings.destination if name == "Response" else None) or destination,
        InResponseTo=request_id,
    )
    add(made, ASSERTION, "Issuer", application.issuer(work))
    return made


def _status(parent: _Element, codes: Sequence[str], words: str | None = None) -> None:
    status = add(parent, PROTOCOL, "Status")
    above = status
    for code in codes:
        above = add(above, PROTOCOL, "StatusCode", Value=code)
    if words:
        add(status, PROTOCOL, "StatusMessage", words)


def _subject(
    assertion: _Element, application: SamlApplication, asked: SamlRequest, person: Described, now: int
) -> None:
    settings = application.settings
    subject = add(assertion, ASSERTION, "Subject")
    add(subject, ASSERTION, "NameID", person.name_id, Format=settings.nameIdentifierFormat)
    add(
        add(subject, ASSERTION, "SubjectConfirmation", Method=BEARER),
        ASSERTION,
        "SubjectConfirmationData",
        NotOnOrAfter=iso(now + min(CONFIRMED_MS, settings.lifetimeInSeconds * 1000)),
        Recipient=settings.recipient or asked.consumer,
        InResponseTo=asked.request_id,
    )


def _conditions(assertion: _Element, application: SamlApplication, asked: SamlRequest, now: int) -> None:
    settings = application.settings
    conditions = add(
        assertion,
        ASSERTION,
        "Conditions",
        NotBefore=iso(now - EARLIER_MS),
        NotOnOrAfter=iso(now + settings.lifetimeInSeconds * 1000),
    )
    audience = settings.audience or asked.issuer or asked.consumer
    add(add(conditions, ASSERTION, "AudienceRestriction"), ASSERTION, "Audience", audience)


def _statements(assertion: _Element, application: SamlApplication, session: SignedIn, person: Described) -> None:
    settings = application.settings
    statement = add(
        assertion,
        ASSERTION,
        "AuthnStatement",
        AuthnInstant=iso(session.authenticated_at),
        SessionIndex=session.id,
        SessionNotOnOrAfter=iso(session.expires_at),
    )
    context = add(statement, ASSERTION, "AuthnContext")
    add(context, ASSERTION, "AuthnContextClassRef", settings.authnContextClassRef)
    if not person.attributes:
        return
    attributes = add(assertion, ASSERTION, "AttributeStatement")
    for name, values in person.attributes.items():
        attribute = add(attributes, ASSERTION, "Attribute", Name=name)
        if settings.includeAttributeNameFormat:
            attribute.set("NameFormat", URI_NAMES)
        for value in values:
            words = str(value).lower() if isinstance(value, bool) else str(value)
            made = add(attribute, ASSERTION, "AttributeValue", words)
            if settings.typedAttributes:
                made.set(q(SCHEMA_INSTANCE, "type"), _type(value))


def _type(value: object) -> str:
    if isinstance(value, bool):
        return "xs:boolean"
    return "xs:double" if isinstance(value, int | float) else "xs:string"


def _fields(made: _Element, asked: SamlRequest) -> dict[str, str]:
    fields: Mapping[str, str] = {"RelayState": asked.relay_state} if asked.relay_state is not None else {}
    return {"SAMLResponse": bindings.posted(made), **fields}


def _redirect(
    work: Work, application: SamlApplication, target: str, name: str, made: _Element, relay_state: str | None
) -> str:
    algorithm = RSA_SHA1 if application.settings.signatureAlgorithm == "rsa-sha1" else RSA_SHA256
    return bindings.redirect_url(
        target, name, made, relay_state=relay_state, sign_with=own_pair(work), algorithm=algorithm
    )


def own_pair(work: Work) -> KeyPair:
    """The tenant's signing key of this moment."""
    key = store.rsa_keys(work)[0]
    return KeyPair(store.private_key(work, key), key.certificate)
