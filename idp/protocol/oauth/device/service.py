"""A device's request: begun at ``/oauth/device/code``, decided once by its owner at ``/activate``, asked for at
``/oauth/token`` until then (RFC 8628).

Three one-time things: the request under its device code; the user code, whose taking is the decision; and how often
the device asked, which no decision waits for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.db.driver_errors import UniqueViolation
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import OAuthError, invalid_grant
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.device import codes
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.polling import Polls
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REQUEST, USER_CODE = "device-code", "device-user-code"
LIFETIME_MS = 900_000
POLLS = Polls("device-polled", "The device", "User has yet to authorize device code.")
DENIED = OAuthError("access_denied", "The user denied the request")


class Approval(msgspec.Struct, frozen=True):
    """Who said yes, and how they had signed in. ``auth_time`` in seconds; ``amr`` where a second factor was proven."""

    user_id: str
    connection_id: str
    auth_time: int
    acr: str | None = None
    amr: tuple[str, ...] = ()


class DeviceRequest(msgspec.Struct, frozen=True):
    """What a device asks for, from where, and what became of it. ``begun_at`` in ms."""

    client_id: str
    scope: str
    audience: str | None
    ip: str
    user_agent: str
    begun_at: int
    state: Literal["pending", "approved", "denied"] = "pending"
    approval: Approval | None = None


@dataclass(frozen=True)
class Begun:
    """The two codes."""

    device_code: str
    user_code: str


@dataclass(frozen=True)
class Found:
    """A request that waits for its owner, with the code that is the device's secret."""

    device_code: str
    request: DeviceRequest


def begin(work: Work, client: ClientConfig, scope: str, audience: str | None) -> Begun:
    """Keep the request for fifteen minutes. Raises OAuthError ``slow_down`` for a network that begins too many."""
    if limits.exceeded(work, limits.DEVICES_BEGUN, work.network) is not None:
        raise OAuthError("slow_down", "Too many requests for device codes from this network", status=429)
    device_code = ids.token()
    about = (work.ip, work.user_agent[:512])
    request = DeviceRequest(client.client_id, scope, audience, *about, clock.now_ms())
    while True:
        user_code = codes.fresh(work.config.settings.device_flow)
        try:
            with work.transaction():
                _put_user_code(work, codes.normalized(user_code), device_code)
                one_time.put(work, REQUEST, device_code, request, ttl_ms=LIFETIME_MS)
        except UniqueViolation:  # somebody has that code at this moment: one in 25 thousand million
            continue
        return Begun(device_code, user_code)


def waiting(work: Work, typed: str) -> Found | None:
    """The request of that user code, while it waits for its owner."""
    key = codes.normalized(typed)
    sealed, _ = one_time.read(work, USER_CODE, key, str)
    if sealed is None:
        return None
    device_code = one_time.sealer(work, USER_CODE, key).open(sealed)
    request, _ = one_time.read(work, REQUEST, device_code, DeviceRequest)
    return Found(device_code, request) if request is not None and request.state == "pending" else None


def approve(work: Work, typed: str, approval: Approval) -> bool:
    """The owner said yes; False where it was decided, or is over, already. In the caller's transaction."""
    return _decide(work, typed, "approved", approval)


def deny(work: Work, typed: str, client: ClientConfig, session: LiveSession | None) -> bool:
    """The owner, or whoever was sent the code, said no."""
    with work.transaction():
        denied = _decide(work, typed, "denied", None)
        if denied:
            log.write(
                work,
                OAuthLog.DEVICE_DENIED,
                client_id=client.client_id,
                client_name=client.name,
                user_id=session.user_id if session else None,
                user_name=(session.email or session.name) if session else None,
            )
    return denied


def read(work: Work, device_code: str) -> DeviceRequest | None:
    """What became of it; the first statement of a token request. None for a code that was never given, is spent or too
    old.
    """
    return one_time.read(work, REQUEST, device_code, DeviceRequest)[0]


def expired(work: Work, device_code: str, client_id: str) -> bool:
    """Whether nobody decided in time what that application asked for, as far as it is still known."""
    over = one_time.over(work, REQUEST, device_code, DeviceRequest)
    return over is not None and over.data.client_id == client_id and over.made_at + LIFETIME_MS <= clock.now_ms()


def spend(work: Work, device_code: str) -> None:
    """Tokens are given for it: once (security.md G3, R5). Raises OAuthError for everybody but the first."""
    if not one_time.take(work, REQUEST, device_code):
        raise invalid_grant("The device code was used")


def poll(work: Work, device_code: str) -> OAuthError:
    """The device asked, and there is no answer yet: what it is told."""
    return POLLS.ask(work, device_code, LIFETIME_MS)


def _put_user_code(work: Work, key: str, device_code: str) -> None:
    sealed = one_time.sealer(work, USER_CODE, key).seal(device_code)
    one_time.put(work, USER_CODE, key, sealed, ttl_ms=LIFETIME_MS)


def _decide(work: Work, typed: str, state: Literal["approved", "denied"], approval: Approval | None) -> bool:
    """Whoever takes the user code decides."""
    found = waiting(work, typed)
    if found is None or not one_time.take(work, USER_CODE, codes.normalized(typed)):
        return False
    decided = msgspec.structs.replace(found.request, state=state, approval=approval)
    return one_time.change(work, REQUEST, found.device_code, decided)
