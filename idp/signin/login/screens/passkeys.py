"""``/u/passkeys/...``: a passkey for this device is offered to whoever just signed in. Nobody has to take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from idp.directory.users import provision
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import device_name
from idp.signin.login import passkey_sign_in
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.screen import Field, Form, Problem, Result, Resume, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import enrolment, offers
from idp.signin.passkeys.enrolment import AlreadyThere, NotMade, TooManyPasskeys
from idp.signin.webauthn import challenges


@dataclass(frozen=True)
class PasskeyOfferView(PageView):
    """A passkey is offered; ``local``: to somebody who has one on another device."""

    passkeys: PasskeyForm | None
    local: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody without one."""
        return cls(PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost"))


@dataclass(frozen=True)
class LocalPasskeyOfferView(PasskeyOfferView):
    """The like for this device."""

    local: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody whose passkey is on another device."""
        return cls(PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost"))


class PasskeyEnrollment(Screen):
    """For somebody without a passkey."""

    prompt, screen = "passkeys", "passkey-enrollment"
    fields = (Field("passkey", secret=True), Field("dontShowAgain"))
    limit = limits.LOGIN_BY_IP

    def view(self, request: ScreenRequest) -> PasskeyOfferView:
        """The offer."""
        return PasskeyOfferView(passkey_sign_in.form(request))

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Keep the passkey that was made, or leave them alone for a while; then on."""
        user_id = request.just_signed_in.user_id
        if form.action != "default" or not form["passkey"]:
            days = offers.REFUSED_DAYS if form["dontShowAgain"] == "on" else offers.AGAIN_DAYS
            return _on(request, offers.noted(request.work, user_id, request.passkey_offers, days))
        problem = _add(request, form["passkey"])
        return problem if problem is not None else _on(request)


class LocalPasskeyEnrollment(PasskeyEnrollment):
    """For somebody whose passkey is on another device."""

    prompt, screen = "passkeys", "passkey-enrollment-local"

    def view(self, request: ScreenRequest) -> LocalPasskeyOfferView:
        """The offer."""
        return LocalPasskeyOfferView(passkey_sign_in.form(request))


def _on(request: ScreenRequest, noted: str | None = None) -> Resume:
    request.transaction.offer = None
    request.save()
    return Resume(offers=noted)


def _add(request: ScreenRequest, answer: str) -> Show | None:
    """Keep it for the account that they signed in with. None when it is kept."""
    work, session = request.work, request.just_signed_in
    user = provision.by_id(work, session.user_id)
    account = enrolment.account_of(work, session.user_id, session.connection_id)
    if user is None or account is None:
        return Show((Problem("passkeys.passkey-enrollment.browser-failed"),), 400)
    try:
        new = enrolment.made(work, answer, purpose=challenges.ENROL, bound_to=request.state, user_id=session.user_id)
        with work.transaction():
            enrolment.add(work, session.user_id, *account, new, name=device_name(request.texts, work.user_agent))
    except NotMade:
        return Show((Problem("passkeys.passkey-enrollment.browser-failed"),), 400)
    except AlreadyThere:
        return Show((Problem("passkeys.passkey-enrollment.already-there"),), 400)
    except TooManyPasskeys:
        return Show((Problem("passkeys.passkey-enrollment.passkey-enrollment-max-allowed-reached"),), 400)
    return None
