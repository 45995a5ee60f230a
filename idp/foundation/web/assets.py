"""The static files: addressed by their content, kept in memory, compressed once.

``/static/gate.3f2a91c0de.css`` never changes, so browsers may keep it for ever (RFC 8246). An address whose hash is
another release's still answers, with today's content and a short life: two releases overlap while one is deployed.
"""

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request

URL_PREFIX: Final = "/static"
_FOREVER: Final = "public, max-age=31536000, immutable"
_BRIEFLY: Final = "public, max-age=60"
_HASHED: Final = re.compile(r"(?P<stem>[a-z0-9_/-]+)\.(?P<digest>[0-9a-f]{10})\.(?P<suffix>[a-z0-9]+)")
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file under ``static/``."""

    name: str
    digest: str
    content: bytes
    compressed: bytes
    content_type: str

    @property
    def url(self) -> str:
        """Its path below every tenant's URL."""
        stem, _, suffix = self.name.rpartition(".")
        return f"{URL_PREFIX}/{stem}.{self.digest}.{suffix}"


def static_folder() -> Path:
    """``static/`` of the checkout, else the copy inside the installed package."""
    package = Path(__file__).resolve().parents[2]
    checkout = package.parent / "static"
    return checkout if checkout.is_dir() else package / "_static"


def _load(path: Path, name: str) -> Asset:
    content = path.read_bytes()
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(
        name=name,
        digest=hashlib.sha256(content).hexdigest()[:10],
        content=content,
        compressed=gzip.compress(content, compresslevel=9, mtime=0),
        content_type=_TYPES.get(path.suffix, guessed),
    )


@cache
def assets_by_name() -> Mapping[str, Asset]:
    """Every static file, read once for the life of the process."""
    folder = static_folder()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = ((path, path.relative_to(folder).as_posix()) for path in files)
    return {name: _load(path, name) for path, name in names}


def asset_url(name: str) -> str:
    """The path of ``static/<name>`` with its content hash. Raises ``KeyError`` for a file that is not there."""
    return assets_by_name()[name].url


assets = Blueprint("assets", __name__)


def _answer(asset: Asset, lifetime: str) -> Response:
    compress = len(asset.compressed) < len(asset.content) and request.accept_encodings["gzip"] > 0
    response = Response(asset.compressed if compress else asset.content, content_type=asset.content_type)
    if compress:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = lifetime
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@assets.get(f"{URL_PREFIX}/<path:filename>")
def serve(filename: str) -> Response:
    """One static file; 404 for a name that is none of ours."""
    match = _HASHED.fullmatch(filename)
    name = f"{match['stem']}.{match['suffix']}" if match else filename
    if (asset := assets_by_name().get(name)) is None:
        abort(404)
    current = match is not None and match["digest"] == asset.digest
    return _answer(asset, _FOREVER if current else _BRIEFLY)


@assets.get("/favicon.ico")
def favicon() -> Response:
    """For whoever asks the old address without reading the page."""
    return _answer(assets_by_name()["favicon.svg"], _BRIEFLY)
