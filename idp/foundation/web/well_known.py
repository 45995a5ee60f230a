"""Small fixed answers: what robots may read."""

from __future__ import annotations

from flask import Blueprint, Response

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", mimetype="text/plain")
