"""The administrator, and how an account of the default connection is made without anybody signing up."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from sqlalchemy import select

from connectors.contract import AlreadyExists
from idp.directory.connections import runtime as connections
from idp.directory.connections import strategies
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.hasher import hasher
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import DatabaseAccount
from idp.directory.users.password_policy import Policy
from idp.foundation.kernel.actor import CLI, Actor
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.settings import SettingsError
from idp.foundation.tenancy.work import Platform
from idp.operations.installation.kept import Kept, made_up_password
from idp.operations.installation.tenant import DEFAULT_TENANT, Provisioned
from idp.signin.tickets import requested
from idp.signin.tickets import service as tickets
from idp.tenant.members import service as members


def administrator(platform: Platform, provisioned: Provisioned) -> dict[str, Any]:
    """Make the first administrator if there is none; answers ``admin`` of ``idp init --json``.

    An existing password is never touched. ``IDP_ADMIN_PASSWORD`` is the default tenant's: no two tenants begin with the
    same one. Production without it gets a one-time link instead of a password.
    """
    kept = kept_administrator(platform, provisioned.tenant_id)
    with kept.alone() if platform.settings.development else nullcontext():
        described = _administrator(platform, provisioned, kept)
    first_owner(platform, provisioned)
    return described


def first_owner(platform: Platform, provisioned: Provisioned) -> bool:
    """Open the dashboard to the administrator of ``IDP_ADMIN_EMAIL`` where nobody administers the tenant: a new one, or
    one of before there were administrators. Whoever has the account without having proven its address is none.
    """
    with platform.work(provisioned.tenant_id, actor=Actor(channel=CLI), orm=True) as work:
        if members.every(work):
            return False
        account = work.rows.scalars(_account(provisioned, email_key(platform.settings.admin_email))).first()
        user = provision.by_identity(work, provisioned.connection_id, account.account_id) if account else None
        if user is None or not user.email_verified:
            return False
        with work.transaction():
            return members.first_owner(work, user.user_id)


def password_link(platform: Platform, provisioned: Provisioned, user_id: str) -> str | None:
    """A one-time link on which an administrator sets a new password; None where their main account has none here."""
    with platform.work(provisioned.tenant_id, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        try:
            return requested.change_password(work, {"user_id": user_id, "mark_email_as_verified": True})
        except BadRequest:
            return None


def _administrator(platform: Platform, provisioned: Provisioned, kept: Kept) -> dict[str, Any]:
    settings = platform.settings
    email = email_key(settings.admin_email)
    given = settings.admin_password if provisioned.tenant_id == DEFAULT_TENANT else None
    account = find(platform, provisioned, email)
    if account is None:
        password = given
        if password is None and settings.development:
            password = kept.password(email) or made_up_password()
            kept.keep(email, password)
        if given and not settings.development and weakness(given):
            raise SettingsError(f"IDP_ADMIN_PASSWORD is too weak. {weakness(given)}")
        made = create(platform, provisioned, email, password)
        if password is not None or not made:
            return {"email": email, "password": password if made else None}
        account = find(platform, provisioned, email)
    if account is None:
        raise AssertionError("the administrator was made a moment ago")
    if account.password_hash is None:
        return {"email": email, "setup_url": _setup_link(platform, provisioned, account)}
    return {"email": email, "password": _still_fitting(kept.password(email), account) if settings.development else None}


def kept_administrator(platform: Platform, tenant_id: str) -> Kept:
    """Where development keeps the password of a tenant's administrator."""
    return Kept(platform.settings.var, "admin.json" if tenant_id == DEFAULT_TENANT else f"admin-{tenant_id}.json")


def weakness(password: str) -> str | None:
    """What the default connection's policy finds wrong with a password; None for a good one."""
    verdict = Policy.of(strategies.installed_rules().password).check(password)
    if verdict.problem is None:
        return None
    if verdict.problem != "strength":
        return {"dictionary": "It is one of the most common passwords.", "too_long": "It is too long."}.get(
            verdict.problem, verdict.problem
        )
    broken = [
        rule.message % rule.format if rule.format else rule.message for rule in verdict.rules if not rule.verified
    ]
    return "It needs: " + "; ".join(text.rstrip(":") for text in broken) + "."


def find(platform: Platform, provisioned: Provisioned, email: str) -> DatabaseAccount | None:
    """The account with that address in the default connection."""
    with platform.db.reading(provisioned.tenant_id) as session:
        return session.scalars(_account(provisioned, email)).first()


def create(
    platform: Platform, provisioned: Provisioned, email: str, password: str | None, *, name: str | None = None
) -> bool:
    """Make an account with a verified address; False where the address is taken. ``email`` is normalized already."""
    with platform.work(provisioned.tenant_id) as work:
        connection = connections.find(work, provisioned.connection_id)
        if connection is None:
            raise LookupError("the default connection is gone")
        prepared = users.prepare_password(work, connection.id, password) if password is not None else None
        attributes = {"email": email, "email_verified": True, **({"name": name} if name else {})}
        try:
            with work.transaction():
                users.add(work, users.NewUser(connection=connection, attributes=attributes, prepared_password=prepared))
        except AlreadyExists:
            return False
        return True


def _account(provisioned: Provisioned, email: str) -> Any:
    return select(DatabaseAccount).where(
        DatabaseAccount.tenant_id == provisioned.tenant_id,
        DatabaseAccount.connection_id == provisioned.connection_id,
        DatabaseAccount.email_key == email,
    )


def _setup_link(platform: Platform, provisioned: Provisioned, account: DatabaseAccount) -> str:
    """A one-time link on which the administrator sets the first password; a later one makes the earlier ones void."""
    with platform.work(provisioned.tenant_id) as work, work.transaction():
        user = provision.by_identity(work, provisioned.connection_id, account.account_id)
        if user is None:
            raise LookupError("nobody has the administrator's account")
        ticket = tickets.Ticket(
            user.user_id, user.connection_id, user.account_id, account.email, mark_email_as_verified=True
        )
        return tickets.create(work, tickets.PASSWORD_CHANGE, ticket)


def _still_fitting(password: str | None, account: DatabaseAccount) -> str | None:
    """The kept password while it is the account's; somebody may have changed it since."""
    return password if password is not None and hasher.verify(account.password_hash, password) else None
