"""``/u/reset-password/request``: a link by mail. The answer is the same whoever asks for whatever address (security.md
I3).
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from idp.directory.users.identifiers import email_key, masked
from idp.foundation.ephemeral import limits
from idp.foundation.web.pages import FormError
from idp.signin.login import login_routes
from idp.signin.login import transaction as transactions
from idp.signin.login.reset import ask_for_link
from idp.signin.login.screen_request import Visit


class ResetRequest:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "reset-password/request"

    def show(self, visit: Visit) -> Response:
        """The form, filled with what was typed before."""
        return _page(visit, visit.transaction.identifier or visit.transaction.login_hint or "")

    def submit(self, visit: Visit) -> Response:
        """Leave the look-up to the worker: known and unknown addresses cost the same here."""
        identifier = visit.field("username")
        texts = visit.page().texts
        if not identifier:
            return _page(visit, "", [FormError(texts.t("reset-password.request.no-username"), "username")], 400)
        wait = limits.exceeded(visit.work, limits.RESET_BY_IP, visit.work.ip) or limits.exceeded(
            visit.work, limits.RESET_BY_ADDRESS, email_key(identifier)[:150]
        )
        if wait is not None:
            return _page(
                visit, identifier, [FormError(texts.t("login.login.rate-limited", wait=texts.duration(wait)))], 429
            )
        visit.transaction.identifier = identifier
        with visit.work.hot.transaction():
            transactions.save(visit.work, visit.state, visit.transaction)
            ask_for_link(
                visit.work, visit.database(), identifier, client_id=visit.client.client_id, locale=visit.page().locale
            )
        return visit.go(visit.url("/u/reset-password/email-sent"))


class EmailSent:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "reset-password/email-sent"

    def show(self, visit: Visit) -> Response:
        """Where to look now, and a way to try again."""
        identifier = visit.transaction.identifier or ""
        return visit.answer(
            "login/reset-password/email-sent.html",
            visit.page(values={"username": identifier}),
            masked_email=masked(identifier),
            login_url=visit.url(login_routes.first_page(visit.work)),
            retry_url=visit.url("/u/reset-password/request"),
        )

    def submit(self, visit: Visit) -> Response:
        """Send it again."""
        if not visit.transaction.identifier:
            return visit.go(visit.url("/u/reset-password/request"))
        wait = limits.exceeded(visit.work, limits.RESET_BY_ADDRESS, email_key(visit.transaction.identifier)[:150])
        if wait is None:
            with visit.work.hot.transaction():
                ask_for_link(
                    visit.work,
                    visit.database(),
                    visit.transaction.identifier,
                    client_id=visit.client.client_id,
                    locale=visit.page().locale,
                )
        return visit.go(visit.url("/u/reset-password/email-sent"))


def _page(visit: Visit, identifier: str, errors: Sequence[FormError] = (), status: int = 200) -> Response:
    return visit.answer(
        "login/reset-password/request.html",
        visit.page(errors=errors, values={"username": identifier}),
        status=status,
        login_url=visit.url(login_routes.first_page(visit.work)),
        ask_username=visit.database().requires_username,
    )
