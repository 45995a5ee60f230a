"""Forms that carry files, and files that are sent."""

from __future__ import annotations

from flask import Response, request

from idp.admin.desk.frame import File
from idp.foundation.kernel.errors import BadRequest, PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import multipart

BESIDE = 16 * 1024
"""Bytes that the other inputs of a form with a file may take."""


def has_files() -> bool:
    """Whether the form of this request may carry any."""
    return request.mimetype == multipart.KIND


def form(work: Work) -> tuple[dict[str, str], dict[str, bytes]]:
    """The inputs of the form, and its files.

    :raises PageError: 413 for a file that is larger than an import may be, 400 for what no browser sends.
    """
    if not has_files():
        return http.form(), {}
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


def sent(file: File) -> Response:
    """The answer that a browser keeps as a file."""
    response = Response(file.content, mimetype=file.mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
