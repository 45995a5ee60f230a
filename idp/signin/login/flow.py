"""Decides what is next for a sign-in. Every way to sign in asks here, so that none can forget a row of the policy.

``/authorize`` and ``/account`` ask when they are opened and again at their resume path, where every login page ends::

    match flow.advance(work, attempt):
        case Ask() as ask:        a login page (pages.to_screen)
        case Refuse(error):       an error in the words of the caller's protocol
        case Done(session):       the answer, for that session
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.signin.factors import risk, settings, trust
from idp.signin.factors.policy import Need
from idp.signin.login import application, connection_choice, login_routes, policy
from idp.signin.login import transaction as transactions
from idp.signin.login.browser import NONE, Browser
from idp.signin.login.connection_choice import Wish
from idp.signin.login.policy import FIRST_PAGE, AuthenticationRequest, Check, Situation
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import Transaction
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way: what is wanted, and the browser's session.

    ``state`` and ``transaction`` are there once a login page was shown.
    """

    request: AuthenticationRequest
    session: LiveSession | None
    state: str | None = None
    transaction: Transaction | None = None
    browser: Browser = NONE


@dataclass(frozen=True)
class Ask:
    """The person has something to do first, on ``check.screen``."""

    check: Check
    session: LiveSession | None


@dataclass(frozen=True)
class Refuse:
    """The attempt ends without a session for the caller. ``user_id`` names who was signed in, for the log; ``reason``
    the row of the policy that says so.
    """

    error: OAuthError
    user_id: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Done:
    """Nothing is left to be done: this is the session. ``challenged``: this attempt proved a second factor of it, or
    two by the sign-in itself.
    """

    session: LiveSession
    challenged: bool = False


Outcome: TypeAlias = Ask | Refuse | Done


def advance(work: Work, attempt: Attempt) -> Outcome:
    """What is next. Reads and decides; writes nothing."""
    transaction, session = attempt.transaction, _session(attempt)
    user_id = session.user_id if session else None
    back = _back_at_first(transaction, session)
    if transaction is not None and transaction.denied is not None and back is None:
        return Refuse(OAuthError(*transaction.denied), user_id)
    situation = _situation(work, attempt, session, back)
    refusal = policy.refusal(situation)
    if refusal is not None:
        return Refuse(OAuthError(refusal.error, refusal.description), user_id, refusal.reason)
    check = policy.next_step(situation)
    if check is not None:
        if attempt.request.silent or (check.ask_once and situation.just_authenticated):
            return Refuse(OAuthError(check.error, check.description), user_id, check.reason)
        if check.impossible is not None and check.impossible(situation):
            return Refuse(OAuthError("access_denied", check.description), user_id, check.reason)
        return Ask(check, session)
    if session is None:
        raise AssertionError("the policy asks for a session first")
    return Done(session, challenged=situation.challenged or policy.signed_in_by_two(situation, session))


def resumed(
    work: Work,
    state: str | None,
    *,
    path: str,
    device_hash: str | None,
    session_secret: str | None,
    browser: Browser = NONE,
) -> Attempt:
    """The attempt ``state`` of this browser, back from its pages at the ``path`` it began with.

    :raises Expired: it is over, of another browser, or of another protocol.
    :raises PageError: its application is no longer registered.
    """
    transaction = transactions.load(work, state, device_hash)
    if transaction.resume != path:
        raise transactions.expired(work, transaction)
    client = application.of_attempt(work, transaction.client_id)
    session = sessions.read(work, session_secret, client.client_id)
    return Attempt(_request(transaction, client), session, state, transaction, browser)


def lacking(work: Work, request: ScreenRequest) -> Need:
    """What the attempt of that page still lacks of a second factor."""
    return needed_factor(work, _attempt(request))


def needed_factor(work: Work, attempt: Attempt) -> Need:
    """What an attempt lacks of a second factor."""
    return policy.second_factor(_situation(work, attempt, _session(attempt), None))


def has_to_wait(work: Work, request: ScreenRequest, path: str) -> bool:
    """Whether the page at ``path``, opened by its address, is one of the policy's whose turn has not come, or that
    nobody asks for: another page is asked for after the sign-in first, or nothing is left to be done.
    """
    pages = {check.screen for check in policy.CHECKS} - {FIRST_PAGE}
    if path not in pages:
        return False
    outcome = advance(work, _attempt(request))
    return isinstance(outcome, Done) or (isinstance(outcome, Ask) and outcome.check.screen in pages - {path})


def fresh(request: AuthenticationRequest, *, device_hash: str) -> Transaction:
    """The transaction of a sign-in that needs no first page: who it is was proven already."""
    return _transaction(request, request.login_hint, device_hash)


def open_page(work: Work, attempt: Attempt, ask: Ask, *, device_hash: str) -> str:
    """The address of the page that ``ask`` names. The first page begins the transaction, bound to the browser of
    ``device_hash``; a sign-in asked for again forgets the one before.
    """
    state, transaction, first = attempt.state, attempt.transaction, ask.check.screen == FIRST_PAGE
    if state is None or transaction is None:
        hint = attempt.request.login_hint or _signed_in_address(attempt.request, ask)
        state = transactions.begin(work, _transaction(attempt.request, hint, device_hash))
    elif first and transaction.session_id is not None:
        transaction.session_id = transaction.authenticated_at = transaction.factor = transaction.offer = None
        transaction.profile = None
        transactions.save(work, state, transaction)
    path = first_path(work, attempt.request) if first else f"/u/{ask.check.screen}"
    return work.href(path, state=state, ui_locales=attempt.request.ui_locales or None)


def first_path(work: Work, request: AuthenticationRequest) -> str:
    """Where signing in begins: at the source of the connection that was asked for, else on a page of ours."""
    hint = "" if request.screen_hint else request.login_hint or ""
    wish = Wish(asked_id=request.connection_id, identifier=hint)
    source = connection_choice.straight_to(work, request.client, wish)
    return login_routes.to_source(source.name) if source else login_routes.first_page(work, request.screen_hint)


def told(attempt: Attempt, problem: OAuthError) -> bool:
    """Whether the page that ended the attempt wrote down already that the person may not sign in."""
    transaction = attempt.transaction
    return problem.error == "unauthorized" and transaction is not None and transaction.denied is not None


def finish(work: Work, attempt: Attempt) -> None:
    """Spend the attempt's transaction, in the database transaction that answers. Raises Expired for the second of two
    tabs or a double click.
    """
    if attempt.state is not None and attempt.transaction is not None:
        transactions.finish(work, attempt.state, attempt.transaction)
        _seen(work, attempt)


def _seen(work: Work, attempt: Attempt) -> None:
    """Where the policy goes by that: the person signed in with this browser, and is at home in it from now on."""
    session, device = attempt.session, attempt.browser.device_hash
    denied = attempt.transaction is not None and attempt.transaction.denied is not None
    if session is None or device is None or denied or not settings.of(work).knows_browsers:
        return
    if not settings.of(work).adaptive or not risk.assess(work, session.user_id, device).low:
        with work.transaction():
            trust.seen(work, session.user_id, device)


def _session(attempt: Attempt) -> LiveSession | None:
    """The session that counts for this attempt."""
    session, transaction = attempt.session, attempt.transaction
    if session is None:
        return None
    if transaction is not None and transaction.session_id is not None and session.id != transaction.session_id:
        return None  # another tab signed somebody else in meanwhile
    if session.blocked and attempt.request.other_user_may_sign_in:
        return None
    return session


def _attempt(request: ScreenRequest) -> Attempt:
    """The attempt that a page belongs to."""
    wanted = _request(request.transaction, request.client)
    return Attempt(wanted, request.session, request.state, request.transaction, request.browser)


def _situation(work: Work, attempt: Attempt, session: LiveSession | None, back: int | None) -> Situation:
    """What the policy looks at. ``back``: see :func:`_back_at_first`."""
    transaction, user_id = attempt.transaction, session.user_id if session else None
    return Situation(
        work,
        attempt.request,
        session,
        authenticated_at=back or (transaction.authenticated_at if transaction else None),
        consented=bool(transaction and transaction.consented and transaction.consent_user == user_id),
        linking=transaction.linking if transaction else None,
        offer=transaction.offer if transaction else None,
        profile=transaction.profile if transaction else None,
        browser=attempt.browser,
        challenged=proved_factor(transaction, session),
    )


def proved_factor(transaction: Transaction | None, session: LiveSession | None) -> bool:
    """Whether an attempt proved a second factor of that session; that of another one, or one that a ticket enrolled,
    says nothing of it (security.md O1).
    """
    factor = transaction.factor if transaction is not None else None
    return factor is not None and session is not None and factor.done and factor.session_id == session.id


def _back_at_first(transaction: Transaction | None, session: LiveSession | None) -> int | None:
    """When (ms) somebody proved who they are who was then sent to sign in to a second account, and did not: they go on
    with the first.
    """
    linking = transaction.linking if transaction else None
    if transaction is None or linking is None or session is None or transaction.session_id is not None:
        return None
    return linking.authenticated_at if session.id == linking.session_id else None


def _transaction(request: AuthenticationRequest, login_hint: str | None, device_hash: str) -> Transaction:
    return Transaction(
        device_hash=device_hash,
        resume=request.resume,
        client_id=request.client.client_id,
        request=msgspec.to_builtins(request.protocol_request or {}),
        redirect_uri=request.redirect_uri,
        prompt=request.prompt,
        max_age=request.max_age,
        hinted_user=request.hinted_user,
        other_user_may_sign_in=request.other_user_may_sign_in,
        ui_locales=request.ui_locales,
        screen_hint=request.screen_hint,
        login_hint=login_hint,
        connection_id=request.connection_id,
        connection_scope=request.connection_scope,
        scope=request.scope,
        claims=request.claims,
        audience=request.audience,
        details=request.details,
        acr_values=request.acr_values,
        factor_max_age=request.factor_max_age,
    )


def _request(transaction: Transaction, client: ClientConfig) -> AuthenticationRequest:
    """What was wanted when the transaction began."""
    return AuthenticationRequest(
        client=client,
        resume=transaction.resume,
        redirect_uri=transaction.redirect_uri,
        protocol_request=transaction.request,
        prompt=transaction.prompt,
        max_age=transaction.max_age,
        hinted_user=transaction.hinted_user,
        connection_id=transaction.connection_id,
        connection_scope=transaction.connection_scope,
        scope=transaction.scope,
        claims=transaction.claims,
        audience=transaction.audience,
        details=transaction.details,
        acr_values=transaction.acr_values,
        factor_max_age=transaction.factor_max_age,
        login_hint=transaction.login_hint,
        screen_hint=transaction.screen_hint,
        ui_locales=transaction.ui_locales,
        other_user_may_sign_in=transaction.other_user_may_sign_in,
    )


def _signed_in_address(request: AuthenticationRequest, ask: Ask) -> str | None:
    """The form is filled in for whoever is signed in and only has to prove it again (or pick another account)."""
    again = ask.check.reauthenticates and request.screen_hint is None
    return ask.session.email if again and ask.session else None
