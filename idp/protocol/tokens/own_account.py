"""Tokens for what somebody changes of their own account: refreshed only for a short while after they proved who they
are, by a second factor where they have one (spec/my-account.md, "Step-up").
"""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import my_account
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.store import Granted
from idp.signin.factors import api_tokens, policy, service


def recent(granted: Granted) -> bool:
    """Whether the person was asked a moment ago: the login policy saw to it when the authorization was given."""
    return clock.now_ms() - granted.created_at <= my_account.RECENT_S * 1000


def signed_in_recently(granted: Granted) -> bool:
    """Whether the person signed in a moment ago, not only the application asked."""
    return clock.now() - granted.request.auth_time <= my_account.RECENT_S


def check_recent(
    work: Work, client: ClientConfig, granted: Granted, api: ResourceServerConfig, scope: str | None
) -> None:
    """Refuse to refresh what was authorized longer ago, or without the second factor that somebody has: signing in for
    another API, whose refresh token it is, did not ask for it.

    :raises OAuthError: ``mfa_required``, with a token to prove a factor with, or ``unmet_authentication_requirements``
        of somebody who has none.
    """
    if not my_account.is_audience(work, api.identifier):
        return
    enrolled = policy.enrolled(" ".join(service.summary(work, granted.user_id)))
    strong = granted.request.beside is None or not enrolled or policy.MFA in (granted.request.amr or ())
    if recent(granted) and strong:
        return
    if not enrolled:
        raise OAuthError(my_account.UNMET, "The authentication is not recent enough: sign in again.")
    pending = api_tokens.Pending(
        user_id=granted.user_id,
        client_id=client.client_id,
        connection_id=granted.connection_id or "",
        methods=tuple(granted.request.amr or ()),
        audience=api.identifier,
        scope=scope or granted.scope,
        gty="refresh_token",
    )
    raise api_tokens.required(work, pending)
