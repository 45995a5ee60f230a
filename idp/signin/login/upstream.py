"""Signing in at a source's own pages: away and back again.

What goes out is a ``state`` of its own, good once, for the browser that was sent away and for that one connection: an
answer counts only for the connection it was asked of, whatever it says itself (mix-up, RFC 9700 4.4), and nobody can be
made to arrive as somebody else (login CSRF, RFC 9700 4.7). The attempt's own ``state`` never leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from connectors.contract import (
    UNAVAILABLE,
    Arrival,
    ConnectorError,
    Departure,
    FormPost,
    Identity,
    RedirectConnector,
)
from idp.directory.connections import availability
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import ids, sizes
from idp.foundation.kernel.document_encryption import MARK
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import equal
from idp.foundation.tenancy.work import Work
from idp.signin.login import complete, connection_choice
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Resume
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import LIFETIME_MS, MAX_STATE, Expired
from idp.tenant.audit import failures

KIND = "upstream"
SEALED_ANSWER_BYTES = 2 * sizes.POSTED_ANSWER.most
"""Room for a posted answer as it is kept: sealed."""
NO_ACCOUNT = "The account of that provider cannot be used here."
STATES = ("state", "RelayState", "wctx")
"""What protocols call the value that comes back unchanged: OAuth, SAML, WS-Federation."""
TOLD = frozenset({"access_denied", "temporarily_unavailable", "server_error"})
"""Codes of connectors that applications are told; every other one is ``access_denied`` to them."""


Sealed = dict[str, str]
"""``{"$sealed": ...}``, as in every document at rest."""


class SourceDown(PageError):
    """The source of a connection does not answer (``silent``), or nobody can be sent there. The attempt goes on:
    whoever sees the page may try again, or sign in another way.
    """

    def __init__(self, request: ScreenRequest, connection: ConnectionConfig, error: ConnectorError) -> None:
        self.silent = error.code == UNAVAILABLE
        super().__init__(error.code, error.message, status=503 if self.silent else 502, detail=error.detail)
        self.request = request
        self.connection = connection


class Away(msgspec.Struct, omit_defaults=True):
    """Somebody who was sent to a source. ``attempt`` is the state of the login transaction, empty where nobody signs in
    and the connection is tried; ``kept`` is what the connector wants to see again; ``answer`` is what the source
    posted, until the browser comes with its cookie. Both are sealed, as a bare text where the release before wrote
    them.
    """

    attempt: str
    device_hash: str
    connection_id: str
    kept: Sealed | str
    answer: Sealed | str | None = None


@dataclass(frozen=True)
class Returned:
    """Somebody who came back, once."""

    attempt: str
    connection_id: str
    arrival: Arrival


def leave(request: ScreenRequest, name: str) -> str | FormPost:
    """The URL of the source of the connection called ``name``, or the form to send there. The browser is the attempt's
    own.

    :raises PageError: the application has no such connection, the source cannot be reached, or somebody asks too often.
    """
    work, transaction = request.work, request.transaction
    if limits.exceeded(work, limits.LOGIN_BY_IP, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)
    usable = connection_choice.usable(work, request.client, transaction.connection_id)
    connection = next((each for each in usable if each.name == name and each.can(RedirectConnector)), None)
    if connection is None:
        raise PageError("access_denied", "That sign-in method is not enabled for this application.", status=400)
    departure = Departure(
        state=ids.token(),
        address=work.ip,
        login_hint=request.identifier or None,
        ui_locales=transaction.ui_locales,
        asked=_asked(request),
        connection_scope=transaction.connection_scope,
    )
    try:
        return depart(work, connection, departure, attempt=request.state, device_hash=transaction.device_hash)
    except ConnectorError as error:
        write_failure(request, connection, error)
        raise SourceDown(request, connection, error) from error


def depart(
    work: Work, connection: ConnectionConfig, departure: Departure, *, attempt: str, device_hash: str
) -> str | FormPost:
    """Where the browser goes; what is needed when it is back is kept.

    :raises ConnectorError: the source cannot be reached.
    """
    with availability.sources.asking(work, connection):
        there = open_redirecting(work, connection).start(departure)
    kept = sealed(work, KIND, departure.state, departure.keep)
    one_time.put(work, KIND, departure.state, Away(attempt, device_hash, connection.id, kept), ttl_ms=LIFETIME_MS)
    return there


def keep_answer(work: Work, params: Mapping[str, str]) -> str:
    """What a source had the browser post, kept until the browser asks for it itself: a form of another site may come
    without our cookies. Answers the ``state``.

    :raises Expired: nobody was sent away with that state, or they are back already.
    :raises PageError: the answer is too large to be kept, or too many come from that network.
    """
    state = _state(params)
    check_posted(work, params)
    away, _ = one_time.read(work, KIND, state, Away)
    if away is None:
        raise Expired
    away.answer = sealed(work, KIND, state, params)
    if not one_time.change(work, KIND, state, away, most=SEALED_ANSWER_BYTES):
        raise Expired
    return state


def check_posted(work: Work, params: Mapping[str, str]) -> None:
    """:raises PageError: the answer is too large to be kept, or too many come from that network."""
    if sum(len(name) + len(value) for name, value in params.items()) > sizes.POSTED_ANSWER.most:
        raise PageError("invalid_request", "The answer of that provider is too large.", status=413)
    if limits.exceeded(work, limits.ANSWERS_POSTED, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)


def returned(work: Work, params: Mapping[str, str], device_hash: str | None) -> Returned:
    """Who came back. Spends the state.

    :raises Expired: another browser, or one that is back already.
    """
    state = _state(params)
    away, _ = one_time.read(work, KIND, state, Away)
    if away is None or device_hash is None or not equal(away.device_hash, device_hash):
        raise Expired
    if not one_time.take(work, KIND, state):
        raise Expired
    said = params if away.answer is None else unsealed(work, KIND, state, away.answer)
    kept = unsealed(work, KIND, state, away.kept)
    return Returned(away.attempt, away.connection_id, Arrival(params=said, keep=kept))


def arrive(request: ScreenRequest, back: Returned) -> Resume | Deny:
    """Who it is, as the connector that was asked finds, and their session.

    :raises SourceDown: the source does not answer.
    """
    usable = connection_choice.usable(request.work, request.client, back.connection_id)
    connection = next(iter(usable), None)
    if connection is None or not connection.can(RedirectConnector):
        raise PageError("access_denied", "That sign-in method is not enabled for this application.", status=400)
    return settled(request, connection, lambda: finish(open_redirecting(request.work, connection), back.arrival))


def settled(request: ScreenRequest, connection: ConnectionConfig, identify: Callable[[], Identity]) -> Resume | Deny:
    """The session of whoever the source says it is, or the refusal, with its reason in the log."""
    try:
        with availability.sources.asking(request.work, connection):
            identity = identify()
        return complete.sign_in(request, connection, identity, (connection.source.amr,))
    except complete.NoAccount as nobody:
        write_failure(request, connection, ConnectorError("access_denied", NO_ACCOUNT, detail=str(nobody)))
        return Deny("access_denied", NO_ACCOUNT)
    except ConnectorError as error:
        write_failure(request, connection, error)
        if error.code == UNAVAILABLE:
            raise SourceDown(request, connection, error) from error
        return Deny(error.code if error.code in TOLD else "access_denied", error.message)


def _asked(request: ScreenRequest) -> dict[str, str]:
    """What the application asked for, for connections that pass some of it on."""
    transaction = request.transaction
    said = {
        "audience": transaction.audience,
        "client_id": request.client.client_id,
        "login_hint": request.identifier or None,
        "max_age": None if transaction.max_age is None else str(transaction.max_age),
        "prompt": " ".join(transaction.prompt),
        "screen_hint": transaction.screen_hint,
        "ui_locales": transaction.ui_locales,
    }
    return {name: value for name, value in said.items() if value}


def finish(connector: RedirectConnector, arrival: Arrival) -> Identity:
    """Who came back, once the answer was checked. Raises ConnectorError."""
    issuer, said = connector.issuer(), arrival.params.get("iss")
    if issuer is not None and said is not None and said != issuer:
        raise ConnectorError("access_denied", "Another provider answered.", detail=f"iss {said[:200]}")
    return connector.finish(arrival)


def open_redirecting(work: Work, connection: ConnectionConfig) -> RedirectConnector:
    """The connector of a connection that can redirect."""
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, RedirectConnector):
        raise TypeError(f"strategy {connection.strategy} said that it can redirect")
    return connector


def sealed(work: Work, kind: str, state: str, values: Mapping[str, str]) -> Sealed:
    """The values as the one-time thing of that kind and key keeps them."""
    return {MARK: one_time.sealer(work, kind, state).seal(msgspec.json.encode(values).decode())}


def unsealed(work: Work, kind: str, state: str, kept: Sealed | str) -> dict[str, str]:
    """The values again."""
    text = kept if isinstance(kept, str) else kept[MARK]
    return msgspec.json.decode(one_time.sealer(work, kind, state).open(text), type=dict[str, str])


def known(work: Work, params: Mapping[str, str]) -> bool:
    """Whether somebody was sent away with the state that an answer brings, back already or not."""
    state = _said(params)
    return 0 < len(state) <= MAX_STATE and one_time.peek(work, KIND, state, Away) is not None


def _said(params: Mapping[str, str]) -> str:
    """The state, under whatever name the source's protocol has for it."""
    return next((params[name] for name in STATES if params.get(name)), "")


def _state(params: Mapping[str, str]) -> str:
    state = _said(params)
    if not state or len(state) > MAX_STATE:
        raise Expired
    return state


def write_failure(request: ScreenRequest, connection: ConnectionConfig, error: ConnectorError) -> None:
    """The log entry of a source that let nobody in."""
    failures.write(
        request.work,
        LoginLog.FAILED,
        error.message,
        client_id=request.client.client_id,
        client_name=request.client.name,
        connection=connection.name,
        connection_id=connection.id,
        strategy=connection.strategy,
        strategy_type=connection.strategy_type,
        details={"code": error.code, "detail": error.detail},
    )
