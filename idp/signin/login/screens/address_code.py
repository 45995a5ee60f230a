"""``/u/email-identifier-challenge`` and ``/u/login-email-verification``: the code that proves an address, at sign-up
and at a later sign-in; ``/u/phone-identifier-challenge``: the like for a telephone number; ``/u/email-otp-challenge``:
the code for a new password. Both of the latter also take the code that signs somebody in to an account of a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.identifiers import masked
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import address_codes, code_sign_in, login_routes, reset, reset_codes
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens.reset_request import send
from idp.signin.login.transaction import Proving
from idp.signin.passwordless import service as passwordless

RESEND, REQUEST_PAGE = "resend-code", "/u/reset-password/request"
NO_CODE = Problem("login-passwordless.login-passwordless-email-code.no-code", "code")


@dataclass(frozen=True)
class AddressCodeView(PageView):
    """A code was mailed to ``to``. The form (``action=resend-code``) sends another."""

    to: str
    edit_url: str
    digits: int = address_codes.LENGTH
    lifetime: str = ""
    can_link: bool = False
    show_cancel: bool = True
    password_url: str | None = None
    """Where they sign in with their password instead."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls("j•••@example.com", "/u/login", lifetime=texts.duration(address_codes.LIFETIME_S))


@dataclass(frozen=True)
class LoginAddressCodeView(AddressCodeView):
    """The like for somebody who has the account already."""


@dataclass(frozen=True)
class ResetCodeView(AddressCodeView):
    """A code for a new password, or for a sign-in, was mailed to ``to``, if there is such an account."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        lifetime = texts.duration(address_codes.LIFETIME_S)
        return cls("j•••@example.com", "/u/reset-password/request", lifetime=lifetime, show_cancel=False)


@dataclass(frozen=True)
class NumberCodeView(AddressCodeView):
    """A code was sent to a telephone number; ``resetting``: for a new password, if there is such an account."""

    resetting: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's number."""
        return cls("+49 171 •••• 567", "/u/login", lifetime=texts.duration(address_codes.LIFETIME_S))


class EmailIdentifierChallenge(Screen):
    """The code, right after sign-up."""

    prompt = screen = "email-identifier-challenge"
    fields = (Field("code"),)
    limit = limits.CODES_TYPED
    cancellable = True
    notices = frozenset({"resent"})
    page: ClassVar[str] = address_codes.AT_SIGN_UP

    def view(self, request: ScreenRequest) -> AddressCodeView | Go:
        """Where it was sent to; without anything to prove, the first page."""
        return self._view(request, AddressCodeView)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The code, or another one."""
        proving = request.transaction.proving
        if proving is None:
            return Go(login_routes.first_page(request.work))
        if form.action == RESEND:
            return address_codes.again(request, proving, self.page)
        return address_codes.with_code(request, proving, form["code"]) if form["code"] else Show((NO_CODE,))

    def _view(self, request: ScreenRequest, kind: type[AddressCodeView]) -> AddressCodeView | Go:
        proving = request.transaction.proving
        first = login_routes.first_page(request.work)
        if proving is None or proving.by != "email":
            return Go(first)
        return kind(masked(proving.address), request.url(first), lifetime=_lifetime(request))


class LoginEmailVerification(EmailIdentifierChallenge):
    """The code, at a sign-in of somebody who has not proven the address yet."""

    prompt = screen = "login-email-verification"
    page = address_codes.AT_LOGIN

    def view(self, request: ScreenRequest) -> LoginAddressCodeView | Go:
        """As at sign-up."""
        found = self._view(request, LoginAddressCodeView)
        return found if isinstance(found, LoginAddressCodeView | Go) else Go(login_routes.first_page(request.work))


class EmailOtpChallenge(Screen):
    """The code for a new password, or for a sign-in."""

    prompt = screen = "email-otp-challenge"
    fields = (Field("code"),)
    limit = limits.CODES_TYPED
    cancellable = True
    notices = frozenset({"resent"})

    def view(self, request: ScreenRequest) -> ResetCodeView | Go:
        """The same words whoever has an account; where nothing was asked for, the page that asks."""
        connection = _enters(request, "email")
        if connection is not None:
            return ResetCodeView(masked(request.identifier), **_entering(request, connection))
        typed = _resets(request, "email")
        if typed is None:
            return Go(REQUEST_PAGE)
        return ResetCodeView(masked(typed), request.url(REQUEST_PAGE), lifetime=_lifetime(request), show_cancel=False)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The code, or another one."""
        connection = _enters(request, "email")
        if connection is not None:
            return _sign_in(request, connection, form, f"/u/{self.path}")
        typed = _resets(request, "email")
        return Go(REQUEST_PAGE) if typed is None else _for_password(request, typed, form)


class PhoneIdentifierChallenge(Screen):
    """The code that proves a telephone number, or is good for a new password or a sign-in."""

    prompt = screen = "phone-identifier-challenge"
    fields = (Field("code"),)
    limit = limits.CODES_TYPED
    cancellable = True
    notices = frozenset({"resent"})

    def view(self, request: ScreenRequest) -> NumberCodeView | Go:
        """Where it was sent to; where nothing was asked for, the first page."""
        connection = _enters(request, "phone_number")
        if connection is not None:
            shown = users.spelled(connection, request.identifier)
            return NumberCodeView(shown, **_entering(request, connection), resetting=True)
        typed, proving, lifetime = _resets(request, "phone_number"), _number(request), _lifetime(request)
        if typed is not None:
            shown = users.spelled(request.connection, typed)
            return NumberCodeView(
                shown, request.url(REQUEST_PAGE), lifetime=lifetime, show_cancel=False, resetting=True
            )
        first = login_routes.first_page(request.work)
        return NumberCodeView(proving.address, request.url(first), lifetime=lifetime) if proving else Go(first)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """The code, or another one."""
        connection = _enters(request, "phone_number")
        if connection is not None:
            return _sign_in(request, connection, form, f"/u/{self.path}")
        typed, proving = _resets(request, "phone_number"), _number(request)
        if typed is not None:
            return _for_password(request, typed, form)
        if proving is None:
            return Go(login_routes.first_page(request.work))
        if form.action == RESEND:
            return address_codes.again(request, proving, f"/u/{self.path}")
        return address_codes.with_code(request, proving, form["code"]) if form["code"] else Show((NO_CODE,))


def _enters(request: ScreenRequest, by: str) -> ConnectionConfig | None:
    """The database that somebody signs in to with a code that was sent to what they typed."""
    if request.transaction.entering != by:
        return None
    connection = request.connection_for(request.identifier)
    return connection if connection.code_goes_to(request.identifier) == by else None


def _entering(request: ScreenRequest, connection: ConnectionConfig) -> dict[str, Any]:
    """What their page shows: the same whoever has an account."""
    rules = passwordless.rules(connection)
    return {
        "edit_url": request.url("/u/login/identifier"),
        "digits": rules.length,
        "lifetime": request.texts.duration(rules.lifetime_s),
        "password_url": request.url("/u/login/password") if connection.checks_passwords else None,
    }


def _sign_in(request: ScreenRequest, connection: ConnectionConfig, form: Form, page: str) -> Result:
    if form.action == RESEND:
        return code_sign_in.again(request, connection, page)
    return code_sign_in.with_code(request, connection, form["code"]) if form["code"] else Show((NO_CODE,))


def _for_password(request: ScreenRequest, typed: str, form: Form) -> Result:
    if form.action != RESEND:
        return reset_codes.with_code(request, form["code"]) if form["code"] else Show((NO_CODE,))
    wait = reset.too_soon(request.work, request.connection, typed)
    if wait is None:
        return send(request, typed, notice="resent")
    words = {"wait": request.texts.duration(wait)}
    return Show((Problem("login-passwordless.login-passwordless-email-code.wait", values=words),), 429, wait)


def _resets(request: ScreenRequest, by: str) -> str | None:
    """What was typed on the page before, where that led here."""
    return request.transaction.identifier if request.transaction.resetting == by else None


def _number(request: ScreenRequest) -> Proving | None:
    proving = request.transaction.proving
    return proving if proving is not None and proving.by == "phone_number" else None


def _lifetime(request: ScreenRequest) -> str:
    return request.texts.duration(address_codes.LIFETIME_S)
