"""A request before anything is believed about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RawRequest:
    """What the web adapter saw: decoded path parameters, query pairs in order, and the body as bytes."""

    params: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    content_type: str = ""
    body: bytes = b""
