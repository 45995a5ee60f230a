"""When is an assertion good? The same rules for every kind of token that comes from outside (security.md SA3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.saml_format.documents import SamlError, iso, moment

if TYPE_CHECKING:
    from lxml.etree import _Element

SKEW_MS = 60_000
"""How much two clocks may differ."""
LONGEST_MS = 24 * 3_600_000
"""No assertion is good for longer after it was issued, whatever it says: its id is remembered for as long."""


def within(element: _Element, now: int, what: str) -> int | None:
    """``NotBefore`` and ``NotOnOrAfter``; answers the latter in ms.

    :raises SamlError: it is not good now.
    """
    begins, ends = element.get("NotBefore"), element.get("NotOnOrAfter")
    if begins is not None:
        check_not_before(what, moment(begins), now)
    if ends is None:
        return None
    if moment(ends) + SKEW_MS <= now:
        raise wrong_clock(f"{what} was good until", moment(ends), now)
    return moment(ends)


def check_not_before(what: str, begins: int, now: int) -> None:
    """:raises SamlError: that moment (ms) has not come."""
    if begins - SKEW_MS > now:
        raise wrong_clock(f"{what} is good from", begins, now)


def wrong_clock(words: str, then: int, now: int) -> SamlError:
    """Most often a clock is wrong, so the log says both times."""
    return SamlError(
        f"clock: {words} {iso(then)}, here it is {iso(now)} (differences of {SKEW_MS // 1000} s are allowed for)",
        about="clock",
    )
