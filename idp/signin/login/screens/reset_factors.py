"""``/u/reset-password/reset-password-mfa-...-challenge``: a second factor before a new password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.signin.factors import otp, settings
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.login import reset_factor
from idp.signin.login.factor_steps import PICK, RESEND, RESENT
from idp.signin.login.reset_factor import CHANGE
from idp.signin.login.screen import End, Field, Form, Go, Problem, Result, Show, TicketScreen
from idp.signin.login.screen_request import GoneRequest, TicketRequest
from idp.signin.login.screens.mfa_challenges import ChallengeView
from idp.signin.login.screens.reset_change import ResetChange, known_user
from idp.signin.tickets.service import PASSWORD_CHANGE


@dataclass(frozen=True)
class ResetOtpView(ChallengeView):
    """The code of an app is asked for."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It is asked for."""
        return cls(offers_to_remember=False, show_cancel=False)


@dataclass(frozen=True)
class ResetSmsView(ChallengeView):
    """The code of a text message is asked for."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's number."""
        return cls("•••• 4567", lifetime=texts.duration(300), offers_to_remember=False, show_cancel=False)


@dataclass(frozen=True)
class ResetRecoveryView(ChallengeView):
    """A recovery code is asked for; ``code`` is the next one, which is shown once that was right."""

    code: str = ""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It is asked for."""
        return cls(offers_to_remember=False, show_cancel=False)


ViewT = TypeVar("ViewT", bound=ChallengeView)


class _Challenge(TicketScreen):
    """What they have in common."""

    kind = PASSWORD_CHANGE
    factor: ClassVar[str]
    fields = (Field("code"), Field("saved"))
    limit = limits.FACTOR_FORMS
    notices = frozenset({RESENT})

    def good(self, request: TicketRequest) -> bool:
        """The account still belongs to that user."""
        return ResetChange().good(request)

    def gone(self, request: GoneRequest) -> End:
        """What is true of the link, and a way to a new one."""
        return ResetChange().gone(request)

    def shown(self, request: TicketRequest, view: type[ViewT]) -> ViewT | Go:
        """The form; the new password where nothing is left to be proven."""
        user, method = known_user(request), self._method(request)
        if method is None:
            return CHANGE
        kind, rules = KINDS[self.factor], settings.of(request.work).phone
        wait = kind.challenge(request.work, method, reset_factor.asked(request)) if self._first(request) else None
        return view(
            kind.shown(method) if kind.sends() else "",
            rules.length if kind.sends() else otp.DIGITS,
            request.texts.duration(rules.lifetime_s) if kind.sends() else "",
            several=len(reset_factor.methods(request, user)) > 1,
            offers_to_remember=False,
            show_cancel=False,
            wait=request.texts.duration(wait) if wait else "",
        )

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """The answer, another message, or another method."""
        user, method = known_user(request), self._method(request)
        if method is None:
            return CHANGE
        if form.action == PICK:
            return reset_factor.other(request, user, method)
        if form.action == RESEND:
            return self._again(request, method)
        if not form["code"]:
            return Show((Problem("mfa.shared.no-code", "code"),))
        proof = reset_factor.answered(request, user, method, form["code"])
        if isinstance(proof, Show):
            return proof
        return Go(f"/u/{self.path}") if proof.recovery_code else CHANGE

    def _again(self, request: TicketRequest, method: AuthenticationMethod) -> Result:
        wait = KINDS[self.factor].challenge(request.work, method, reset_factor.asked(request))
        if wait is None:
            return Go(f"/u/{self.path}", RESENT)
        words = {"wait": request.texts.duration(wait)}
        return Show((Problem("mfa.shared.wait", values=words),), 429, retry_after=wait)

    def _method(self, request: TicketRequest) -> AuthenticationMethod | None:
        """The method of this page, where one still has to be proven."""
        user = known_user(request)
        if reset_factor.wanted(request, user) is None:
            return None
        found = [each for each in reset_factor.methods(request, user) if each.type == self.factor]
        return next(iter(found), None)

    def _first(self, request: TicketRequest) -> bool:
        """Whether a message has to go out: codes have a pause between them, which tells a second look apart."""
        return KINDS[self.factor].sends()


class ResetOtp(_Challenge):
    """The code of an app."""

    prompt, screen = "reset-password", "reset-password-mfa-otp-challenge"
    factor = "totp"

    def view(self, request: TicketRequest) -> ResetOtpView | Go:
        """The form."""
        return self.shown(request, ResetOtpView)


class ResetSms(_Challenge):
    """The code of a text message."""

    prompt, screen = "reset-password", "reset-password-mfa-sms-challenge"
    factor = "phone"

    def view(self, request: TicketRequest) -> ResetSmsView | Go:
        """The form."""
        return self.shown(request, ResetSmsView)


class ResetRecoveryCode(_Challenge):
    """A recovery code, and the next one."""

    prompt, screen = "reset-password", "reset-password-mfa-recovery-code-challenge"
    factor = "recovery-code"

    def view(self, request: TicketRequest) -> ResetRecoveryView | Go:
        """The form, or the next code."""
        code = reset_factor.code_to_show(request, known_user(request))
        if code is not None:
            return ResetRecoveryView(code=otp.grouped(code))
        return self.shown(request, ResetRecoveryView)

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """The code, or that its owner has the next one."""
        user = known_user(request)
        if reset_factor.code_to_show(request, user) is None:
            return super().submit(request, form)
        if form["saved"] != "on":
            return Show((Problem("mfa-recovery-code.mfa-recovery-code-enrollment.no-confirmation", "saved"),))
        reset_factor.shown(request, user)
        return CHANGE
