"""One normalization of e-mail addresses, used by sign-in, sign-up, reset and look-ups alike (security.md J5)."""

from __future__ import annotations

import string
import unicodedata

from email_validator import EmailNotValidError, validate_email

MAX_EMAIL_BYTES = 254
_LOWERED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def email_key(email: str) -> str:
    """What two spellings of one address share: NFC, lower case for ASCII letters. No look-alike folding.

    Only ASCII is lowered, so that ``ı`` never becomes ``i`` (the Django CVE-2019-19844 class).
    """
    composed = unicodedata.normalize("NFC", email.strip())
    return composed.translate(_LOWERED)


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
