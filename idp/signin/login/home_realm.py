"""Home-realm discovery: whose address it is decides where they sign in (spec/misc.md, "Home realm discovery")."""

from __future__ import annotations

from idp.signin.login import connection_choice, login_routes
from idp.signin.login.screen import Go
from idp.signin.login.screen_request import ScreenRequest

CHOICE = "/u/login/connection"
"""The page that asks which of several."""


def elsewhere(request: ScreenRequest, identifier: str) -> Go | None:
    """Where the owner of that address signs in, if not with a password here."""
    found = request.route(identifier)
    if found.only is None and found.to:
        request.keep_identifier(identifier)
        return Go(CHOICE)
    if found.only is not None and connection_choice.leads_away(found.only):
        request.keep_identifier(identifier)
        return Go(login_routes.to_source(found.only.name))
    return None
