"""Where signing in begins, and where it begins again when a page or a link is over
(spec/sessions-cookies-redirects.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import redirects
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work

HINTED: Mapping[str, str] = {
    "signup": "/u/signup",
    "reset-password": "/u/reset-password/request",
    "reset_password": "/u/reset-password/request",
}
"""First page by ``screen_hint``."""


def first_page(work: Work, screen_hint: str | None = None) -> str:
    """Path of the page an attempt begins with: the hinted one, else one form or two as the prompts setting says."""
    return HINTED.get(screen_hint or "") or (
        "/u/login/identifier" if work.config.prompts.identifier_first else "/u/login"
    )


def first_url(work: Work, state: str, *, screen_hint: str | None = None, ui_locales: str | None = None) -> str:
    """The first page of the attempt ``state``."""
    query = {"state": state, **({"ui_locales": ui_locales} if ui_locales else {})}
    return f"{first_page(work, screen_hint)}?{urlencode(query)}"


def to_source(connection_name: str) -> str:
    """Path that leads to the sign-in page of that connection's source."""
    return f"/login/redirect/{connection_name}"


def login_route(work: Work, client: ClientConfig | None) -> str | None:
    """The default login route: the client's ``initiate_login_uri``, else the tenant's; with ``iss`` as third parties
    expect it.
    """
    target = (client.data.initiate_login_uri if client else None) or work.config.settings.default_redirection_uri
    return with_params(target, {"iss": work.config.issuer}) if target else None


def application(work: Work, client: ClientConfig, redirect_uri: str) -> str | None:
    """The way back to an application whose attempt is over: its login route, else the origin its answers go to."""
    return login_route(work, client) or redirects.origin(redirect_uri)


def account_url(work: Work, screen_hint: str | None = None) -> str:
    """Our own account page, which signs people in without any application."""
    return with_params(f"{work.config.url}account", {"screen_hint": screen_hint} if screen_hint else {})


def home(work: Work, client_id: str | None) -> str:
    """Where to go on after the link of a mail: the default login route of its application, else our own account
    page.
    """
    client = clients.find(work, client_id) if client_id else None
    return login_route(work, client) or account_url(work)
