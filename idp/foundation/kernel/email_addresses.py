"""One normalization of e-mail addresses, used by sign-in, sign-up, reset and look-ups alike (security.md J5)."""

from __future__ import annotations

import re
import string
import unicodedata

from email_validator import EmailNotValidError, validate_email

MAX_EMAIL_BYTES = 254
_PLAIN = re.compile(
    r"[a-z0-9_+-]{1,64}(?:\.[a-z0-9_+-]{1,64}){0,8}@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}([a-z]{2,63})"
)
"""What most addresses look like. They are found valid by this alone, two hundred times as fast as by all rules."""
_PLAIN_LOCAL = 64
_OF_NOBODY = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test", "example"})
"""Top-level domains that the rules look closer at."""
_LOWERED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def email_key(email: str) -> str:
    """What two spellings of one address share: NFC, lower case for ASCII letters. No look-alike folding.

    Only ASCII is lowered, so that ``ı`` never becomes ``i`` (the Django CVE-2019-19844 class).
    """
    composed = unicodedata.normalize("NFC", email.strip())
    return composed.translate(_LOWERED)


def valid_email(email: str) -> str | None:
    """The address in the store's spelling (lower case), or None where it is none (security.md J4)."""
    lower = email.strip().translate(_LOWERED)
    plain = _PLAIN.fullmatch(lower) if len(lower) <= MAX_EMAIL_BYTES else None
    if plain is not None and plain[1] not in _OF_NOBODY and lower.index("@") <= _PLAIN_LOCAL:
        return lower
    if len(email.encode("utf-8", "surrogatepass")) > MAX_EMAIL_BYTES or any(
        ord(c) < 0x21 or ord(c) == 0x7F for c in email.strip()
    ):
        return None
    try:
        found = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except EmailNotValidError:
        return None
    return email_key(found.normalized)
