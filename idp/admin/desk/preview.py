"""``/admin/branding/look/preview``: a page of the tenant's as a document of its own, for the frame that shows it. It
runs no script, sends no form and reads nothing of the dashboard: its policy header puts it into a sandbox, wherever it
is opened.
"""

from __future__ import annotations

from flask import Response

from idp.admin import signed_in
from idp.admin.desk import operations, samples
from idp.admin.desk.samples import Draft
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import security
from idp.foundation.web.accent import parse_hex
from idp.tenant.appearance import api as looks

PATH = "/admin/branding/look/preview"
MAX_URL = 2_000


def answer(work: Work) -> Response:
    """The document. Raises PageError: there is no such page, or it is not for this person."""
    member = signed_in.member(work)
    if member is None:
        raise PageError("access_denied", "Sign in to the dashboard first.", status=403)
    work.actor = member.actor
    if not operations.may(work, looks.get_branding):
        raise PageError("access_denied", "You may not see this.", status=403)
    asked = http.query()
    locale = asked.get("lang", "")
    if locale not in work.config.settings.enabled_locales:
        locale = work.config.settings.enabled_locales[0]
    draft = Draft(
        parse_hex(asked.get("primary", "")) or "",
        parse_hex(asked.get("page_background", "")) or "",
        asked.get("logo_url", "")[:MAX_URL],
    )
    theme = "dark" if asked.get("theme") == "dark" else "light"
    try:
        drawn = samples.draw(work, asked.get("screen", "login"), locale, theme, asked.get("state", ""), draft)
    except KeyError as error:
        raise PageError("invalid_request", "There is no such page.", status=404) from error
    response = Response(drawn.html, mimetype="text/html")
    policy = security.csp(drawn.nonce, images=drawn.images, font=drawn.font, ancestors="'self'")
    response.headers["Content-Security-Policy"] = f"{policy}; sandbox"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    return response
