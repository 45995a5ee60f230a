"""Which threats of the catalogue a test answers: ``@row("A1")`` beside the test, and ``test_rows`` keeps the list
whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T", bound=Callable[..., object])


def row(*ids: str) -> Callable[[T], T]:
    """Mark a test as the answer to these rows."""

    def mark(test: T) -> T:
        test.rows = ids  # type: ignore[attr-defined]
        return test

    return mark
