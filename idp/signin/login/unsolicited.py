"""People who begin at their identity provider, and were not sent there by us (SAML Profiles 4.1.5).

A connection has to allow it, and says for which application. Nobody's browser is bound to such an answer: whoever can
make a browser post one signs it in as themselves. That is why it is off unless it is configured, and why the answer
counts once (security.md SA4, SA5).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from connectors.contract import Onward, TakesUnsolicited
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.signin.login import application, connection_choice, upstream
from idp.signin.login.flow import Attempt
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Resume
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import MAX_STATE, Expired, Transaction
from idp.signin.login.upstream import SEALED_ANSWER_BYTES, Sealed
from idp.tenant.audit import failures

KIND = "unsolicited"
LIFETIME_MS = 600_000
RESUME = "/login/callback/onward"
"""Where such a sign-in ends: from there it goes on to the application's own protocol, which asks everything again."""
REFUSED = "Nobody here asked for that sign-in. Begin at the application."


class Came(msgspec.Struct, frozen=True):
    """An answer that nobody asked for, until the browser comes for it with its own cookies."""

    connection_id: str
    answer: Sealed


def keep(work: Work, params: Mapping[str, str], name: str | None) -> str:
    """Keep the answer of the source of the connection called ``name``; answers what to ask for it with.

    :raises Expired: there is no such connection, so it was an answer to something that is over.
    :raises PageError: the connection takes no such answers, this one is too large, or too many come from that network.
    """
    connection = connections.named(work, name[:MAX_STATE]) if name else None
    if connection is None or not connection.can(TakesUnsolicited):
        raise Expired
    upstream.check_posted(work, params)
    if _open(work, connection).onward() is None:
        _refuse(work, connection)
    key = ids.token()
    came = Came(connection.id, upstream.sealed(work, KIND, key, params))
    one_time.put(work, KIND, key, came, ttl_ms=LIFETIME_MS, most=SEALED_ANSWER_BYTES)
    return key


def attempt(work: Work, key: str, device_hash: str) -> tuple[Transaction, ConnectionConfig, Mapping[str, str]]:
    """The attempt that the answer kept under ``key`` is for, and the answer. Spends it.

    :raises Expired: it is over.
    :raises PageError: the connection takes no such answers any more.
    """
    came, _ = one_time.read(work, KIND, key[:MAX_STATE], Came)
    if came is None or not one_time.take(work, KIND, key):
        raise Expired
    connection = connections.find(work, came.connection_id)
    onward = _open(work, connection).onward() if connection and connection.can(TakesUnsolicited) else None
    if connection is None or onward is None:
        raise PageError("access_denied", REFUSED, status=400)
    transaction = Transaction(
        device_hash=device_hash,
        resume=RESUME,
        client_id=onward.client_id,
        request=msgspec.to_builtins(onward),
        redirect_uri="",
        connection_id=connection.id,
    )
    return transaction, connection, upstream.unsealed(work, KIND, key, came.answer)


def arrive(request: ScreenRequest, connection: ConnectionConfig, params: Mapping[str, str]) -> Resume | Deny:
    """Who it is, and their session. Raises PageError: the application does not use the connection."""
    if not connection_choice.usable(request.work, request.client, connection.id):
        raise PageError("access_denied", "That sign-in method is not enabled for this application.", status=400)
    return upstream.settled(request, connection, lambda: _open(request.work, connection).receive(params))


def address(work: Work, attempt: Attempt) -> str:
    """Where the application's protocol begins for whoever just arrived.

    :raises PageError: they did not: a page, or the source, ended the attempt.
    """
    transaction = attempt.transaction
    if transaction is None or transaction.denied is not None:
        error, description = (transaction.denied if transaction else None) or ("access_denied", REFUSED)
        raise PageError(error, description, status=403)
    onward = msgspec.convert(transaction.request, Onward)
    client = application.of_attempt(work, transaction.client_id)
    connection = connections.find(work, transaction.connection_id or "")
    params = _request(client, onward) | ({"connection": connection.name} if connection else {})
    return with_params(work.href(f"/{onward.path}"), params)


def _request(client: ClientConfig, onward: Onward) -> dict[str, str]:
    """The request that the application would make: as configured, with what it would need at least."""
    said = dict(parse_qsl(onward.query.lstrip("?")))
    least = {"response_type": "code", "scope": "openid"}
    if client.data.callbacks:
        least["redirect_uri"] = client.data.callbacks[0]
    return {**least, **said, "client_id": client.client_id}


def _open(work: Work, connection: ConnectionConfig) -> TakesUnsolicited:
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, TakesUnsolicited):
        raise TypeError(f"strategy {connection.strategy} said that it takes unsolicited answers")
    return connector


def _refuse(work: Work, connection: ConnectionConfig) -> None:
    """:raises PageError: always."""
    failures.write(
        work,
        LoginLog.FAILED,
        REFUSED,
        connection=connection.name,
        connection_id=connection.id,
        strategy=connection.strategy,
        strategy_type=connection.strategy_type,
        details={"code": "access_denied", "detail": "unsolicited response: idpinitiated.enabled is off"},
    )
    raise PageError("access_denied", REFUSED, status=400)
