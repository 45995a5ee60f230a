"""The request that leads to an identity provider (SAML Core 3.4.1), and Auth0's template language for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.saml_format.documents import SamlError, add, element, iso, parse
from connectors.saml_format.names import ASSERTION, POST, PROTOCOL, q

if TYPE_CHECKING:
    from lxml.etree import _Element

_PLACEHOLDER = re.compile(r"@@([A-Za-z]+)@@")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an authentication request says."""

    request_id: str
    issued_at: int
    issuer: str
    destination: str
    consumer: str
    connection: str = ""
    login_hint: str = ""


def authentication(wanted: Wanted, template: str | None = None) -> _Element:
    """The request.

    :raises SamlError: the template does not make one.
    """
    if template:
        return _from_template(wanted, template)
    request = element(
        PROTOCOL,
        "AuthnRequest",
        {"samlp": PROTOCOL, "saml": ASSERTION},
        ID=wanted.request_id,
        Version="2.0",
        IssueInstant=iso(wanted.issued_at),
        Destination=wanted.destination,
        ProtocolBinding=POST,
        AssertionConsumerServiceURL=wanted.consumer,
    )
    add(request, ASSERTION, "Issuer", wanted.issuer)
    if wanted.login_hint:
        add(add(request, ASSERTION, "Subject"), ASSERTION, "NameID", wanted.login_hint)
    return request


def check_template(template: str) -> None:
    """:raises SamlError: it would not make a request that an answer can be held against."""
    sample = Wanted(
        request_id="_check",
        issued_at=0,
        issuer="urn:check",
        destination="https://idp.example/in",
        consumer="https://sp.example/acs",
    )
    _from_template(sample, template)


def _from_template(wanted: Wanted, template: str) -> _Element:
    values = {
        "ID": wanted.request_id,
        "IssueInstant": iso(wanted.issued_at),
        "Issuer": wanted.issuer,
        "Destination": wanted.destination,
        "ProtocolBinding": POST,
        "AssertionConsumerServiceURL": wanted.consumer,
        "Connection": wanted.connection,
        "LoginHint": wanted.login_hint,
    }
    from xml.sax.saxutils import escape  # with it comes urllib.request

    quoted = {name: escape(value, {'"': "&quot;", "'": "&apos;"}) for name, value in values.items()}
    quoted["AssertServiceURLAndDestination"] = (
        f'AssertionConsumerServiceURL="{quoted["AssertionConsumerServiceURL"]}" Destination="{quoted["Destination"]}"'
    )

    def fill(found: re.Match[str]) -> str:
        if found.group(1) not in quoted:
            raise SamlError(f"@@{found.group(1)}@@ is no placeholder")
        return quoted[found.group(1)]

    request = parse(_PLACEHOLDER.sub(fill, template).encode())
    if request.tag != q(PROTOCOL, "AuthnRequest"):
        raise SamlError("the template makes no samlp:AuthnRequest")
    if request.get("ID") != wanted.request_id:
        raise SamlError("the template leaves out @@ID@@: answers could not be told apart")
    return request
