"""``/account/data``: one's own data as a file."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user, login_required

from idp.account import own_data, signed_in
from idp.account.views import checked, page
from idp.foundation.tenancy import page_context
from idp.signin.login.screen import Problem

blueprint = Blueprint("account_data", __name__)


@blueprint.post("/account/data")
@login_required
def data() -> Response:
    """The file, for somebody who signed in a moment ago; else they sign in again first."""
    work, session = checked()
    first = signed_in.again(work, current_user.session, max_age_s=own_data.FRESH_S)
    if first is not None:
        return first
    found = own_data.archive(work, session)
    if isinstance(found, int):
        words = {"wait": page_context.texts(work, kept=session.language).duration(found)}
        return page(Problem("account.index.data-wait", values=words), status=429)
    response = Response(found, mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="personal-data.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response
