"""What a logout request asks for, checked: whose session, whether that is certain, and where to go afterwards.

RP-Initiated Logout 1.0 and Auth0's ``/v2/logout``. Anything doubtful never redirects (conformance.md 0.25).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import redirects, sizes
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import id_token_hint
from idp.signin.sessions.service import LiveSession
from idp.tenant.keys import signer


@dataclass(frozen=True)
class LogoutRequest:
    """A checked request. ``target`` is on an allow-list; ``must_ask`` says that the request could have come from
    anywhere, so the person is asked first (security.md L2).
    """

    client: ClientConfig | None
    target: str | None
    must_ask: bool
    ui_locales: str | None = None
    federated: bool = False
    """Whether the person is to be signed out at the source of their account, too."""

    @property
    def client_id(self) -> str | None:
        """Id of the client, where one is named."""
        return self.client.client_id if self.client else None


def check(work: Work, params: Mapping[str, str], session: LiveSession | None) -> LogoutRequest:
    """The request of ``/oidc/logout``. A hint that cannot be verified counts as none, and leads nowhere.

    :raises PageError: parameters contradict each other, or the target is not listed.
    """
    sizes.refuse_long(params, "state", "id_token_hint")
    raw = params.get("id_token_hint")
    hint = _hint(work, raw) if raw else None
    client = _client(work, params, hint)
    target = _target(work, params, client) if hint is not None or not raw else None
    named_session = params.get("logout_hint")
    if hint is not None and named_session and hint.get("sid") not in (None, named_session):
        raise PageError("invalid_request", "logout_hint and id_token_hint do not belong together.")
    asks = work.config.settings.sessions.oidc_logout_prompt_enabled
    must_ask = asks and session is not None and not _names(session, hint, named_session)
    ui_locales = (params.get("ui_locales") or "")[: sizes.HINT.most] or None
    return LogoutRequest(client, target, must_ask, ui_locales, federated="federated" in params)


def v2_target(work: Work, client_id: str | None, return_to: str | None) -> str | None:
    """Where ``/v2/logout`` leads: ``returnTo``, else the first listed URL of the client.

    :raises PageError: unknown client, or a URL that is not listed.
    """
    settings = work.config.settings
    allowed, wildcards = settings.allowed_logout_urls, settings.compatibility.logout_url_wildcards
    if client_id:
        client = _known(work, client_id)
        allowed, wildcards = client.data.allowed_logout_urls, client.compatibility.logout_url_wildcards
        if not return_to:
            return next((url for url in allowed if "*" not in url), None)
    if not return_to:
        return None
    if redirects.matches(return_to, allowed) or (
        wildcards and redirects.matches_wildcard(return_to, allowed, ignore_query=True)
    ):
        return return_to
    raise PageError(
        "invalid_request", 'The "returnTo" querystring parameter is not in the list of allowed logout URLs.'
    )


def _names(session: LiveSession, hint: dict[str, Any] | None, named_session: str | None) -> bool:
    """Whether the request proves that it is about this session."""
    if named_session == session.id:
        return True
    if hint is None:
        return False
    return hint.get("sid") == session.id or ("sid" not in hint and hint.get("sub") == session.user_id)


def _hint(work: Work, raw: str) -> dict[str, Any] | None:
    """The claims of an ID token of ours, whose expiry does not matter; None for anything else."""
    try:
        return id_token_hint.read(work, raw)[0]
    except signer.InvalidToken:
        return None


def _client(work: Work, params: Mapping[str, str], hint: dict[str, Any] | None) -> ClientConfig | None:
    client_id = params.get("client_id")
    if hint is not None:
        audience = hint.get("aud")
        names = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
        if client_id and client_id not in names:
            raise PageError("invalid_request", "client_id and id_token_hint do not belong together.")
        client_id = client_id or (str(names[0]) if names else None)
    return _known(work, client_id) if client_id else None


def _known(work: Work, client_id: str) -> ClientConfig:
    client = clients.find(work, client_id[: clients.MOST_ID])
    if client is None:
        raise PageError("invalid_request", "Unknown client.")
    return client


def _target(work: Work, params: Mapping[str, str], client: ClientConfig | None) -> str | None:
    uri = params.get("post_logout_redirect_uri")
    if not uri or (client is None and not params.get("logout_hint")):
        return None  # nobody is named whose address it could be: the end is on our page
    settings = work.config.settings
    allowed = client.data.allowed_logout_urls if client else settings.allowed_logout_urls
    wildcards = (client.compatibility if client else settings.compatibility).logout_url_wildcards
    if not (redirects.matches(uri, allowed) or (wildcards and redirects.matches_wildcard(uri, allowed))):
        raise PageError("invalid_request", "The post_logout_redirect_uri is not in the list of allowed logout URLs.")
    return redirects.with_params(uri, {"state": params["state"]}) if "state" in params else uri
