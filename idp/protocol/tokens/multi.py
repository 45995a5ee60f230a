"""Refresh tokens that are good for several APIs (``refresh_token.policies`` of a client, Auth0's multi-resource refresh
tokens): which, and with which scopes, as the configuration stands now.
"""

from __future__ import annotations

from msgspec.structs import replace

from idp.applications.clients.runtime import ClientConfig, RefreshPolicy
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.users.attributes import STANDARD_SCOPES
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.store import Granted


def policy(work: Work, client: ClientConfig, audience: str) -> RefreshPolicy | None:
    """What the client's refresh tokens are good for at that API, by whichever of its domains either names it."""
    stored = resource_servers.stored_as(work, audience)
    named = ((resource_servers.stored_as(work, each.audience), each) for each in client.refresh.policies)
    return next((each for identifier, each in named if identifier == stored), None)


def elsewhere(work: Work, client: ClientConfig, granted: Granted, audience: str) -> Granted:
    """The authorization as it is for another API: identity as it was granted, and of the API what the policy names.

    :raises OAuthError: ``invalid_target``.
    """
    found, api = policy(work, client, audience), resource_servers.find(work, audience)
    if found is None or api is None or api.id == resource_servers.MFA:  # factors are changed after a fresh one alone
        raise OAuthError("invalid_target", "The client's refresh tokens are not good for that API")
    kept = [each for each in scopes.parse(granted.scope) if each in STANDARD_SCOPES]
    return beside(granted, api.identifier, scopes.join([*kept, *found.scope]))


def beside(granted: Granted, audience: str, scope: str) -> Granted:
    """``granted``, of that API and that scope. What was granted of the first API in detail is not part of it."""
    request = replace(granted.request, api_id=None, details=None, beside=audience)
    return replace(granted, audience=audience, scope=scope, request=request)


def check(work: Work, client: ClientConfig, granted: Granted) -> None:
    """A token of another API is good for as long as the policy allows it. Raises OAuthError."""
    if granted.request.beside is None:
        return
    found = policy(work, client, granted.request.beside)
    own = {each for each in scopes.parse(granted.scope) if each not in STANDARD_SCOPES}
    if found is None or not own <= set(found.scope):
        raise OAuthError("invalid_target", "The client's refresh tokens are not good for that API any more")
