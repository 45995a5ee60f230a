"""``/u/mfa/...``: which second factor, and which one to set up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.policy import Need
from idp.signin.login import factor_choices, factor_steps, login_routes
from idp.signin.login.screen import CANCELLED, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest


@dataclass(frozen=True)
class Choice:
    """A button: ``action`` is what it sends, ``kind`` names the words and picture, ``detail`` tells it from others."""

    action: str
    kind: str
    detail: str = ""


@dataclass(frozen=True)
class OptionsView(PageView):
    """The ways to prove a second factor, a button each."""

    choices: Sequence[Choice]
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """An app, a phone and a recovery code."""
        return cls(
            (Choice("otp", "totp"), Choice("phone", "phone", "•••• 4567"), Choice("recovery-code", "recovery-code"))
        )


@dataclass(frozen=True)
class EnrolOptionsView(OptionsView):
    """The factors that can be set up, a button each."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """An app or a phone."""
        return cls((Choice("otp", "totp"), Choice("phone", "phone")))


@dataclass(frozen=True)
class EnrolResultView(PageView):
    """A factor was set up by a link. ``back`` leads on, ``text`` says where."""

    back: str
    text: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """On to the account page."""
        return cls("/account", texts.t("page.lead.toAccount"))


class LoginOptions(Screen):
    """The list; whoever comes here first is led to the method that is asked for."""

    prompt, screen = "mfa", "mfa-login-options"
    limit = limits.FACTOR_FORMS
    cancellable = True

    def view(self, request: ScreenRequest) -> OptionsView | Go:
        """The methods that there are."""
        first = factor_steps.begin(request)
        if first is not None:
            return first
        found = factor_steps.methods(request)
        alone = {each.type for each in found if [one.type for one in found].count(each.type) == 1}
        return OptionsView(
            [
                Choice(
                    KINDS[each.type].action if each.type in alone else each.id,
                    each.type,
                    factor_choices.shown(request, each),
                )
                for each in found
            ]
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The one that was picked."""
        return factor_steps.pick(request, form.action) or Show((Problem("mfa.shared.not-offered"),))


class EnrolOptions(Screen):
    """Which factor to set up."""

    prompt, screen = "mfa", "mfa-begin-enroll-options"
    limit = limits.FACTOR_FORMS
    cancellable = True

    def view(self, request: ScreenRequest) -> EnrolOptionsView | Go:
        """What may be set up here; straight on where it is one."""
        if factor_steps.need(request) is not Need.ENROLMENT:
            return factor_steps.start(request)
        able = factor_steps.kinds(request)
        here = factor_steps.step(request)
        if len(able) == 1 or here.code_sealed is not None:
            found = factor_steps.begin(request)
            if found is not None and found.path != f"/u/{self.path}":
                return found
        ticket = here.ticket is not None
        return EnrolOptionsView([Choice(kind.action, kind.type) for kind in able], show_cancel=not ticket)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The one that was picked."""
        kind = next((kind for kind in factor_steps.kinds(request) if kind.action == form.action), None)
        if kind is None:
            return Show((Problem("mfa.shared.not-offered"),))
        factor_steps.step(request).chosen = kind.action
        request.save()
        return Go(f"/u/{kind.enrolment_page}")


class EnrolResult(Screen):
    """The end of an enrolment by a ticket."""

    prompt, screen = "mfa", "mfa-enroll-result"

    def view(self, request: ScreenRequest) -> EnrolResultView | Go:
        """It is done."""
        here = factor_steps.step(request)
        if here.ticket is None or not here.done:
            return factor_steps.start(request)
        account = login_routes.account_url(request.work)
        return EnrolResultView(account, request.texts.t("page.lead.toAccount"))

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """There is no form."""
        return CANCELLED
