"""Sets of scripts to begin with, by the kind of database they ask, and for leaving other identity providers."""

from __future__ import annotations

from collections.abc import Mapping

EVENTS = ("login", "get_user", "create", "verify", "change_password", "delete", "change_email")
MOVING = ("login", "get_user")
"""Events of people who move here (``import_mode``)."""
SETS: Mapping[str, tuple[str, ...]] = {
    "blank": (*EVENTS, "change_username", "change_phone_number"),
    "mongodb": EVENTS,
    "mysql": EVENTS,
    "postgresql": EVENTS,
    "sqlserver": EVENTS,
    "aspnet_mvc3": EVENTS,
    "aspnet_mvc4": EVENTS,
    "web_service": EVENTS,
    "okta": MOVING,
    "stormpath": MOVING,
}
"""The events that each has a script for."""


def scripts_of(name: str) -> dict[str, str]:
    """The scripts of a set, as ``customScripts`` takes them. Raises LookupError."""
    if name not in SETS:
        raise LookupError(f"there is no set of templates {name!r}; there is {', '.join(SETS)}")
    from importlib.resources import files

    folder = files(__name__) / name
    return {event: (folder / f"{event}.js").read_text(encoding="utf-8") for event in SETS[name]}
