"""The token that an application gets: an assertion of SAML 1.1, signed, inside of a response of WS-Trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.saml_format import encryption, signatures, trust
from connectors.saml_format.documents import add, element, iso, new_id
from connectors.saml_format.names import ASSERTION_1, BEARER_1
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.saml.answers import EARLIER_MS, own_pair
from idp.protocol.saml.person import Described, SignedIn
from idp.protocol.saml.settings import UNSPECIFIED_CONTEXT, SamlApplication
from idp.protocol.wsfed.requests import SignInRequest

if TYPE_CHECKING:
    from lxml.etree import _Element

TOKEN_TYPE = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"  # noqa: S105 - a name
METHOD = "urn:oasis:names:tc:SAML:1.0:am:unspecified"
PLAIN_NAMES = "urn:oasis:names:tc:SAML:1.0:attrname:unspecified"
"""The namespace of attributes whose name has none."""


def token(
    work: Work, application: SamlApplication, asked: SignInRequest, session: SignedIn, person: Described
) -> dict[str, str]:
    """The form fields of the answer that says who is signed in."""
    settings, now = application.settings, clock.now_ms()
    ends = now + settings.lifetimeInSeconds * 1000
    made = element(
        ASSERTION_1,
        "Assertion",
        {"saml": ASSERTION_1},
        MajorVersion="1",
        MinorVersion="1",
        AssertionID=new_id(),
        Issuer=application.issuer(work),
        IssueInstant=iso(now),
    )
    conditions = add(made, ASSERTION_1, "Conditions", NotBefore=iso(now - EARLIER_MS), NotOnOrAfter=iso(ends))
    add(add(conditions, ASSERTION_1, "AudienceRestrictionCondition"), ASSERTION_1, "Audience", asked.realm)
    _attributes(made, application, person)
    method = settings.authnContextClassRef
    statement = add(
        made,
        ASSERTION_1,
        "AuthenticationStatement",
        AuthenticationMethod=METHOD if method == UNSPECIFIED_CONTEXT else method,
        AuthenticationInstant=iso(session.authenticated_at),
    )
    _subject(statement, application, person)
    signatures.signed(
        made, own_pair(work), at=len(made), algorithm=settings.signatureAlgorithm, digest=settings.digestAlgorithm
    )
    receiver = settings.encrypts_for
    if receiver is not None:
        made = encryption.encrypted(made, receiver, settings.encryptionAlgorithm)[0]
    result = trust.response(made, realm=asked.realm, token_type=TOKEN_TYPE, begins=now, ends=ends)
    context = {"wctx": asked.context} if asked.context is not None else {}
    return {"wa": trust.SIGN_IN, "wresult": result, **context}


def _subject(statement: _Element, application: SamlApplication, person: Described) -> None:
    subject = add(statement, ASSERTION_1, "Subject")
    add(subject, ASSERTION_1, "NameIdentifier", person.name_id, Format=application.settings.nameIdentifierFormat)
    add(add(subject, ASSERTION_1, "SubjectConfirmation"), ASSERTION_1, "ConfirmationMethod", BEARER_1)


def _attributes(made: _Element, application: SamlApplication, person: Described) -> None:
    if not person.attributes:
        return
    statement = add(made, ASSERTION_1, "AttributeStatement")
    _subject(statement, application, person)
    for name, values in person.attributes.items():
        space, _, short = name.rpartition("/")
        attribute = add(
            statement, ASSERTION_1, "Attribute", AttributeName=short, AttributeNamespace=space or PLAIN_NAMES
        )
        for value in values:
            words = str(value).lower() if isinstance(value, bool) else str(value)
            add(attribute, ASSERTION_1, "AttributeValue", words)
