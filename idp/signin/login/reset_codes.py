"""A new password by a code instead of a link: where the connection mails codes (``attributes.email
.verification_method``), and for whoever is known by a telephone number (spec/account-lifecycle.md, "Password change").

A right code is worth a link: it leads to the page behind one. The code belongs to the attempt and to what was typed,
so that nobody's request says anything of who has an account.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import ConnectorError
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key, valid_phone
from idp.foundation.ephemeral import codes
from idp.signin.login import address_codes, reset
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Leave, Problem, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import PASSWORD_CHANGE, Ticket
from idp.tenant.audit import log

PAGES: Mapping[str, str] = {"email": "/u/email-otp-challenge", "phone_number": address_codes.OF_NUMBER}
"""Where a code is typed, by what it was sent to."""


def way(connection: ConnectionConfig, identifier: str) -> str:
    """What a code goes to, ``email`` or ``phone_number``; nothing where a link is mailed. It depends on what was typed
    and on nothing else.
    """
    if connection.known_by_number and "@" not in identifier and valid_phone(identifier):
        return "phone_number"
    return "email" if connection.accounts is not None and connection.accounts.resets_by_code else ""


def key(request: ScreenRequest, identifier: str) -> str:
    """What the code is bound to."""
    connection = request.connection
    return f"reset-password\0{connection.id}\0{email_key(users.spelled(connection, identifier))}\0{request.state}"


def with_code(request: ScreenRequest, typed: str) -> Leave | Show:
    """A code was typed: on to the page for the new password, or the sentence of the form."""
    work, connection, identifier = request.work, request.connection, request.transaction.identifier or ""
    by = request.transaction.resetting or ""
    about = {"client_id": request.client.client_id, "connection": connection.name, "user_name": identifier[:254]}
    if not codes.guess(work, key(request, identifier), address_codes.digits_of(typed)):
        log.write(work, LoginLog.PASSWORD_RESET_REQUEST_FAILED, "wrong or expired code", **about)
        return address_codes.WRONG
    try:
        user, address = reset.known_as(work, connection, identifier, by=by)
    except ConnectorError:
        words = {"name": connection.display_name}
        return Show((Problem("login.login.source-refused", values=words),), 503)
    if user is None or not address:
        return address_codes.WRONG
    ticket = Ticket(
        user.user_id,
        connection.id,
        user.account_id,
        address if by == "email" else None,
        request.client.client_id or None,
        mark_email_as_verified=by == "email",
        locale=user.language or request.locale,
        requester=work.network,
        phone_number=address if by == "phone_number" else None,
    )
    with work.transaction():
        url = tickets.create(work, PASSWORD_CHANGE, ticket, ttl_ms=address_codes.LIFETIME_S * 1000)
    return Leave(url)
