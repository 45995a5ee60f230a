"""Whom a command means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from idp.foundation.tenancy.work import Work


def named_user(work: Work, user: str) -> str:
    """The id of the user that ``user`` names: their id, or the address that they alone have. Raises ClickException."""
    from sqlalchemy import select

    from idp.directory.users.identifiers import email_key
    from idp.directory.users.models import User

    if work.rows.get(User, (work.tenant_id, user)) is not None:
        return user
    by_address = select(User.user_id).where(User.email_key == email_key(user)) if "@" in user else None
    found = work.rows.scalars(by_address.order_by(User.user_id).limit(20)).all() if by_address is not None else []
    if not found:
        raise click.ClickException(f"There is no user called {user}.")
    if len(found) > 1:
        raise click.ClickException(f"{len(found)} users have that address; say which by the id: {', '.join(found)}")
    (only,) = found
    return str(only)
