"""Proving an address, or a telephone number, with a code that was sent to it, before somebody gets in: where the
connection says so (``attributes.email.verification_method``, ``attributes.phone_number.identifier``;
spec/account-lifecycle.md, "Email verification").

The code is bound to the account, the address and the login attempt; the newest is good, once, for fifteen minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from connectors.contract import ConnectorError, Identity
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import codes, limits
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import phone_provider
from idp.signin.factors import messages
from idp.signin.factors.kinds import sent_codes
from idp.signin.login import complete, verification
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Go, Problem, Resume, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import Proving
from idp.signin.tickets.log_types import TicketLog
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

METHODS: Mapping[str, str] = {"email": "otp", "phone_number": "sms"}
"""What a right code proves of an account of a database, by what it was sent to: values of ``amr`` (RFC 8176)."""
AT_SIGN_UP, AT_LOGIN = "/u/email-identifier-challenge", "/u/login-email-verification"
OF_NUMBER = "/u/phone-identifier-challenge"
LENGTH, LIFETIME_S = 6, 900
_CODE = "login-passwordless.login-passwordless-email-code"
"""Whose sentences are said about codes."""
WRONG = Show((Problem(f"{_CODE}.invalid-code", "code"),), 400)


def of_identity(
    request: ScreenRequest, connection: ConnectionConfig, identity: Identity, methods: Sequence[str], page: str
) -> Go | None:
    """The like for the user whose account in that connection the identity is."""
    if not _asks(connection):
        return None
    user = provision.by_identity(request.work, connection.id, identity.user_id)
    return instead(request, connection, user, methods, page)


def instead(
    request: ScreenRequest, connection: ConnectionConfig, user: FoundUser | None, methods: Sequence[str], page: str
) -> Go | None:
    """The page that asks for a code instead of letting somebody in; None where nothing is to be proven so. ``page`` is
    the one for addresses.
    """
    if not _asks(connection) or user is None or user.blocked:
        return None
    address, by = _unproven(connection, user, at_sign_up=page == AT_SIGN_UP)
    if address is None:
        return None
    proving = Proving(connection.id, user.account_id, user.user_id, address, tuple(methods), by)
    request.transaction.code_is_for(proving=proving)
    request.save()
    _send(request, proving)  # one that was sent a moment ago is still good
    return Go(page if by == "email" else OF_NUMBER)


def _asks(connection: ConnectionConfig) -> bool:
    return connection.sign_up_rules.by_code or connection.sign_up_rules.phone_by_code


def _unproven(connection: ConnectionConfig, user: FoundUser, *, at_sign_up: bool) -> tuple[str | None, str]:
    """What is to be proven next, and what it is. Whoever has a proven address is asked about a number when they give
    it, and not again at every sign-in.
    """
    rules = connection.sign_up_rules
    if rules.by_code and user.email and not user.email_verified:
        return user.email, "email"
    known = user.email is not None and user.email_verified
    if rules.phone_by_code and user.phone_number and not user.phone_verified and (at_sign_up or not known):
        return user.phone_number, "phone_number"
    return None, ""


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
    connection = connections.find(work, proving.connection_id)
    user = provision.by_identity(work, proving.connection_id, proving.account_id)
    about = {"user_id": proving.user_id, "user_name": proving.address, "client_id": request.client.client_id}
    right = codes.guess(work, _key(request, proving), digits_of(typed))
    if connection is None or user is None or not right:
        log.write(work, LoginLog.EMAIL_VERIFICATION_FAILED, "wrong or expired code", **about)
        return WRONG
    source = users.directory_of(work, connection)
    if source is not None and proving.by == "email":  # else its next profile says again that nothing is proven
        try:
            verification.tell(
                work, source, proving.address, user_id=proving.user_id, client_id=request.client.client_id
            )
        except ConnectorError:
            return Show((Problem("login.login.source-refused", values={"name": connection.display_name}),), 503)
    with work.transaction():
        if not _prove(work, user, proving):
            return WRONG
        log.write(work, LoginLog.EMAIL_VERIFIED, None if proving.by == "email" else "the telephone number", **about)
        if proving.by == "email":
            verification.welcome(work, user, client_id=request.client.client_id, locale=request.locale)
    request.transaction.proving = None
    identity = Identity(proving.account_id, {})
    methods = proving.methods or (METHODS[proving.by],)
    more = of_identity(request, connection, identity, methods, AT_SIGN_UP if _is_new(user) else AT_LOGIN)
    return more or complete.sign_in(request, connection, identity, methods)


def digits_of(typed: str) -> str:
    """A code as it was sent, however its digits were typed."""
    return "".join(str(int(each)) if each.isdecimal() else each for each in typed if not each.isspace())[:32]


def _is_new(user: FoundUser) -> bool:
    """Whether nobody has proven the address before: then this is still the sign-up."""
    return not user.email_verified and not user.phone_verified


def _prove(work: Work, user: FoundUser, proving: Proving) -> bool:
    if proving.by == "email":
        return users.prove_address(work, user, proving.address)
    return users.prove_number(work, user, proving.address)


def _send(request: ScreenRequest, proving: Proving) -> int | None:
    """Send a code. None when it is on its way, else the seconds to wait."""
    work, key = request.work, _key(request, proving)
    wait = codes.again_in(work, key) or limits.exceeded(work, limits.VERIFY_CODES, proving.user_id)
    if wait is None and proving.by != "email":
        wait = too_often_to(work, proving.user_id, proving.address, proven=False)
    if wait is not None:
        return wait
    code = codes.fresh(LENGTH)
    with work.transaction():
        wait = codes.put(work, key, code, ttl_ms=LIFETIME_S * 1000)
        if wait is not None:
            return wait
        if proving.by == "email":
            _mail(work, request, proving, code)
        else:
            text(work, request, proving.user_id, proving.address, code)
    return None


def too_often_to(work: Work, user_id: str, number: str, *, proven: bool) -> int | None:
    """Count a text message to somebody's number; the seconds until another may go out, None where it may. A number that
    nobody has ``proven`` is anybody's, whatever accounts were made with it (toll fraud).
    """
    wait = phone_provider.wait(work, user_id if proven else f"{number}:{work.network}")
    return wait if wait is not None or proven else sent_codes.too_often_to(work, number)


def text(work: Work, request: ScreenRequest, user_id: str, number: str, code: str) -> None:
    """Have a code sent as a text message, in the caller's transaction."""
    client = request.client
    application = client.name if client.client_id else ""
    put_text(work, user_id, number, code, client_id=client.client_id, application=application, locale=request.locale)


def put_text(
    work: Work, user_id: str, number: str, code: str, *, client_id: str | None, application: str, locale: str
) -> None:
    """The like for whoever has no page before them."""
    wanted = messages.Wanted(
        user_id=user_id,
        method_id="phone|identifier",
        by="sms",
        to=number,
        code=code,
        lifetime_s=LIFETIME_S,
        client_id=client_id or "",
        application=application,
        locale=locale,
        ip=work.ip,
        user_agent=work.user_agent,
    )
    outbox.put(work, sent_codes.TASK, msgspec.to_builtins(wanted))


def _mail(work: Work, request: ScreenRequest, proving: Proving, code: str) -> None:
    client = request.client
    mail.send(
        work,
        "verify_email_by_code",
        proving.address,
        request.locale,
        about={"user_id": proving.user_id, "client_id": client.client_id, "connection_id": proving.connection_id},
        email=proving.address,
        code=code,
        application=client.name if client.client_id else "",
        expires_in=LIFETIME_S,
    )
    log.write(
        work,
        TicketLog.VERIFICATION_EMAIL_SENT,
        user_id=proving.user_id,
        client_id=client.client_id,
        user_name=proving.address,
    )


def _key(request: ScreenRequest, proving: Proving) -> str:
    return f"verify-address\0{proving.user_id}\0{proving.address}\0{request.state}"
