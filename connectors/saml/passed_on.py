"""``upstream_params``: fixed values, and parameters of the application's request under other names."""

from __future__ import annotations

from connectors.contract import Departure


def parameters(configured: object, departure: Departure) -> dict[str, str]:
    """What goes along with the request to the source."""
    found: dict[str, str] = {}
    known = {**departure.asked, "login_hint": departure.login_hint, "ui_locales": departure.ui_locales}
    for name, said in configured.items() if isinstance(configured, dict) else ():
        value = (said.get("value") or known.get(str(said.get("alias")))) if isinstance(said, dict) else None
        if isinstance(value, str) and value:
            found[str(name)] = value
    return found
