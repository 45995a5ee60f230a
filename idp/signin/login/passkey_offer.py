"""Who is offered a passkey for the device they sit at, once they have signed in."""

from __future__ import annotations

from collections.abc import Sequence

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.provision import FoundUser
from idp.signin.factors import policy as factors
from idp.signin.factors import settings
from idp.signin.login.policy import DEVICE_OFFER, PASSKEY_OFFERS
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import enrolment
from idp.signin.webauthn import relying_party

ENROLMENT, LOCAL = PASSKEY_OFFERS
DEVICE = "webauthn-platform"
"""The kind of a device as a second factor."""


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
        page = ENROLMENT if rules.progressive and "mfa" not in proven else None
    if page is None or not request.may_offer(user.user_id):
        return None
    return page if page == LOCAL or not enrolment.others(request.work, user.user_id) else None


def device(request: ScreenRequest, user: FoundUser) -> str | None:
    """The page that offers it to whoever signs in, if any does: somebody with a factor, and none on a device. Read is
    nothing that is not known. It is shown only once a factor was proven in the attempt
    (:data:`idp.signin.login.policy.CHECKS`).
    """
    if not request.makes_passkeys or DEVICE not in settings.of(request.work).on:
        return None
    if not factors.enrolled(user.factors) or DEVICE in (user.factors or "").split():
        return None
    return DEVICE_OFFER if request.may_offer(user.user_id) else None
