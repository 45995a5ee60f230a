"""A way to sign in was picked by name: it leads to the page on which its people type who they are, or away."""

from __future__ import annotations

from idp.signin.login import connection_choice, login_routes
from idp.signin.login.screen_request import ScreenRequest


def page_of(request: ScreenRequest, name: str) -> str | None:
    """Path of our own page for the connection called ``name``, which counts as picked from now on; None where its
    source has pages, and for one that the application does not have.
    """
    found = connection_choice.usable(request.work, request.client, request.transaction.connection_id)
    connection = next((each for each in found if each.name == name), None)
    if connection is None or not connection_choice.types_here(connection):
        return None
    request.pick(connection.id)
    return login_routes.first_page(request.work) if connection_choice.takes_passwords(connection) else IDENTIFIER


IDENTIFIER = "/u/login/identifier"
