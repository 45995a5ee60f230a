"""How signing in meets Flask: the way from a decision of the flow to its page."""

from __future__ import annotations

from flask import Response

from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.signin.login import flow
from idp.signin.login.flow import Ask, Attempt


def to_screen(work: Work, attempt: Attempt, ask: Ask, *, status: int) -> Response:
    """Send the browser to the page that the flow asks for."""
    url = flow.open_page(work, attempt, ask, device_hash=digest(http.ensure_device()))
    return http.send_device(work, http.redirect(url, status))
