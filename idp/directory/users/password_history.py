"""Passwords that somebody had before (spec/account-lifecycle.md, "Password policy"): kept as hashes, only where a
connection asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import remembered_passwords
from idp.directory.users.hasher import hasher


def of(current: str | None, earlier: Sequence[str] | None) -> list[str]:
    """Every known hash of an account, newest first."""
    return [*([current] if current else []), *(earlier or ())]


def repeats(options: Mapping[str, Any], known: Sequence[str], password: str) -> bool:
    """Whether ``password`` is one of the last ones, as many as the connection's ``options`` look back. Hashes once for
    each.
    """
    return any(hasher.verify(each, password) for each in known[: remembered_passwords(options)])


def pushed(options: Mapping[str, Any], known: Sequence[str]) -> list[str] | None:
    """What is kept when a new password takes the place of the newest of ``known``."""
    return list(known[: remembered_passwords(options)]) or None
