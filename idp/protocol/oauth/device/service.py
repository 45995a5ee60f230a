"""A device's request: begun at ``/oauth/device/code``, decided once by its owner at ``/activate``, asked for at
``/oauth/token`` until then (RFC 8628).

Three one-time things: the request under its device code; the user code, whose taking is the decision; and how often
the device asked, which no decision waits for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.db.driver_errors import UniqueViolation
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import OAuthError, invalid_grant, unauthorized_client
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import approval, polling
from idp.protocol.oauth.approval import Approval
from idp.protocol.oauth.device import codes
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.polling import Wait
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REQUEST, USER_CODE, POLLED = "device-code", "device-user-code", "device-polled"
INTERVAL_S = polling.INTERVAL_S


class DeviceRequest(msgspec.Struct, frozen=True):
    """What a device asks for, from where, and what became of it. ``begun_at`` in ms."""

    client_id: str
    scope: str
    audience: str | None
    ip: str
    user_agent: str
    begun_at: int
    lifetime_s: int = 900
    state: Literal["pending", "approved", "denied"] = "pending"
    approval: Approval | None = None
    details: list[dict[str, Any]] | None = None
    """``authorization_details`` (RFC 9396)."""


@dataclass(frozen=True)
class Begun:
    """The two codes, and how long (s) they are good for."""

    device_code: str
    user_code: str
    lifetime_s: int


@dataclass(frozen=True)
class Found:
    """A request that waits for its owner, with the code that is the device's secret."""

    device_code: str
    request: DeviceRequest


def allowed(work: Work, client: ClientConfig) -> bool:
    """Whether people may let devices in by that client: the tenant has it switched on, and the client the grant."""
    return work.config.settings.device_flow.enabled and client.allows(GRANT)


def begin(
    work: Work, client: ClientConfig, scope: str, audience: str | None, details: list[dict[str, Any]] | None = None
) -> Begun:
    """Keep the request for as long as the tenant has it. Raises OAuthError: ``unauthorized_client`` where there are no
    devices, ``slow_down`` for a network that begins too many.
    """
    if not allowed(work, client):
        raise unauthorized_client(f"Grant type '{GRANT}' not allowed for the client.")
    if limits.exceeded(work, limits.DEVICES_BEGUN, work.network) is not None:
        raise OAuthError("slow_down", "Too many requests for device codes from this network", status=429)
    device_code, lifetime_s = ids.token(), work.config.settings.device_flow.lifetime_in_seconds
    about = (work.ip, work.user_agent[:512])
    request = DeviceRequest(client.client_id, scope, audience, *about, clock.now_ms(), lifetime_s, details=details)
    while True:
        user_code = codes.fresh(work.config.settings.device_flow)
        try:
            with work.transaction():
                _put_user_code(work, codes.normalized(user_code), device_code, lifetime_s)
                one_time.put(work, REQUEST, device_code, request, ttl_ms=lifetime_s * 1000)
        except UniqueViolation:  # somebody has that code at this moment: one in 25 thousand million
            continue
        return Begun(device_code, user_code, lifetime_s)


def waiting(work: Work, typed: str) -> Found | None:
    """The request of that user code, while it waits for its owner."""
    key = codes.normalized(typed)
    sealed, _ = one_time.read(work, USER_CODE, key, str)
    if sealed is None:
        return None
    device_code = one_time.sealer(work, USER_CODE, key).open(sealed)
    request, _ = one_time.read(work, REQUEST, device_code, DeviceRequest)
    return Found(device_code, request) if request is not None and request.state == "pending" else None


def approve(work: Work, typed: str, client: ClientConfig, session: LiveSession, *, challenged: bool) -> bool:
    """The owner of that session said yes; False where it was decided, or is over, already. In the caller's
    transaction. ``challenged``: the attempt proved a second factor of the session.
    """
    yes = approval.given(work, client, session, challenged=challenged)
    if not _decide(work, typed, "approved", yes):
        return False
    approval.join(work, client, session)
    return True


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
    if over is None or over.data.client_id != client_id:
        return False
    return over.made_at + over.data.lifetime_s * 1000 <= clock.now_ms()


def spend(work: Work, device_code: str) -> None:
    """Tokens are given for it: once (security.md G3, R5). Raises OAuthError for everybody but the first."""
    if not one_time.take(work, REQUEST, device_code):
        raise invalid_grant("The device code was used")


def poll(work: Work, device_code: str, request: DeviceRequest) -> Wait:
    """The device asked, and there is no answer yet."""
    return polling.asked(work, POLLED, device_code, request.lifetime_s * 1000)


def _put_user_code(work: Work, key: str, device_code: str, lifetime_s: int) -> None:
    sealed = one_time.sealer(work, USER_CODE, key).seal(device_code)
    one_time.put(work, USER_CODE, key, sealed, ttl_ms=lifetime_s * 1000)


def _decide(work: Work, typed: str, state: Literal["approved", "denied"], said: Approval | None) -> bool:
    """Whoever takes the user code decides. A request with a yes is whose it is from then on: it ends with what ends
    their tokens (:mod:`idp.protocol.oauth.reactions`).
    """
    found = waiting(work, typed)
    if found is None or not one_time.take(work, USER_CODE, codes.normalized(typed)):
        return False
    decided = msgspec.structs.replace(found.request, state=state, approval=said)
    if said is None:
        return one_time.change(work, REQUEST, found.device_code, decided)
    return one_time.change_owner(work, REQUEST, found.device_code, decided, subject=said.user_id)
