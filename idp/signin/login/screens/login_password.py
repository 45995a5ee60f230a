"""``/u/login/password``: the second of two pages asks for the password of the identifier above it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from idp.foundation.web.pages import FormError
from idp.signin.login.password import Refused, sign_in
from idp.signin.login.screen_request import Visit
from idp.signin.login.screens.login import with_retry


class LoginPassword:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "login/password"

    def show(self, visit: Visit) -> Response:
        """The form; without an identifier, the page before it."""
        if not visit.transaction.identifier:
            return visit.go(visit.url("/u/login/identifier"))
        return _page(visit)

    def submit(self, visit: Visit) -> Response:
        """Sign in as the identifier of the page before; what a hidden field says does not count."""
        if visit.action == "cancel":
            return visit.cancel()
        if not visit.transaction.identifier:
            return visit.go(visit.url("/u/login/identifier"))
        try:
            return sign_in(visit, visit.transaction.identifier, visit.form.get("password", ""))
        except Refused as refused:
            return with_retry(_page(visit, refused.errors, refused.status), refused)


def _page(visit: Visit, errors: Sequence[FormError] = (), status: int = 200) -> Response:
    return visit.answer(
        "login/login-password/login-password.html",
        visit.page(errors=errors),
        status=status,
        identifier=visit.transaction.identifier or "",
        edit_url=visit.url("/u/login/identifier"),
        forgot_url=visit.url("/u/reset-password/request"),
        signup_url=visit.url("/u/signup") if visit.database().signup_enabled else None,
        show_cancel=True,
    )
