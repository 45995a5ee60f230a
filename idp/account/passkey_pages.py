"""``/account/passkeys``: a person adds a passkey, names it, takes it away. Whoever does has signed in a moment ago,
with what they have beside a password (:func:`idp.account.service.proven_freshly`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from flask import Blueprint, Response
from flask_login import current_user, login_required

from idp.account import service, signed_in
from idp.account.signed_in import PASSKEYS
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import FormError, PageView
from idp.foundation.web.view_models import device_name
from idp.signin.login.passkey_options import answer
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.enrolment import AlreadyThere, LastMethod, NotMade, TooManyPasskeys
from idp.signin.sessions.service import LiveSession
from idp.signin.webauthn import challenges, relying_party
from idp.signin.webauthn.challenges import TooMany

OPTIONS = "/account/passkeys/options"
LONGEST_TYPED = 200
TEXTS = "passkeys.passkey-enrollment"
blueprint = Blueprint("account_passkeys", __name__)


@dataclass(frozen=True)
class AddPasskeyView(PageView):
    """A passkey for this device; ``needs_one``: the person has to sign in with one that they have first."""

    template: ClassVar[str] = "account/passkey.html"
    passkeys: PasskeyForm | None
    needs_one: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing is in the way."""
        return cls(PasskeyForm(OPTIONS, "localhost"))


@blueprint.get(PASSKEYS)
@login_required
def page() -> Response:
    """The page that makes one; before it, signing in again."""
    work, session = http.current(), current_user.session
    if service.proven_freshly(work, session):
        return _page()
    if "again" in http.query() or not service.needs_passkey(work, session):
        return signed_in.prove_again(session, PASSKEYS, anew="again" in http.query())
    return _page(needs_one=True)


@blueprint.post(OPTIONS)
@login_required
def options() -> Response:
    """What the page's script gives to the browser."""
    work, session = _checked()
    if not service.proven_freshly(work, session):
        return answer({"error": "login_required"}, 403)
    try:
        return answer(enrolment.offer_to(work, service.user_of(work, session), session.id))
    except TooMany as error:
        return answer({"error": "too_many_requests"}, 429, retry_after=error.wait_s)
    except TooManyPasskeys:
        return answer({"error": "passkey-enrollment-max-allowed-reached"}, 409)


@blueprint.post(PASSKEYS)
@login_required
def add() -> Response:
    """Keep the passkey that the browser made."""
    work, session = _checked()
    if not service.proven_freshly(work, session):
        return http.redirect(work.href(PASSKEYS))
    account = enrolment.account_of(work, session.user_id, session.connection_id)
    if account is None:
        return http.redirect(work.href(signed_in.HOME))
    sent, texts = http.form().get("passkey", ""), page_context.texts(work, kept=session.language)
    try:
        new = enrolment.made(work, sent, purpose=challenges.ENROL, bound_to=session.id, user_id=session.user_id)
        with work.transaction():
            enrolment.add(work, session.user_id, *account, new, name=device_name(texts, work.user_agent))
    except NotMade:
        return _page("browser-failed")
    except AlreadyThere:
        return _page("already-there")
    except TooManyPasskeys:
        return _page("passkey-enrollment-max-allowed-reached")
    return _done(work, "passkey-added")


@blueprint.post("/account/passkeys/change")
@login_required
def change() -> Response:
    """Another name, or away with it."""
    work, session = _checked()
    form = http.form()
    passkey_id, name = form.get("passkey_id", "")[:LONGEST_TYPED], form.get("passkey_name", "").strip()
    removing = form.get("action") == "remove"
    if removing and not service.proven_freshly(work, session):
        return signed_in.prove_again(session, signed_in.HOME, anew=service.needs_passkey(work, session))
    try:
        if removing:
            enrolment.remove(work, session.user_id, passkey_id)
        elif name and name.isprintable():
            enrolment.rename(work, session.user_id, passkey_id, name)
        else:
            return http.redirect(work.href(signed_in.HOME) + "#passkeys")
    except NotFound:  # another tab was faster
        return http.redirect(work.href(signed_in.HOME))
    except LastMethod:
        return _done(work, "passkey-last")
    return _done(work, "passkey-removed" if removing else "passkey-renamed")


def _checked() -> tuple[Work, LiveSession]:
    work = http.current()
    http.check_form(work, http.form().get("csrf"))
    session: LiveSession = current_user.session
    return work, session


def _done(work: Work, what: str) -> Response:
    return http.redirect(work.href(signed_in.HOME, done=what) + "#notice")


def _page(problem: str | None = None, *, needs_one: bool = False) -> Response:
    work = http.current()
    session: LiveSession = current_user.session
    rp = relying_party.of(work)
    frame = page_context.page(
        work,
        kept_language=session.language,
        kept_theme=session.theme,
        address=work.href(PASSKEYS),
        errors=[FormError(page_context.texts(work, kept=session.language).t(f"{TEXTS}.{problem}"))] if problem else (),
    )
    form = PasskeyForm(work.href(OPTIONS), rp.id) if rp is not None and not needs_one else None
    return page_context.answer(work, AddPasskeyView(form, needs_one), frame, status=400 if problem else 200)
