"""Strict reading of request parameters: no repeats, no broken UTF-8, no NUL (security.md A4, A16, B7)."""

from __future__ import annotations

import math
from collections.abc import Container
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import invalid_request
from idp.foundation.kernel.strict_json import InvalidJson

MAX_FIELDS = 200
MAX_DEPTH = 16


def from_urlencoded(raw: bytes | str, most: int = MAX_FIELDS) -> dict[str, str]:
    """Parameters of a query string or a form body, ``most`` of them. Raises OAuthError ``invalid_request``."""
    text = raw if isinstance(raw, str) else raw.decode("latin-1")
    if not text.isascii():
        try:
            text = text.encode("latin-1").decode("utf-8")
        except UnicodeError as error:
            raise invalid_request("The request is not valid UTF-8") from error
    pairs = text.split("&")
    if len(pairs) > most:
        raise invalid_request("The request has too many parameters")
    found: dict[str, str] = {}
    for pair in filter(None, pairs):
        name, _, value = map(_decoded, pair.partition("="))
        if name in found:
            raise invalid_request(f"The parameter {printable(name)} is repeated")
        if "\0" in value or "\0" in name:
            raise invalid_request("A parameter holds a NUL character")
        found[name] = value
    return found


def _decoded(text: str) -> str:
    """WHATWG URL 5.1, of text that is mostly not encoded at all."""
    if "%" not in text and "+" not in text:
        return text
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError as error:
        raise invalid_request("The request is not valid UTF-8") from error


def from_json(raw: bytes, *, documents: Container[str] = ()) -> dict[str, str]:
    """Parameters of a JSON body: an object of strings; null members mean absent (spec/sdk-acceptance.md 1.4), numbers
    and booleans become text, and so do objects and lists of the names in ``documents``: JSON again. One that names a
    member twice is refused like a repeated parameter (RFC 6749 3.2). Raises OAuthError ``invalid_request``.
    """
    try:
        body = strict_json.decode(raw)
    except InvalidJson as error:
        raise invalid_request(str(error)) from error
    if not isinstance(body, dict):
        raise invalid_request("The body must be a JSON object")
    found = {}
    for name, value in body.items():
        if isinstance(value, dict | list) and name in documents:
            found[name] = msgspec.json.encode(value).decode()
        elif value is not None:
            found[name] = _scalar(name, value)
    return found


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise invalid_request(f"The parameter {printable(name)} holds characters that are not allowed")
        return value
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    raise invalid_request(f"The parameter {printable(name)} must be a string")


def printable(text: str) -> str:
    """A name from the request, short, in the letters an ``error_description`` may have (RFC 6749 5.2)."""
    return "".join(c for c in text[:40] if " " <= c <= "~" and c not in '"\\')
