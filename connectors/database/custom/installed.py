"""Events answered by a Python class that the operator installed (``database_class``): an entry point of the group
``gatehouse.databases``, whose name the connection gives. Tenants choose among what is installed, and bring no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from connectors.database.custom.hooks import DatabaseHooks, fault

GROUP = "gatehouse.databases"


def names() -> list[str]:
    """The classes there are."""
    return sorted(entry_points(group=GROUP).names)


def opened(name: str, configuration: Mapping[str, str], context: Mapping[str, Any]) -> DatabaseHooks:
    """The hooks of that name. Raises ConnectorError where they cannot be had."""
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is None:
        raise fault(f"there is no database class {name!r}")
    try:
        kind = found.load()
    except Exception as error:
        raise fault(f"the database class {name!r} cannot be imported: {error}") from error
    if not isinstance(kind, type) or not issubclass(kind, DatabaseHooks):
        raise fault(f"{name!r} is no {DatabaseHooks.__name__}")
    return kind(configuration, context)
