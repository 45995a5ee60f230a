"""``/avatars/<letters>.svg`` and ``.png``: initials for who has no picture. Nothing is fetched (security.md P8)."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from idp.directory.users import initials

blueprint = Blueprint("avatars", __name__)


@blueprint.get("/avatars/<letters>.svg")
def avatar(letters: str) -> Response:
    """Up to two letters, for browsers."""
    return _answer(initials.svg(_drawable(letters)).encode(), "image/svg+xml")


@blueprint.get("/avatars/<letters>.png")
def raster(letters: str) -> Response:
    """The same for whoever takes no vectors: Gravatar, mail programs."""
    return _answer(initials.png(_drawable(letters).upper()), "image/png")


def _drawable(letters: str) -> str:
    if not initials.drawable(letters):
        abort(404)
    return letters


def _answer(picture: bytes, kind: str) -> Response:
    response = Response(picture, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
