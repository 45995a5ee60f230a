"""``/connected-accounts/connect``: to a source whose account somebody connects, and back to their application."""

from __future__ import annotations

from flask import Blueprint, Response, request

from connectors.contract import FormPost
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.view_models import FormPostView
from idp.signin.login import connecting
from idp.signin.login.upstream import Returned

blueprint = Blueprint("connecting", __name__)


@blueprint.get(connecting.PATH)
def begin() -> Response:
    """To the source's pages, once."""
    work = http.current()
    if request.method == "HEAD":
        return Response()  # whoever only looks at a link spends nothing
    work.refresh()
    there = connecting.leave(work, http.query().get("ticket", ""), digest(http.ensure_device()))
    if isinstance(there, FormPost):
        view = FormPostView(there.url, dict(there.fields), leaving=True)
        return http.send_device(work, page_context.answer(work, view, page_context.page(work), forms_stay=False))
    return http.send_device(work, http.redirect(there))


def ended(work: Work, back: Returned) -> Response:
    """Somebody who connects an account is back from the source."""
    work.refresh()
    return http.redirect(connecting.arrive(work, back))
