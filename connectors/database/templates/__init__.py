"""Sets of scripts to begin with, one for each event, by the kind of database they ask."""

from __future__ import annotations

from importlib.resources import files

EVENTS = ("login", "get_user", "create", "verify", "change_password", "delete", "change_email")
SETS = ("blank", "mysql", "postgresql", "web_service")


def scripts_of(name: str) -> dict[str, str]:
    """The scripts of a set, as ``customScripts`` takes them. Raises LookupError."""
    if name not in SETS:
        raise LookupError(f"there is no set of templates {name!r}; there is {', '.join(SETS)}")
    folder = files(__name__) / name
    return {event: (folder / f"{event}.js").read_text(encoding="utf-8") for event in EVENTS}
