"""``/u/login``: username and password in one form."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from idp.foundation.web.pages import FormError
from idp.signin.login.password import Refused, sign_in
from idp.signin.login.screen_request import Visit


class Login:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "login"

    def show(self, visit: Visit) -> Response:
        """The empty form, or one with the hinted identifier; two pages where the prompts setting says so."""
        if visit.work.config.prompts.identifier_first:
            return visit.go(visit.url("/u/login/identifier"))
        return _page(visit, visit.transaction.identifier or visit.transaction.login_hint or "")

    def submit(self, visit: Visit) -> Response:
        """Sign in."""
        if visit.action == "cancel":
            return visit.cancel()
        identifier = visit.field("username")
        try:
            return sign_in(visit, identifier, visit.form.get("password", ""))
        except Refused as refused:
            return with_retry(_page(visit, identifier, refused.errors, refused.status), refused)


def with_retry(response: Response, refused: Refused) -> Response:
    """Name the wait in the header too."""
    if refused.retry_after is not None:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def _page(visit: Visit, identifier: str, errors: Sequence[FormError] = (), status: int = 200) -> Response:
    connection = visit.database()
    return visit.answer(
        "login/login/login.html",
        visit.page(errors=errors, values={"username": identifier}),
        status=status,
        signup_url=visit.url("/u/signup") if connection.signup_enabled else None,
        forgot_url=visit.url("/u/reset-password/request"),
        show_cancel=True,
        ask_username=connection.requires_username,
    )
