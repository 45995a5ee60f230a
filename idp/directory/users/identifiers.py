"""One normalization of e-mail addresses and usernames, used by sign-in, sign-up, reset and look-ups alike (security.md
J5).
"""

from __future__ import annotations

import re

from idp.foundation.kernel.email_addresses import email_key, valid_email

__all__ = ["email_key", "masked", "username_key", "valid_email", "valid_phone", "valid_username"]
_USERNAME = re.compile(r"[a-z0-9@^$.!`\-#+'~_]+")


def username_key(username: str) -> str:
    """Usernames are stored in lower case."""
    return email_key(username)


def valid_username(username: str, *, low: int = 1, high: int = 15) -> bool:
    """Auth0's alphabet and length; a username never looks like an address (spec/user-profile.md)."""
    key = username_key(username)
    return low <= len(key) <= high and _USERNAME.fullmatch(key) is not None and valid_email(key) is None


def valid_phone(typed: str) -> str | None:
    """A telephone number in E.164, or None for what is none: the country is dialled along. Extensions are refused."""
    import phonenumbers
    from phonenumbers import NumberParseException

    if not 5 <= len(typed) <= 32:
        return None
    try:
        number = phonenumbers.parse(typed, None)
    except NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def masked(identifier: str) -> str:
    """``j•••@example.com``: enough for its owner to recognise it. Usernames are masked alike."""
    local, at, domain = identifier.partition("@")
    return f"{local[:1]}•••{at}{domain}"
