"""Passwords of the caller's accounts, as methods of authentication."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.strategy import PasswordRules
from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.directory.users.models import DatabaseAccount, Identity
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.my_account.caller import current
from idp.signin.factors.service import NO_METHOD

PASSWORD = "password"  # noqa: S105 - a type


@dataclass(frozen=True)
class Password:
    """The password of one of the person's accounts; times in ms."""

    id: str
    connection_id: str
    account_id: str
    rules: PasswordRules
    created_at: int
    set_at: int | None


def of_caller(work: Work) -> list[Password]:
    """Passwords of the caller's accounts that are kept here."""
    found = []
    for identity in users.identities_of(work, current(work).person):
        password = of_account(work, identity)
        if password is not None:
            found.append(password)
    return found


def accounts(work: Work) -> list[Identity]:
    """The caller's accounts whose passwords are kept here."""
    able = []
    for identity in users.identities_of(work, current(work).person):
        connection = connections.find(work, identity.connection_id)
        if connection is not None and connection.keeps_accounts:
            able.append(identity)
    return able


def of_account(work: Work, identity: Identity, *, new: bool = False) -> Password | None:
    """The password of an account; ``new``: also of one that may get its first."""
    connection = connections.find(work, identity.connection_id)
    account = work.rows.get(DatabaseAccount, (work.tenant_id, identity.connection_id, identity.identity_user_id))
    if connection is None or account is None or not (account.password_hash or new):
        return None
    return Password(
        id=f"{PASSWORD}|{identity.connection_id}_{identity.identity_user_id}",
        connection_id=identity.connection_id,
        account_id=identity.identity_user_id,
        rules=connection.password_rules,
        created_at=account.created_at,
        set_at=account.password_set_at,
    )


def get(work: Work, method_id: str) -> Password:
    """One of the caller's passwords. Raises NotFound."""
    found = next((each for each in of_caller(work) if each.id == method_id), None)
    if found is None:
        raise NotFound(NO_METHOD, "inexistent_authentication_method")
    return found
