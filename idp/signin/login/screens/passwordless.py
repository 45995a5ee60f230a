"""``/u/login-passwordless/...``: a code that was mailed or texted, and a page that waits for a link to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeVar

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.identifiers import masked
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import code_sign_in
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passwordless import service as passwordless

IDENTIFIER = "/u/login/identifier"
CODE = Field("code")
RESEND, USE_LINK, USE_CODE = "resend-code", "use-link", "use-code"


@dataclass(frozen=True)
class CodeView(PageView):
    """A code was sent to ``to``; the same words whoever has that address. ``digits`` is how long it is. The form
    (``action=resend-code``) sends another, with ``use-link`` a link instead, where ``can_link``.
    """

    to: str
    edit_url: str
    digits: int = 6
    lifetime: str = ""
    can_link: bool = False
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls("j•••@example.com", IDENTIFIER, lifetime=texts.duration(180), can_link=True)


@dataclass(frozen=True)
class SmsCodeView(CodeView):
    """The like for a code that went out as a text message."""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's number."""
        return cls("+49 171 •••• 567", IDENTIFIER, lifetime=texts.duration(180))


@dataclass(frozen=True)
class LinkView(PageView):
    """A link was mailed to ``to``. Opened in another browser it asks for ``number``; this page goes on with the button,
    or by its script once the link was opened.
    """

    to: str
    edit_url: str
    number: str
    poll_url: str = ""
    lifetime: str = ""
    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Somebody's address."""
        return cls("j•••@example.com", IDENTIFIER, "42", lifetime=texts.duration(180))


CodeViewT = TypeVar("CodeViewT", bound=CodeView)


class _CodePage(Screen):
    """What asks for a code."""

    by: str
    fields = (CODE,)
    limit = limits.CODES_TYPED
    cancellable = True
    notices = frozenset({"resent"})

    def shown(self, request: ScreenRequest, kind: type[CodeViewT]) -> CodeViewT | Go:
        """The form; without an address, the page before it."""
        connection = _connection(request, self.by)
        if connection is None or not request.identifier:
            return Go(IDENTIFIER)
        address = passwordless.recognized(request.work, connection, request.identifier)
        if address is None:
            return Go(IDENTIFIER)
        rules = passwordless.rules(connection)
        return kind(
            masked(address.value) if "@" in address.value else address.value,
            request.url(IDENTIFIER),
            rules.length,
            request.texts.duration(rules.lifetime_s),
            can_link=self.by == "email",
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Another code, a link instead, or this one."""
        connection = _connection(request, self.by)
        if connection is None:
            return Go(IDENTIFIER)
        if form.action == RESEND:
            return code_sign_in.again(request, connection, f"/u/{self.path}")
        if form.action == USE_LINK and self.by == "email":
            return code_sign_in.send_link(request, connection)
        if not form["code"]:
            return Show((Problem("no-code", "code"),))
        return code_sign_in.with_code(request, connection, form["code"])


class EmailCode(_CodePage):
    """The code of a mail."""

    prompt, screen = "login-passwordless", "login-passwordless-email-code"
    by = "email"

    def view(self, request: ScreenRequest) -> CodeView | Go:
        """The form."""
        return self.shown(request, CodeView)


class SmsCode(_CodePage):
    """The code of a text message."""

    prompt, screen = "login-passwordless", "login-passwordless-sms-otp"
    by = "phone_number"

    def view(self, request: ScreenRequest) -> SmsCodeView | Go:
        """The form."""
        return self.shown(request, SmsCodeView)


class EmailLink(Screen):
    """The link of a mail."""

    prompt, screen = "login-passwordless", "login-passwordless-email-link"
    limit = limits.CODES_TYPED
    cancellable = True
    notices = frozenset({"resent"})

    def view(self, request: ScreenRequest) -> LinkView | Go:
        """What to do now; without a link, the page before it."""
        connection = _connection(request, "email")
        if connection is None or request.transaction.link_id is None:
            return Go(IDENTIFIER)
        return LinkView(
            masked(request.identifier),
            request.url(IDENTIFIER),
            request.transaction.link_number or "",
            request.url("/u/login-passwordless/opened"),
            request.texts.duration(passwordless.rules(connection).lifetime_s),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Another link, a code instead, or on, once the link was opened elsewhere."""
        connection, link_id = _connection(request, "email"), request.transaction.link_id
        if connection is None or link_id is None:
            return Go(IDENTIFIER)
        if form.action == RESEND:
            return code_sign_in.send_link(request, connection, notice="resent")
        if form.action == USE_CODE:
            return code_sign_in.begin(request, connection, request.identifier)
        link = passwordless.take_approval(request.work, link_id)
        if link is None or link.connection_id != connection.id:
            return Show((Problem("not-opened"),))
        return code_sign_in.enter(request, connection, link.address) or Show((Problem("not-opened"),))


def _connection(request: ScreenRequest, by: str) -> ConnectionConfig | None:
    """The connection of this attempt that sends codes to such addresses."""
    found = request.choices.code
    return found if found is not None and found.passwordless_by == by else None
