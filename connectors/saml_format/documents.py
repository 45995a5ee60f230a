"""Reading and writing XML, strictly: no document type, no entities, no processing instructions, every ID once.

One parser reads everything, and what a signature was found good over is read again from the very bytes that were signed
(security.md SA14).
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from connectors.saml_format.names import SIGNATURE, XML, q

if TYPE_CHECKING:
    from lxml.etree import XMLParser, _Element

MOST_BYTES = 256 * 1024
"""Of a message, as XML."""
MOST_METADATA_BYTES = 1024 * 1024
_ID_ATTRIBUTES = frozenset({"ID", "Id", "id", "AssertionID", "ResponseID", "RequestID", q(XML, "id")})


class SamlError(Exception):
    """A message that is not believed. The text is for logs; ``about`` names what is wrong with it in one word."""

    def __init__(self, message: str, *, about: str = "invalid") -> None:
        super().__init__(message)
        self.about = about


def parse(data: bytes, *, most: int = MOST_BYTES) -> _Element:
    """The root of a document that came from outside, without comments.

    :raises SamlError: it is too large, no well-formed UTF-8 XML, or has a document type, processing instructions,
        comments inside of a signature or an ID twice.
    """
    from lxml import etree

    if len(data) > most:
        raise SamlError(f"the document has more than {most} bytes", about="size")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SamlError("the document is not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise SamlError("the document has a document type", about="doctype")
    try:
        root = etree.fromstring(text.encode(), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SamlError(f"no well-formed XML: {error}"[:300]) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise SamlError("the document has a document type", about="doctype")
    _plain(root)
    _unique_ids(root)
    return root


def again(element: _Element) -> _Element:
    """The element as the root of a document of its own, with the namespaces it stood in."""
    from lxml import etree

    return etree.fromstring(etree.tostring(element, with_tail=False), _parser())


def written(element: _Element) -> bytes:
    """The document as bytes, without an XML declaration."""
    from lxml import etree

    found: bytes = etree.tostring(element, with_tail=False)
    return found


def _parser() -> XMLParser:
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        collect_ids=False,
    )


def _plain(root: _Element) -> None:
    """Comments go, so that a text is whole (security.md SA6); nobody has any business with one inside a signature."""
    from lxml import etree

    if next(root.iter(etree.ProcessingInstruction, etree.Entity), None) is not None:
        raise SamlError("the document has processing instructions or entities", about="doctype")
    comments = list(root.iter(etree.Comment))
    if any(next(each.iterancestors(q(SIGNATURE, "Signature")), None) is not None for each in comments):
        raise SamlError("a comment inside of a signature", about="signature")
    if comments:
        etree.strip_tags(root, etree.Comment)


def _unique_ids(root: _Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        for name in _ID_ATTRIBUTES & set(element.keys()):
            value = str(element.get(name))
            if value in seen:
                raise SamlError("an ID stands in the document twice", about="duplicate")
            seen.add(value)


# ---- looking inside
def children(element: _Element) -> list[_Element]:
    """The child elements: comments are gone, and nothing else may stand in a document."""
    return list(element)


def child(element: _Element, namespace: str, name: str) -> _Element | None:
    """The child of that name, None where there is none.

    :raises SamlError: there are several.
    """
    found = [each for each in element if each.tag == q(namespace, name)]
    if len(found) > 1:
        raise SamlError(f"{name} stands there {len(found)} times", about="structure")
    return found[0] if found else None


def required(element: _Element, namespace: str, name: str) -> _Element:
    """The one child of that name.

    :raises SamlError: there is none, or several.
    """
    found = child(element, namespace, name)
    if found is None:
        raise SamlError(f"no {name}", about="structure")
    return found


def text(element: _Element) -> str:
    """The whole text of an element that has nothing but text.

    :raises SamlError: there are elements inside.
    """
    if len(element):
        raise SamlError(f"{local(element)} has elements inside", about="structure")
    return (element.text or "").strip()


def local(element: _Element) -> str:
    """Its name without the namespace."""
    return str(element.tag).rpartition("}")[2]


def in_order(element: _Element, allowed: Sequence[tuple[str, str, bool]]) -> None:
    """The children are those of the schema, in its order. Each row is namespace, name, and whether it may repeat.

    :raises SamlError: they are not.
    """
    at, last = 0, ""
    rows = [(q(namespace, name), repeats) for namespace, name, repeats in allowed]
    for each in children(element):
        if each.tag == last and rows[at - 1][1]:
            continue
        while at < len(rows) and rows[at][0] != each.tag:
            at += 1
        if at == len(rows):
            raise SamlError(f"{local(each)} does not belong there in {local(element)}", about="structure")
        at, last = at + 1, str(each.tag)


# ---- writing
def element(namespace: str, name: str, prefixes: dict[str, str] | None = None, **attributes: str | None) -> _Element:
    """A new element; attributes that are None are left out."""
    from lxml import etree

    given = {key: value for key, value in attributes.items() if value is not None}
    return etree.Element(q(namespace, name), given, nsmap=prefixes)


def add(parent: _Element, namespace: str, name: str, words: str | None = None, **attributes: str | None) -> _Element:
    """A new last child.

    :raises SamlError: the words cannot stand in XML.
    """
    from lxml import etree

    given = {key: value for key, value in attributes.items() if value is not None}
    try:
        made = etree.SubElement(parent, q(namespace, name), given)
        made.text = words
    except ValueError as error:  # control characters
        raise SamlError(f"a value of {name} cannot be written as XML") from error
    return made


def new_id() -> str:
    """An ID for a message: 160 random bits after a letter, as an XML name needs."""
    return f"_{secrets.token_hex(20)}"


# ---- times and bytes
def moment(text_: str) -> int:
    """Milliseconds since 1970 of an ``xs:dateTime``, which is UTC where it does not say (Core 1.3.3).

    :raises SamlError: it is none.
    """
    try:
        found = dt.datetime.fromisoformat(text_)
        known = found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)
        return int(known.astimezone(dt.UTC).timestamp() * 1000)  # one beyond the years there are is none
    except (ValueError, OverflowError) as error:
        raise SamlError(f"{text_[:60]!r} is no time") from error


def iso(milliseconds: int) -> str:
    """That moment as an ``xs:dateTime``."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unbase64(text_: str) -> bytes:
    """Base64 with line breaks.

    :raises SamlError: it is none.
    """
    try:
        return base64.b64decode("".join(text_.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SamlError("no base64") from error


def joined(values: Iterable[str]) -> str:
    """For a log line."""
    return ", ".join(sorted(values))[:300]
