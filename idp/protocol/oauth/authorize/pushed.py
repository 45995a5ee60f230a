"""Requests that a client has pushed to us and sends by reference (RFC 9126)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work
from idp.signin.login.transaction import LIFETIME_MS as LOGIN_MS

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIFETIME_S = 30
"""How long a sign-in may begin with it where the client does not say (``par_request_expiry``); Auth0's own number."""
_KIND = "pushed_request"


class PushedRequest(msgspec.Struct, frozen=True):
    """``params`` as they were pushed, or as a request object held them, which makes them ``signed``. ``until`` (s): the
    last moment to begin a sign-in with it.
    """

    client_id: str
    params: dict[str, str]
    until: int
    signed: bool = False


def push(work: Work, client: ClientConfig, params: Mapping[str, str], *, signed: bool) -> tuple[str, int]:
    """Keep a request; answers its URI, which nobody guesses, and for how many seconds it is good. Raises PageError for
    one that is too large.
    """
    lifetime = client.data.par_request_expiry or LIFETIME_S
    uri = f"{PREFIX}{ids.token(32)}"
    kept = PushedRequest(client.client_id, dict(params), clock.now() + lifetime, signed)
    one_time.put(work, _KIND, uri, kept, ttl_ms=lifetime * 1000 + LOGIN_MS)
    return uri, lifetime


def read(work: Work, client: ClientConfig, uri: str) -> PushedRequest | None:
    """The request, if that client may begin a sign-in with it now. A page that is shown twice does not use it up: the
    answer does.
    """
    found, _ = one_time.read(work, _KIND, uri, PushedRequest)
    if found is None or found.client_id != client.client_id or found.until < clock.now():
        return None
    return found


def spend(work: Work, uri: str) -> bool:
    """It was answered. True for exactly one answer (security.md A17)."""
    return one_time.take(work, _KIND, uri)
