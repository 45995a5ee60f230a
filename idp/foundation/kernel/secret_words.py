"""The words by which a secret is recognised where no type declares it: in foreign JSON that a log entry shows, and in
the members of the process's own log lines (security.md SEC3, LOG2).

The one list of them. What is sealed, and who may read it, is decided by declarations (:mod:`.secret`) and by no word.
"""

from __future__ import annotations

from typing import Final

WORDS: Final = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "authorization",
    "cookie",
    "assertion",
    "verifier",
    "private",
    "credential",
    "api_key",
)
"""A name that contains one of these holds a secret, wherever it stands."""
DOCUMENT_WORDS: Final = (
    *WORDS,
    "auth_value",
    "configuration",
    "headers",
    "key",
    "link_with",
    "pem",
    "recovery_code",
    "ticket",
)
"""The same for JSON that callers send and services answer, where more may be a secret."""
LOG_NAMES: Final = frozenset(
    {"code", "key", "otp", "state", "csrf", "ticket", "nonce", "set-cookie", "user_code", "device_code"}
)
"""Names that are secret as a whole in log lines of the process; ``status_code`` and ``error_code`` are not."""
HARMLESS: Final = frozenset(
    {
        "authorization_endpoint",
        "grant_type",
        "password_policy",
        "passwordpolicy",
        "token_dialect",
        "token_endpoint",
        "token_endpoint_auth_method",
        "token_type",
    }
)
"""Names that sound like a secret and hold a setting."""
CONTAINERS: Final = frozenset(
    {"jwt_configuration", "refresh_token", "client_credentials", "password_complexity_options"}
)
"""As objects these are settings, looked into like any other; as text they are secrets."""


def in_document(name: str, value: object) -> bool:
    """Whether ``value`` must not be shown under that name, in JSON that nobody declared."""
    lowered = name.lower()
    if lowered in HARMLESS or (lowered in CONTAINERS and isinstance(value, dict)):
        return False
    return any(word in lowered for word in DOCUMENT_WORDS)


def in_log_line(name: str) -> bool:
    """Whether values under ``name`` must not be written to the log of the process."""
    lowered = name.lower()
    return lowered not in HARMLESS and (lowered in LOG_NAMES or any(word in lowered for word in WORDS))
