"""Names below which anybody can register one (https://publicsuffix.org): ``com``, ``co.uk``, ``github.io``.

The list comes with the library ``publicsuffixlist`` and is as old as the locked version of it; nothing is fetched.
"""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


def is_somebodys(name: str) -> bool:
    """Whether everything below the host name ``name`` is one party's: it is a registered name, or lies below one.
    Addresses are nobody's, and so is a single label.
    """
    labels = name.lower().rstrip(".").split(".")
    if len(labels) < 2 or "" in labels or labels[-1].isdigit():
        return False
    return _suffixes().privatesuffix(".".join(labels)) is not None


def label(name: str) -> str | None:
    """The part of a host name that somebody registered, without what stands after it: ``example`` of
    ``www.example.co.uk``. None where there is none.
    """
    if not is_somebodys(name):
        return None
    registered = _suffixes().privatesuffix(name.lower().rstrip("."))
    return registered.partition(".")[0] if registered else None


@cache
def _suffixes() -> PublicSuffixList:
    """The list, read when it is first asked for: most processes never are."""
    return PublicSuffixList()
