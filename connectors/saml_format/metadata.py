"""SAML metadata: what an entity says about itself, read and written (SAML Metadata 2.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.saml_format import keys
from connectors.saml_format.documents import (
    MOST_METADATA_BYTES,
    SamlError,
    add,
    child,
    children,
    element,
    parse,
    text,
    written,
)
from connectors.saml_format.names import METADATA, POST, PROTOCOL, REDIRECT, SIGNATURE, q
from connectors.web_addresses import is_address

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTENT_TYPE = "application/samlmetadata+xml"
_ROLES = ("IDPSSODescriptor", "SPSSODescriptor")


@dataclass(frozen=True, kw_only=True)
class Entity:
    """What is read of a provider: addresses by binding, certificates as PEM."""

    entity_id: str
    sign_in: Mapping[str, str] = field(default_factory=dict)
    sign_out: Mapping[str, str] = field(default_factory=dict)
    signing: tuple[str, ...] = ()
    wants_signed: bool = False


def identity_provider(document: str | bytes) -> Entity:
    """The one identity provider of a metadata document.

    :raises SamlError: it cannot be read, or describes none or several.
    """
    data = document.encode() if isinstance(document, str) else document
    root = parse(data, most=MOST_METADATA_BYTES)
    found = [
        (entity, role)
        for entity in root.iter(q(METADATA, "EntityDescriptor"))
        for role in entity
        if role.tag == q(METADATA, "IDPSSODescriptor")
    ]
    if len(found) != 1:
        raise SamlError(f"the metadata describe {len(found) or 'no'} identity providers, not one")
    entity, role = found[0]
    entity_id = str(entity.get("entityID") or "")
    if not entity_id:
        raise SamlError("the metadata have no entityID")
    return Entity(
        entity_id=entity_id,
        sign_in=_addresses(role, "SingleSignOnService"),
        sign_out=_addresses(role, "SingleLogoutService"),
        signing=_certificates(role),
        wants_signed=role.get("WantAuthnRequestsSigned") in {"true", "1"},
    )


def _addresses(role: _Element, name: str) -> dict[str, str]:
    """By binding; the first of each that browsers can be sent to counts."""
    found: dict[str, str] = {}
    for each in role:
        if each.tag == q(METADATA, name) and is_address(str(each.get("Location") or "")):
            found.setdefault(str(each.get("Binding")), str(each.get("Location")))
    return found


def _certificates(role: _Element) -> tuple[str, ...]:
    """Those to verify signatures with: descriptors for signing, and those for anything."""
    found: list[str] = []
    for descriptor in role:
        if descriptor.tag != q(METADATA, "KeyDescriptor") or descriptor.get("use") not in {None, "signing"}:
            continue
        for each in descriptor.iter(q(SIGNATURE, "X509Certificate")):
            found += [pem for pem in keys.certificates(text(each)) if pem not in found]
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class ServiceProvider:
    """What a service provider says about itself."""

    entity_id: str
    consumer: str
    sign_out: str | None
    signing: Sequence[str]
    decrypting: Sequence[str]
    signs_requests: bool
    name_format: str


def service_provider(described: ServiceProvider) -> bytes:
    """Its metadata document."""
    root, role = _root(described.entity_id, "SPSSODescriptor")
    role.set("AuthnRequestsSigned", "true" if described.signs_requests else "false")
    role.set("WantAssertionsSigned", "true")
    for use, certificates in (("signing", described.signing), ("encryption", described.decrypting)):
        for pem in certificates:
            _key(role, use, pem)
    if described.sign_out:
        for binding in (REDIRECT, POST):
            add(role, METADATA, "SingleLogoutService", Binding=binding, Location=described.sign_out)
    add(role, METADATA, "NameIDFormat", described.name_format)
    add(
        role,
        METADATA,
        "AssertionConsumerService",
        Binding=POST,
        Location=described.consumer,
        index="0",
        isDefault="true",
    )
    return _document(root)


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What an identity provider says about itself."""

    entity_id: str
    sign_in: str
    sign_out: str
    signing: Sequence[str]
    name_formats: Sequence[str]
    attributes: Sequence[tuple[str, str]] = ()


def provider(described: Provider) -> bytes:
    """Its metadata document."""
    root, role = _root(described.entity_id, "IDPSSODescriptor")
    role.set("WantAuthnRequestsSigned", "false")
    for pem in described.signing:
        _key(role, "signing", pem)
    for binding in (REDIRECT, POST):
        add(role, METADATA, "SingleLogoutService", Binding=binding, Location=described.sign_out)
    for each in described.name_formats:
        add(role, METADATA, "NameIDFormat", each)
    for binding in (REDIRECT, POST):
        add(role, METADATA, "SingleSignOnService", Binding=binding, Location=described.sign_in)
    return _document(root)


def _root(entity_id: str, role: str) -> tuple[_Element, _Element]:
    root = element(METADATA, "EntityDescriptor", {"md": METADATA, "ds": SIGNATURE}, entityID=entity_id)
    return root, add(root, METADATA, role, protocolSupportEnumeration=PROTOCOL)


def _key(role: _Element, use: str, pem: str) -> None:
    info = add(add(role, METADATA, "KeyDescriptor", use=use), SIGNATURE, "KeyInfo")
    add(add(info, SIGNATURE, "X509Data"), SIGNATURE, "X509Certificate", keys.body(pem))


def _document(root: _Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written(root) + b"\n"


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """What is read of a service provider."""

    entity_id: str
    consumers: tuple[str, ...]
    sign_out: str | None
    signing: tuple[str, ...]


def consumer(document: str | bytes) -> Consumer:
    """The one service provider of a metadata document.

    :raises SamlError: it cannot be read, or describes none or several.
    """
    data = document.encode() if isinstance(document, str) else document
    root = parse(data, most=MOST_METADATA_BYTES)
    entities = list(root.iter(q(METADATA, "EntityDescriptor")))
    roles = [child(each, METADATA, "SPSSODescriptor") for each in entities]
    found = [(entity, role) for entity, role in zip(entities, roles, strict=True) if role is not None]
    if len(found) != 1:
        raise SamlError(f"the metadata describe {len(found) or 'no'} service providers, not one")
    entity, role = found[0]
    posts = tuple(
        str(each.get("Location"))
        for each in children(role)
        if each.tag == q(METADATA, "AssertionConsumerService") and each.get("Binding") == POST
    )
    outs = _addresses(role, "SingleLogoutService")
    return Consumer(
        entity_id=str(entity.get("entityID") or ""),
        consumers=posts,
        sign_out=outs.get(REDIRECT) or outs.get(POST),
        signing=_certificates(role),
    )
