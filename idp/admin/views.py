"""``/admin``: the dashboard. Its pages are loaded when somebody first asks for one."""

from __future__ import annotations

from flask import Blueprint, Response

from idp.foundation.tenancy import http

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin/resume")
def resume() -> Response:
    """Back from signing in."""
    from idp.admin import signed_in

    return signed_in.resume(http.current(orm=True))


@blueprint.get("/admin/sign-in")
def sign_in() -> Response:
    """Sign in as somebody else."""
    from idp.admin import signed_in

    return signed_in.switch(http.current(orm=True))


@blueprint.route("/admin/branding/look/preview", methods=["GET", "POST"])
def preview() -> Response:
    """A page of the tenant's, for the frame that shows it; a form draws what is not saved yet."""
    from idp.admin.desk import preview as previews

    return previews.answer(http.current(orm=True))


@blueprint.route("/admin/branding/mails/<name>/preview", methods=["GET", "POST"])
def mail_preview(name: str) -> Response:
    """A mail, for the frame that shows it."""
    from idp.admin.desk import word_previews

    return word_previews.of_mail(http.current(orm=True), name)


@blueprint.route("/admin/branding/messages/<name>/preview", methods=["GET", "POST"])
def message_preview(name: str) -> Response:
    """A text message, the like."""
    from idp.admin.desk import word_previews

    return word_previews.of_message(http.current(orm=True), name)


@blueprint.route("/admin", methods=["GET"])
@blueprint.route("/admin/<path:rest>", methods=["GET", "POST"])
def page(rest: str = "") -> Response:
    """Any page, and any form of one."""
    del rest  # the segments are read from the undecoded path
    from idp.admin.desk import pages

    return pages.answer(http.current(orm=True))
