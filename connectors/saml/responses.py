"""Is this answer of an identity provider to be believed? (SAML Profiles 4.1.4, security.md group SA.)

Nothing is read of an assertion but what a signature was found good over: its own, or the one of the response around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.saml.times import LONGEST_MS, SKEW_MS, check_not_before, within, wrong_clock
from connectors.saml_format import encryption, signatures
from connectors.saml_format.documents import (
    SamlError,
    child,
    children,
    in_order,
    joined,
    local,
    moment,
    required,
    text,
)
from connectors.saml_format.names import (
    ASSERTION,
    BEARER,
    PROTOCOL,
    SIGNATURE,
    SUCCESS,
    UNSPECIFIED,
    q,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_STATUS = 300
_RESPONSE_ORDER = (
    (ASSERTION, "Issuer", False),
    (SIGNATURE, "Signature", False),
    (PROTOCOL, "Extensions", False),
    (PROTOCOL, "Status", False),
    (ASSERTION, "Assertion", False),
    (ASSERTION, "EncryptedAssertion", False),
)
_ASSERTION_ORDER = (
    (ASSERTION, "Issuer", False),
    (SIGNATURE, "Signature", False),
    (ASSERTION, "Subject", False),
    (ASSERTION, "Conditions", False),
    (ASSERTION, "Advice", False),
)
_STATEMENTS = frozenset(
    q(ASSERTION, name) for name in ("AuthnStatement", "AttributeStatement", "AuthzDecisionStatement")
)


class Denied(SamlError):
    """The identity provider says that nobody is signed in. ``codes`` are its status codes, the outer one first."""

    def __init__(self, codes: Sequence[str], words: str) -> None:
        super().__init__(f"{joined(codes)}: {words}" if words else joined(codes), about="status")
        self.codes = tuple(codes)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an answer is held against; times in ms. ``issuer`` is None where nobody said how the identity provider calls
    itself, ``request_id`` where nothing was asked of it.
    """

    certificates: Sequence[str]
    private_keys: Sequence[Any]
    addresses: frozenset[str]
    recipients: frozenset[str]
    audience: str
    issuer: str | None
    request_id: str | None
    now: int


@dataclass(frozen=True, kw_only=True)
class Asserted:
    """What was asserted, by a signature that is good. ``until`` (ms) is when it is good no more."""

    assertion: _Element
    assertion_id: str
    issuer: str
    name_id: str
    name_format: str
    qualifiers: tuple[str | None, str | None]
    session_index: str | None
    until: int


def validated(response: _Element, expected: Expected) -> Asserted:
    """The assertion of a response.

    :raises Denied: the response says that there is none.
    :raises SamlError: it is not to be believed; the text says why.
    """
    _check_envelope(response, expected)
    around = signatures.verified(response, expected.certificates)
    assertion = _assertion(response if around is None else around, expected)
    signed = signatures.verified(assertion, expected.certificates)
    if signed is None and around is None:
        raise SamlError("neither the response nor its assertion is signed", about="signature")
    return _check_assertion(assertion if signed is None else signed, expected)


# ---- the response around
def _check_envelope(response: _Element, expected: Expected) -> None:
    if response.tag != q(PROTOCOL, "Response"):
        raise SamlError(f"a {local(response)} instead of a Response", about="structure")
    _check_version(response)
    in_order(response, _RESPONSE_ORDER)
    _check_issuer(child(response, ASSERTION, "Issuer"), expected)
    destination = response.get("Destination")
    if destination is not None and destination not in expected.addresses:
        raise SamlError(f"Destination is {destination[:200]}, not {joined(expected.addresses)}", about="destination")
    _check_solicited(response.get("InResponseTo"), expected)
    _check_status(required(response, PROTOCOL, "Status"))
    inside = list(response.iter(q(ASSERTION, "Assertion"), q(ASSERTION, "EncryptedAssertion")))
    if len(inside) != 1:
        raise SamlError(f"{len(inside)} assertions instead of one", about="structure")


def _check_status(status: _Element) -> None:
    code = required(status, PROTOCOL, "StatusCode")
    codes = [str(each.get("Value"))[:MOST_STATUS] for each in (code, *children(code))]
    if codes[0] != SUCCESS:
        words = child(status, PROTOCOL, "StatusMessage")
        raise Denied(codes, text(words)[:MOST_STATUS] if words is not None else "")


def _check_solicited(said: str | None, expected: Expected) -> None:
    if said == expected.request_id:
        return
    if expected.request_id is None:
        raise SamlError("an answer to a request that is not known here", about="request")
    raise SamlError("not the answer to what was asked" if said else "nobody was asked for this answer", about="request")


def _check_version(element: _Element) -> None:
    if element.get("Version") != "2.0":
        raise SamlError(f"Version is {element.get('Version')}, not 2.0", about="version")


def _check_issuer(issuer: _Element | None, expected: Expected) -> None:
    if issuer is not None and expected.issuer is not None and text(issuer) != expected.issuer:
        raise SamlError(f"Issuer is {text(issuer)[:200]}, not {expected.issuer}", about="issuer")


def _assertion(response: _Element, expected: Expected) -> _Element:
    found = child(response, ASSERTION, "Assertion")
    if found is not None:
        return found
    return encryption.decrypted(required(response, ASSERTION, "EncryptedAssertion"), expected.private_keys)


# ---- the assertion
def _check_assertion(assertion: _Element, expected: Expected) -> Asserted:
    _check_version(assertion)
    statements = [each for each in assertion if each.tag in _STATEMENTS]
    in_order(assertion, [*_ASSERTION_ORDER, *((*_split(each), False) for each in statements)])
    if next(assertion.iter(q(ASSERTION, "Assertion")), None) is not assertion or _nested(assertion):
        raise SamlError("an assertion inside of an assertion", about="structure")
    assertion_id, issuer = str(assertion.get("ID") or ""), required(assertion, ASSERTION, "Issuer")
    if not assertion_id:
        raise SamlError("the assertion has no ID", about="structure")
    _check_issuer(issuer, expected)
    issued = moment(str(assertion.get("IssueInstant")))
    check_not_before("IssueInstant", issued, expected.now)
    subject = required(assertion, ASSERTION, "Subject")
    until = [issued + LONGEST_MS, _confirmed_until(subject, expected), *_conditions(assertion, expected)]
    session_index = _authentication(assertion, expected)
    if issued + LONGEST_MS + SKEW_MS <= expected.now:
        raise wrong_clock("the assertion was issued", issued, expected.now)
    name = required(subject, ASSERTION, "NameID") if child(subject, ASSERTION, "EncryptedID") is None else None
    if name is None:
        raise SamlError("the NameID is encrypted by itself, which is not offered", about="encryption")
    return Asserted(
        assertion=assertion,
        assertion_id=assertion_id,
        issuer=text(issuer),
        name_id=text(name),
        name_format=str(name.get("Format") or UNSPECIFIED),
        qualifiers=(name.get("NameQualifier"), name.get("SPNameQualifier")),
        session_index=session_index,
        until=min(until) + SKEW_MS,
    )


def _split(element: _Element) -> tuple[str, str]:
    return ASSERTION, local(element)


def _nested(assertion: _Element) -> bool:
    return sum(1 for _ in assertion.iter(q(ASSERTION, "Assertion"), q(ASSERTION, "EncryptedAssertion"))) > 1


def _confirmed_until(subject: _Element, expected: Expected) -> int:
    """A bearer confirmation that holds, and until when (Profiles 4.1.4.2).

    :raises SamlError: there is none; the text tells what is wrong with the last that was looked at.
    """
    wrong = SamlError("no bearer confirmation", about="confirmation")
    for each in subject:
        if each.tag != q(ASSERTION, "SubjectConfirmation") or each.get("Method") != BEARER:
            continue
        try:
            return _bearer(required(each, ASSERTION, "SubjectConfirmationData"), expected)
        except SamlError as error:
            wrong = error
    raise wrong


def _bearer(data: _Element, expected: Expected) -> int:
    recipient, ends = data.get("Recipient"), data.get("NotOnOrAfter")
    if recipient not in expected.recipients:
        raise SamlError(f"Recipient is {str(recipient)[:200]}, not {joined(expected.recipients)}", about="recipient")
    if ends is None:
        raise SamlError("the confirmation has no NotOnOrAfter", about="confirmation")
    _check_solicited(data.get("InResponseTo"), expected)
    return within(data, expected.now, "the confirmation") or 0


def _conditions(assertion: _Element, expected: Expected) -> list[int]:
    """Until when, as far as the conditions say; they have to name us as the audience."""
    conditions = required(assertion, ASSERTION, "Conditions")
    ends = within(conditions, expected.now, "the assertion")
    restrictions = [each for each in conditions if each.tag == q(ASSERTION, "AudienceRestriction")]
    if not restrictions:
        raise SamlError("the assertion is for no audience", about="audience")
    for each in restrictions:
        audiences = [text(one) for one in children(each)]
        if expected.audience not in audiences:
            raise SamlError(f"the audience is {joined(audiences)}, not {expected.audience}", about="audience")
    return [] if ends is None else [ends]


def _authentication(assertion: _Element, expected: Expected) -> str | None:
    """The session's name at the identity provider. There has to be a statement that somebody authenticated."""
    statement = required(assertion, ASSERTION, "AuthnStatement")
    ends = statement.get("SessionNotOnOrAfter")
    if ends is not None and moment(ends) + SKEW_MS <= expected.now:
        raise wrong_clock("the session there ended", moment(ends), expected.now)
    return statement.get("SessionIndex")
