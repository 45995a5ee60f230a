"""What a type of log entry is: Auth0's code with a readable name. Each feature declares those it writes in
``log_types.py``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class LogType(StrEnum):
    """Base of every feature's types: ``NAME = code, description``. A member is Auth0's code, and is stored so."""

    description: str
    """What happened, in a sentence for administrators."""

    def __new__(cls, code: str, description: str) -> Self:
        """A member that equals its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.description = description
        return member
