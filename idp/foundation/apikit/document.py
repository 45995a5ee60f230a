"""Answer structs made from body structs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from idp.foundation.apikit.schema import View


def shown(
    name: str, *sources: type[msgspec.Struct], without: Iterable[str] = (), extra: Mapping[str, Any] | None = None
) -> Any:
    """A struct that documents an answer: the members of ``sources`` and ``extra`` (name -> type), all optional."""
    hidden = frozenset(without)
    members: dict[str, Any] = {
        field.name: field.type
        for source in sources
        for field in msgspec.structs.fields(source)
        if field.name not in hidden
    }
    return msgspec.defstruct(
        name,
        [(member, type_ | msgspec.UnsetType, msgspec.UNSET) for member, type_ in {**members, **(extra or {})}.items()],
        bases=(View,),
        kw_only=True,
    )


def list_of(view: Any) -> Any:
    """``list[view]`` for an answer that :func:`shown` made."""
    return list[view]
