"""What is no page: forms that carry files, files that are sent, and no news."""

from __future__ import annotations

from flask import Response, request

from idp.admin.desk.frame import File, Nothing
from idp.foundation.kernel.errors import BadRequest, PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import multipart

BESIDE = 16 * 1024
"""Bytes that the other inputs of a form with a file may take."""


MOST_INPUTS = 5_000
"""Of a form without files: a map has inputs for each of its names, a table a box for each of its cells."""


def has_files() -> bool:
    """Whether the form of this request may carry any."""
    return request.mimetype == multipart.KIND


def inputs() -> dict[str, str]:
    """Those of a form without files. Raises PageError for what no browser sends."""
    return http.form(MOST_INPUTS)


def form(work: Work) -> tuple[dict[str, str], dict[str, bytes]]:
    """The inputs of the form, and its files.

    :raises PageError: 413 for a file that is larger than an import may be, 400 for what no browser sends.
    """
    if not has_files():
        return inputs(), {}
    limit = work.platform.settings.import_max_bytes + BESIDE
    request.max_content_length = limit + 1
    content = request.stream.read(limit + 1)
    if len(content) > limit:
        raise PageError("invalid_request", f"A file may have {limit - BESIDE} bytes at most.", status=413)
    try:
        found = multipart.parse(request.headers.get("Content-Type", ""), content) or {}
    except BadRequest as error:
        raise PageError("invalid_request", error.message) from error
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    return texts, {name: value for name, value in found.items() if isinstance(value, bytes)}


def sent(what: File | Nothing) -> Response:
    """The answer that a browser keeps as a file, or the one that there is no news."""
    response = Response(status=204) if isinstance(what, Nothing) else Response(what.content, mimetype=what.mimetype)
    if isinstance(what, File):
        response.headers["Content-Disposition"] = f'attachment; filename="{what.name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
