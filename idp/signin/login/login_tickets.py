"""Login tickets: somebody typed their password into a form of an application, and goes on at ``/authorize``
(spec/authentication-api.md section 7). A ticket is good once, for two minutes, for the application and the browser it
was made for: nobody is signed in as somebody else by a link (login CSRF, RFC 9700 4.7).
"""

from __future__ import annotations

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.kernel.secrets import digest, equal
from idp.foundation.tenancy.work import Work
from idp.signin.login import address_codes, complete
from idp.signin.login.direct import Proven
from idp.signin.login.screen import Deny, Go, Resume
from idp.signin.login.screen_request import ScreenRequest

KIND = "login-ticket"
LIFETIME_MS = 120_000
COOKIE = "co"
"""The cookie of the browser that a ticket is for."""
LONGEST = 200


class LoginTicket(msgspec.Struct, frozen=True):
    """Who proved what, for which application and browser."""

    client_id: str
    connection_id: str
    account_id: str
    methods: tuple[str, ...]
    browser: str


def create(work: Work, client: ClientConfig, proven: Proven, browser: str) -> str:
    """A ticket for the browser that holds the cookie ``browser``."""
    ticket, user = ids.token(), proven.user
    made = LoginTicket(client.client_id, user.connection_id, user.account_id, proven.methods, digest(browser))
    one_time.put(work, KIND, ticket, made, ttl_ms=LIFETIME_MS, subject=user.user_id)
    return ticket


def redeem(work: Work, client: ClientConfig, value: str | None, browser: str | None) -> LoginTicket | None:
    """Spend a ticket. None, and nothing spent, for one of another application or browser."""
    if not value or not browser or len(value) > LONGEST:
        return None
    found, _ = one_time.read(work, KIND, value, LoginTicket)
    if found is None or found.client_id != client.client_id or not equal(found.browser, digest(browser)):
        return None
    return found if one_time.take(work, KIND, value) else None


def enter(request: ScreenRequest, ticket: LoginTicket) -> Resume | Deny | Go:
    """The session of whoever the ticket is of, or the page that asks for the code of their address."""
    connection = connections.find(request.work, ticket.connection_id)
    user = provision.by_identity(request.work, ticket.connection_id, ticket.account_id)
    if connection is None or user is None:
        return Deny("access_denied", "The account does not exist any more.")
    asked = address_codes.instead(request, connection, user, ticket.methods, address_codes.AT_LOGIN)
    return asked or complete.enter(request, connection, user, ticket.methods)
