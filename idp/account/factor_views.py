"""Forms of the account page about two-step verification. Each change wants a fresh proof of who it is: a second factor
where the person has one, a passkey where that is what they have, else how they signed in (security.md O3).
"""

from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user, login_required

from idp.account import service, signed_in
from idp.account.views import checked, done, page
from idp.foundation.tenancy import http
from idp.signin.sessions.service import LiveSession

blueprint = Blueprint("account_factors", __name__)
MAX_ID = 64


@blueprint.get("/account/confirm")
@login_required
def confirm() -> Response:
    """Prove who it is once more, then back to the page."""
    session: LiveSession = current_user.session
    return signed_in.prove_again(session, signed_in.HOME, anew=service.needs_passkey(http.current(), session))


@blueprint.post("/account/factors")
@login_required
def factors() -> Response:
    """Add or remove a factor, or have another recovery code."""
    work, session = checked()
    form = http.form()
    action, method_id = form.get("action", ""), form.get("method_id", "")[:MAX_ID]
    if not service.proven_freshly(work, session):
        return http.redirect(work.href("/account/confirm"))
    if action == "remove":
        gone = service.remove_factor(work, session, method_id)
        return done("factor-removed") if gone else http.redirect(work.href("/account"))
    if action == "recovery-code":
        code = service.new_recovery_code(work, session)
        return page(recovery_code=code) if code else http.redirect(work.href("/account"))
    return http.redirect(service.add_factor(work, session, action) or work.href("/account"))


@blueprint.post("/account/browsers")
@login_required
def browsers() -> Response:
    """One trusted browser, or all of them, are asked again. That needs no fresh proof: it only asks for more."""
    work, session = checked()
    form = http.form()
    one = form.get("browser_id", "")[:MAX_ID] if form.get("action") == "forget" else None
    service.forget_browsers(work, session, one)
    return done("browsers")
