"""The kinds of methods, by their type. Whoever adds one adds a file and a line."""

from __future__ import annotations

from collections.abc import Mapping

from idp.signin.factors.kinds.contract import Kind

ALL: tuple[Kind, ...] = ()
KINDS: Mapping[str, Kind] = {each.type: each for each in ALL}
"""By the ``type`` of the table."""
