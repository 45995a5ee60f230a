"""From a checked request to its answer: what the page's address and its short way share."""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize import respond
from idp.protocol.oauth.authorize.request import AuthorizeRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.signin.login import flow
from idp.signin.login.flow import Attempt, Done
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.sessions import service as sessions
from idp.signin.user_grants import consent
from idp.tenant.audit import log

RESUME = "/authorize/resume"
"""Where every login page that ``/authorize`` asks for ends."""


def wanted(client: ClientConfig, asked: AuthorizeRequest) -> AuthenticationRequest:
    """The request in the words of the flow."""
    return AuthenticationRequest(
        client=client,
        resume=RESUME,
        redirect_uri=asked.redirect_uri,
        protocol_request=asked,
        prompt=asked.prompt,
        max_age=asked.max_age,
        hinted_user=asked.hinted_user,
        connection_id=asked.connection_id,
        connection_scope=asked.connection_scope,
        scope=tuple(asked.scopes),
        claims=consent.claim_names(asked.id_token_claims, asked.userinfo_claims),
        audience=asked.audience,
        acr_values=asked.acr_values,
        login_hint=asked.login_hint,
        screen_hint=asked.screen_hint,
        ui_locales=asked.ui_locales,
    )


def params(work: Work, asked: AuthorizeRequest, attempt: Attempt, done: Done) -> dict[str, str]:
    """Issue what was asked for to the session of ``done``; answers the response parameters.

    Raises OAuthError where the gate does not allow it (any more); then nothing was written.
    """
    client, session = attempt.request.client, done.session
    found = respond.authorized(work, client, asked, session, challenged=done.challenged)
    alone = asked.pushed is None and attempt.transaction is None
    if alone and session.known_client and not sessions.due_for_touch(session):
        respond.store(work, client, session, found)  # one statement: no transaction needed
    else:
        with work.transaction():
            flow.finish(work, attempt)
            respond.store(work, client, session, found, pushed=asked.pushed)
    if attempt.transaction is None:
        log.batch.add(
            work,
            OAuthLog.SILENT_AUTH,
            client_id=client.client_id,
            client_name=client.name,
            user_id=session.user_id,
            user_name=session.email or session.name,
            audience=asked.audience,
            scope=asked.scope or None,
        )
    return respond.finished(work, client, asked.response_mode, asked.state, found.params)
