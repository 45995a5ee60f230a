"""How :mod:`.negotiation` meets HTTP: the header that asks for a ticket, and the one that brings it."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from flask import Response

from idp.directory.connections.runtime import ConnectionConfig
from idp.signin.login import negotiation
from idp.signin.login.screen import Deny, Resume, Screen
from idp.signin.login.screen_request import ScreenRequest


@dataclass(frozen=True)
class Negotiation:
    """One request for a page, with the connections whose tickets are asked for on it."""

    request: ScreenRequest
    sources: tuple[ConnectionConfig, ...]
    sent: str | None

    @classmethod
    def on(cls, screen: Screen, request: ScreenRequest) -> Negotiation:
        """Of the page that is opened; none where a form is sent."""
        opened = screen.takes_tickets and flask.request.method == "GET"
        return cls(request, negotiation.sources(request) if opened else (), flask.request.headers.get("Authorization"))

    def let_in(self) -> Resume | Deny | None:
        """Whoever brings a ticket that is good."""
        token = negotiation.token_of(self.sent) if self.sources and self.sent else None
        return None if token is None else negotiation.sign_in(self.request, self.sources, token)

    def asked(self, page: Response) -> Response:
        """The page, with the question in its head. A browser that answered already is not asked again."""
        if self.sources and not self.sent and page.status_code == 200:
            page.status_code, page.headers["WWW-Authenticate"] = 401, negotiation.SCHEME
        return page
