"""Passwords of users: whether one is good enough, and replacing one with all that follows (security.md F5, H4, I10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, update

from connectors.contract import PasswordConnector, Provisioning
from connectors.strategy import PasswordRules
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import password_history
from idp.directory.users.credentials import Credentials
from idp.directory.users.log_types import UserLog
from idp.directory.users.models import User as U
from idp.directory.users.password_policy import Policy
from idp.directory.users.provision import FoundUser
from idp.directory.users.service.identifiers import identifiers_of
from idp.directory.users.service.profile import locked
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.events import PasswordChanged
from idp.foundation.kernel.redaction import HIDDEN
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log, writes

_FAULTS = {
    "strength": "PasswordStrengthError: Password is too weak",
    "dictionary": "PasswordDictionaryError: Password is too common",
    "user_info": "PasswordNoUserInfoError: Password contains user information",
    "too_long": "PasswordStrengthError: Password is too long",
    "history": "PasswordHistoryError: Password has previously been used",
}
_PASSWORD_RESET = Statement(
    "user_password_reset",
    update(U)
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
    .values(last_password_reset=bindparam("now"), updated_at=bindparam("now")),
)


def keeps_passwords(connection: ConnectionConfig | None) -> bool:
    """Whether accounts of the connection have a password here."""
    return connection is not None and connection.keeps_accounts


def password_problem(
    work: Work,
    connection: ConnectionConfig | None,
    password: str,
    about: Mapping[str, Any],
    *,
    account_id: str | None = None,
) -> str | None:
    """What is wrong with a new password: a key of :data:`idp.directory.users.password_policy.PROBLEM_TEXTS`, or None.

    ``about`` is the profile it must not repeat; earlier passwords of ``account_id`` are refused where the connection
    asks for it.
    """
    rules = connection.password_rules if connection else PasswordRules()
    verdict = Policy.of(rules).check(password, about)
    if verdict.problem is None and connection is not None and account_id is not None:
        known = Credentials(work.hot, work.tenant_id, connection.id).passwords(account_id)
        return "history" if password_history.repeats(rules, known, password) else None
    return verdict.problem


def checked(
    work: Work,
    connection: ConnectionConfig,
    password: str,
    about: Mapping[str, Any],
    *,
    account_id: str | None = None,
) -> str:
    """The prepared password of one that an administrator sets.

    :raises BadRequest: it breaks the connection's policy; the text names the kind of fault and no rules, as Auth0 does.
    """
    check(work, connection, password, about, account_id=account_id)
    return prepare_password(work, connection.id, password)


def check(
    work: Work,
    connection: ConnectionConfig,
    password: str,
    about: Mapping[str, Any],
    *,
    account_id: str | None = None,
) -> None:
    """Whether an administrator may set that password.

    :raises BadRequest: it breaks the connection's policy.
    """
    problem = password_problem(work, connection, password, about, account_id=account_id)
    if problem is not None:
        raise BadRequest(_FAULTS[problem], "invalid_body", where="password")


def prepare_password(work: Work, connection_id: str, password: str) -> str:
    """Hash a new password, before any transaction. Raises LookupError when the connection keeps no passwords."""
    return _keeper(work, connection_id).prepare(password)


def change_password(
    work: Work, user: FoundUser, prepared: str, *, spared_session: str = "", notify_in: str | None = None
) -> None:
    """Replace the password in the caller's transaction. What the old one opened ends: sessions, but for the spared one
    in which its owner did it, tokens, tickets, blocks. ``notify_in`` is the language in which a mail tells the owner.

    :raises NotFound: the user was deleted meanwhile.
    """
    locked(work, user.user_id)
    _keeper(work, user.connection_id).change_password(user.account_id, prepared)
    password_replaced(work, user, spared_session=spared_session, notify_in=notify_in)


def changed_at_source(work: Work, user: FoundUser, *, spared_session: str = "", notify_in: str | None = None) -> None:
    """The person has another password at their source since a moment ago: the same ends as when we keep it.

    :raises NotFound: the user was deleted meanwhile.
    """
    locked(work, user.user_id)
    password_replaced(work, user, spared_session=spared_session, notify_in=notify_in)


def password_replaced(work: Work, user: FoundUser, *, spared_session: str = "", notify_in: str | None = None) -> None:
    """The account has another password, here or at a source of its own: what follows of it, in the caller's
    transaction. See :func:`change_password`.
    """
    work.hot.run(_PASSWORD_RESET, tenant=work.tenant_id, user=user.user_id, now=clock.now_ms())
    log.write(
        work,
        UserLog.PASSWORD_CHANGED,
        user_id=user.user_id,
        user_name=user.email or user.username,
        connection_id=user.connection_id,
    )
    writes.note(work, "users", user.user_id, "password", old=HIDDEN, new=HIDDEN)
    known_as = identifiers_of(work, [user.user_id])
    account = (user.user_id, user.connection_id, user.account_id)
    work.emit(PasswordChanged(*account, known_as, spared_session, email=user.email, notify_in=notify_in))


def _keeper(work: Work, connection_id: str) -> Provisioning:
    connection = connections.find(work, connection_id)
    connector = connections.runtime.open(work, connection) if connection else None
    if not isinstance(connector, Provisioning) or not isinstance(connector, PasswordConnector):
        raise LookupError("the connection keeps no passwords")  # noqa: TRY004 - a fact about data, not about types
    return connector
