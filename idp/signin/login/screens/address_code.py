"""``/u/email-identifier-challenge`` and ``/u/login-email-verification``: the code that proves an address, at sign-up
and at a later sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from idp.directory.users.identifiers import masked
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import address_codes, login_routes
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest

RESEND = "resend-code"
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

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls("j•••@example.com", "/u/login", lifetime=texts.duration(address_codes.LIFETIME_S))


@dataclass(frozen=True)
class LoginAddressCodeView(AddressCodeView):
    """The like for somebody who has the account already."""


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
        if not form["code"]:
            return Show((NO_CODE,))
        return address_codes.with_code(request, proving, form["code"])

    def _view(self, request: ScreenRequest, kind: type[AddressCodeView]) -> AddressCodeView | Go:
        proving = request.transaction.proving
        first = login_routes.first_page(request.work)
        if proving is None:
            return Go(first)
        lifetime = request.texts.duration(address_codes.LIFETIME_S)
        return kind(masked(proving.email), request.url(first), lifetime=lifetime)


class LoginEmailVerification(EmailIdentifierChallenge):
    """The code, at a sign-in of somebody who has not proven the address yet."""

    prompt = screen = "login-email-verification"
    page = address_codes.AT_LOGIN

    def view(self, request: ScreenRequest) -> LoginAddressCodeView | Go:
        """As at sign-up."""
        found = self._view(request, LoginAddressCodeView)
        return found if isinstance(found, LoginAddressCodeView | Go) else Go(login_routes.first_page(request.work))
