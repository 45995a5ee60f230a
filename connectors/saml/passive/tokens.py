"""Is this token to be believed? (WS-Federation 1.2, 13; SAML 1.1 Core; security.md group SA.)

As with answers of SAML: nothing is read but what the token's own signature was found good over. What stands around the
token says who it is for, too, and is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.saml import mapping
from connectors.saml.mapping import MOST_ATTRIBUTES, MOST_VALUES, Value
from connectors.saml.passive.sources import Source
from connectors.saml.times import LONGEST_MS, SKEW_MS, check_not_before, within, wrong_clock
from connectors.saml_format import signatures, trust
from connectors.saml_format.documents import SamlError, child, children, in_order, joined, local, moment, required, text
from connectors.saml_format.names import ASSERTION, ASSERTION_1, BEARER, BEARER_1, SIGNATURE, q

if TYPE_CHECKING:
    from lxml.etree import _Element

_STATEMENTS_1 = frozenset(
    q(ASSERTION_1, name) for name in ("AuthenticationStatement", "AttributeStatement", "AuthorizationDecisionStatement")
)
_STATEMENTS_2 = frozenset(
    q(ASSERTION, name) for name in ("AuthnStatement", "AttributeStatement", "AuthzDecisionStatement")
)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a token has to be: signed by a key of the ``source``, for this ``realm``, at the moment ``now`` (ms)."""

    source: Source
    private_keys: Sequence[Any]
    realm: str
    now: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a token says, by a signature that is good. ``until`` (ms) is when it is good no more; ``name`` is the
    subject's, empty where it has none.
    """

    token_id: str
    issuer: str
    name: str
    attributes: Mapping[str, Value]
    until: int


def told(wresult: str, expected: Expected) -> Told:
    """What the token of an answer says.

    :raises SamlError: it is not to be believed; the text says why.
    """
    came = trust.token(wresult, expected.private_keys)
    signed = signatures.verified(came, _certificates(came, expected.source))
    if signed is None:
        raise SamlError("the token is not signed", about="signature")
    if sum(1 for _ in signed.iter(q(ASSERTION, "Assertion"), q(ASSERTION_1, "Assertion"))) > 1:
        raise SamlError("an assertion inside of an assertion", about="structure")
    return _version_1(signed, expected) if signed.tag == q(ASSERTION_1, "Assertion") else _version_2(signed, expected)


def _certificates(came: _Element, source: Source) -> Sequence[str]:
    """Those that are configured; the one that comes along, where its fingerprint is."""
    if not source.fingerprints:
        return source.certificates
    along = signatures.certificate_in(came)
    if along is None or source.fingerprints.isdisjoint(
        (signatures.thumbprint(along), signatures.thumbprint_sha384(along))
    ):
        return source.certificates
    return [*source.certificates, along]


# ---- SAML 1.1
def _version_1(token: _Element, expected: Expected) -> Told:
    if (token.get("MajorVersion"), token.get("MinorVersion")) != ("1", "1"):
        raise SamlError("the token is no SAML 1.1", about="version")
    statements = [each for each in token if each.tag in _STATEMENTS_1]
    in_order(
        token,
        [
            (ASSERTION_1, "Conditions", False),
            (ASSERTION_1, "Advice", False),
            *((ASSERTION_1, local(each), False) for each in statements),
            (SIGNATURE, "Signature", False),
        ],
    )
    token_id, issuer = str(token.get("AssertionID") or ""), str(token.get("Issuer") or "")
    until = _good_until(token, expected, token_id, issuer)
    conditions = required(token, ASSERTION_1, "Conditions")
    audiences = [
        [text(one) for one in children(each)]
        for each in conditions
        if each.tag == q(ASSERTION_1, "AudienceRestrictionCondition")
    ]
    until += _conditions(conditions, audiences, expected)
    if not any(local(each) == "AuthenticationStatement" for each in statements):
        raise SamlError("the token does not say that anybody signed in", about="structure")
    names = {_subject_1(each) for each in statements}
    if len(names) != 1:
        raise SamlError("the statements are about different people", about="subject")
    return Told(
        token_id=token_id,
        issuer=issuer,
        name=names.pop(),
        attributes=_attributes_1(statements),
        until=min(until) + SKEW_MS,
    )


def _subject_1(statement: _Element) -> str:
    """The name of whom a statement is about, empty where it has none.

    :raises SamlError: it is only for whoever proves more than having it.
    """
    subject = required(statement, ASSERTION_1, "Subject")
    confirmation = child(subject, ASSERTION_1, "SubjectConfirmation")
    if confirmation is not None:
        methods = [text(each) for each in confirmation if local(each) == "ConfirmationMethod"]
        if methods != [BEARER_1]:
            raise SamlError(f"confirmed by {joined(methods)}, not by having it", about="confirmation")
    name = child(subject, ASSERTION_1, "NameIdentifier")
    return text(name) if name is not None else ""


def _attributes_1(statements: Sequence[_Element]) -> dict[str, Value]:
    """By namespace and name, as the claims of this family are called."""
    found: dict[str, list[str | bool]] = {}
    for statement in statements:
        for each in children(statement) if local(statement) == "AttributeStatement" else ():
            if each.tag != q(ASSERTION_1, "Attribute"):
                continue
            space, name = str(each.get("AttributeNamespace") or ""), str(each.get("AttributeName") or "")
            values = found.setdefault(f"{space.rstrip('/')}/{name}" if space else name, [])
            values += [said for said in (mapping.value_of(one) for one in children(each)) if said != ""]
    if len(found) > MOST_ATTRIBUTES or any(len(values) > MOST_VALUES for values in found.values()):
        raise SamlError(f"more than {MOST_ATTRIBUTES} attributes, or {MOST_VALUES} values of one", about="size")
    return {name: values[0] if len(values) == 1 else values for name, values in found.items() if values}


# ---- SAML 2.0
def _version_2(token: _Element, expected: Expected) -> Told:
    if token.get("Version") != "2.0":
        raise SamlError("the token is no SAML 2.0", about="version")
    statements = [each for each in token if each.tag in _STATEMENTS_2]
    in_order(
        token,
        [
            (ASSERTION, "Issuer", False),
            (SIGNATURE, "Signature", False),
            (ASSERTION, "Subject", False),
            (ASSERTION, "Conditions", False),
            (ASSERTION, "Advice", False),
            *((ASSERTION, local(each), False) for each in statements),
        ],
    )
    token_id, issuer = str(token.get("ID") or ""), text(required(token, ASSERTION, "Issuer"))
    until = _good_until(token, expected, token_id, issuer)
    conditions = required(token, ASSERTION, "Conditions")
    audiences = [
        [text(one) for one in children(each)] for each in conditions if each.tag == q(ASSERTION, "AudienceRestriction")
    ]
    until += _conditions(conditions, audiences, expected)
    if not any(local(each) == "AuthnStatement" for each in statements):
        raise SamlError("the token does not say that anybody signed in", about="structure")
    subject = required(token, ASSERTION, "Subject")
    _check_confirmed(subject, expected.now)
    name = child(subject, ASSERTION, "NameID")
    return Told(
        token_id=token_id,
        issuer=issuer,
        name=text(name) if name is not None else "",
        attributes=mapping.attributes(token),
        until=min(until) + SKEW_MS,
    )


def _check_confirmed(subject: _Element, now: int) -> None:
    """By having it; such tokens name no recipient, so that only what they do say is held against."""
    confirmations = [each for each in subject if each.tag == q(ASSERTION, "SubjectConfirmation")]
    bearers = [each for each in confirmations if each.get("Method") == BEARER]
    if not bearers:
        raise SamlError("no bearer confirmation", about="confirmation")
    for each in bearers:
        data = child(each, ASSERTION, "SubjectConfirmationData")
        if data is not None:
            within(data, now, "the confirmation")


# ---- both
def _good_until(token: _Element, expected: Expected, token_id: str, issuer: str) -> list[int]:
    if not token_id:
        raise SamlError("the token has no ID", about="structure")
    if expected.source.entity_id is not None and issuer != expected.source.entity_id:
        raise SamlError(f"Issuer is {issuer[:200]}, not {expected.source.entity_id}", about="issuer")
    issued = moment(str(token.get("IssueInstant")))
    check_not_before("IssueInstant", issued, expected.now)
    if issued + LONGEST_MS + SKEW_MS <= expected.now:
        raise wrong_clock("the token was issued", issued, expected.now)
    return [issued + LONGEST_MS]


def _conditions(conditions: _Element, audiences: Sequence[Sequence[str]], expected: Expected) -> list[int]:
    """Until when, as far as the conditions say; each restriction has to name us."""
    ends = within(conditions, expected.now, "the token")
    if not audiences:
        raise SamlError("the token is for no audience", about="audience")
    for each in audiences:
        if expected.realm not in each:
            raise SamlError(f"the audience is {joined(each)}, not {expected.realm}", about="audience")
    return [] if ends is None else [ends]
