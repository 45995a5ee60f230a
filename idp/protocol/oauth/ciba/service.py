"""What a person is asked to confirm: begun at ``/bc-authorize``, decided once by them at ``/approve``, asked for at
``/oauth/token`` until then.

Three one-time things: the request under its ``auth_req_id``, which is the application's secret; the page's own name of
it, whose taking is the decision; and how often the application asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import OAuthError, invalid_grant
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import approval, polling
from idp.protocol.oauth.approval import Approval
from idp.protocol.oauth.ciba import notification
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.polling import Wait
from idp.signin.invitations.service import unlinked
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

GRANT: Final = "urn:openid:params:grant-type:ciba"
REQUEST, APPROVAL = "ciba-request", "ciba-approval"
POLLED: Final = "ciba-polled"
PAGE: Final = "approve"
LIFETIME_S, LONGEST_S = 300, 259_200
"""How long a person has, and how long an application may give them: three days, for those who read their mail then."""
MOST_PENDING: Final = 20
"""Requests that wait for one person."""
EMAIL: Final = "email"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an application asks for. ``notification_token`` is what it wants to hear again with the news (ping)."""

    scope: str
    audience: str | None = None
    details: list[dict[str, Any]] | None = None
    binding_message: str | None = None
    acr_values: tuple[str, ...] = ()
    lifetime_s: int = LIFETIME_S
    notification_token: str | None = None


class Person(msgspec.Struct, frozen=True):
    """Who is asked. ``email`` is None where no mail goes to them."""

    user_id: str
    email: str | None = None
    language: str | None = None


class CibaRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The request, and what became of it. ``id`` is the page's name of it; times in ms."""

    id: str
    client_id: str
    user_id: str
    scope: str
    begun_at: int
    expires_at: int
    audience: str | None = None
    details: list[dict[str, Any]] | None = None
    binding_message: str | None = None
    acr_values: tuple[str, ...] = ()
    notify_sealed: str | None = None
    state: Literal["pending", "approved", "denied"] = "pending"
    approval: Approval | None = None


@dataclass(frozen=True)
class Found:
    """A request that waits for its person, with the application's secret."""

    auth_req_id: str
    request: CibaRequest


def begin(work: Work, client: ClientConfig, person: Person, asked: Asked) -> str:
    """Keep the request, and mail the person a link to it; answers the ``auth_req_id``.

    :raises OAuthError: too much was asked of that person, or by that application.
    """
    _count(work, client, person)
    auth_req_id, name, moment = ids.token(), ids.token(), clock.now_ms()
    lifetime_ms = asked.lifetime_s * 1000
    sealer = one_time.sealer(work, REQUEST, auth_req_id)
    token = asked.notification_token
    request = CibaRequest(
        id=name,
        client_id=client.client_id,
        user_id=person.user_id,
        scope=asked.scope,
        begun_at=moment,
        expires_at=moment + lifetime_ms,
        audience=asked.audience,
        details=asked.details,
        binding_message=asked.binding_message,
        acr_values=asked.acr_values,
        notify_sealed=sealer.seal(token) if token else None,
    )
    with work.transaction():
        sealed = one_time.sealer(work, APPROVAL, name).seal(auth_req_id)
        one_time.put(work, APPROVAL, name, sealed, ttl_ms=lifetime_ms)
        one_time.put(work, REQUEST, auth_req_id, request, ttl_ms=lifetime_ms, subject=person.user_id)
        _tell(work, client, person, request, asked.lifetime_s)
        log.write(work, OAuthLog.CIBA_STARTED, asked.binding_message, **_about(client, person.user_id))
    return auth_req_id


def waiting(work: Work, name: str) -> Found | None:
    """The request of that name, while it waits for its person."""
    sealed, _ = one_time.read(work, APPROVAL, name, str)
    if sealed is None:
        return None
    auth_req_id = one_time.sealer(work, APPROVAL, name).open(sealed)
    request, _ = one_time.read(work, REQUEST, auth_req_id, CibaRequest)
    return Found(auth_req_id, request) if request is not None and request.state == "pending" else None


def pending(work: Work, user_id: str) -> list[CibaRequest]:
    """What waits for that person, newest first."""
    found = one_time.live_of_subject(work, REQUEST, user_id, CibaRequest)
    return [request for _, request in found if request.state == "pending"]


def approve(work: Work, client: ClientConfig, name: str, session: LiveSession, *, challenged: bool) -> bool:
    """The person of that session said yes; False where it was decided, or is over, already. In the caller's
    transaction. ``challenged``: the attempt proved a second factor of the session.
    """
    yes = approval.given(work, client, session, challenged=challenged)
    if not _decide(work, client, name, "approved", yes):
        return False
    approval.join(work, client, session)
    return True


def deny(work: Work, client: ClientConfig, name: str, session: LiveSession | None) -> bool:
    """The person, or whoever was sent the link, said no."""
    with work.transaction():
        denied = _decide(work, client, name, "denied", None)
        if denied:
            log.write(work, OAuthLog.CIBA_DENIED, **_about(client, session.user_id if session else None))
    return denied


def read(work: Work, auth_req_id: str) -> CibaRequest | None:
    """What became of it; the first statement of a token request."""
    return one_time.read(work, REQUEST, auth_req_id, CibaRequest)[0]


def expired(work: Work, auth_req_id: str, client_id: str) -> bool:
    """Whether nobody answered in time what that application asked, as far as it is still known."""
    over = one_time.over(work, REQUEST, auth_req_id, CibaRequest)
    return over is not None and over.data.client_id == client_id and over.data.expires_at <= clock.now_ms()


def spend(work: Work, auth_req_id: str) -> None:
    """Tokens are given for it: once. Raises OAuthError for everybody but the first."""
    if not one_time.take(work, REQUEST, auth_req_id):
        raise invalid_grant("The auth_req_id was used")


def poll(work: Work, auth_req_id: str, request: CibaRequest) -> Wait:
    """The application asked, and there is no answer yet."""
    return polling.asked(work, POLLED, auth_req_id, request.expires_at - request.begun_at)


def _count(work: Work, client: ClientConfig, person: Person) -> None:
    counted = ((limits.APPROVALS_ASKED, client.client_id), (limits.APPROVALS_OF_PERSON, person.user_id))
    if any(limits.exceeded(work, limit, who) is not None for limit, who in counted):
        raise OAuthError("temporarily_unavailable", "Too many requests: try again in some minutes", status=429)
    if len(one_time.live_of_subject(work, REQUEST, person.user_id, msgspec.Raw)) >= MOST_PENDING:
        raise OAuthError("access_denied", "Too many requests wait for that user")


def _tell(work: Work, client: ClientConfig, person: Person, request: CibaRequest, lifetime_s: int) -> None:
    channels = client.data.async_approval_notification_channels
    if person.email is None or (channels is not None and EMAIL not in channels):
        return
    mail.send(
        work,
        "async_approval",
        person.email,
        person.language or mail.TENANTS_LANGUAGE,
        about={"user_id": person.user_id, "client_id": client.client_id},
        email=person.email,
        application=unlinked(client.name),
        message=unlinked(request.binding_message or ""),
        url=f"{work.config.url}{PAGE}?request={request.id}",
        expires_in=lifetime_s,
    )


def _decide(
    work: Work, client: ClientConfig, name: str, state: Literal["approved", "denied"], said: Approval | None
) -> bool:
    """Whoever takes the name decides; an application that wants to be told is."""
    found = waiting(work, name)
    if found is None or not one_time.take(work, APPROVAL, name):
        return False
    decided = msgspec.structs.replace(found.request, state=state, approval=said)
    if not one_time.change(work, REQUEST, found.auth_req_id, decided):
        return False
    if found.request.notify_sealed is not None:
        token = one_time.sealer(work, REQUEST, found.auth_req_id).open(found.request.notify_sealed)
        url = client.data.backchannel_client_notification_endpoint or ""
        payload = notification.payload(client.client_id, url, found.auth_req_id, token)
        outbox.put(work, notification.TASK, payload, receiver=notification.receiver(url))
    return True


def _about(client: ClientConfig, user_id: str | None) -> dict[str, Any]:
    return {"client_id": client.client_id, "client_name": client.name, "user_id": user_id}
