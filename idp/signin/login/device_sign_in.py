"""Signing in with the device that somebody sits at instead of a password (``webauthn_platform_first_factor``): whom the
second page asks for it, and whom an answer signs in (decision 0438).

Asked is only who used the device's key in this browser before (:mod:`idp.signin.factors.devices`). Everybody else,
whoever that is, is asked for the password.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.signin.attack_protection import throttling
from idp.signin.factors import asking, devices
from idp.signin.factors.asking import TooMany, Wrong
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.factors.policy import MFA
from idp.signin.login import address_codes, complete, factor_keys
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.screen import Deny, Go, Problem, Resume, Show
from idp.signin.login.screen_request import ScreenRequest

PAGE: Final = "/u/login/device"
OTHERWISE: Final = "/u/login/password"
"""Where everybody goes who is asked for no device."""
WRONG = Show((Problem(factor_keys.WRONG),), 400)


@dataclass(frozen=True)
class Known:
    """Somebody whose device this browser knows: the key that is asked for, and the account that they named."""

    method: AuthenticationMethod
    connection: ConnectionConfig
    user: FoundUser


def known(request: ScreenRequest) -> Known | None:
    """The device that is asked for; None for everybody whom this browser does not know. What it costs to find out
    depends on the browser's own keys alone, and not on whether anybody has the name that was typed.
    """
    work, typed = request.work, request.transaction.identifier
    if not typed or not request.browser.devices:
        return None
    connection = request.connection_for(typed)
    if not devices.stand_in_at(work, connection):
        return None
    keys = [each for each in devices.known(work, request.browser.devices) if KINDS[each.type].usable(work, each)]
    if not keys:
        return None
    accounts = {
        (each.connection_id, each.identity_user_id): key
        for key in reversed(keys)
        for each in users.identities_of(work, key.user_id)
    }
    account = users.account_of(work, connection, typed)
    method = accounts.get((connection.id, account.account_id)) if account is not None else None
    if account is None or method is None:
        return None
    user = provision.by_identity(work, connection.id, account.account_id)
    return Known(method, connection, user) if user is not None and user.user_id == method.user_id else None


def form(request: ScreenRequest) -> PasskeyForm | None:
    """What the page's script needs; None where this host has no keys."""
    return factor_keys.form(request, devices.KIND)


def options(request: ScreenRequest, kind: str) -> dict[str, Any] | None:
    """What ``navigator.credentials.get`` takes; None where nobody is asked. Raises TooMany."""
    found, keys = known(request), factor_keys.kind_of(kind)
    if kind != devices.KIND or keys is None or found is None:
        return None
    return keys.ask(request.work, found.method, _asked(request))


def sign_in(request: ScreenRequest, answer: str) -> Resume | Deny | Show | Go:
    """The session of whoever's device that is; the page again, where the password is as good as before."""
    work, found = request.work, known(request)
    if found is None:
        return Go(OTHERWISE)
    if not answer:
        return WRONG
    match asking.answered(work, found.method, _asked(request), answer):
        case Wrong():
            throttling.failed(work)
            return WRONG
        case TooMany(wait_s):
            words = {"wait": request.texts.duration(wait_s)}
            return Show((Problem("mfa.shared.too-many-failures", values=words),), 429, retry_after=wait_s)
        case proof:
            proven = (MFA, *proof.amr)
    asked = address_codes.instead(request, found.connection, found.user, proven, address_codes.AT_LOGIN)
    if asked is not None:
        return asked
    entered = complete.enter(request, found.connection, found.user, proven)
    return entered if isinstance(entered, Deny) else replace(entered, device=request.note_device(proof.key))


def _asked(request: ScreenRequest) -> Asked:
    return Asked(
        bound_to=f"first\0{request.state}",
        client_id=request.client.client_id,
        locale=request.locale,
        origin=request.work.config.url,
        first=True,
    )
