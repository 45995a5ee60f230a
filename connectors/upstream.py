"""``upstream_params``: what goes along with the request to a source."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Alias = Literal[
    "acr_values",
    "audience",
    "client_id",
    "display",
    "id_token_hint",
    "login_hint",
    "max_age",
    "prompt",
    "resource",
    "response_mode",
    "response_type",
    "screen_hint",
    "ui_locales",
]
ALIASES: tuple[str, ...] = Alias.__args__  # type: ignore[attr-defined]
"""Parameters of ``/authorize`` that a connection may pass on."""


class Upstream(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of ``upstream_params``: a fixed ``value``, or what the application sent as ``alias``."""

    value: Annotated[str, Meta(max_length=2_048)] | None = None
    alias: Alias | None = None


UpstreamParams = Annotated[dict[Annotated[str, Meta(min_length=1, max_length=128)], Upstream], Meta(max_length=50)]
PassedOn = Annotated[Any, Meta(extra={"secret": False, "shape": UpstreamParams})]
"""The same of a source that keeps whatever stands there: pages ask for it so."""
