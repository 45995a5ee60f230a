"""XML signatures, as SAML uses them (Core 5.4): enveloped, one reference, of the element they stand in.

What is believed is never the document that came but what :func:`verified` answers: the bytes that were signed, read
again (security.md SA1, SA2, SA14). The shape of a signature is checked before any cryptography, the key comes from
configuration alone, and what the message says about keys is not even looked at.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connectors.saml_format import keys
from connectors.saml_format.documents import SamlError, again, child, children, local, parse, required, text
from connectors.saml_format.keys import KeyPair
from connectors.saml_format.names import (
    ASSERTION_1,
    DIGESTS,
    ENVELOPED,
    EXCLUSIVE,
    RSA_SHA1,
    SIGNATURE,
    SIGNING,
    q,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_SHA1 = {"signature": RSA_SHA1, "digest": f"{SIGNATURE}sha1"}


def verified(element: _Element, certificates: Sequence[str]) -> _Element | None:
    """The element as it was signed, read again from the signed bytes; None where it has no signature of its own.

    :raises SamlError: there is one that is not good, or not of these certificates' keys.
    """
    signature = child(element, SIGNATURE, "Signature")
    if signature is None:
        return None
    _check_shape(element, signature)
    alone = again(element)
    own = required(alone, SIGNATURE, "Signature")
    hint = _drop_key_info(own)
    for pem in sorted(certificates, key=lambda each: keys.body(each) != hint):
        signed = _signed_bytes(alone, pem)
        if signed is not None:
            found = parse(signed, most=len(signed))
            if found.tag != element.tag or found.get(identified_by(found)) != element.get(identified_by(element)):
                raise SamlError("something else was signed", about="signature")
            return found
    raise SamlError("the signature is of no key that is known, or the message was changed", about="signature")


def identified_by(element: _Element) -> str:
    """The attribute that holds its ID: SAML 1.1 called it otherwise (SAML 1.1 Core 2.3.2)."""
    return "AssertionID" if element.tag == q(ASSERTION_1, "Assertion") else "ID"


def certificate_in(element: _Element) -> str | None:
    """The first certificate that stands in the element's own signature, as PEM: worth something only to whoever knows
    its fingerprint from elsewhere. None where there is none that can be read.
    """
    signature = child(element, SIGNATURE, "Signature")
    found = signature.iter(q(SIGNATURE, "X509Certificate")) if signature is not None else ()
    said = next((each.text or "" for each in found), "")
    try:
        return keys.certificates(said)[0]
    except SamlError:
        return None


def _signed_bytes(root: _Element, pem: str) -> bytes | None:
    """The bytes that were signed, None where the signature is not of that key."""
    from lxml.etree import LxmlError
    from signxml.exceptions import InvalidInput, SignXMLException
    from signxml.verifier import SignatureConfiguration

    wanted = SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=1,
        signature_methods=_methods(),
        digest_algorithms=_digests(),
    )
    try:
        result: Any = _verifier().verify(
            root, x509_cert=pem, id_attribute=identified_by(root), expect_config=wanted, validate_schema=False
        )
    except (
        SignXMLException,
        InvalidInput,
        LxmlError,
        ValueError,
        KeyError,
    ):  # what has no canonical form is an LxmlError
        return None
    data: bytes = result.signed_data
    return data


def _verifier() -> Any:
    from signxml.verifier import XMLVerifier

    class Verifier(XMLVerifier):
        """One to which a certificate is the wrapping of a key that somebody configured: when it expires is told to
        administrators, and ends nothing (SAML V2.0 Metadata Interoperability Profile 2.6.1).
        """

        def _check_cert_validity(self, *_args: Any, **_kwargs: Any) -> None:
            """Not asked."""

    return Verifier()


def _check_shape(element: _Element, signature: _Element) -> None:
    """Nothing may stand in a signature that a verifier could read in two ways.

    :raises SamlError: something does.
    """
    info = required(signature, SIGNATURE, "SignedInfo")
    names = [local(each) for each in children(signature)]
    if names not in (["SignedInfo", "SignatureValue"], ["SignedInfo", "SignatureValue", "KeyInfo"]):
        raise SamlError("the signature has other parts than one", about="signature")
    if [local(each) for each in children(info)] != ["CanonicalizationMethod", "SignatureMethod", "Reference"]:
        raise SamlError("the signature has not exactly one reference", about="signature")
    method = _algorithm(info, "SignatureMethod")
    if method not in SIGNING:
        raise SamlError(f"signed with {method[:100]}", about="signature")
    if _algorithm(info, "CanonicalizationMethod") != EXCLUSIVE:
        raise SamlError("the signature is not in exclusive canonical form", about="signature")
    reference = required(info, SIGNATURE, "Reference")
    own = element.get(identified_by(element))
    if not own or reference.get("URI") != f"#{own}":
        raise SamlError("the signature refers to something else than where it stands", about="signature")
    digest = _algorithm(reference, "DigestMethod")
    if digest not in DIGESTS:
        raise SamlError(f"digested with {digest[:100]}", about="signature")
    transforms = [each.get("Algorithm") for each in children(required(reference, SIGNATURE, "Transforms"))]
    if transforms != [ENVELOPED, EXCLUSIVE]:
        raise SamlError("the signature has other transforms than enveloped and exclusive", about="signature")
    for parent, name in ((reference, "DigestValue"), (signature, "SignatureValue")):
        if not text(required(parent, SIGNATURE, name)):
            raise SamlError(f"{name} is empty", about="signature")


def _algorithm(parent: _Element, name: str) -> str:
    return str(required(parent, SIGNATURE, name).get("Algorithm") or "")


def _drop_key_info(signature: _Element) -> str:
    """Take away what the message says about keys. It was never signed, and is worth a hint which of several known
    certificates to try first.
    """
    info = child(signature, SIGNATURE, "KeyInfo")
    if info is None:
        return ""
    hint = next((each.text or "" for each in info.iter(q(SIGNATURE, "X509Certificate"))), "")
    signature.remove(info)
    return "".join(hint.split())


# ---- signing
def signed(element: _Element, pair: KeyPair, *, at: int, algorithm: str = "rsa-sha256", digest: str = "sha256") -> None:
    """Sign the element in place with its own ID; the signature becomes child number ``at``. ``algorithm`` and
    ``digest`` are Auth0's names (``rsa-sha256`` or ``rsa-sha1``, ``sha256`` or ``sha1``).
    """
    from lxml import etree
    from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod

    placeholder = etree.Element(q(SIGNATURE, "Signature"), {"Id": "placeholder"}, nsmap={"ds": SIGNATURE})
    element.insert(at, placeholder)
    signer = _signer()(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod(_SHA1["signature"])
        if algorithm == "rsa-sha1"
        else SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm(_SHA1["digest"]) if digest == "sha1" else DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    made = signer.sign(
        element,
        key=pair.private_key,
        cert=pair.certificate,
        reference_uri=f"#{element.get(identified_by(element))}",
        id_attribute=identified_by(element),
    )
    found = required(made, SIGNATURE, "Signature")
    present = child(element, SIGNATURE, "Signature")
    if present is not None and present is not found:
        element.replace(present, found)


def _signer() -> Any:
    from signxml.signer import XMLSigner

    class Signer(XMLSigner):
        """One that also signs with SHA-1, for receivers that read nothing else; nothing of theirs is believed so."""

        def check_deprecated_methods(self) -> None:
            """Whoever configured it wants it."""

    return Signer


def _methods() -> frozenset[Any]:
    from signxml.algorithms import SignatureMethod

    return frozenset(SignatureMethod(name) for name in SIGNING)


def _digests() -> frozenset[Any]:
    from signxml.algorithms import DigestAlgorithm

    return frozenset(DigestAlgorithm(name) for name in DIGESTS)


def thumbprint(pem: str) -> str:
    """SHA-1 of the certificate, in hexadecimal: the name that administrators know it by."""
    from cryptography.hazmat.primitives.hashes import SHA1

    return keys.opened(pem).fingerprint(SHA1()).hex()  # noqa: S303 - a name, no protection


def thumbprint_sha384(pem: str) -> str:
    """The same, by SHA-384."""
    from cryptography.hazmat.primitives.hashes import SHA384

    return keys.opened(pem).fingerprint(SHA384()).hex()


def encoded(data: bytes) -> str:
    """Base64 in one line."""
    return base64.b64encode(data).decode()
