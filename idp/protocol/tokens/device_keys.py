"""Public keys of users' devices (``POST /device-credentials``): kept, listed and removed for applications that hold a
key pair of their own on each device.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import delete, func, select

from idp.applications.clients import runtime as clients
from idp.directory.users import service as users
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, Conflict, Forbidden
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.models import DeviceKey

PREFIX: Final = "dcr_"
MOST: Final = 50
"""Keys that one user may have."""


def create(work: Work, members: Mapping[str, Any]) -> DeviceKey:
    """The key of a device of whoever calls. Raises Forbidden for a caller who is no user, BadRequest for an unknown
    client or one key too many, Conflict where that device has one.
    """
    user_id = work.actor.user_id
    if user_id is None:
        raise Forbidden("The token is not a user's.", "operation_not_supported")
    client_id = members.get("client_id") or work.actor.client_id
    if clients.find(work, client_id) is None:
        raise BadRequest("The client does not exist.", "inexistent_client")
    users.hold(work, user_id)
    mine = DeviceKey.user_id == user_id
    if (work.rows.scalar(select(func.count()).select_from(DeviceKey).where(mine)) or 0) >= MOST:
        raise BadRequest(f"A user has at most {MOST} device credentials.", "operation_not_supported")
    same = select(DeviceKey).where(mine, DeviceKey.client_id == client_id, DeviceKey.device_id == members["device_id"])
    if work.rows.scalars(same).first() is not None:
        raise Conflict("The device credential already exists.", "device_credential_conflict")
    row = DeviceKey(
        id=ids.prefixed(PREFIX),
        user_id=user_id,
        client_id=client_id,
        device_name=members["device_name"],
        device_id=members["device_id"],
        public_key=members["value"],
        created_at=clock.now_ms(),
    )
    work.rows.add(row)
    work.rows.flush()
    return row


def remove(work: Work, key_id: str, *, only_of: str | None) -> None:
    """Forget a key; ``only_of`` that user, where whoever calls acts for themselves. An unknown one is no error."""
    statement = delete(DeviceKey).where(DeviceKey.id == key_id)
    work.rows.execute(statement if only_of is None else statement.where(DeviceKey.user_id == only_of))
