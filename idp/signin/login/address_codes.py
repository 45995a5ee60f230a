"""Proving an address with a code that was mailed to it, before somebody gets in: where the connection says so
(``attributes.email.verification_method``; spec/account-lifecycle.md, "Email verification").

The code is bound to the account, the address and the login attempt; the newest is good, once, for fifteen minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import ConnectorError, Identity
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import codes, limits
from idp.foundation.tenancy.work import Work
from idp.signin.login import complete, verification
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Go, Problem, Resume, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import Proving
from idp.signin.tickets.log_types import TicketLog
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

AT_SIGN_UP, AT_LOGIN = "/u/email-identifier-challenge", "/u/login-email-verification"
LENGTH, LIFETIME_S = 6, 900
_CODE = "login-passwordless.login-passwordless-email-code"
"""Whose sentences are said about codes."""


def of_identity(
    request: ScreenRequest, connection: ConnectionConfig, identity: Identity, methods: Sequence[str], page: str
) -> Go | None:
    """The like for the user whose account in that connection the identity is."""
    if not connection.sign_up_rules.by_code:
        return None
    user = provision.by_identity(request.work, connection.id, identity.user_id)
    return instead(request, connection, user, methods, page)


def instead(
    request: ScreenRequest, connection: ConnectionConfig, user: FoundUser | None, methods: Sequence[str], page: str
) -> Go | None:
    """The page that asks for a code instead of letting somebody in; None where nothing is to be proven so."""
    if not connection.sign_up_rules.by_code:
        return None
    if user is None or user.blocked or not user.email or user.email_verified:
        return None
    proving = Proving(connection.id, user.account_id, user.user_id, user.email, tuple(methods))
    request.transaction.proving = proving
    request.save()
    _send(request, proving)  # one that was sent a moment ago is still good
    return Go(page)


def again(request: ScreenRequest, proving: Proving, page: str) -> Go | Show:
    """Another code; asked for too soon, or too often, say when."""
    wait = _send(request, proving)
    if wait is None:
        return Go(page, "resent")
    words = {"wait": request.texts.duration(wait)}
    return Show((Problem(f"{_CODE}.wait", values=words),), 429, retry_after=wait)


def with_code(request: ScreenRequest, proving: Proving, typed: str) -> Resume | Deny | Show | Go:
    """A code was typed: the address is proven and the person is in, or the sentence of the form."""
    work = request.work
    digits = "".join(str(int(each)) if each.isdecimal() else each for each in typed if not each.isspace())[:32]
    connection = connections.find(work, proving.connection_id)
    user = provision.by_identity(work, proving.connection_id, proving.account_id)
    about = {"user_id": proving.user_id, "user_name": proving.email, "client_id": request.client.client_id}
    right = codes.guess(work, _key(request, proving), digits)
    if connection is None or user is None or not right:
        log.write(work, LoginLog.EMAIL_VERIFICATION_FAILED, "wrong or expired code", **about)
        return Show((Problem(f"{_CODE}.invalid-code", "code"),), 400)
    source = users.directory_of(work, connection)
    if source is not None:  # else its next profile says again that nothing is proven
        try:
            verification.tell(work, source, proving.email, user_id=proving.user_id, client_id=request.client.client_id)
        except ConnectorError:
            return Show((Problem("login.login.source-refused", values={"name": connection.display_name}),), 503)
    with work.transaction():
        if not users.prove_address(work, user, proving.email):
            return Show((Problem(f"{_CODE}.invalid-code", "code"),), 400)
        log.write(work, LoginLog.EMAIL_VERIFIED, **about)
        verification.welcome(work, user, client_id=request.client.client_id, locale=request.locale)
    request.transaction.proving = None
    return complete.sign_in(request, connection, Identity(proving.account_id, {}), proving.methods)


def _send(request: ScreenRequest, proving: Proving) -> int | None:
    """Mail a code. None when it is on its way, else the seconds to wait."""
    work = request.work
    wait = limits.exceeded(work, limits.VERIFY_CODES, proving.user_id)
    if wait is not None:
        return wait
    code = codes.fresh(LENGTH)
    with work.transaction():
        wait = codes.put(work, _key(request, proving), code, ttl_ms=LIFETIME_S * 1000)
        if wait is None:
            _mail(work, request, proving, code)
    return wait


def _mail(work: Work, request: ScreenRequest, proving: Proving, code: str) -> None:
    client = request.client
    mail.send(
        work,
        "verify_email_by_code",
        proving.email,
        request.locale,
        about={"user_id": proving.user_id, "client_id": client.client_id, "connection_id": proving.connection_id},
        email=proving.email,
        code=code,
        application=client.name if client.client_id else "",
        expires_in=LIFETIME_S,
    )
    log.write(
        work,
        TicketLog.VERIFICATION_EMAIL_SENT,
        user_id=proving.user_id,
        client_id=client.client_id,
        user_name=proving.email,
    )


def _key(request: ScreenRequest, proving: Proving) -> str:
    return f"verify-address\0{proving.user_id}\0{proving.email}\0{request.state}"
