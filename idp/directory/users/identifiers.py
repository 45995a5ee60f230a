"""One normalization of e-mail addresses and usernames, used by sign-in, sign-up, reset and look-ups alike (security.md
J5).
"""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

MAX_EMAIL_BYTES = 254
_USERNAME = re.compile(r"[a-z0-9@^$.!`\-#+'~_]+")


def email_key(email: str) -> str:
    """What two spellings of one address share: NFC, lower case for ASCII letters. No look-alike folding.

    Only ASCII is lowered, so that ``ı`` never becomes ``i`` (the Django CVE-2019-19844 class).
    """
    composed = unicodedata.normalize("NFC", email.strip())
    return "".join(c.lower() if c.isascii() else c for c in composed)


def username_key(username: str) -> str:
    """Usernames are stored in lower case."""
    return email_key(username)


def valid_email(email: str) -> str | None:
    """The address in the store's spelling (lower case), or None where it is none (security.md J4)."""
    if len(email.encode("utf-8", "surrogatepass")) > MAX_EMAIL_BYTES or any(
        ord(c) < 0x21 or ord(c) == 0x7F for c in email.strip()
    ):
        return None
    try:
        found = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=True, test_environment=True)
    except EmailNotValidError:
        return None
    return email_key(found.normalized)


def valid_username(username: str, *, low: int = 1, high: int = 15) -> bool:
    """Auth0's alphabet and length; a username never looks like an address (spec/user-profile.md)."""
    key = username_key(username)
    return low <= len(key) <= high and _USERNAME.fullmatch(key) is not None and valid_email(key) is None


def masked(identifier: str) -> str:
    """``j•••@example.com``: enough for its owner to recognise it. Usernames are masked alike."""
    local, at, domain = identifier.partition("@")
    return f"{local[:1]}•••{at}{domain}"
