"""Back-Channel Logout 1.0: a logout token for every client of a session that ended, sent by the worker.

The reaction runs in the transaction that ends the session, so that no ended session is left untold.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.directory.users.attributes import ATTRIBUTES
from idp.foundation import egress
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.events import FactorsChanged, SessionEnded, SessionExpired, UserUpdated
from idp.foundation.queue import outbox
from idp.foundation.queue.tasks import GiveUp, TryLater, Unanswered
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import subjects
from idp.signin.sessions import devices, metadata
from idp.signin.sessions import service as sessions
from idp.tenant.audit import log
from idp.tenant.keys import signer

TASK = "backchannel_logout.send"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME_S = 120


PHONES = frozenset({"phone", "sms", "voice"})
"""Kinds of second factors that go to a telephone."""


PROFILE_CHANGED = "profile-changed"
PROFILE = frozenset(each.name for each in ATTRIBUTES if each.claim)
"""Members of a user that applications are told as claims."""
METADATA = "session_metadata"


def on_session_ended(work: Work, event: SessionEnded) -> None:
    """Whoever took part in it and wants to hear of that reason does."""
    _tell(work, event.session_id, event.user_id, event.reason)


def on_session_expired(work: Work, event: SessionExpired) -> None:
    """The like for one that came to its end by itself."""
    _tell(work, event.session_id, event.user_id, "session-expired")


def on_factors_changed(work: Work, event: FactorsChanged) -> None:
    """A person's telephone is no second factor any more: applications that chose to hear of it ask them anew."""
    if not PHONES.isdisjoint(event.removed):
        for session_id in sessions.live_of(work, event.user_id):
            _tell(work, session_id, event.user_id, "mfa-phone-unenrolled")


def on_user_updated(work: Work, event: UserUpdated) -> None:
    """A person's profile is another: applications that chose to hear of it read it anew."""
    if not PROFILE.isdisjoint(event.changed):
        for session_id in sessions.live_of(work, event.user_id):
            _tell(work, session_id, event.user_id, PROFILE_CHANGED)


def _tell(work: Work, session_id: str, user_id: str, reason: str) -> None:
    """Put one task per client and URL into the outbox."""
    domain = devices.domain(work, session_id)
    for client_id in sessions.clients(work, session_id):
        client = clients.find(work, client_id)
        if client is None or not _wants(client, reason):
            continue
        for url in client.data.oidc_logout.backchannel_logout_urls:
            payload = {
                "client_id": client_id,
                "url": url,
                "sub": user_id,
                "sid": session_id,
                **_metadata(work, client, session_id),
                outbox.UNDER: domain,
            }
            outbox.put(work, TASK, payload, receiver=urlsplit(url).netloc)


def _metadata(work: Work, client: ClientConfig, session_id: str) -> dict[str, Any]:
    """What the session had by then, for clients that want it: its row may be gone when the token is sent."""
    if not client.data.oidc_logout.backchannel_logout_session_metadata.include:
        return {}
    found = metadata.of_session(work, session_id)
    return {METADATA: found} if found else {}


def prepare() -> None:
    """Import the client for outbound calls, in one thread (:func:`idp.foundation.queue.tasks.find`)."""
    egress.load()


def send(work: Work, payload: dict[str, Any]) -> None:
    """Sign and post one logout token. Raises TryLater, Unanswered, GiveUp. Handler of TASK."""
    client = clients.find(work, payload["client_id"])
    if client is None:
        return
    token = logout_token(work, client, sub=payload["sub"], sid=payload["sid"], kept=payload.get(METADATA))
    members = {"client_id": client.client_id, "client_name": client.name, "user_id": payload["sub"]}
    try:
        status = egress.post_form(work.platform.settings, payload["url"], {"logout_token": token})
    except egress.EgressError as error:
        log.write(work, OAuthLog.BACKCHANNEL_LOGOUT_FAILED, str(error), **members)
        if isinstance(error, egress.Refused):
            raise GiveUp(str(error)) from error  # the address will not become allowed by waiting
        raise Unanswered(str(error)) from error
    succeeded = 200 <= status < 300
    kind = OAuthLog.BACKCHANNEL_LOGOUT_SUCCEEDED if succeeded else OAuthLog.BACKCHANNEL_LOGOUT_FAILED
    log.write(work, kind, None if succeeded else f"the application answered {status}", **members)
    if status >= 500:
        raise TryLater(f"the application answered {status}")


def logout_token(work: Work, client: ClientConfig, *, sub: str, sid: str, kept: dict[str, Any] | None = None) -> str:
    """Section 2.4 of the specification: typ logout+jwt, no nonce, two minutes (security.md L4)."""
    moment = clock.now()
    claims = {
        "iss": work.config.issuer,
        "sub": subjects.of(work, client, sub),
        "aud": client.known_as,
        "iat": moment,
        "exp": moment + LIFETIME_S,
        "jti": ids.token(16),
        "sid": sid,
        "events": {EVENT: {}},
        **({METADATA: kept} if kept else {}),
    }
    alg = client.data.jwt_configuration.alg
    return signer.sign(work, claims, alg="RS256" if alg == "HS256" else alg, typ="logout+jwt")


def _wants(client: ClientConfig, reason: str) -> bool:
    initiators = client.data.oidc_logout.backchannel_logout_initiators
    selected = initiators.selected_initiators or ["rp-logout"]
    if reason == PROFILE_CHANGED:
        return reason in selected  # nothing ends by it: "all" are all ends (docs/decisions/0382)
    return initiators.mode == "all" or reason in selected
