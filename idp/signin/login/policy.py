"""What must the person do next? An ordered table: each row has a reason, a screen, and the OIDC error of the same
reason.

The reason a page is shown and the error under ``prompt=none`` are one row, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.directory.connections import runtime as connections
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import service as user_grants


@dataclass(frozen=True)
class Situation:
    """All a check may look at. ``authenticated_at`` (ms) and ``consented`` are this attempt's own, None and False
    without one.
    """

    work: Work
    client: ClientConfig
    session: LiveSession | None
    prompt: tuple[str, ...]
    max_age: int | None
    hinted_user: str | None
    connection_id: str | None
    scope: tuple[str, ...]
    audience: str | None
    api: ResourceServerConfig | None
    redirect_host: str | None
    authenticated_at: int | None = None
    consented: bool = False

    @property
    def just_authenticated(self) -> bool:
        """Whether this attempt itself proved who the person is."""
        return self.authenticated_at is not None


@dataclass(frozen=True)
class Check:
    """``needed`` says whether the person has to do it."""

    reason: str
    screen: str
    error: str
    description: str
    needed: Callable[[Situation], bool]


def _no_session(s: Situation) -> bool:
    return s.session is None


def _asked_again(s: Situation) -> bool:
    return not s.just_authenticated and ("login" in s.prompt or "select_account" in s.prompt or "create" in s.prompt)


def _signs_in_alone(s: Situation) -> bool:
    """``sso_disabled``: a session that began elsewhere does not count for this client."""
    return s.client.data.sso_disabled and not s.just_authenticated


def _too_old(s: Situation) -> bool:
    if s.max_age is None or s.session is None or s.just_authenticated:
        return False
    return clock.now_ms() - s.session.authenticated_at > s.max_age * 1000


def _another_person(s: Situation) -> bool:
    return s.hinted_user is not None and s.session is not None and s.session.user_id != s.hinted_user


def _another_connection(s: Situation) -> bool:
    """The session comes from elsewhere than was asked for, or from where this client's users do not
    (security.md A14).
    """
    if s.session is None:
        return False
    asked_for_another = s.connection_id is not None and s.session.connection_id != s.connection_id
    return asked_for_another or not connections.enabled(s.work, s.client.client_id, s.session.connection_id)


def consent_needed(s: Situation) -> bool:
    """contract.md section 5, "Consent"."""
    if s.consented or s.session is None:
        return False
    if "consent" in s.prompt:
        return True
    if s.client.is_first_party and (s.audience is None or _skips_consent(s)):
        return False
    recorded = user_grants.granted(s.work, s.session.user_id, s.client.client_id, s.audience)
    return not set(s.scope) <= recorded


def _skips_consent(s: Situation) -> bool:
    return (
        s.api is not None
        and s.api.data.skip_consent_for_verifiable_first_party_clients
        and s.redirect_host != "localhost"
    )


LOGIN_REQUIRED = "Login required"
CHECKS: tuple[Check, ...] = (
    Check("no_session", "login", "login_required", LOGIN_REQUIRED, _no_session),
    Check("prompt", "login", "login_required", LOGIN_REQUIRED, _asked_again),
    Check("sso_disabled", "login", "login_required", LOGIN_REQUIRED, _signs_in_alone),
    Check("max_age", "login", "login_required", LOGIN_REQUIRED, _too_old),
    Check("id_token_hint", "login", "login_required", LOGIN_REQUIRED, _another_person),
    Check("connection", "login", "login_required", LOGIN_REQUIRED, _another_connection),
    Check("consent", "consent", "consent_required", "Consent required", consent_needed),
)


def next_step(situation: Situation) -> Check | None:
    """The first thing that is still to be done, or None."""
    return next((check for check in CHECKS if check.needed(situation)), None)
