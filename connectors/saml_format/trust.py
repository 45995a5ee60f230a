"""What carries a token in WS-Federation's passive requestor profile: a ``RequestSecurityTokenResponse`` (WS-Trust
February 2005, and 1.3, which names it otherwise). Nothing of it is signed but the token inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.saml_format import encryption
from connectors.saml_format.documents import SamlError, add, again, children, element, iso, local, parse, written
from connectors.saml_format.names import (
    ADDRESSING,
    ASSERTION,
    ASSERTION_1,
    ENCRYPTION,
    POLICY,
    TRUST,
    TRUST_13,
    UTILITY,
    q,
)

if TYPE_CHECKING:
    from typing import Any

    from lxml.etree import _Element

SIGN_IN, SIGN_OUT, CLEAN_UP = "wsignin1.0", "wsignout1.0", "wsignoutcleanup1.0"
"""Values of ``wa`` (WS-Federation 1.2, 13.2)."""
_RESPONSES = frozenset(q(each, "RequestSecurityTokenResponse") for each in (TRUST, TRUST_13))
_TOKENS = frozenset({q(ASSERTION, "Assertion"), q(ASSERTION_1, "Assertion")})
_ENCRYPTED = frozenset({q(ENCRYPTION, "EncryptedData"), q(ASSERTION, "EncryptedAssertion")})


def token(wresult: str, private_keys: Sequence[Any]) -> _Element:
    """The one assertion of a ``wresult``, as the root of a document of its own, opened with one of our keys where it
    is encrypted. Nobody has looked at its signature yet.

    :raises SamlError: there is none, there are several, or it cannot be read or opened.
    """
    root = parse(wresult.encode("utf-8", "surrogatepass"))
    responses = [each for each in root.iter() if each.tag in _RESPONSES]
    if len(responses) != 1 or responses[0] not in (root, *children(root)):
        raise SamlError(f"{len(responses)} RequestSecurityTokenResponse instead of one", about="structure")
    inside = [each for each in root.iter() if each.tag in _TOKENS | _ENCRYPTED and not _within_one(each)]
    if len(inside) != 1 or sum(1 for each in root.iter() if each.tag in _TOKENS) > 1:
        raise SamlError(f"{len(inside)} assertions instead of one", about="structure")
    holder = inside[0].getparent()
    if holder is None or local(holder) != "RequestedSecurityToken" or holder.getparent() is not responses[0]:
        raise SamlError("the assertion does not stand where a token belongs", about="structure")
    if inside[0].tag in _TOKENS:
        return again(inside[0])
    around = inside[0] if inside[0].tag == q(ASSERTION, "EncryptedAssertion") else holder
    return encryption.decrypted(around, private_keys)


def _within_one(each: _Element) -> bool:
    """``EncryptedData`` of an ``EncryptedAssertion`` is a part of it."""
    parent = each.getparent()
    return parent is not None and parent.tag in _ENCRYPTED


def response(assertion: _Element, *, realm: str, token_type: str, begins: int, ends: int) -> str:
    """The ``wresult`` that carries an assertion for ``realm``: signed before, or encrypted. Times are in ms."""
    prefixes = {"t": TRUST, "wsp": POLICY, "wsa": ADDRESSING, "wsu": UTILITY}
    made = element(TRUST, "RequestSecurityTokenResponse", prefixes)
    lifetime = add(made, TRUST, "Lifetime")
    add(lifetime, UTILITY, "Created", iso(begins))
    add(lifetime, UTILITY, "Expires", iso(ends))
    reference = add(add(made, POLICY, "AppliesTo"), ADDRESSING, "EndpointReference")
    add(reference, ADDRESSING, "Address", realm)
    holder = add(made, TRUST, "RequestedSecurityToken")
    add(made, TRUST, "TokenType", token_type)
    add(made, TRUST, "RequestType", f"{TRUST}/Issue")
    add(made, TRUST, "KeyType", "http://schemas.xmlsoap.org/ws/2005/05/identity/NoProofKey")
    holder.append(assertion)  # the exclusive canonical form of what was signed does not see where it stands
    return written(made).decode()
