"""Identity in, session out: the end of every way to sign in. One short transaction, its log row included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract import AlreadyExists, Identity
from idp.applications.clients import runtime as clients
from idp.directory.authorization import runtime as authorization
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.brute_force import Counted
from idp.signin.factors import risk, trust
from idp.signin.factors import settings as factor_settings
from idp.signin.login import connection_choice, passkey_offer, profile_form, source_sessions
from idp.signin.login import transaction as transactions
from idp.signin.login.log_types import LoginLog
from idp.signin.login.policy import DEVICE_OFFER
from idp.signin.login.screen import Deny, Resume
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import offers
from idp.signin.sessions import service as sessions
from idp.tenant.audit import log

BLOCKED = "user is blocked"
NO_ID = "the source gave no usable id"


class NoAccount(Exception):
    """No user belongs to that identity, and none can."""


def sign_in(
    request: ScreenRequest,
    connection: ConnectionConfig,
    identity: Identity,
    methods: Sequence[str],
    *,
    counted_as: Counted | None = None,
) -> Resume | Deny:
    """Begin the session (or renew it for the same person) and go on.

    ``methods`` are the values of ``amr`` that were proven; ``counted_as`` is what its tries are counted
    under: its failures are forgotten.

    :raises NoAccount: the connection no longer has a user for the identity, or can have none.
    """
    user = user_of(request.work, connection, identity)
    return enter(request, connection, user, methods, identity=identity, counted_as=counted_as)


def enter(
    request: ScreenRequest,
    connection: ConnectionConfig,
    user: FoundUser,
    methods: Sequence[str],
    *,
    identity: Identity | None = None,
    counted_as: Counted | None = None,
) -> Resume | Deny:
    """The same for somebody who is known already; ``identity`` is what their source said just now, if it was asked."""
    work, transaction, before = request.work, request.transaction, request.session
    members = _members(request, user, connection)
    if user.blocked:
        with work.transaction():
            users.record_login(work, user.user_id)
            log.write(work, LoginLog.FAILED, BLOCKED, **members)
        return Deny("unauthorized", BLOCKED)
    offered = passkey_offer.first(request, connection, user, methods)
    moment, mode = clock.now_ms(), clients.cookie_mode(work, request.client)
    proven: list[dict[str, Any]] = [{"name": name, "timestamp": clock.iso(moment)} for name in methods]
    with work.transaction():
        users.record_login(work, user.user_id)  # first: it locks the user, whose sessions end under that lock
        if before is not None and before.user_id == user.user_id:
            sid, secret = before.id, sessions.reauthenticate(work, before, user.connection_id, proven, mode)
        else:
            if before is not None:
                sessions.end(work, before.id, before.user_id, "session-expired")
            sid, secret = sessions.begin(work, user.user_id, user.connection_id, proven, mode)
        authorization.persist(work, user.user_id, request.client.client_id, connection)
        source_sessions.remember(work, sid, user.user_id, connection, identity or Identity(user.account_id, {}))
        if transaction.picked and transaction.ui_locales:
            users.keep_language(work, user.user_id, transaction.ui_locales)
        elif transaction.ui_locales is None:
            transaction.ui_locales = user.language
        if user.factors and request.browser.trust:
            trust.used(work, user.user_id, request.browser.trust)
        if counted_as is not None:
            brute_force.succeeded(work, counted_as, connection.name)
        transaction.user_id, transaction.session_id, transaction.authenticated_at = user.user_id, sid, moment
        transaction.factor = None
        transaction.offer = offered
        transaction.profile = profile_form.due(work, user.user_id) or None
        transactions.save(work, request.state, transaction)
        log.write(work, LoginLog.SUCCESS, **members, **_risk(request, user))
    several = len(connection_choice.usable(work, request.client)) > 1  # else there is nothing to mark
    kept = offers.noted(work, user.user_id, request.passkey_offers, _days(offered)) if offered else None
    return Resume(secret, connection.id if several else None, offers=kept, mode=mode)


def _days(offered: str) -> int:
    """How long nobody is offered anything again in that browser."""
    return offers.SNOOZED_DAYS if offered == DEVICE_OFFER else offers.AGAIN_DAYS


def user_of(work: Work, connection: ConnectionConfig, identity: Identity) -> FoundUser:
    """Whose identity it is. One from a source that keeps its own accounts is new here at first. Raises NoAccount."""
    if not connection.keeps_accounts and connection.codes is None:
        return _arrived(work, connection, identity)
    user = provision.by_identity(work, connection.id, identity.user_id)
    if user is None and identity.prepared_password is not None:
        return _migrated(work, connection, identity)
    if user is None:
        raise NoAccount
    return user


def _migrated(work: Work, connection: ConnectionConfig, identity: Identity) -> FoundUser:
    """Two tabs of somebody who comes from another database may arrive at once, too."""
    try:
        with work.transaction():
            return users.migrate(work, connection, identity)
    except AlreadyExists as error:
        user = provision.by_identity(work, connection.id, identity.user_id)
        if user is None:
            raise NoAccount("DUPLICATED_USER: somebody here has the address or name of that account") from error
        return user


def _arrived(work: Work, connection: ConnectionConfig, identity: Identity) -> FoundUser:
    """Two tabs of a newcomer may arrive at once: the loser of that race looks again and finds who was made."""
    if not connection.names_somebody(identity.user_id):
        raise NoAccount(NO_ID)
    try:
        with work.transaction():
            return _arrive(work, connection, identity)
    except AlreadyExists:
        try:
            with work.transaction():
                return _arrive(work, connection, identity)
        except AlreadyExists as error:
            raise NoAccount("the id belongs to a user of another connection") from error


def _arrive(work: Work, connection: ConnectionConfig, identity: Identity) -> FoundUser:
    arrive = users.arrive_from if connection.accounts is not None else users.arrive
    return arrive(work, connection, identity)


def cookie_max_age(work: Work, mode: str) -> int | None:
    """The session cookie's life in seconds: the absolute lifetime, or None for one that ends with the browser."""
    absolute, _ = work.config.settings.lifetimes_ms(mode)
    return absolute // 1000 if mode == "persistent" else None


def _risk(request: ScreenRequest, user: FoundUser) -> dict[str, Any]:
    """What the log says of how much the sign-in looks like the person's own, where the tenant goes by that."""
    if not factor_settings.of(request.work).knows_browsers:
        return {}
    assessed = risk.assess(request.work, user.user_id, request.browser.device_hash)
    return {"details": {"riskAssessment": assessed.details}}


def _members(request: ScreenRequest, user: FoundUser, connection: ConnectionConfig) -> dict[str, Any]:
    return {
        "client_id": request.client.client_id,
        "client_name": request.client.name,
        "user_id": user.user_id,
        "user_name": user.email or user.username or user.name,
        "connection": connection.name,
        "connection_id": user.connection_id,
        "strategy": connection.strategy,
        "strategy_type": connection.strategy_type,
    }
