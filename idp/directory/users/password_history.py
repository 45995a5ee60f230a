"""Passwords that somebody had before (spec/account-lifecycle.md, "Password policy"): kept as hashes, only where a
connection asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.strategy import PasswordRules
from idp.directory.users.hasher import hasher


def of(current: str | None, earlier: Sequence[str] | None) -> list[str]:
    """Every known hash of an account, newest first."""
    return [*([current] if current else []), *(earlier or ())]


def repeats(rules: PasswordRules, known: Sequence[str], password: str) -> bool:
    """Whether ``password`` is one of the last ones, as many as the connection remembers. Hashes once for each."""
    return any(hasher.verify(each, password) for each in known[: rules.remembered])
