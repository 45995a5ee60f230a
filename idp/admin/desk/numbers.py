"""Whole numbers that an address or a form says: whatever somebody writes there, it is no more than a number."""

from __future__ import annotations

from typing import Final

MOST_DIGITS: Final = 18
"""What every store and every count holds (64 bits)."""


def whole(text: str) -> int | None:
    """The number, not below zero; None for everything else, and for one of more than :data:`MOST_DIGITS` digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
