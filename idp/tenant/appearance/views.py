"""The sheet of styles of a tenant's looks: one for each version, addressed by what is in it."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from idp.foundation.tenancy import appearance, http

blueprint = Blueprint("appearance", __name__)
_FOREVER = "public, max-age=31536000, immutable"
_BRIEFLY = "public, max-age=60"


@blueprint.get(f"{appearance.SHEETS}/<name>")
def sheet(name: str) -> Response:
    """The sheet as it is now. Under the name of an older one, which a page that was made a moment ago may ask for, it
    is kept for a minute; a tenant without one has no such address.
    """
    work = http.current()
    work.refresh()
    look = appearance.look(work)
    if not look.sheet or not name.endswith(".css"):
        abort(404)
    response = Response(look.sheet, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = _FOREVER if look.path == f"{appearance.SHEETS}/{name}" else _BRIEFLY
    return response
