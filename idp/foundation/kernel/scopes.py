"""Scope strings (RFC 6749 3.3)."""

from __future__ import annotations

OIDC_SCOPES = frozenset({"openid", "profile", "email", "phone", "address", "offline_access", "online_access"})
"""Scopes that ask for identity, not for an API."""
_LETTERS = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}


def parse(value: str | None) -> list[str]:
    """Space-separated words in their order, without repeats."""
    return list(dict.fromkeys((value or "").split()))


def join(words: list[str] | tuple[str, ...]) -> str:
    """The inverse of :func:`parse`."""
    return " ".join(words)


def is_valid(value: str) -> bool:
    """RFC 6749 appendix A.4: ``%x21 / %x23-5B / %x5D-7E`` and single spaces between words."""
    return _LETTERS.issuperset(value)
