"""Pages that set up a second factor: an app by its QR code or its key, a phone by its number, and the recovery code
that is shown once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeVar

from markupsafe import Markup

from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.factors import messages, otp, qr, service, settings
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.login import factor_steps
from idp.signin.login.factor_steps import RESEND, RESENT
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest

CODE = Field("code")
EXAMPLE_SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class OtpEnrolmentView(PageView):
    """A key for an authenticator app, as a QR code (``picture``: SVG of ours), as a link for the same device, and to
    type. ``other_url`` is the page with the key alone, or with the code.
    """

    picture: Markup
    link: str
    key: str
    other_url: str
    several: bool = True
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A made-up key."""
        link = otp.address(EXAMPLE_SEED, issuer="Example", account="jane@example.com")
        return cls(qr.svg(link), link, otp.grouped(EXAMPLE_SEED), "#")


@dataclass(frozen=True)
class OtpKeyView(OtpEnrolmentView):
    """The same key, to type."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The same made-up key."""
        return super().example(texts)


@dataclass(frozen=True)
class PhoneEnrolmentView(PageView):
    """A number is asked for; once one is known (``to``) the code that was sent there."""

    to: str = ""
    digits: int = 6
    lifetime: str = ""
    voice: bool = False
    several: bool = True
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The first half."""
        return cls()


@dataclass(frozen=True)
class RecoveryCodeView(PageView):
    """A recovery code, shown until its owner says that they have it."""

    code: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A made-up code."""
        return cls("7KQ2 MZXW 6YTB OI5D 4PLN RCVA")


@dataclass(frozen=True)
class NewRecoveryCodeView(RecoveryCodeView):
    """The next one."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A made-up code."""
        return super().example(texts)


ViewT = TypeVar("ViewT", bound=OtpEnrolmentView)
CodeViewT = TypeVar("CodeViewT", bound=RecoveryCodeView)


class _OtpEnrolment(Screen):
    """What both pages of it have in common."""

    fields = (CODE,)
    limit = limits.FACTOR_FORMS
    cancellable = True
    other = ""

    def shown(self, request: ScreenRequest, view: type[ViewT]) -> ViewT | Go:
        """The key, made with the first look at the page."""
        found = _method(request)
        if isinstance(found, Go):
            return found
        owner = factor_steps.user(request)
        seed = service.seed_of(request.work, found)
        named = owner.email or owner.username or owner.name or owner.user_id
        link = otp.address(seed, issuer=request.work.config.friendly_name, account=named)
        return view(
            qr.svg(link),
            link,
            otp.grouped(seed),
            request.url(self.other),
            several=len(factor_steps.kinds(request)) > 1,
            show_cancel=factor_steps.step(request).ticket is None,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The first code of the app."""
        if form.action == factor_steps.PICK:
            return _to_options(request)
        found = _method(request)
        return found if isinstance(found, Go) else factor_steps.enrolled(request, found, form)


class OtpEnrolmentQr(_OtpEnrolment):
    """The QR code."""

    prompt, screen = "mfa-otp", "mfa-otp-enrollment-qr"
    other = "/u/mfa-otp/mfa-otp-enrollment-code"

    def view(self, request: ScreenRequest) -> OtpEnrolmentView | Go:
        """The code, and the way to type the key."""
        return self.shown(request, OtpEnrolmentView)


class OtpEnrolmentCode(_OtpEnrolment):
    """The key, for apps that read no QR code."""

    prompt, screen = "mfa-otp", "mfa-otp-enrollment-code"
    other = "/u/mfa-otp/mfa-otp-enrollment-qr"

    def view(self, request: ScreenRequest) -> OtpKeyView | Go:
        """The key, and the way to the QR code."""
        return self.shown(request, OtpKeyView)


class SmsEnrolment(Screen):
    """A phone: its number, then the code that was sent there."""

    prompt, screen = "mfa-sms", "mfa-sms-enrollment"
    fields = (Field("phone"), CODE, Field("type"))
    limit = limits.FACTOR_FORMS
    cancellable = True
    notices = frozenset({RESENT})

    def view(self, request: ScreenRequest) -> PhoneEnrolmentView | Go:
        """The number, or its code."""
        found = factor_steps.enrolling(request, KINDS["phone"])
        if isinstance(found, Go):
            return found
        rules = settings.of(request.work)
        return PhoneEnrolmentView(
            found.phone_number or "" if found else "",
            rules.phone.length,
            request.texts.duration(rules.phone.lifetime_s),
            voice="voice" in rules.message_types,
            several=len(factor_steps.kinds(request)) > 1,
            show_cancel=factor_steps.step(request).ticket is None,
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """A number, another one, another message, or the code."""
        if form.action == factor_steps.PICK:
            return _to_options(request)
        found = factor_steps.enrolling(request, KINDS["phone"])
        if isinstance(found, Go):
            return found
        here = factor_steps.step(request)
        if form.action == "pick-phone":
            here.enrolling = None
            request.save()
            return Go(f"/u/{self.path}")
        if found is None or form["phone"]:
            return self._number(request, form)
        if form.action == RESEND:
            return factor_steps.sent(request, found, again=True) or Go(f"/u/{self.path}", RESENT)
        return factor_steps.enrolled(request, found, form)

    def _number(self, request: ScreenRequest, form: Form) -> Result:
        number = messages.number(request.work, form["phone"])
        if number is None:
            return Show((Problem("invalid-phone", "phone"),))
        if factor_steps.adds_nothing(request, number):
            return Show((Problem("same-number", "phone"),))
        preferred = "voice" if form["type"] == "voice" else "sms"
        if preferred not in settings.of(request.work).message_types:
            preferred = "sms"
        try:
            row = factor_steps.begin_enrolling(
                request, service.New(type="phone", phone_number=number, preferred=preferred)
            )
        except BadRequest:
            return Show((Problem("mfa.shared.too-many-methods"),))
        return factor_steps.sent(request, row, again=True) or Go(f"/u/{self.path}")


class _RecoveryCode(Screen):
    """A code that is shown."""

    fields = (Field("saved"),)
    limit = limits.FACTOR_FORMS

    def shown(self, request: ScreenRequest, view: type[CodeViewT]) -> CodeViewT | Go:
        """The code; without one, the page that is right."""
        code = factor_steps.code_to_show(request)
        return view(otp.grouped(code)) if code else factor_steps.start(request)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """They have it: on."""
        if factor_steps.code_to_show(request) is None:
            return factor_steps.start(request)
        if form["saved"] != "on":
            return Show((Problem("mfa-recovery-code.mfa-recovery-code-enrollment.no-confirmation", "saved"),))
        return factor_steps.complete(request)


class RecoveryEnrolment(_RecoveryCode):
    """The first recovery code."""

    prompt, screen = "mfa-recovery-code", "mfa-recovery-code-enrollment"

    def view(self, request: ScreenRequest) -> RecoveryCodeView | Go:
        """The code."""
        return self.shown(request, RecoveryCodeView)


class RecoveryNewCode(_RecoveryCode):
    """The next one, where the one before was used."""

    prompt, screen = "mfa-recovery-code", "mfa-recovery-code-challenge-new-code"

    def view(self, request: ScreenRequest) -> NewRecoveryCodeView | Go:
        """The code."""
        return self.shown(request, NewRecoveryCodeView)


def _method(request: ScreenRequest) -> AuthenticationMethod | Go:
    """The app that is being set up, begun with the first look."""
    found = factor_steps.enrolling(request, KINDS["totp"])
    if found is not None:
        return found
    return factor_steps.begin_enrolling(request, service.New(type="totp", seed=otp.new_seed()))


def _to_options(request: ScreenRequest) -> Go:
    """The choice again."""
    here = factor_steps.step(request)
    here.chosen = here.enrolling = None
    request.save()
    return Go(factor_steps.ENROL_OPTIONS)
