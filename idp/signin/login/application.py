"""The application that a sign-in is for, or what stands in for it on our own pages."""

from __future__ import annotations

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig, ClientData
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import shown
from idp.foundation.web.pages import ClientView


def of_attempt(work: Work, client_id: str) -> ClientConfig:
    """The application of a sign-in under way; an empty id means our own pages.

    :raises PageError: it is no longer registered.
    """
    client = clients.find(work, client_id) if client_id else own_pages(work)
    if client is None:
        raise PageError("invalid_request", "The application that sent you here is no longer registered.")
    return client


def own_pages(work: Work) -> ClientConfig:
    """What stands in for the application when people sign in to our own account page."""
    return ClientConfig(
        "",
        work.config.friendly_name,
        None,
        True,
        ClientData(initiate_login_uri=f"{work.config.url}account"),
        work.config.settings.compatibility,
    )


def client_view(client: ClientConfig) -> ClientView:
    """The application as pages show it."""
    data = client.data
    return ClientView(
        name=shown(client.name),
        logo_uri=data.logo_uri,
        policy_uri=data.policy_uri,
        tos_uri=data.tos_uri,
        verified=client.is_first_party,
        home_uri=data.initiate_login_uri,
    )
