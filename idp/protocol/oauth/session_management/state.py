"""``session_state`` of answers (Session Management 1.0, 2): a hash over the client, its origin and the browser's state,
which an application's frame hands to ours to compare. The browser's state follows from the session cookie's secret, so
that a new sign-in and a sign-out alike are another one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import redirects
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work


def on(work: Work) -> bool:
    """Whether the tenant offers it."""
    return work.config.settings.session_management


def browser_state(secret: str) -> str:
    """What stands in the cookie that our frame reads."""
    return digest(f"browser state\0{secret}")


def added(
    work: Work,
    client: ClientConfig,
    redirect_uri: str,
    scopes: list[str],
    secret: str | None,
    params: Mapping[str, str],
) -> Mapping[str, str]:
    """The parameters of an answer, with ``session_state`` where it is offered and the scope openid was asked for."""
    origin = redirects.origin(redirect_uri)
    if not on(work) or secret is None or origin is None or "openid" not in scopes or "response" in params:
        return params
    salt = secrets.token_urlsafe(12)
    said = f"{client.known_as} {origin} {browser_state(secret)} {salt}"
    return {**params, "session_state": f"{hashlib.sha256(said.encode()).hexdigest()}.{salt}"}
