"""``/avatars/<letters>.svg``: initials for people without a picture. Nothing is fetched (security.md P8)."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort

blueprint = Blueprint("avatars", __name__)
HUES = 12


@blueprint.get("/avatars/<letters>.svg")
def avatar(letters: str) -> Response:
    """Up to two letters on a calm ground whose hue follows them."""
    if not (1 <= len(letters) <= 2 and letters.isascii() and letters.isalnum()):
        abort(404)
    initials = letters.upper()
    hue = hashlib.sha256(initials.encode()).digest()[0] % HUES * (360 // HUES)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="{initials}">'
        f'<rect width="96" height="96" fill="hsl({hue} 40% 40%)"/>'
        '<text x="48" y="60" font-family="sans-serif" font-size="36" text-anchor="middle" fill="#fff">'
        f"{initials}</text></svg>"
    )
    response = Response(svg, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
