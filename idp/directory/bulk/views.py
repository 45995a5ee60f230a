"""``/exports/<job>/<file>``: what an export has written, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, request

from idp.directory.bulk import links, parts, progress, service
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Platform

blueprint = Blueprint("exports", __name__)


@blueprint.get("/exports/<job_id>/<name>")
def download(job_id: str, name: str) -> Response:
    """The file, for whoever has the address while it is good; an address that is over is none."""
    work = http.current(orm=True)
    given = {each: request.args.get(each, "") for each in ("expires", "nonce", "signature")}
    if not links.good(work, job_id, **given):
        abort(404)
    try:
        job = service.find(work, job_id, every=True)
    except NotFound:
        abort(404)
    known = links.file_name(work.tenant_id, job)
    if job.type not in service.FILES or job.status != progress.COMPLETED or name != known:
        abort(404)
    response = Response(_pieces(work.platform, work.tenant_id, job.id), mimetype="application/gzip")
    response.headers["Content-Disposition"] = f'attachment; filename="{known}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _pieces(platform: Platform, tenant_id: str, job_id: str) -> Iterator[bytes]:
    """On a connection of its own: that of the request goes back before the first byte leaves."""
    with platform.work(tenant_id) as work:
        yield from parts.read(work, job_id, parts.WRITTEN)
