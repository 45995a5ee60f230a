"""What users do about news from below."""

from __future__ import annotations

from idp.db.session import UnitOfWork
from idp.kernel.events import Bus, Event
from idp.tenants.management import ManagementContext
from idp.users import removal


def subscribe(bus: Bus) -> None:
    """Listen."""
    bus.on("connection.deleted", forget_connection)
    bus.on("connection.account_unwanted", forget_account)


def forget_connection(event: Event, unit: UnitOfWork) -> None:
    """The users of a connection go with it."""
    removal.remove_of_connection(unit, event.data["id"])


def forget_account(event: Event, ctx: ManagementContext) -> None:
    """An administrator repairs a half-migrated user."""
    removal.remove_stored_account(ctx, event.data["connection_id"], event.data["email"])
