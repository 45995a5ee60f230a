"""Federation metadata: what a security token service says of itself, and what an application says to one
(WS-Federation 1.2, 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.saml_format import keys
from connectors.saml_format.documents import (
    MOST_METADATA_BYTES,
    SamlError,
    add,
    children,
    element,
    parse,
    text,
    written,
)
from connectors.saml_format.names import (
    ADDRESSING,
    AUTHORIZATION,
    FEDERATION,
    METADATA,
    SCHEMA_INSTANCE,
    SIGNATURE,
    q,
)
from connectors.web_addresses import is_address

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTENT_TYPE = "application/xml; charset=utf-8"
PATH = "FederationMetadata/2007-06/FederationMetadata.xml"
"""Where such a document stands, below the address of a service."""
_PREFIXES = {"md": METADATA, "ds": SIGNATURE, "fed": FEDERATION, "auth": AUTHORIZATION, "wsa": ADDRESSING}


@dataclass(frozen=True, kw_only=True)
class TokenService:
    """What is read of a token service: how it calls itself, its passive address, certificates as PEM."""

    entity_id: str
    sign_in: str | None
    signing: tuple[str, ...]


def token_service(document: str | bytes) -> TokenService:
    """The one token service of a document. Active Directory Federation Services describe an application and a SAML
    identity provider in the same one; of those nothing is read.

    :raises SamlError: it cannot be read, or describes none or several.
    """
    root = parse(document.encode() if isinstance(document, str) else document, most=MOST_METADATA_BYTES)
    found = [
        (entity, role)
        for entity in root.iter(q(METADATA, "EntityDescriptor"))
        for role in children(entity)
        if role.tag == q(METADATA, "RoleDescriptor") and _kind(role) == "SecurityTokenServiceType"
    ]
    if not found:
        found = _saml_only(root)
    if len(found) != 1:
        raise SamlError(f"the metadata describe {len(found) or 'no'} token services, not one")
    entity, role = found[0]
    entity_id = str(entity.get("entityID") or "")
    if not entity_id:
        raise SamlError("the metadata have no entityID")
    return TokenService(entity_id=entity_id, sign_in=_passive(role), signing=_certificates(role))


def _kind(role: _Element) -> str:
    """What its ``xsi:type`` says, without a prefix."""
    return str(role.get(q(SCHEMA_INSTANCE, "type")) or "").rpartition(":")[2]


def _saml_only(root: _Element) -> list[tuple[_Element, _Element]]:
    """SimpleSAMLphp describes its token service with the words of SAML."""
    return [
        (entity, role)
        for entity in root.iter(q(METADATA, "EntityDescriptor"))
        for role in children(entity)
        if role.tag == q(METADATA, "IDPSSODescriptor")
    ]


def _passive(role: _Element) -> str | None:
    """The first address of the passive endpoint."""
    for endpoint in role.iter(q(FEDERATION, "PassiveRequestorEndpoint")):
        for each in endpoint.iter(q(ADDRESSING, "Address")):
            return _web(text(each))
    return next((_web(str(each.get("Location"))) for each in role.iter(q(METADATA, "SingleSignOnService"))), None)


def _web(address: str) -> str | None:
    """It, where browsers can be sent there."""
    return address if is_address(address) else None


def _certificates(role: _Element) -> tuple[str, ...]:
    found: list[str] = []
    for descriptor in children(role):
        if descriptor.tag != q(METADATA, "KeyDescriptor") or descriptor.get("use") not in {None, "signing"}:
            continue
        for each in descriptor.iter(q(SIGNATURE, "X509Certificate")):
            found += [pem for pem in keys.certificates(text(each)) if pem not in found]
    return tuple(found)


def service(
    *, entity_id: str, sign_in: str, signing: Sequence[str], token_types: Sequence[str], claims: Sequence[str]
) -> bytes:
    """What we say of ourselves as a token service. ``sign_in`` is the passive address, for signing out, too."""
    root, role = _role(entity_id, "fed:SecurityTokenServiceType")
    for pem in signing:
        _key(role, pem)
    offered = add(role, FEDERATION, "TokenTypesOffered")
    for each in token_types:
        add(offered, FEDERATION, "TokenType", Uri=each)
    told = add(role, FEDERATION, "ClaimTypesOffered")
    for each in claims:
        claim = add(told, AUTHORIZATION, "ClaimType", Uri=each, Optional="true")
        add(claim, AUTHORIZATION, "DisplayName", each.rpartition("/")[2])
    for name in ("SecurityTokenServiceEndpoint", "PassiveRequestorEndpoint"):
        _endpoint(role, name, sign_in)
    return _document(root)


def application(*, realm: str, reply: str, encryption: Sequence[str]) -> bytes:
    """What we say of ourselves as an application of somebody's token service."""
    root, role = _role(realm, "fed:ApplicationServiceType")
    for pem in encryption:
        _key(role, pem, use="encryption")
    scopes = add(role, FEDERATION, "TargetScopes")
    add(add(scopes, ADDRESSING, "EndpointReference"), ADDRESSING, "Address", realm)
    for name in ("ApplicationServiceEndpoint", "PassiveRequestorEndpoint"):
        _endpoint(role, name, reply)
    return _document(root)


def _role(entity_id: str, kind: str) -> tuple[_Element, _Element]:
    prefixes = {**_PREFIXES, "xsi": SCHEMA_INSTANCE}
    root = element(METADATA, "EntityDescriptor", prefixes, entityID=entity_id)
    role = add(root, METADATA, "RoleDescriptor", protocolSupportEnumeration=FEDERATION)
    role.set(q(SCHEMA_INSTANCE, "type"), kind)
    return root, role


def _key(role: _Element, pem: str, use: str = "signing") -> None:
    info = add(add(role, METADATA, "KeyDescriptor", use=use), SIGNATURE, "KeyInfo")
    add(add(info, SIGNATURE, "X509Data"), SIGNATURE, "X509Certificate", keys.body(pem))


def _endpoint(role: _Element, name: str, address: str) -> None:
    reference = add(add(role, FEDERATION, name), ADDRESSING, "EndpointReference")
    add(reference, ADDRESSING, "Address", address)


def _document(root: _Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written(root) + b"\n"
