"""Connecting an account: somebody who is signed in to an application goes to a source, and what it gives is kept for
that application and others like it (spec/my-account.md, "Endpoints"). No session begins, and the account opens nothing.

Nobody can have another connect something for them: what comes back from the source goes to the application's own
address in that browser, and counts only together with what the application kept (``auth_session``, the PKCE verifier).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import msgspec

from connectors.contract import ConnectorError, Departure, FormPost, RedirectConnector
from idp.applications.clients import runtime as clients
from idp.directory.connections import availability
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import connected
from idp.directory.users.source_tokens import TokenSet
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import ids, redirects
from idp.foundation.kernel.errors import BadRequest, Forbidden, PageError
from idp.foundation.kernel.redirects import with_params
from idp.foundation.kernel.secrets import digest, equal
from idp.foundation.tenancy.work import Work
from idp.signin.login import upstream
from idp.signin.login.log_types import LoginLog
from idp.signin.login.transaction import MAX_STATE, Expired
from idp.signin.login.upstream import Returned, Sealed
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog

PATH = "/connected-accounts/connect"
ATTEMPT = "connect:"
"""How an attempt that connects an account is called while its browser is away."""
LIFETIME_MS = 300_000
_TICKET, _AWAY, _CODE = "connect-ticket", "connect-away", "connect-code"
_TOKENS_BYTES = 65_536


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an application asked for; ``session`` is what of its ``auth_session`` is kept."""

    user_id: str
    client_id: str
    connection: str
    redirect_uri: str
    state: str | None = None
    code_challenge: str | None = None
    scopes: tuple[str, ...] = ()
    login_hint: str | None = None
    ui_locales: str | None = None
    session: str = ""


class _Brought(msgspec.Struct, frozen=True):
    """Somebody is back with an account of the source. ``tokens`` are sealed."""

    asked: Asked
    connection_id: str
    account_id: str
    tokens: Sealed | str


@dataclass(frozen=True)
class Begun:
    """What the application goes on with."""

    auth_session: str
    uri: str
    ticket: str


@dataclass(frozen=True)
class Proof:
    """Who completes it, and with what."""

    user_id: str
    client_id: str
    auth_session: str
    redirect_uri: str
    verifier: str | None


def begin(work: Work, asked: Asked) -> Begun:
    """A ticket with which the person's browser goes to the source, once.

    :raises BadRequest: no such connection, one that gives no tokens, or a ``redirect_uri`` that is not the client's.
    """
    client = clients.find(work, asked.client_id)
    if client is None or _giving(work, asked) is None:
        raise BadRequest("The connection does not exist, or gives no tokens here.", "invalid_connection")
    if not redirects.matches(asked.redirect_uri, client.data.callbacks, native=client.native):
        raise BadRequest("The redirect_uri is not one of the application's callbacks.", "invalid_redirect_uri")
    if client.public and asked.code_challenge is None:
        raise BadRequest("Applications without a secret send a code_challenge.", "invalid_request")
    session, ticket = ids.token(), ids.token()
    kept = msgspec.structs.replace(asked, session=digest(session))
    one_time.put(work, _TICKET, ticket, kept, ttl_ms=LIFETIME_MS, subject=asked.user_id)
    return Begun(session, f"{work.config.url.rstrip('/')}{PATH}", ticket)


def leave(work: Work, ticket: str, device_hash: str) -> str | FormPost:
    """To the source, from that browser; back to the application where nobody can be sent there. Spends the ticket.

    :raises Expired: it was used, is over, or there is no such ticket.
    :raises PageError: somebody asks too often.
    """
    if limits.exceeded(work, limits.LOGIN_BY_IP, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)
    asked, _ = one_time.read(work, _TICKET, ticket[:MAX_STATE], Asked)
    if asked is None or not one_time.take(work, _TICKET, ticket):
        raise Expired
    connection = _giving(work, asked)
    if connection is None:
        return _back(asked, error="access_denied", error_description="The connection gives no tokens any more.")
    departure = Departure(
        state=ids.token(),
        address=work.ip,
        login_hint=asked.login_hint,
        ui_locales=asked.ui_locales,
        connection_scope=" ".join(asked.scopes) or None,
    )
    key = ids.token()
    one_time.put(work, _AWAY, key, asked, ttl_ms=LIFETIME_MS, subject=asked.user_id)
    try:
        return upstream.depart(work, connection, departure, attempt=f"{ATTEMPT}{key}", device_hash=device_hash)
    except ConnectorError as error:
        return _failed(work, asked, connection, error)


def arrive(work: Work, back: Returned) -> str:
    """Where the browser goes on: to the application, with the code for what the source gave, or with an error.

    :raises Expired: it took too long.
    """
    key = back.attempt.removeprefix(ATTEMPT)
    asked, _ = one_time.read(work, _AWAY, key, Asked)
    if asked is None or not one_time.take(work, _AWAY, key):
        raise Expired
    connection = _giving(work, asked)
    if connection is None or connection.id != back.connection_id:
        return _back(asked, error="access_denied", error_description="The connection gives no tokens any more.")
    try:
        with availability.sources.asking(work, connection):
            identity = upstream.finish(upstream.open_redirecting(work, connection), back.arrival)
    except ConnectorError as error:
        return _failed(work, asked, connection, error)
    if "refresh_token" not in identity.tokens:
        return _back(asked, error="access_denied", error_description="The source gave no lasting access.")
    if not connection.names_somebody(identity.user_id):
        return _back(asked, error="access_denied", error_description="The source gave no usable id.")
    code = ids.token()
    brought = _Brought(
        asked,
        connection.id,
        connection.account_id(identity.user_id),
        upstream.sealed(work, _CODE, code, dict(identity.tokens)),
    )
    one_time.put(work, _CODE, code, brought, ttl_ms=LIFETIME_MS, subject=asked.user_id, most=_TOKENS_BYTES)
    return _back(asked, connect_code=code)


def complete(work: Work, code: str, proof: Proof) -> TokenSet:
    """Keep what the source gave. The code is spent, whatever comes of it.

    :raises BadRequest: it is no code of that attempt, or the connection was taken away meanwhile.
    :raises Conflict: the account is connected already.
    :raises Forbidden: somebody else's attempt.
    """
    brought, _ = one_time.read(work, _CODE, code[:MAX_STATE], _Brought)
    if brought is None or not one_time.take(work, _CODE, code):
        raise BadRequest("The connect_code is wrong, used or too old.", "invalid_connect_code")
    asked = brought.asked
    if (asked.user_id, asked.client_id) != (proof.user_id, proof.client_id):
        raise Forbidden("The account was connected for somebody else.", "access_denied")
    if not equal(asked.session, digest(proof.auth_session)) or asked.redirect_uri != proof.redirect_uri:
        raise BadRequest("auth_session or redirect_uri is not that of the attempt.", "invalid_request")
    if not _verified(asked.code_challenge, proof.verifier):
        raise BadRequest("Failed to verify code verifier.", "invalid_request")
    connection = _giving(work, asked)
    if connection is None or connection.id != brought.connection_id:
        raise BadRequest("The connection gives no tokens any more.", "invalid_connection")
    tokens = upstream.unsealed(work, _CODE, code, brought.tokens)
    with work.transaction():
        held = connected.add(work, asked.user_id, brought.connection_id, brought.account_id, tokens)
        log.write(
            work,
            ApiLog.DONE,
            "Connect an account",
            user_id=asked.user_id,
            client_id=asked.client_id,
            connection_id=brought.connection_id,
        )
    return held


def _giving(work: Work, asked: Asked) -> ConnectionConfig | None:
    found = connections.named(work, asked.connection)
    if found is None or not found.gives_tokens or not found.can(RedirectConnector):
        return None
    return found if connections.enabled(work, asked.client_id, found.id) else None


def _verified(challenge: str | None, verifier: str | None) -> bool:
    """RFC 7636 4.6; a verifier without a challenge is a mistake too (RFC 9700 4.8)."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return equal(hashed, challenge)


def _failed(work: Work, asked: Asked, connection: ConnectionConfig, error: ConnectorError) -> str:
    log.write(
        work,
        LoginLog.FAILED,
        error.message,
        user_id=asked.user_id,
        client_id=asked.client_id,
        connection_id=connection.id,
        details={"code": error.code, "detail": error.detail},
    )
    code = error.code if error.code in upstream.TOLD else "access_denied"
    return _back(asked, error=code, error_description=error.message)


def _back(asked: Asked, **said: str) -> str:
    return with_params(asked.redirect_uri, {**said, **({"state": asked.state} if asked.state else {})})
