"""Base structs of bodies, queries and answers."""

from __future__ import annotations

from typing import Any

import msgspec


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON body. Unknown members are refused; declare an optional one as ``X | UnsetType = UNSET``."""


class Query(msgspec.Struct, kw_only=True):
    """Query parameters. Unknown ones are ignored, since SDKs send more than a server knows."""


class View(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """An answer. A member equal to its default is left out: absent values are omitted, not null."""


class OpenView(View, kw_only=True):
    """An answer that holds, beside its own members, whatever a source outside told: ``additional`` stands among them.

    A member of its own wins over an additional one of the same name.
    """

    additional: dict[str, Any] = {}
