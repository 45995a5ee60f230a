"""Browsers of a domain are let in by the ticket that they hold and bring by themselves (HTTP Negotiate, RFC 4559).

The first page of signing in asks for one, with the answer 401 to which it is the content: whoever has no ticket, or one
that is not good enough, sees the page as everybody else does, and nothing further is in their way.
"""

from __future__ import annotations

import base64
import binascii

from connectors.contract import ConnectorError, TicketConnector, TicketRefused
from idp.directory.connections import availability
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import limits
from idp.signin.attack_protection import addresses
from idp.signin.login import complete, connection_choice, upstream
from idp.signin.login.screen import Deny, Resume
from idp.signin.login.screen_request import ScreenRequest

SCHEME = "Negotiate"
METHODS = ("wia",)
"""RFC 8176: Windows integrated authentication."""
_BY_HAND = frozenset({"login", "select_account"})
"""Values of ``prompt`` that ask for more than a ticket, which says nothing of who sits there now."""


def sources(request: ScreenRequest) -> tuple[ConnectionConfig, ...]:
    """The connections whose tickets are asked for here: those whose networks the browser is in. None where somebody has
    to prove anew who they are, or chose another way already.
    """
    work, transaction = request.work, request.transaction
    by_hand = bool(_BY_HAND & set(transaction.prompt)) or transaction.max_age is not None
    chosen = transaction.identifier or transaction.picked_id or transaction.linking or transaction.user_id
    if by_hand or chosen:
        return ()
    usable = connection_choice.usable(work, request.client, transaction.connection_id)
    asking = tuple(
        each
        for each in usable
        if each.can(TicketConnector) and addresses.listed(work.ip, tuple(each.options.negotiates()))
    )
    if not asking or not transaction.login_hint or transaction.connection_id:
        return asking
    hinted = request.route(transaction.login_hint).to
    return tuple(each for each in asking if each in hinted)


def sign_in(request: ScreenRequest, found: tuple[ConnectionConfig, ...], token: bytes) -> Resume | Deny | None:
    """The session of whoever the ticket is of. None where it lets nobody in: why stands in the log, and the page is
    shown.
    """
    work = request.work
    if limits.exceeded(work, limits.LOGIN_BY_IP, work.network) is not None:
        return None
    for connection in found:
        try:
            with availability.sources.asking(work, connection):
                connector = connections.runtime.open(work, connection)
                if not isinstance(connector, TicketConnector):
                    raise TypeError(f"strategy {connection.strategy} said that it takes tickets")
                identity = connector.negotiated(token)
            return complete.sign_in(request, connection, identity, METHODS)
        except complete.NoAccount as nobody:
            refused = ConnectorError("access_denied", upstream.NO_ACCOUNT, detail=str(nobody))
        except ConnectorError as error:
            refused = error
        if not isinstance(refused, TicketRefused) or connection is found[-1]:
            upstream.write_failure(request, connection, refused)
            return None
    return None


def token_of(authorization: str) -> bytes | None:
    """The token that a header brings, empty where it is garbage; None for another scheme."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != SCHEME.lower():
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
