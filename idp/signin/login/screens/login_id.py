"""``/u/login/identifier``: the first of two pages asks only who."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from idp.foundation.web.pages import FormError
from idp.signin.login import transaction as transactions
from idp.signin.login.screen_request import Visit


class LoginId:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "login/identifier"

    def show(self, visit: Visit) -> Response:
        """The form, filled with what is known."""
        return _page(visit, visit.transaction.identifier or visit.transaction.login_hint or "")

    def submit(self, visit: Visit) -> Response:
        """Remember the identifier; whether anybody has it is not told (security.md I1)."""
        if visit.action == "cancel":
            return visit.cancel()
        identifier = visit.field("username")
        if not identifier:
            return _page(visit, "", [FormError(visit.page().texts.t("login.login.no-username"), "username")], 400)
        visit.transaction.identifier = identifier
        transactions.save(visit.work, visit.state, visit.transaction)
        return visit.go(visit.url("/u/login/password"))


def _page(visit: Visit, identifier: str, errors: Sequence[FormError] = (), status: int = 200) -> Response:
    return visit.answer(
        "login/login-id/login-id.html",
        visit.page(errors=errors, values={"username": identifier}),
        status=status,
        signup_url=visit.url("/u/signup") if visit.database().signup_enabled else None,
        show_cancel=True,
        ask_username=visit.database().requires_username,
    )
