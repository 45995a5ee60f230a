"""Small fixed answers: where to change a password, what robots may read."""

from __future__ import annotations

from flask import Blueprint, Response

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/.well-known/change-password")
def change_password() -> Response:
    """W3C "A Well-Known URL for Changing Passwords": password managers follow this."""
    response = Response(status=302)
    response.headers["Location"] = "/account#password"
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
