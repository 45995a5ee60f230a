"""The answer of ``/authorize``: a code, tokens, or an error where the client is proven (RFC 6749 4.1.2, RFC 9207)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from idp.applications.clients.runtime import ClientConfig
from idp.applications.registration import uses
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import jarm, response_modes
from idp.protocol.oauth.authorize import acr
from idp.protocol.oauth.authorize import pushed as pushed_requests
from idp.protocol.oauth.authorize.request import AuthorizeRequest
from idp.protocol.oauth.authorize.steps.response import SIGNED
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import gate
from idp.protocol.tokens.codes import NewAuthorization
from idp.protocol.tokens.gate import Authorized
from idp.protocol.tokens.issuer import FrontChannel
from idp.protocol.tokens.store import AuthorizationRequest
from idp.signin.factors import policy as factors
from idp.signin.login.log_types import LoginLog
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import failures


def authorized(
    work: Work, client: ClientConfig, request: AuthorizeRequest, session: LiveSession, *, challenged: bool = False
) -> Authorized:
    """The parameters of the answer, signed and not yet good for anything: :func:`store` is. ``challenged``: this very
    attempt proved a second factor of that session.

    Raises OAuthError where the gate does not allow it (any more).
    """
    new = authorization(work, client, request, session, challenged=challenged)
    return gate.authorize(work, client, new, FrontChannel(request.words, request.state), blocked=session.blocked)


def authorization(
    work: Work, client: ClientConfig, request: AuthorizeRequest, session: LiveSession, *, challenged: bool
) -> NewAuthorization:
    """What the person of that session authorizes by the request."""
    amr = factors.told(
        work,
        session.methods,
        session.last_interacted_at,
        challenged=challenged,
        once=client.compatibility.mfa_once,
    )
    return NewAuthorization(
        user_id=session.user_id,
        connection_id=session.connection_id,
        session_id=session.id,
        scope=request.scope,
        audience=request.audience,
        offline=request.offline,
        request=AuthorizationRequest(
            redirect_uri=request.redirect_uri,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
            id_token_claims=request.id_token_claims,
            userinfo_claims=request.userinfo_claims,
            details=request.details,
            dpop_jkt=request.dpop_jkt,
            auth_time=session.authenticated_at // 1000,
            acr=factors.acr_of(amr) or acr.satisfied(work, request.acr_values),
            amr=list(amr) or None,
        ),
    )


def store(
    work: Work, client: ClientConfig, session: LiveSession, answer: Authorized, *, pushed: str | None = None
) -> None:
    """Make the answer good, in the caller's transaction where one is open; the session knows of the client from now on,
    and the request that was ``pushed`` is used up. Raises OAuthError where it was before.
    """
    if not session.known_client:
        sessions.join(work, session.id, client.client_id)
    sessions.touch(work, session)
    spend(work, pushed)
    answer.store()
    uses.note(work, client)


def spend(work: Work, uri: str | None) -> None:
    """The request that was pushed under that URI is answered. Raises OAuthError where it was before."""
    if uri is not None and not pushed_requests.spend(work, uri):
        raise OAuthError("invalid_request_uri", "The request_uri was used before")


def give_up(work: Work, uri: str | None) -> None:
    """The like for an answer that is an error: whether it was answered before makes no difference."""
    if uri is not None:
        pushed_requests.spend(work, uri)


def finished(
    work: Work, client: ClientConfig, mode: str, state: str | None, params: Mapping[str, str]
) -> dict[str, str]:
    """The parameters as they travel: with ``state`` byte for byte (security.md A7) and the issuer, in a mode of JARM
    all of them in one signed token.
    """
    told = {**params, **({"state": state} if state is not None else {})}
    if mode.endswith(SIGNED):
        return {"response": jarm.signed(work, client, told)}
    return with_issuer(work, client, told)


def with_issuer(work: Work, client: ClientConfig, params: dict[str, str]) -> dict[str, str]:
    """``iss`` against mix-up (RFC 9207); a tenant or client may switch it off."""
    return {**params, "iss": work.config.issuer} if client.compatibility.authorization_response_iss else params


def error(
    work: Work, client: ClientConfig, mode: str, redirect_uri: str, state: str | None, problem: OAuthError
) -> Response:
    """The error, in the mode the answer would have used, with ``state`` byte for byte (security.md A7)."""
    params = {"error": problem.error, "error_description": problem.description}
    return response_modes.send(work, mode, redirect_uri, finished(work, client, mode, state, params))


def log_failure(
    work: Work, client: ClientConfig, problem: OAuthError, *, silent: bool, user_id: str | None = None
) -> None:
    """``fsa`` for silent attempts (batched), ``f`` for the others (written at once)."""
    members = {
        "client_id": client.client_id,
        "client_name": client.name,
        "user_id": user_id,
        "details": {"error": problem.error},
    }
    if silent:
        failures.add(work, OAuthLog.SILENT_AUTH_FAILED, problem.description, **members)
    else:
        failures.write(work, LoginLog.FAILED, problem.description, **members)
