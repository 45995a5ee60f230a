"""Links that set a new password, mailed to people because an administrator asks for it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select

from connectors.contract import Provisioning
from idp.directory.connections import runtime as connections
from idp.directory.connections import strategies
from idp.directory.users import service as users
from idp.directory.users.models import Identity
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import BadRequest, TooManyRequests
from idp.foundation.tenancy.work import Work
from idp.signin.login.log_types import LoginLog
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import PASSWORD_CHANGE, Ticket
from idp.tenant.audit import log
from idp.tenant.members import service as administrators

REQUESTER: Final = "administrator"
"""Stands for the requester of such a link: of several the newest is good, and those that people had sent stay so."""


def send(work: Work, user_id: str) -> None:
    """Mail the user a link that sets a new password, in the caller's transaction.

    :raises NotFound: no such user.
    :raises Forbidden: it is an administrator with more rights than the caller.
    :raises BadRequest: their main account has no password here, or no address.
    :raises TooManyRequests: one was mailed a moment ago, which is still good.
    """
    user = users.get(work, user_id)
    administrators.refuse_stronger(work, [user_id])
    main = select(Identity).where(Identity.user_id == user_id, Identity.position == 0)
    identity = work.rows.scalars(main).one()
    connection = connections.find(work, identity.connection_id)
    able = strategies.named(identity.provider).can(Provisioning)
    if connection is None or not able or not connection.checks_passwords:
        raise BadRequest("The user's main connection does not support this operation.", "operation_not_supported")
    if not user.email:
        raise BadRequest("User does not have an email address.", "operation_not_supported")
    if limits.exceeded(work, limits.RESET_FOR, user_id) is not None:
        raise TooManyRequests("The user was mailed a link a moment ago.")
    ticket = Ticket(
        user_id,
        connection.id,
        identity.identity_user_id,
        user.email,
        mark_email_as_verified=True,
        locale=user.language,
        requester=REQUESTER,
    )
    tickets.mail_link(work, "reset_email", PASSWORD_CHANGE, ticket)
    log.write(
        work,
        LoginLog.PASSWORD_RESET_REQUESTED,
        user_id=user_id,
        user_name=user.email,
        connection=connection.name,
        connection_id=connection.id,
        details={"by": work.actor.user_id, "channel": work.actor.channel},
    )
