"""The kinds of work of a web process: how much of each at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

PLACES: Final = 4
"""Requests one process works on at a time."""


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of work."""

    name: str
    places: int
    """How many of the places it may take at a time."""
    waiting: int
    """How many may stand in its line; the next one is refused at once."""


HOT: Final = Kind("hot", PLACES, 512)
"""What applications ask again and again, a millisecond each."""
PAGES: Final = Kind("pages", 3, 256)
"""What people see; one place is always left to what applications ask."""
MANAGEMENT: Final = Kind("management", 2, 128)
"""The Management API, whose callers shape their queries."""
KINDS: Final = (HOT, PAGES, MANAGEMENT)
"""Whose turn it is first."""
_HOT_PATHS: Final = (
    *("/oauth/token", "/userinfo", "/oauth/introspect", "/oauth/revoke", "/oauth/par"),
    *("/healthz", "/readyz", "/metrics"),
)
_SILENT: Final = "prompt=none"


def kind_of(environ: dict[str, Any]) -> Kind:
    """Which line a request stands in. The path of an issuer may stand before the rest."""
    path: str = environ["PATH_INFO"]
    if "/api/v2/" in path:  # first: ids in it may end like anything
        return MANAGEMENT
    if path.endswith(_HOT_PATHS) or "/.well-known/" in path:
        return HOT
    if path.endswith("/authorize") and _SILENT in environ["QUERY_STRING"]:
        return HOT
    return PAGES
