"""A request before anything is believed about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from idp.foundation.apikit import body


@dataclass(frozen=True)
class RawRequest:
    """What the web adapter saw: decoded path parameters, query pairs in order, and the body as bytes.

    ``development``: the process is somebody's who develops, whose own machine may be named where others need https.
    """

    params: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    content_type: str = ""
    body: bytes = b""
    development: bool = False

    @cached_property
    def document(self) -> Any:
        """The body as plain data, decoded once however many look at it.

        :raises BadRequest: see :func:`idp.foundation.apikit.body.parse`.
        """
        return body.parse(self.content_type, self.body)

    @property
    def is_form(self) -> bool:
        """Whether values arrive as text and need converting."""
        return body.is_form(self.content_type)
