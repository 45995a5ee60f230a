"""The pages on which people sign in to one application, with the ways that it offers, for the preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from idp.admin.desk.samples import PERSON, Build
from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import ClientView, PageView
from idp.signin.login import connection_choice, names, passkey_sign_in
from idp.signin.login.application import client_view
from idp.signin.login.connection_choice import Choices, NoConnection, Wish
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.screens.login import LoginView, links
from idp.signin.login.screens.login_id import LoginIdView
from idp.signin.login.screens.login_password import IDENTIFIER_PAGE, LoginPasswordView

TOGETHER: Final = "login"
APART: Final = "login/identifier"
NOBODY: Final = "no-connection"


@dataclass(frozen=True)
class OfApp:
    """What the preview shows of an application: ``begins`` is the page on which signing in begins, ``leads_to`` the
    connection to whose source people are sent without one.
    """

    client: ClientView
    views: Mapping[str, Build]
    begins: str
    leads_to: str = ""


def of(work: Work, client_id: str) -> OfApp | None:
    """None where there is no such application, or it is not for whoever asks."""
    if not client_id or not work.actor.is_for(client_id):
        return None
    client = clients.find(work, client_id)
    if client is None:
        return None
    try:
        choices = connection_choice.choices(work, client, Wish())
    except NoConnection:
        return OfApp(client_view(client), {}, NOBODY)
    straight = connection_choice.straight_to(work, client, Wish())
    form = choices.password
    first = form is None or form.asks_who_first or work.config.prompts.identifier_first
    return OfApp(
        client_view(client),
        {
            TOGETHER: partial(_together, work, client, choices),
            APART: partial(_apart, work, client, choices),
            "login/password": partial(_password, work, client, choices),
        },
        APART if choices.asks_who and first else TOGETHER,
        straight.display_name if straight is not None else "",
    )


def _shared(work: Work, client: ClientConfig, choices: Choices, texts: Texts) -> dict[str, Any]:
    form = choices.password
    return {
        "signup_url": "#" if form is not None and form.signup_enabled else None,
        "label": names.of(texts, form),
        "alternatives": links(choices.elsewhere, form, lambda _name: "#", None),
        "passkeys": _passkeys(work, client),
    }


def _together(work: Work, client: ClientConfig, choices: Choices, texts: Texts) -> PageView:
    form = choices.password
    forgot = "#" if form is not None and form.accounts else None
    return LoginView(forgot_url=forgot, ask_password=form is not None, **_shared(work, client, choices, texts))


def _apart(work: Work, client: ClientConfig, choices: Choices, texts: Texts) -> PageView:
    by = (choices.code.passwordless_by or "") if choices.code else ""
    return LoginIdView(by=by, **_shared(work, client, choices, texts))


def _password(work: Work, client: ClientConfig, choices: Choices, _texts: Texts) -> PageView:
    form = choices.password
    return LoginPasswordView(
        identifier=PERSON,
        edit_url=work.href(IDENTIFIER_PAGE),
        forgot_url="#" if form is not None and form.accounts else None,
        signup_url="#" if form is not None and form.signup_enabled else None,
        passkeys=_passkeys(work, client),
    )


def _passkeys(work: Work, client: ClientConfig) -> PasskeyForm | None:
    found = connection_choice.usable(work, client)
    rules = [each.passkeys for each in found if each.passkeys is not None]
    if not rules:
        return None
    shown = any(each.button for each in rules)
    return PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost", shown, any(each.autofill for each in rules))
