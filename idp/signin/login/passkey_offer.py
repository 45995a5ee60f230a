"""Who is offered a passkey for the device they sit at, or its key, once they have signed in."""

from __future__ import annotations

from collections.abc import Sequence

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.provision import FoundUser
from idp.signin.factors import devices, settings
from idp.signin.factors import policy as factors
from idp.signin.factors.second import MFA
from idp.signin.login.policy import DEVICE_OFFER, PASSKEY_OFFERS
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import enrolment
from idp.signin.webauthn import relying_party

ENROLMENT, LOCAL = PASSKEY_OFFERS
DEVICE = "webauthn-platform"
"""The kind of a device as a second factor."""


def first(request: ScreenRequest, connection: ConnectionConfig, user: FoundUser, proven: Sequence[str]) -> str | None:
    """The page of an offer that whoever just signed in sees, if any. Where devices stand in for passwords, the device
    is offered instead of a passkey to whoever typed one.
    """
    instead = connection.source.amr in proven and devices.stand_in_at(request.work, connection)
    offered = device_instead(request, user, proven) if instead else offer(request, connection, user, proven)
    return offered or device(request, user, proven)


def device_instead(request: ScreenRequest, user: FoundUser, proven: Sequence[str]) -> str | None:
    """The page that offers the device in place of the password, if any does: to somebody who proved a password and has
    nothing else. Who has anything needs more than a password to add to it (decision 0241).
    """
    if not request.makes_passkeys or MFA in proven or user.factors or relying_party.of(request.work) is None:
        return None
    return DEVICE_OFFER if request.may_offer(user.user_id) else None


def offer(request: ScreenRequest, connection: ConnectionConfig, user: FoundUser, proven: Sequence[str]) -> str | None:
    """The page that offers whoever just signed in a passkey for this device, if any does. Nothing is read unless the
    browser says that it makes passkeys.
    """
    rules = connection.passkeys
    if rules is None or not request.makes_passkeys or relying_party.of(request.work) is None:
        return None
    if request.from_elsewhere:
        page = LOCAL if rules.local else None
    else:
        # one who shows a passkey of this device has one, and one who has any factor needs more than a password
        page = ENROLMENT if rules.progressive and MFA not in proven else None
    if page is None or not request.may_offer(user.user_id):
        return None
    return page if page == LOCAL or not enrolment.others(request.work, user.user_id) else None


def device(request: ScreenRequest, user: FoundUser, proven: Sequence[str]) -> str | None:
    """The page that offers it to whoever signs in, if any does: somebody with a factor, and none on a device, or on
    this one where devices stand in for passwords. It is shown only once a factor was proven in the attempt
    (:data:`idp.signin.login.policy.CHECKS`).
    """
    if not request.makes_passkeys or MFA in proven or DEVICE not in settings.of(request.work).on:
        return None
    if not factors.enrolled(user.factors) or (DEVICE in (user.factors or "").split() and not _elsewhere(request, user)):
        return None
    return DEVICE_OFFER if request.may_offer(user.user_id) else None


def _elsewhere(request: ScreenRequest, user: FoundUser) -> bool:
    """Whether the devices that they have are others than this one, as far as this browser knows. What it does not know
    is made no second time: it is told which keys there are.
    """
    if not devices.stand_in(request.work):
        return False
    return all(each.user_id != user.user_id for each in devices.known(request.work, request.browser.devices))
