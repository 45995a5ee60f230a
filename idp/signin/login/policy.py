"""What must the person do next? An ordered table: each row has a reason, a screen, and the OIDC error of the same
reason.

The reason a page is shown and the error under ``prompt=none`` are one row, so they cannot drift apart. Only
:mod:`idp.signin.login.flow` asks it, for every way to sign in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.contract import CodeConnector
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import my_account
from idp.directory.connections import runtime as connections
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.factors import devices
from idp.signin.factors import policy as factors
from idp.signin.factors.policy import Need
from idp.signin.linking import service as linking
from idp.signin.linking.service import Account
from idp.signin.login import accepted_terms, profile_form
from idp.signin.login.browser import NONE, Browser
from idp.signin.login.connection_choice import WAYS
from idp.signin.login.connection_choice import usable as usable_connections
from idp.signin.login.profile_form import PROFILE_PAGE
from idp.signin.login.transaction import Linking
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import consent
from idp.signin.user_grants.consent import Wanted

FACTOR_PAGE = "mfa/mfa-login-options"
"""The page that second factors begin with; it leads on to the one that is asked for."""
FACTOR_FRESH_S = 300
"""Whoever asks for the API by which factors are changed has proven one within so many seconds (decision 0236)."""
FIRST_PAGE = "login"
"""The screen of a row that wants a sign-in: whichever page signing in begins with."""

PASSKEY_OFFERS = ("passkeys/passkey-enrollment", "passkeys/passkey-enrollment-local")
"""Pages that offer a passkey: to somebody without one, and for this device to somebody who has one elsewhere."""


DEVICE_OFFER = "mfa-webauthn/mfa-webauthn-platform-offer"
"""The page that offers the device as a second factor to whoever just proved another one."""


@dataclass(frozen=True, kw_only=True)
class AuthenticationRequest:
    """What a protocol, or a page of our own, wants of a sign-in (OIDC Core 3.1.2.1 names the members).

    ``resume`` is the path where login pages end, ``redirect_uri`` where the answer goes in the end, and
    ``protocol_request`` the protocol's own checked request, kept for it and opaque here. ``claims`` are names of single
    claims that are asked for beside the ``scope``.
    """

    client: ClientConfig
    resume: str
    redirect_uri: str
    protocol_request: object = None
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    hinted_user: str | None = None
    connection_id: str | None = None
    connection_scope: str | None = None
    scope: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    audience: str | None = None
    details: tuple[dict[str, Any], ...] = ()
    """What is asked for in detail (RFC 9396): the person says yes to it each time."""
    acr_values: tuple[str, ...] = ()
    factor_max_age: int | None = None
    """Seconds since a second factor was proven, of a page of ours that wants to be sure."""
    login_hint: str | None = None
    screen_hint: str | None = None
    ui_locales: str | None = None
    other_user_may_sign_in: bool = False
    """A blocked user's session counts as none: somebody else may sign in. Applications are told instead."""

    @property
    def silent(self) -> bool:
        """``prompt=none``: no page may be shown."""
        return "none" in self.prompt

    @property
    def wanted(self) -> Wanted:
        """What the client would learn and may do, as consent compares it."""
        return Wanted(scopes=self.scope, claims=self.claims, audience=self.audience, redirect_uri=self.redirect_uri)


@dataclass(frozen=True)
class Situation:
    """All a check may look at. ``authenticated_at`` (ms) and ``consented`` are this attempt's own, None and False
    without one.
    """

    work: Work
    request: AuthenticationRequest
    session: LiveSession | None
    authenticated_at: int | None = None
    consented: bool = False
    offer: str | None = None
    """Path of the page that offers a passkey to whoever signed in in this attempt."""
    profile: bool | None = None
    """Whether the tenant's form about the person is due in this attempt; False once they have answered it."""
    linking: Linking | None = None
    """The first of two accounts, where this attempt was sent to sign in to a second one."""
    browser: Browser = NONE
    challenged: bool = False
    """Whether this attempt itself proved a second factor."""

    @property
    def just_authenticated(self) -> bool:
        """Whether this attempt itself proved who the person is."""
        return self.authenticated_at is not None


@dataclass(frozen=True)
class Refusal:
    """What ends an attempt whatever the person does."""

    reason: str
    error: str
    description: str
    applies: Callable[[Situation], bool]


@dataclass(frozen=True)
class Check:
    """``needed`` says whether the person has to do it.

    ``ask_once``: whoever signed in and still does not satisfy it is refused, for asking again would lead in a circle.
    ``reauthenticates``: the person who is signed in is asked to prove it, so their address stands in the form.
    """

    reason: str
    screen: str
    error: str
    description: str
    needed: Callable[[Situation], bool]
    ask_once: bool = False
    reauthenticates: bool = False
    impossible: Callable[[Situation], bool] | None = None
    """Where nothing that the person does would satisfy it: they are refused (``access_denied``)."""


def _blocked(s: Situation) -> bool:
    """spec/account-lifecycle.md, "Blocking"."""
    return s.session is not None and s.session.blocked


def _no_session(s: Situation) -> bool:
    return s.session is None


def _asked_again(s: Situation) -> bool:
    return not s.just_authenticated and not {"login", "select_account", "create"}.isdisjoint(s.request.prompt)


def _signs_in_alone(s: Situation) -> bool:
    """``sso_disabled``: a session that began elsewhere does not count for this client."""
    return s.request.client.data.sso_disabled and not s.just_authenticated


def _too_old(s: Situation) -> bool:
    if s.request.max_age is None or s.session is None or s.just_authenticated:
        return False
    return clock.now_ms() - s.session.authenticated_at > s.request.max_age * 1000


def _another_person(s: Situation) -> bool:
    hinted = s.request.hinted_user
    return hinted is not None and s.session is not None and s.session.user_id != hinted


def _code_asked_for(s: Situation) -> bool:
    """A connection that signs in with codes was asked for by name: a code is asked for whoever is signed in
    (spec/login-factors.md, "Codes"). Silent requests are for sessions.
    """
    wanted = s.request.connection_id
    if wanted is None or s.just_authenticated or s.request.silent:
        return False
    found = connections.find(s.work, wanted)
    return found is not None and found.can(CodeConnector)


def _another_connection(s: Situation) -> bool:
    """The session comes from elsewhere than was asked for, or from where this client's users do not
    (security.md A14). No client stands behind our own pages: they take every connection.
    """
    if s.session is None:
        return False
    wanted, client_id = s.request.connection_id, s.request.client.client_id
    if wanted is not None and s.session.connection_id != wanted:
        return True
    return bool(client_id) and not connections.enabled(s.work, client_id, s.session.connection_id)


def second_factor(s: Situation) -> Need:
    """What is missing of a second factor (:mod:`idp.signin.factors.policy`); nobody is asked who has to sign in to
    another connection first.
    """
    session = s.session
    if session is None or _another_connection(s):
        return Need.NOTHING
    return factors.need(s.work, _sign_in(s, session))


def _sign_in(s: Situation, session: LiveSession) -> factors.SignIn:
    return factors.SignIn(
        user_id=session.user_id,
        factors=session.factors,
        methods=session.methods,
        last_seen_at=session.last_interacted_at,
        step_up=_step_up(s, session),
        cookie=s.browser.trust,
        device_hash=s.browser.device_hash,
        challenged=s.challenged or signed_in_by_two(s, session),
        once=s.request.client.compatibility.mfa_once,
        has_email=session.email is not None,
        within_s=_fresh_within_s(s),
        connection_id=session.connection_id,
    )


def signed_in_by_two(s: Situation, session: LiveSession) -> bool:
    """Whether the sign-in of this attempt proved two factors by itself, as that with a device does."""
    at = factors.proven_at(session.methods)
    return at is not None and s.authenticated_at is not None and at >= s.authenticated_at


def _fresh_within_s(s: Situation) -> int | None:
    """How long ago (s) a second factor may have been proven; None for as long as the session lasts."""
    if factors.manages(s.work, s.request.audience):
        return FACTOR_FRESH_S
    return s.request.factor_max_age or (my_account.RECENT_S if _own_account(s) else None)


def _step_up(s: Situation, session: LiveSession) -> bool:
    """A factor is asked for by name, or by an API."""
    return factors.ACR in s.request.acr_values or factors.steps_up(s.work, s.request.audience, session.factors)


def _own_account(s: Situation) -> bool:
    """A token for what somebody changes of their own account is asked for (spec/my-account.md, "Step-up")."""
    return s.request.audience is not None and my_account.is_audience(s.work, s.request.audience)


def _unmet(s: Situation) -> bool:
    """Nobody who has no factor gets such a token silently from a sign-in that is a while ago."""
    if s.session is None or not (s.request.silent and _own_account(s)) or factors.enrolled(s.session.factors):
        return False
    return clock.now_ms() - s.session.authenticated_at > my_account.RECENT_S * 1000


def _no_second_factor(s: Situation) -> bool:
    return second_factor(s) is not Need.NOTHING


def _stale_newcomer(s: Situation) -> bool:
    """Somebody without a factor beside what they signed in with has to set one up, and signed in a while ago: a session
    alone enrols nothing (security.md O3; decision 0236).
    """
    session = s.session
    if session is None or s.just_authenticated:
        return False
    if factors.enrolled(session.factors) and not factors.signed_in_with_a_factor(s.work, _sign_in(s, session)):
        return False
    if clock.now_ms() - session.authenticated_at <= FACTOR_FRESH_S * 1000:
        return False
    return second_factor(s) is Need.ENROLMENT


def _leaving(s: Situation) -> bool:
    """They asked for the deletion of the account, and have not said otherwise."""
    return s.session is not None and s.session.deletion_due is not None


def _no_usable_factor(s: Situation) -> bool:
    return second_factor(s) is Need.IMPOSSIBLE


def _another_account(s: Situation) -> bool:
    """Another account with the person's address, which they have just signed in to as well, or are told of. What asks
    for one connection or one person is not held up by it.
    """
    if s.session is None or s.request.silent or not s.just_authenticated:
        return False
    if s.linking is not None:
        first = s.linking.user_id
        return first != s.session.user_id and linking.joinable(s.work, first, s.session.user_id) is not None
    if s.request.connection_id is not None or s.request.hinted_user is not None:
        return False
    return suggestion(s.work, s.request.client, s.session.user_id) is not None


def suggestion(work: Work, client: ClientConfig, user_id: str) -> Account | None:
    """The other account that somebody is told of, of the connections that the application has."""
    if not work.config.settings.suggest_account_linking:
        return None
    usable = [each for each in usable_connections(work, client) if any(each.can(way) for way in WAYS)]
    return linking.suggested(work, user_id, {each.id for each in usable})


def consent_needed(s: Situation) -> bool:
    """contract.md section 5, "Consent". A yes counts because it is on record, not because it was just said."""
    request = s.request
    if s.session is None:
        return False
    if ("consent" in request.prompt or request.details) and not s.consented:
        return True
    return not consent.given(s.work, request.client, s.session.user_id, request.wanted)


def _terms_changed(s: Situation) -> bool:
    return s.session is not None and accepted_terms.changed(s.work, s.session.user_id)


def _offered(page: str) -> Callable[[Situation], bool]:
    """A passkey for this device is offered on that page, and the person has not said anything yet."""
    return lambda s: s.session is not None and s.offer == page and not s.request.silent


def _profile_asked(s: Situation) -> bool:
    """The tenant's form is due, and the person has not answered it yet; what has to be filled in holds up silent
    requests, too.
    """
    if s.session is None or s.profile is False:
        return False
    return (bool(s.profile) and not s.request.silent) or profile_form.required(s.work, s.session.user_id)


def _device_offered(s: Situation) -> bool:
    """The device is offered, and another factor was proven a moment ago (decision 0236), or the device is to stand in
    for the password of somebody who signed in with that, and has nothing else (decision 0438).
    """
    return _offered(DEVICE_OFFER)(s) and (s.challenged or _has_a_password_alone(s))


def _has_a_password_alone(s: Situation) -> bool:
    if s.session is None or not s.just_authenticated or not devices.stand_in(s.work):
        return False
    return not s.session.factors


REFUSALS: tuple[Refusal, ...] = (
    Refusal("blocked", "unauthorized", "user is blocked", _blocked),
    Refusal("recent", my_account.UNMET, "The authentication is not recent enough", _unmet),
)
LOGIN_REQUIRED = "Login required"
MFA_REQUIRED = "Multifactor authentication required"
CHECKS: tuple[Check, ...] = (
    Check("no_session", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _no_session),
    Check("prompt", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _asked_again, reauthenticates=True),
    Check("sso_disabled", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _signs_in_alone),
    Check("max_age", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _too_old, reauthenticates=True),
    Check("id_token_hint", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _another_person, ask_once=True),
    Check("code", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _code_asked_for),
    Check("enrolment", FIRST_PAGE, "interaction_required", MFA_REQUIRED, _stale_newcomer, reauthenticates=True),
    Check("mfa", FACTOR_PAGE, "interaction_required", MFA_REQUIRED, _no_second_factor, impossible=_no_usable_factor),
    Check("deletion", "keep-account", "interaction_required", "The account is to be deleted", _leaving),
    Check("linking", "account-linking", "interaction_required", "Account linking is suggested", _another_account),
    Check("connection", FIRST_PAGE, "login_required", LOGIN_REQUIRED, _another_connection, ask_once=True),
    Check("profile", PROFILE_PAGE, "interaction_required", "More of the profile is asked for", _profile_asked),
    Check("device", DEVICE_OFFER, "interaction_required", "A device is offered", _device_offered),
    Check(
        "customized_consent", accepted_terms.PAGE, "interaction_required", "The terms are not accepted", _terms_changed
    ),
    *(Check(page, page, "interaction_required", "A passkey is offered", _offered(page)) for page in PASSKEY_OFFERS),
    Check("consent", "consent", "consent_required", "Consent required", consent_needed),
)


def refusal(situation: Situation) -> Refusal | None:
    """What ends the attempt, or None."""
    return next((row for row in REFUSALS if row.applies(situation)), None)


def next_step(situation: Situation) -> Check | None:
    """The first thing that is still to be done, or None."""
    return next((check for check in CHECKS if check.needed(situation)), None)
