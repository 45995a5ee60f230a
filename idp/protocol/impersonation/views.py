"""``GET /users/{impersonator}/impersonate``: the link is opened, and leads to the application."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request

from idp.foundation.tenancy import http, page_context
from idp.foundation.web.view_models import FormPostView
from idp.protocol.impersonation import service
from idp.protocol.oauth import response_modes
from idp.protocol.oauth.authorize import respond
from idp.signin.login.application import client_view

blueprint = Blueprint("impersonation", __name__)


@blueprint.route("/users/<path:impersonator_id>/impersonate", methods=["GET"])
def enter(impersonator_id: str) -> Response:
    """To the application, as the other person; a second time, the page that says so. HEAD spends nothing: programs that
    look at links ask with it.
    """
    if request.method == "HEAD":
        return Response(status=HTTPStatus.OK)
    work = http.current(orm=True)
    work.refresh()
    entered = service.enter(work, impersonator_id, http.query().get("ticket", ""))
    if entered.asserted:
        page = page_context.page(work, client=client_view(entered.client))
        fields = dict(entered.params)
        return page_context.answer(work, FormPostView(entered.callback_url, fields), page, forms_stay=False)
    params = respond.finished(work, entered.client, entered.mode, entered.state, entered.params)
    return response_modes.send(work, entered.mode, entered.callback_url, params)
