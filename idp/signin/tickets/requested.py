"""Tickets that an application asks for and delivers itself (spec/account-lifecycle.md, "Tickets")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from connectors.contract import Provisioning
from idp.applications.clients import service as clients
from idp.directory.connections import strategies
from idp.directory.connections.models import Connection
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.signin.tickets import service
from idp.signin.tickets.service import DEFAULT_TTL_MS, EMAIL_VERIFICATION, PASSWORD_CHANGE, Ticket
from idp.tenant.members import service as administrators


def verify_email(work: Work, members: Mapping[str, Any]) -> str:
    """The link that proves the address of ``user_id``; ``members`` have Auth0's names.

    :raises NotFound: no such user.
    :raises BadRequest: the user or the identity has no address, or members contradict each other.
    """
    _check(work, members)
    user = users.get(work, members["user_id"])
    identity = _identity(work, members, user)
    if not _email(user, identity):
        raise BadRequest("User does not have an email address.", "operation_not_supported")
    return _create(work, EMAIL_VERIFICATION, members, user, identity)


def change_password(work: Work, members: Mapping[str, Any]) -> str:
    """The link on which a user sets a new password: of a ``user_id``, or of an ``email`` in a ``connection_id``.

    :raises NotFound: no such user.
    :raises BadRequest: the identity has no password here, or members contradict each other.
    :raises Forbidden: it is an administrator with more rights than the caller.
    """
    _check(work, members)
    by_address = "connection_id" in members and "email" in members
    if ("user_id" in members) == by_address:
        raise fault(BODY, "Missing required property: user_id, or connection_id and email")
    user = (
        _by_address(work, members["connection_id"], members["email"])
        if by_address
        else users.get(work, members["user_id"])
    )
    administrators.refuse_stronger(work, [user.user_id])
    identity = _identity(work, members, user)
    if not strategies.named(identity.provider).can(Provisioning):
        raise BadRequest("The user's main connection does not support this operation.", "operation_not_supported")
    return _create(work, PASSWORD_CHANGE, members, user, identity)


def _create(work: Work, kind: str, members: Mapping[str, Any], user: User, identity: Identity) -> str:
    ticket = Ticket(
        user_id=user.user_id,
        connection_id=identity.connection_id,
        account_id=identity.identity_user_id,
        email=_email(user, identity),
        client_id=members.get("client_id") or None,
        result_url=members.get("result_url") or None,
        include_email=bool(members.get("includeEmailInRedirect", False)),
        mark_email_as_verified=bool(members.get("mark_email_as_verified", False)),
    )
    ttl_ms = int(members.get("ttl_sec", 0)) * 1000 or DEFAULT_TTL_MS
    return service.create(work, kind, ticket, ttl_ms=ttl_ms)


def _check(work: Work, members: Mapping[str, Any]) -> None:
    if "organization_id" in members:
        raise BadRequest("The organization does not exist.", "inexistent_organization")
    if members.get("result_url") and members.get("client_id"):
        raise BadRequest("result_url can't be given together with client_id.", "invalid_body")
    if members.get("client_id"):
        try:
            clients.get(work, members["client_id"])
        except NotFound as error:
            raise BadRequest("The client does not exist.", "inexistent_client") from error


def _by_address(work: Work, connection_id: str, email: str) -> User:
    if work.rows.get(Connection, (work.tenant_id, connection_id)) is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection")
    account = work.rows.scalars(
        select(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.email_key == email_key(email)
        )
    ).first()
    identity = work.rows.get(Identity, (work.tenant_id, connection_id, account.account_id)) if account else None
    if identity is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return users.get(work, identity.user_id)


def _identity(work: Work, members: Mapping[str, Any], user: User) -> Identity:
    """The identity the ticket is about: the main one unless ``identity`` names another."""
    identities = work.rows.scalars(
        select(Identity).where(Identity.user_id == user.user_id).order_by(Identity.position)
    ).all()
    wanted = members.get("identity")
    if wanted is None:
        return identities[0]
    for identity in identities:
        same = (identity.provider, identity.identity_user_id) == (wanted["provider"], wanted["user_id"])
        if same and wanted.get("connection_id", identity.connection_id) == identity.connection_id:
            return identity
    raise BadRequest("The user has no such identity.", "invalid_body")


def _email(user: User, identity: Identity) -> str | None:
    if identity.position == 0:
        return user.email
    email = (identity.profile_data or {}).get("email")
    return str(email) if email else None
