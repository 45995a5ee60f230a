"""Secrets inside JSON documents at rest: by the name of the member, each value is replaced by its sealed text
(security.md SEC1).

A sealed value stands as ``{"$sealed": "v1..."}``. Names decide, on the way in and on the way out, so that nobody can
plant a sealed text where it would be opened, and a value stored before its name was known to be secret still reads as
it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from idp.foundation.kernel.secrets import Sealer

MARK = "$sealed"
_NAMES = frozenset({"configuration", "customheaders", "credentials", "authorization"})
_WORDS = (
    "secret",
    "private",
    "passphrase",
    "passwd",
    "signing_key",
    "signingkey",
    "decryptionkey",
    "access_token",
    "refresh_token",
    "twilio_token",
    "api_key",
    "apikey",
    "masterkey",
    "saskey",
    "accesskey",
)
"""What contains one of these is secret, whatever it is: text, list or object."""
_TEXT_WORD = "password"
"""Secret as text; objects below such names are settings (``password_history``), looked into like any other."""
_SETTINGS = frozenset({"passwordPolicy"})


def is_secret(name: str, value: object) -> bool:
    """Whether the member holds a secret; flags, numbers and empty values never do."""
    if name in _SETTINGS or isinstance(value, bool | int | float) or not value:
        return False
    word = name.lower()
    if word in _NAMES or any(each in word for each in _WORDS):
        return True
    return _TEXT_WORD in word and isinstance(value, str)


def seal(document: Any, sealer: Sealer) -> Any:
    """``document`` as it is stored."""
    return _walk(document, lambda value: {MARK: sealer.seal(msgspec.json.encode(value).decode())})


def opened(document: Any, sealer: Sealer) -> Any:
    """``document`` as it was given. Raises ValueError where no master key opens a value."""

    def open_one(value: Any) -> Any:
        text = value.get(MARK) if isinstance(value, dict) and len(value) == 1 else None
        return msgspec.json.decode(sealer.open(text)) if isinstance(text, str) else value

    return _walk(document, open_one)


def without_secrets(document: Any) -> Any:
    """``document``, stored or opened, for those who may not read secrets: the members are left out."""
    if isinstance(document, dict):
        return {name: without_secrets(value) for name, value in document.items() if not _hidden(name, value)}
    return [without_secrets(value) for value in document] if isinstance(document, list) else document


def _hidden(name: str, value: Any) -> bool:
    return is_secret(name, value) or (isinstance(value, dict) and MARK in value and is_secret(name, MARK))


def _walk(document: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(document, dict):
        return {
            name: change(value) if _hidden(name, value) else _walk(value, change) for name, value in document.items()
        }
    return [_walk(value, change) for value in document] if isinstance(document, list) else document
