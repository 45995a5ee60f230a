"""Pages that ask for a second factor: ``/u/mfa-otp/mfa-otp-challenge``, ``/u/mfa-sms/mfa-sms-challenge``,
``/u/mfa-email/mfa-email-challenge`` and ``/u/mfa-recovery-code/mfa-recovery-code-challenge``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.factors import settings
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.policy import Need
from idp.signin.login import factor_choices, factor_steps
from idp.signin.login.factor_steps import RESENT
from idp.signin.login.screen import Field, Form, Go, Result, Screen
from idp.signin.login.screen_request import ScreenRequest

CODE = Field("code")
REMEMBER = Field("rememberBrowser")


@dataclass(frozen=True)
class ChallengeView(PageView):
    """A code is asked for. ``to`` is where it was sent, if it was; ``digits`` its length, ``lifetime`` how long it is
    good. ``several``: another method can be picked; ``offers_to_remember``: the form may say that this browser shall
    not be asked again.
    """

    to: str = ""
    digits: int = 6
    lifetime: str = ""
    several: bool = True
    offers_to_remember: bool = True
    show_cancel: bool = True
    wait: str = ""
    """How long until another message can be sent, where that was asked for too early on the way here."""
    calls: bool = False
    """The code is said by telephone."""
    other_way: str = ""
    """``voice`` or ``text``: the code may come so instead; empty where it may not."""


@dataclass(frozen=True)
class OtpChallengeView(ChallengeView):
    """The like for an app."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """One with everything."""
        return cls()


@dataclass(frozen=True)
class RecoveryChallengeView(ChallengeView):
    """The like for a recovery code."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """It is asked for."""
        return cls()


@dataclass(frozen=True)
class SmsChallengeView(ChallengeView):
    """The like for a text message."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's number."""
        return cls(to="•••• 4567", lifetime=texts.duration(300), other_way="voice")


@dataclass(frozen=True)
class EmailChallengeView(ChallengeView):
    """The like for a mail."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls(to="j•••@example.com", lifetime=texts.duration(300))


ViewT = TypeVar("ViewT", bound=ChallengeView)


class _Challenge(Screen):
    """What they have in common."""

    kind: ClassVar[str]
    fields = (CODE, REMEMBER)
    limit = limits.FACTOR_FORMS
    cancellable = True
    notices = frozenset({RESENT})

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """Whether the box is ticked at first."""
        return {"rememberBrowser": "true"} if settings.of(request.work).remembers_by_default else {}

    def shown(self, request: ScreenRequest, view: type[ViewT]) -> ViewT | Go:
        """The form; another page where this one is not asked for now."""
        method = factor_steps.challenged(request, self.kind)
        if isinstance(method, Go):
            return method
        kind, rules = KINDS[self.kind], settings.of(request.work)
        codes = rules.email if self.kind == "email" else rules.phone
        waits = factor_steps.sent(request, method) if kind.sends() else None
        calls, other_way = factor_choices.ways(request, method)
        adaptive = factor_steps.need(request) is Need.EMAIL_CODE
        return view(
            factor_choices.shown(request, method) if kind.sends() else "",
            codes.length if kind.sends() else 6,
            request.texts.duration(codes.lifetime_s) if kind.sends() else "",
            several=factor_steps.several(request),
            offers_to_remember=rules.offers_to_remember and not adaptive,
            wait=request.texts.duration(waits.retry_after) if waits and waits.retry_after else "",
            calls=calls,
            other_way=other_way,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The answer, another message, or another method."""
        return factor_steps.answer(request, self.kind, form)


class OtpChallenge(_Challenge):
    """The code of an app."""

    prompt, screen = "mfa-otp", "mfa-otp-challenge"
    kind = "totp"

    def view(self, request: ScreenRequest) -> OtpChallengeView | Go:
        """The form."""
        return self.shown(request, OtpChallengeView)


class SmsChallenge(_Challenge):
    """The code of a text message."""

    prompt, screen = "mfa-sms", "mfa-sms-challenge"
    kind = "phone"

    def view(self, request: ScreenRequest) -> SmsChallengeView | Go:
        """The form."""
        return self.shown(request, SmsChallengeView)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Another way for the code, too."""
        switched = factor_choices.switched(request, form)
        return switched if switched is not None else super().submit(request, form)


class EmailChallenge(_Challenge):
    """The code of a mail."""

    prompt, screen = "mfa-email", "mfa-email-challenge"
    kind = "email"

    def view(self, request: ScreenRequest) -> EmailChallengeView | Go:
        """The form."""
        return self.shown(request, EmailChallengeView)


class RecoveryChallenge(_Challenge):
    """A recovery code."""

    prompt, screen = "mfa-recovery-code", "mfa-recovery-code-challenge"
    kind = "recovery-code"

    def view(self, request: ScreenRequest) -> RecoveryChallengeView | Go:
        """The form."""
        return self.shown(request, RecoveryChallengeView)
