"""The names that the specifications give things (SAML 2.0 Core, Bindings, Profiles, Metadata; XML Signature and
Encryption).
"""

from __future__ import annotations

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
SIGNATURE_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#"
ENCRYPTION_11 = "http://www.w3.org/2009/xmlenc11#"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"

ASSERTION_1 = "urn:oasis:names:tc:SAML:1.0:assertion"
"""Of SAML 1.1, which kept the name of 1.0."""
TRUST = "http://schemas.xmlsoap.org/ws/2005/02/trust"
TRUST_13 = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
POLICY = "http://schemas.xmlsoap.org/ws/2004/09/policy"
ADDRESSING = "http://www.w3.org/2005/08/addressing"
UTILITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
FEDERATION = "http://docs.oasis-open.org/wsfed/federation/200706"
AUTHORIZATION = "http://docs.oasis-open.org/wsfed/authorization/200706"

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
BEARER_1 = "urn:oasis:names:tc:SAML:1.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder"
REQUESTER = "urn:oasis:names:tc:SAML:2.0:status:Requester"
NO_PASSIVE = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
AUTHN_FAILED = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
REQUEST_DENIED = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
PARTIAL_LOGOUT = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
URI_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BASIC_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
UNSPECIFIED_NAMES = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{SIGNATURE}enveloped-signature"
RSA_SHA1 = f"{SIGNATURE}rsa-sha1"
RSA_SHA256 = f"{SIGNATURE_MORE}rsa-sha256"
SIGNING = frozenset(
    f"{SIGNATURE_MORE}{name}"
    for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512")
)
"""Signature algorithms that are believed; nothing with SHA-1, nothing with a shared secret."""
DIGESTS = frozenset({f"{ENCRYPTION}sha256", f"{SIGNATURE_MORE}sha384", f"{ENCRYPTION}sha512"})
"""Digest algorithms that are believed."""

PREFIXES = {"samlp": PROTOCOL, "saml": ASSERTION, "xs": SCHEMA, "xsi": SCHEMA_INSTANCE}
"""How messages of ours abbreviate them."""


def q(namespace: str, name: str) -> str:
    """A qualified name as lxml writes it."""
    return f"{{{namespace}}}{name}"
