"""Passkeys on the pages: what of them a page shows, and whom an answer signs in."""

from __future__ import annotations

from dataclasses import dataclass

from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users.provision import FoundUser
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings as factor_settings
from idp.signin.login import address_codes, complete, connection_choice
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Go, Problem, Resume, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import service
from idp.signin.passkeys.enrolment import Made
from idp.signin.passkeys.service import Refused, Shown
from idp.signin.webauthn import challenges, relying_party
from idp.tenant.audit import log

FAILED = Show((Problem("login.login.passkey-authentication-failed", focus="username"),), 400)
OPTIONS_PATH = "/u/passkeys/options"


@dataclass(frozen=True)
class PasskeyForm:
    """What a page's script needs: where it asks for options, the host that passkeys here belong to, and how they are
    shown.
    """

    options_url: str
    rp_id: str
    button: bool = True
    autofill: bool = True


def form(request: ScreenRequest) -> PasskeyForm | None:
    """What a page of this attempt shows of passkeys: None where nobody here can have one."""
    rp = relying_party.of(request.work)
    rules = [each.passkeys for each in _usable(request) if each.passkeys is not None]
    if rp is not None and not rules and "webauthn-platform" in factor_settings.of(request.work).on:
        return PasskeyForm("", rp.id, button=False, autofill=False)  # whether this device makes keys is told, no more
    if rp is None or not rules:
        return None
    url = request.work.href(OPTIONS_PATH)
    return PasskeyForm(url, rp.id, any(each.button for each in rules), any(each.autofill for each in rules))


def form_of(work: Work, connection: ConnectionConfig) -> PasskeyForm | None:
    """The like for a page of one connection, behind the link of a mail."""
    rp = relying_party.of(work)
    if rp is None or connection.passkeys is None:
        return None
    return PasskeyForm(work.href(OPTIONS_PATH), rp.id, autofill=False)


def sign_in(request: ScreenRequest, answer: str) -> Resume | Deny | Show | Go:
    """The session of whoever's passkey that is, or the page again, where every other way is as good as before."""
    work = request.work
    try:
        shown = service.shown(work, answer, purpose=challenges.LOGIN, bound_to=request.state)
    except Refused:
        return FAILED
    user = owner(work, shown)
    at = user.connection_id if user is not None else None
    connection = next((each for each in _usable(request) if each.id == at), None)
    if user is None or connection is None or connection.passkeys is None:
        words = "the passkey is of a connection that is not enabled here, or has no passkeys any more"
        log.write(work, LoginLog.FAILED, words, user_id=shown.user_id, client_id=request.client.client_id)
        return FAILED
    request.from_elsewhere = shown.from_elsewhere
    proven = methods(request.client, shown)
    asked = address_codes.instead(request, connection, user, proven, address_codes.AT_LOGIN)
    return asked or complete.enter(request, connection, user, proven)


def owner(work: Work, shown: Shown) -> FoundUser | None:
    """Who has the account of that passkey; None where it went to another user since, who never made that passkey."""
    if not shown.connection_id:
        return provision.by_id(work, shown.user_id)  # an administrator brought it along
    found = provision.by_identity(work, shown.connection_id, shown.account_id)
    return found if found is not None and found.user_id == shown.user_id else None


def methods(client: ClientConfig, shown: Shown) -> tuple[str, ...]:
    """What it proves to that application."""
    return shown.methods(one_factor=client.compatibility.passkey_requires_mfa)


def methods_of(client: ClientConfig, new: Made) -> tuple[str, ...]:
    """What making it proves there."""
    key = new.attestation
    shown = Shown("", "", "", "", key.user_verified, key.backup_eligible, from_elsewhere=False)
    return methods(client, shown)


def for_signup(connection: ConnectionConfig) -> bool:
    """Whether somebody may make an account with a passkey alone."""
    return connection.signup_enabled and connection.passkeys is not None


def _usable(request: ScreenRequest) -> tuple[ConnectionConfig, ...]:
    asked_id = request.transaction.connection_id
    return connection_choice.usable(request.work, request.client, asked_id)
