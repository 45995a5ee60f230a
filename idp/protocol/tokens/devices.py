"""Devices as their owners and administrators see them: the refresh token that one holds, or its key."""

from __future__ import annotations

from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import device_keys, families, store


def unlink(work: Work, device_id: str, *, only_of: str | None) -> None:
    """The refresh token of that device is dead, its key forgotten; ``only_of`` that user, where whoever calls acts for
    themselves. An unknown one, and somebody else's, is no error.
    """
    if device_id.startswith(device_keys.PREFIX):
        device_keys.remove(work, device_id, only_of=only_of)
    elif only_of is None or families.owner(work, device_id) == only_of:
        store.revoke(work, device_id)
