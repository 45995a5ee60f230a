"""Signing in on the pages with a code or a link: sending one, and what a right one leads to.

Codes are bound to the login attempt. A link signs in the browser that asked; opened in another one it only lets that
one go on, once the number that it shows was typed (security.md M2, H6).
"""

from __future__ import annotations

from connectors.contract import Address, Identity, TextSender
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force, throttling
from idp.signin.attack_protection.brute_force import Counted
from idp.signin.login import address_codes, complete
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Go, Problem, Resume, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passwordless import service as passwordless
from idp.signin.passwordless.service import Asked
from idp.tenant.audit import log

EMAIL_CODE = "/u/login-passwordless/login-passwordless-email-code"
EMAIL_LINK = "/u/login-passwordless/login-passwordless-email-link"
SMS_CODE = "/u/login-passwordless/login-passwordless-sms-otp"
PAGES = {"email": EMAIL_CODE, "phone_number": SMS_CODE}
"""The page that asks for the code, by what it was sent to."""
PAGES_OF_ACCOUNTS = {"email": "/u/email-otp-challenge", "phone_number": "/u/phone-identifier-challenge"}
"""The like for accounts of databases."""
INVALID = {"email": "login-id.login-id.invalid-email", "phone_number": "login-id.login-id.invalid-phone"}
_WORDS = "login-passwordless.login-passwordless-email-code"
WRONG = Show((Problem(f"{_WORDS}.invalid-code", "code"),), 400)


def page_for(connection: ConnectionConfig, typed: str) -> str:
    """Where the code is typed that goes to that."""
    pages = PAGES if connection.accounts is None else PAGES_OF_ACCOUNTS
    return pages[str(connection.code_goes_to(typed))]


def begin(request: ScreenRequest, connection: ConnectionConfig, typed: str) -> Go | Show:
    """Send the first code to what was typed, and ask for it."""
    asked = asked_for(request, connection, typed)
    by = str(connection.code_goes_to(typed))
    if asked is None:
        return Show((Problem(INVALID.get(by, INVALID["email"]), "username"),))
    request.transaction.identifier = typed
    if connection.accounts is not None:
        request.transaction.code_is_for(entering=by)
    request.save()
    refused = send_code(request, connection, asked.address)
    if refused is None or (isinstance(refused, Asked) and refused.code == "again"):
        return Go(page_for(connection, typed))
    return _refusal(request, refused, "username")


def again(request: ScreenRequest, connection: ConnectionConfig, page: str) -> Go | Show:
    """Send another code; asked for a moment ago, say when it can be."""
    asked = asked_for(request, connection, request.identifier)
    if asked is None:
        return Go("/u/login/identifier")
    refused = send_code(request, connection, asked.address)
    return Go(page, "resent") if refused is None else _refusal(request, refused, None)


def send_link(request: ScreenRequest, connection: ConnectionConfig, *, notice: str | None = None) -> Go | Show:
    """Mail a link, and show the page that waits for it."""
    asked = asked_for(request, connection, request.identifier)
    if asked is None:
        return Go("/u/login/identifier")
    device = request.transaction.device_hash
    sent = passwordless.send_link(request.work, asked, state=request.state, device_hash=device)
    if isinstance(sent, Asked):
        waits = sent.code == "again" and request.transaction.link_id is not None and notice is None
        return Go(EMAIL_LINK) if waits else _refusal(request, sent, None)
    request.transaction.link_id, request.transaction.link_number = sent.id, sent.number
    request.save()
    return Go(EMAIL_LINK, notice)


def send_code(request: ScreenRequest, connection: ConnectionConfig, address: Address) -> Asked | str | None:
    """None when it is under way; the name of what is wrong otherwise."""
    if connection.can(TextSender) and passwordless.in_trouble(request.work, connection):
        return "send-failed"
    return passwordless.send_code(request.work, _asked(request, connection, address))


def asked_for(request: ScreenRequest, connection: ConnectionConfig, typed: str) -> passwordless.Request | None:
    """The request for what was typed, or None where that is no address of the connection."""
    address = passwordless.recognized(request.work, connection, typed)
    return _asked(request, connection, address) if address is not None else None


def with_code(request: ScreenRequest, connection: ConnectionConfig, typed: str) -> Resume | Deny | Show | Go:
    """A code was typed: the session of whoever owns the address, or the sentence of the form."""
    asked = asked_for(request, connection, request.identifier)
    if asked is None:
        return Go("/u/login/identifier")
    counted, tried = _counted(request.work, connection, asked.address)
    if not tried.allowed:
        _write(request, connection, asked.address, tried.log_type, "blocked after too many wrong codes")
        words = {"wait": request.texts.duration(tried.wait_s)}
        key = "login.login.suspicious-network" if tried.suspicious else f"{_WORDS}.too-many-failures"
        return Show((Problem(key, "code", values=words),), 429, retry_after=tried.wait_s)
    if tried.watched:
        _write(request, connection, asked.address, tried.log_type, "would be blocked: monitoring only")
    if not passwordless.guess(request.work, asked, typed):
        throttling.failed(request.work)
        _write(request, connection, asked.address, LoginLog.WRONG_PASSWORD, "wrong or expired code")
        return WRONG
    return enter(request, connection, asked.address.value, counted) or WRONG


def enter(
    request: ScreenRequest, connection: ConnectionConfig, address: str, counted: Counted | None = None
) -> Resume | Deny | Go | None:
    """The session of whoever owns the address that was just proven; None where nobody new may have an account."""
    user = users.proven(request.work, connection, address)
    if user is None:
        return None
    identity = Identity(user.account_id, {})
    if connection.accounts is None:
        return complete.sign_in(request, connection, identity, (connection.source.amr,), counted_as=counted)
    methods = (address_codes.METHODS[str(connection.code_goes_to(address))],)
    request.transaction.entering = None
    asked = address_codes.of_identity(request, connection, identity, methods, address_codes.AT_LOGIN)
    return asked or complete.sign_in(request, connection, identity, methods, counted_as=counted)


def _counted(work: Work, connection: ConnectionConfig, address: Address) -> tuple[Counted | None, brute_force.Try]:
    """The try, counted as a wrong password is."""
    key = email_key(address.value)
    account = users.account_key(work, connection, address.value) if connection.accounts is not None else key
    counted = Counted(key, account) if connection.brute_force_protection else None
    return counted, brute_force.attempt(work, counted, connection.name)


def _asked(request: ScreenRequest, connection: ConnectionConfig, address: Address) -> passwordless.Request:
    return passwordless.Request(
        connection=connection,
        address=address,
        purpose=f"attempt\0{request.state}",
        client_id=request.client.client_id,
        application=request.client.name if request.client.client_id else "",
        locale=request.locale,
    )


def _refusal(request: ScreenRequest, refused: Asked | str, field: str | None) -> Show:
    if isinstance(refused, str):
        return Show((Problem(f"login-passwordless.login-passwordless-sms-otp.{refused}", field),), 400)
    words = {"wait": request.texts.duration(refused.wait_s)}
    key = "wait" if refused.code == "again" else "too-many-codes"
    whole = f"login-passwordless.login-passwordless-email-code.{key}"
    return Show((Problem(whole, field, values=words),), 429, retry_after=refused.wait_s)


def _write(
    request: ScreenRequest, connection: ConnectionConfig, address: Address, kind: LogType, description: str
) -> None:
    log.write(
        request.work,
        kind,
        description,
        client_id=request.client.client_id,
        client_name=request.client.name,
        user_name=address.value,
        connection=connection.name,
        connection_id=connection.id,
        strategy=connection.strategy,
        strategy_type=connection.strategy_type,
    )
