"""One request for a login page: who is asking for what, and how its answers are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig, ClientData
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import ClientView, FormError, Page
from idp.foundation.web.security import form_source
from idp.signin.login import transaction as transactions
from idp.signin.login.transaction import Transaction

MAX_FIELD = 2048


@dataclass
class Visit:
    """A login page's request. ``form`` is empty on GET."""

    work: Work
    state: str
    transaction: Transaction
    client: ClientConfig
    form: Mapping[str, str]

    @property
    def action(self) -> str:
        """Which button was pressed."""
        return self.form.get("action", "default")

    def field(self, name: str) -> str:
        """A form field, cut to a sane length (passwords are not read through here)."""
        return self.form.get(name, "")[:MAX_FIELD].strip()

    def url(self, path: str) -> str:
        """Another page of this attempt."""
        chosen = http.query().get("ui_locales")
        return f"{path}?{urlencode({'state': self.state, **({'ui_locales': chosen} if chosen else {})})}"

    def page(
        self, *, errors: Sequence[FormError] = (), values: Mapping[str, str] | None = None, notice: str | None = None
    ) -> Page:
        """The frame of a page of this attempt."""
        return page_context.page(
            self.work,
            ui_locales=self.transaction.ui_locales,
            client=client_view(self.client) if self.client.client_id else None,
            state=self.state,
            errors=errors,
            values=values,
            notice=notice,
        )

    def answer(self, template: str, page: Page, *, status: int = 200, **context: Any) -> Response:
        """The page. Its form may end at the application, which Chromium checks against ``form-action``."""
        source = form_source(self.transaction.redirect_uri)
        return page_context.answer(
            self.work, template, page, status=status, form_targets=[source] if source else [], **context
        )

    def go(self, location: str) -> Response:
        """303 to ``location``."""
        return http.redirect(location)

    def resume(self) -> Response:
        """Back to whoever began the attempt."""
        return http.redirect(f"{self.transaction.resume}?{urlencode({'state': self.state})}")

    def deny(self, error: str, description: str) -> Response:
        """End the attempt with an error for the application."""
        self.transaction.denied = (error, description)
        transactions.save(self.work, self.state, self.transaction)
        return self.resume()

    def cancel(self) -> Response:
        """The person turned back."""
        return self.deny("access_denied", "The user cancelled the request")

    def database(self) -> ConnectionConfig:
        """The user database people sign in to here: the one that was asked for, else the client's first. Raises
        PageError.
        """
        enabled = (
            connections.for_client(self.work, self.client.client_id)
            if self.client.client_id
            else connections.everywhere(self.work)
        )
        wanted = self.transaction.connection_id
        found = next((c for c in enabled if c.is_database and wanted in (None, c.id)), None)
        if found is None:
            raise PageError("access_denied", "No sign-in method is enabled for this application.", status=400)
        return found


def open_visit(work: Work) -> Visit:
    """The visit of this request. A POST must be this browser's own form. Raises Expired, PageError, CookiesBlocked."""
    form = http.form() if request.method == "POST" else {}
    if request.method == "POST":
        http.check_form(work, form.get("csrf"))
    state = form.get("state") or http.query().get("state") or ""
    transaction = transactions.load(work, state, http.device_hash())
    client = clients.find(work, transaction.client_id) if transaction.client_id else own_pages(work)
    if client is None:
        raise PageError("invalid_request", "The application that sent you here is no longer registered.")
    return Visit(work, state, transaction, client, form)


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
        name=client.name,
        logo_uri=data.logo_uri,
        policy_uri=data.policy_uri,
        tos_uri=data.tos_uri,
        verified=client.is_first_party,
        home_uri=data.initiate_login_uri,
    )
