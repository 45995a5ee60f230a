"""Where signing in begins, and where it begins again when a page or a link is over
(spec/sessions-cookies-redirects.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import redirects
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import WayOn

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


def to_source(connection_name: str) -> str:
    """Path that leads to the sign-in page of that connection's source."""
    return f"/login/redirect/{connection_name}"


def login_route(work: Work, client: ClientConfig | None) -> str | None:
    """The default login route: the client's ``initiate_login_uri``, else the tenant's; with ``iss`` as third parties
    expect it.
    """
    target = (client.data.initiate_login_uri if client else None) or work.config.settings.default_redirection_uri
    return with_params(target, {"iss": work.config.issuer}) if target else None


def way_on(
    work: Work,
    texts: Texts,
    client: ClientConfig | None = None,
    redirect_uri: str = "",
    *,
    account: str = "page.lead.toAccount",
) -> WayOn:
    """The one button of a page where nothing is left to do, which says where it leads: to the application (by its
    login route, else to the origin its answers go to), to the tenant's default login route, or to our own account page,
    for which ``account`` is the key of the words.
    """
    named = client if client is not None and client.client_id else None
    home, origin = work.config.settings.default_redirection_uri, redirects.origin(redirect_uri)
    if named is not None and (named.data.initiate_login_uri or not home):
        url = login_route(work, named) or origin
        if url:
            return WayOn(url, texts.t("page.lead.backTo", clientName=named.name))
    if home:
        url = with_params(home, {"iss": work.config.issuer})
        return WayOn(url, texts.t("page.lead.backTo", clientName=work.config.friendly_name))
    return WayOn(account_url(work), texts.t(account))


def account_url(work: Work, **hints: str | None) -> str:
    """Our own account page, which signs people in without any application. ``hints`` are the parameters that say how
    that begins: ``screen_hint``, ``login_hint``.
    """
    return with_params(f"{work.config.url}account", {name: value for name, value in hints.items() if value})


def home(work: Work, client_id: str | None) -> str:
    """Where to go on after the link of a mail: the default login route of its application, else our own account
    page.
    """
    client = clients.find(work, client_id) if client_id else None
    return login_route(work, client) or account_url(work)
