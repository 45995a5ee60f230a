"""How messages travel: HTTP-Redirect (deflated, in the address) and HTTP-POST (in a form); SAML Bindings 3.4, 3.5."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from connectors.saml_format import keys
from connectors.saml_format.documents import MOST_BYTES, SamlError, parse, unbase64, written
from connectors.saml_format.names import SIGNING

if TYPE_CHECKING:
    from lxml.etree import _Element

    from connectors.saml_format.keys import KeyPair

_SIGNED = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg")
_OF_MESSAGES = frozenset({*_SIGNED, "Signature"})


def posted(message: _Element) -> str:
    """The value of the form's field."""
    return base64.b64encode(written(message)).decode()


def from_post(value: str) -> _Element:
    """The message of a form's field.

    :raises SamlError: it cannot be read.
    """
    if len(value) > MOST_BYTES * 3 // 2:
        raise SamlError(f"the message has more than {MOST_BYTES} bytes", about="size")
    return parse(unbase64(value))


def redirect_url(
    target: str,
    name: str,
    message: _Element,
    *,
    relay_state: str | None = None,
    sign_with: KeyPair | None = None,
    algorithm: str = "",
    more: Mapping[str, str] | None = None,
) -> str:
    """The address that carries the message as parameter ``name``, signed where a key is given (Bindings 3.4.4.1).
    ``more`` are parameters that stand beside it.
    """
    packer = zlib.compressobj(wbits=-15)
    packed = base64.b64encode(packer.compress(written(message)) + packer.flush()).decode()
    parts = [(name, packed)]
    if relay_state is not None:
        parts.append(("RelayState", relay_state))
    if sign_with is not None:
        parts.append(("SigAlg", algorithm))
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parts)
    if sign_with is not None:
        signature = keys.sign(sign_with.private_key, algorithm, query.encode())
        query += f"&Signature={quote(base64.b64encode(signature).decode(), safe='')}"
    beside = "".join(f"&{quote(key, safe='')}={quote(value, safe='')}" for key, value in (more or {}).items())
    return f"{target}{'&' if '?' in target else '?'}{query}{beside}"


def from_redirect(value: str) -> _Element:
    """The message of an address.

    :raises SamlError: it cannot be read, or is larger unpacked than a message may be.
    """
    packed = unbase64(value)
    unpacker = zlib.decompressobj(wbits=-15)
    try:
        data = unpacker.decompress(packed, MOST_BYTES + 1)
    except zlib.error as error:
        raise SamlError("the message is not deflated") from error
    if len(data) > MOST_BYTES:
        raise SamlError(f"the message has more than {MOST_BYTES} bytes", about="size")
    return parse(data)


def signed_query(raw_query: str, certificates: list[str], read: str) -> bool:
    """Whether the address was signed with the key of one of the certificates, the parameter called ``read`` with it:
    whoever reads another one than was signed believes a stranger. It is checked as it came, letter by letter (Bindings
    3.4.4.1).

    :raises SamlError: the signature cannot be read, is of another key or about something else, or was made with an
        algorithm that is not believed.
    """
    given: dict[str, str] = {}
    for part in raw_query.split("&"):
        name, _, value = part.partition("=")
        if name not in _OF_MESSAGES and unquote_plus(name) in _OF_MESSAGES:
            raise SamlError("the name of a parameter is written in another way than it is signed", about="structure")
        if name in _OF_MESSAGES:
            if name in given:
                raise SamlError(f"{name} stands in the address twice", about="structure")
            given[name] = value
    if "Signature" not in given:
        return False
    if read not in given:
        raise SamlError(f"the signature of the address is not about its {read}", about="signature")
    algorithm = unquote_plus(given.get("SigAlg", ""))
    if algorithm not in SIGNING:
        raise SamlError(f"the address is signed with {algorithm[:100]}", about="signature")
    data = "&".join(f"{name}={given[name]}" for name in _SIGNED if name in given).encode()
    signature = unbase64(unquote_plus(given["Signature"]))
    if not any(keys.verifies(certificate, algorithm, data, signature) for certificate in certificates):
        raise SamlError("the signature of the address is of no key that is known", about="signature")
    return True
