"""``/avatars/<letters>.svg`` and ``.png``: initials for who has no picture. ``/pictures/<id>``: photos that sources
brought along. Nothing is fetched (security.md P8).
"""

from __future__ import annotations

from flask import Blueprint, Response, abort

from idp.directory.users import initials, pictures
from idp.foundation.tenancy import http

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


@blueprint.get("/pictures/<name>")
def picture(name: str) -> Response:
    """A photo that a source brought along. Other sites may show it, and no browser takes it for anything else."""
    found = pictures.find(http.current(), name)
    if found is None:
        abort(404)
    response = _answer(found.data, f"image/{found.kind}")
    response.headers["Cache-Control"] = "public, max-age=86400, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    return response


def _answer(picture: bytes, kind: str) -> Response:
    response = Response(picture, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
