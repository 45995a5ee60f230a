"""``/u/mfa-webauthn/...``: a security key, or the device itself, is set up and asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self, TypeVar

from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.factors import service, settings
from idp.signin.login import factor_keys, factor_steps, reset_factor
from idp.signin.login.passkey_sign_in import OPTIONS_PATH, PasskeyForm
from idp.signin.login.reset_factor import CHANGE
from idp.signin.login.screen import End, Field, Form, Go, Problem, Result, Screen, Show, TicketScreen
from idp.signin.login.screen_request import GoneRequest, ScreenRequest, TicketRequest
from idp.signin.login.screens.mfa_challenges import REMEMBER
from idp.signin.login.screens.reset_change import ResetChange, known_user
from idp.signin.tickets.service import PASSWORD_CHANGE

RESPONSE = Field("response", secret=True)
KEY, PLATFORM = "webauthn-roaming", "webauthn-platform"


@dataclass(frozen=True)
class KeyView(PageView):
    """A security key (``kind`` ``webauthn-roaming``) or this device (``webauthn-platform``) is asked for or set up.
    ``several``: another method can be picked; ``offers_to_remember``: the form may say that this browser shall not be
    asked again.
    """

    passkeys: PasskeyForm | None
    kind: str
    several: bool = True
    offers_to_remember: bool = False
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A key."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False), KEY, offers_to_remember=True)


@dataclass(frozen=True)
class DeviceView(KeyView):
    """The like for the device itself."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The device."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False), PLATFORM, offers_to_remember=True)


@dataclass(frozen=True)
class KeyEnrolmentView(KeyView):
    """A security key is set up."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A key."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False), KEY)


@dataclass(frozen=True)
class DeviceEnrolmentView(KeyView):
    """The device itself is set up."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The device."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False), PLATFORM)


@dataclass(frozen=True)
class ResetKeyView(KeyView):
    """A security key is asked for before a new password."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A key."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False), KEY, show_cancel=False)


@dataclass(frozen=True)
class ResetDeviceView(KeyView):
    """The device itself is asked for before a new password."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """The device."""
        return cls(PasskeyForm(OPTIONS_PATH, "localhost", autofill=False), PLATFORM, show_cancel=False)


KeyViewT = TypeVar("KeyViewT", bound=KeyView)


class _Challenge(Screen):
    """It is asked for."""

    kind: ClassVar[str]
    fields = (RESPONSE, REMEMBER)
    limit = limits.FACTOR_FORMS
    cancellable = True

    def shown(self, request: ScreenRequest, view: type[KeyViewT]) -> KeyViewT | Go:
        """The form; another page where this one is not asked for now."""
        method = factor_steps.challenged(request, self.kind)
        if isinstance(method, Go):
            return method
        remembers = settings.of(request.work).offers_to_remember
        form = factor_keys.form(request, self.kind)
        return view(form, self.kind, factor_steps.several(request), remembers)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """What the browser answered, or another method."""
        answered = replace(form, values={**form.values, "code": form["response"]})
        result: Result = factor_keys.in_words(factor_steps.answer(request, self.kind, answered))
        return result


class _Enrolment(Screen):
    """It is set up."""

    kind: ClassVar[str]
    fields = (RESPONSE,)
    limit = limits.FACTOR_FORMS
    cancellable = True

    def shown(self, request: ScreenRequest, view: type[KeyViewT]) -> KeyViewT | Go:
        """The form."""
        kind = factor_keys.kind_of(self.kind)
        found = factor_steps.enrolling(request, kind) if kind is not None else factor_steps.start(request)
        if isinstance(found, Go):
            return found
        several, form = len(factor_steps.kinds(request)) > 1, factor_keys.form(request, self.kind)
        return view(form, self.kind, several, show_cancel=factor_steps.step(request).ticket is None)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The key that the browser made, or another kind of method."""
        kind = factor_keys.kind_of(self.kind)
        if form.action == factor_steps.PICK or kind is None:
            here = factor_steps.step(request)
            here.chosen = here.enrolling = None
            request.save()
            return Go(factor_steps.ENROL_OPTIONS)
        try:
            found = factor_steps.enrolling(request, kind)
            if found is None:
                found = factor_steps.begin_enrolling(request, service.New(type=self.kind))
        except BadRequest:
            return Show((Problem("mfa.shared.too-many-methods"),))
        if isinstance(found, Go):
            return found
        answered = replace(form, values={**form.values, "code": form["response"]})
        outcome: Result = factor_keys.in_words(factor_steps.enrolled(request, found, answered), factor_keys.NOT_MADE)
        return outcome


class _Reset(TicketScreen):
    """It is asked for before a new password."""

    kind = PASSWORD_CHANGE
    factor: ClassVar[str]
    fields = (RESPONSE,)
    limit = limits.FACTOR_FORMS

    def good(self, request: TicketRequest) -> bool:
        """The account still belongs to that user."""
        return ResetChange().good(request)

    def gone(self, request: GoneRequest) -> End:
        """What is true of the link, and a way to a new one."""
        return ResetChange().gone(request)

    def shown(self, request: TicketRequest, view: type[KeyViewT]) -> KeyViewT | Go:
        """The form; the new password where nothing is left to be proven."""
        user = known_user(request)
        if reset_factor.wanted(request, user) is None:
            return CHANGE
        several = len(reset_factor.methods(request, user)) > 1
        return view(factor_keys.form(request, self.factor), self.factor, several, show_cancel=False)

    def submit(self, request: TicketRequest, form: Form) -> Result:
        """What the browser answered, or another method."""
        user = known_user(request)
        mine = [each for each in reset_factor.methods(request, user) if each.type == self.factor]
        if not mine or reset_factor.wanted(request, user) is None:
            return CHANGE
        if form.action == factor_steps.PICK:
            return reset_factor.other(request, user, next(iter(mine)))
        outcome = factor_keys.in_words(reset_factor.answered(request, user, next(iter(mine)), form["response"]))
        return outcome if isinstance(outcome, Show) else CHANGE


class KeyChallenge(_Challenge):
    """A security key."""

    prompt, screen = "mfa-webauthn", "mfa-webauthn-roaming-challenge"
    kind = KEY

    def view(self, request: ScreenRequest) -> KeyView | Go:
        """The form."""
        return self.shown(request, KeyView)


class PlatformChallenge(_Challenge):
    """The device itself."""

    prompt, screen = "mfa-webauthn", "mfa-webauthn-platform-challenge"
    kind = PLATFORM

    def view(self, request: ScreenRequest) -> DeviceView | Go:
        """The form."""
        return self.shown(request, DeviceView)


class KeyEnrolment(_Enrolment):
    """A security key."""

    prompt, screen = "mfa-webauthn", "mfa-webauthn-roaming-enrollment"
    kind = KEY

    def view(self, request: ScreenRequest) -> KeyEnrolmentView | Go:
        """The form."""
        return self.shown(request, KeyEnrolmentView)


class PlatformEnrolment(_Enrolment):
    """The device itself."""

    prompt, screen = "mfa-webauthn", "mfa-webauthn-platform-enrollment"
    kind = PLATFORM

    def view(self, request: ScreenRequest) -> DeviceEnrolmentView | Go:
        """The form."""
        return self.shown(request, DeviceEnrolmentView)


class ResetKey(_Reset):
    """A security key."""

    prompt, screen = "reset-password", "reset-password-mfa-webauthn-roaming-challenge"
    factor = KEY

    def view(self, request: TicketRequest) -> ResetKeyView | Go:
        """The form."""
        return self.shown(request, ResetKeyView)


class ResetPlatform(_Reset):
    """The device itself."""

    prompt, screen = "reset-password", "reset-password-mfa-webauthn-platform-challenge"
    factor = PLATFORM

    def view(self, request: TicketRequest) -> ResetDeviceView | Go:
        """The form."""
        return self.shown(request, ResetDeviceView)
