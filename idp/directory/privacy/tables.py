"""The tables with rows of people, as every feature of this process declares them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from idp.foundation.db.personal import Personal

_known: list[Personal] = []


def register(tables: Iterable[Personal]) -> None:
    """A feature's tables; :func:`idp.wiring.wire` names each once."""
    _known.extend(tables)


def every() -> Sequence[Personal]:
    """All of them."""
    return tuple(_known)
