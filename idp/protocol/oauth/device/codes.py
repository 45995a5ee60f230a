"""User codes: what they look like here, and what somebody typed."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator

from idp.foundation.tenancy.settings import DeviceFlow

BASE20 = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters that make no words and are not taken for each other (RFC 8628 6.1)."""
DIGITS = "0123456789"
SEPARATORS = "-_ ."
LONGEST = 64
FEWEST = {"base20": 8, "digits": 9}
"""Characters of a code at least, whatever the tenant's mask says: 34 and 29 bits (security.md G1)."""


def fresh(settings: DeviceFlow) -> str:
    """A new code, in the tenant's mask: ``BCDF-GHJK``."""
    return _masked(settings, (secrets.choice(_letters(settings)) for _ in range(LONGEST)))


def example(settings: DeviceFlow) -> str:
    """What one looks like."""
    return _masked(settings, itertools.cycle(_letters(settings)))


def shown(settings: DeviceFlow, typed: str) -> str:
    """A typed code as the device shows it."""
    return _masked(settings, iter(normalized(typed)))


def normalized(typed: str) -> str:
    """What a code is known by: its letters and digits, in upper case, whatever stood between them."""
    return "".join(each for each in typed[:LONGEST].upper() if each not in SEPARATORS and not each.isspace())


def _letters(settings: DeviceFlow) -> str:
    return DIGITS if settings.charset == "digits" else BASE20


def _masked(settings: DeviceFlow, letters: Iterator[str]) -> str:
    mask = settings.mask + "*" * max(0, FEWEST[settings.charset] - settings.mask.count("*"))
    return "".join(next(letters, "") if each == "*" else each for each in mask)
