"""``/u/signup``: an account of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.web.pages import FormError
from idp.foundation.web.view_models import password_rules
from idp.signin.login import complete, login_routes
from idp.signin.login.registration import Problem, register
from idp.signin.login.screen_request import Visit


class SignUp:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "signup"

    def show(self, visit: Visit) -> Response:
        """The empty form with the password's rules."""
        return _page(visit, {"email": visit.transaction.login_hint or ""})

    def submit(self, visit: Visit) -> Response:
        """Create the account and sign the person in."""
        if visit.action == "cancel":
            return visit.cancel()
        values = {"email": visit.field("email"), "username": visit.field("username")}
        texts = visit.page().texts
        wait = limits.exceeded(visit.work, limits.SIGNUP, visit.work.ip)
        if wait is not None:
            return _page(
                visit, values, [FormError(texts.t("login.login.rate-limited", wait=texts.duration(wait)))], 429
            )
        connection = visit.database()
        if not connection.signup_enabled:
            raise PageError("access_denied", "Public sign-up is disabled.", status=403)
        try:
            user = register(
                visit.work,
                connection,
                visit.client,
                email=values["email"],
                username=values["username"],
                password=visit.form.get("password", ""),
                locale=visit.page().locale,
            )
        except Problem as problem:
            errors = [FormError(texts.t(f"signup.signup.{code}"), field) for code, field in problem.found]
            return _page(visit, values, errors, 400)
        return complete.sign_in(visit, user, connection.name)


def _page(visit: Visit, values: dict[str, str], errors: Sequence[FormError] = (), status: int = 200) -> Response:
    connection = visit.database()
    if not connection.signup_enabled:
        raise PageError("access_denied", "Public sign-up is disabled.", status=403)
    page = visit.page(errors=errors, values=values)
    options = connection.options
    policy = str(options.get("passwordPolicy") or "good")
    length = (options.get("password_complexity_options") or {}).get("min_length")
    return visit.answer(
        "login/signup/signup.html",
        page,
        status=status,
        login_url=visit.url(login_routes.first_page(visit.work)),
        rules=password_rules(page.texts, policy, length),
        ask_username=connection.requires_username,
        show_cancel=True,
    )
