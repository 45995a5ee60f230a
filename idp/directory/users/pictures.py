"""Pictures of people that their sources brought as bytes: kept with the account, shown at an address that nobody
guesses.

Each picture has an address of its own, so that what is shown under one never changes and browsers may keep it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import structlog
from sqlalchemy import bindparam, delete, select, tuple_

from connectors.contract import Identity as Arrived
from idp.directory.users import photos
from idp.directory.users.models import Identity, Picture
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work

PATH = "pictures"
_SUFFIXES: Mapping[str, str] = {"jpeg": "jpg", "png": "png"}
log = structlog.get_logger("idp.pictures")


class _Row(msgspec.Struct, frozen=True):
    kind: str
    data: str


_BY_ID = Statement(
    "picture_by_id",
    select(Picture.kind, Picture.data).where(Picture.tenant_id == bindparam("tenant"), Picture.id == bindparam("id")),
    row=_Row,
)


def find(work: Work, name: str) -> photos.Photo | None:
    """The picture at ``<id>.<jpg or png>``."""
    picture_id, _, suffix = name.partition(".")
    row = work.hot.one(_BY_ID, tenant=work.tenant_id, id=picture_id[:64])
    if row is None or _SUFFIXES.get(row.kind) != suffix:
        return None
    return photos.Photo("png" if row.kind == "png" else "jpeg", base64.b64decode(row.data))


def follow(work: Work, connection_id: str, arrived: Arrived) -> Arrived:
    """The account as it arrived, with ``picture`` where it brought a photo; one that it no longer brings is forgotten.
    In the caller's transaction, in which the account's identity is locked. A photo that is none is no reason to keep
    anybody out.
    """
    if arrived.photo is None:
        return arrived
    row = work.rows.lock_one(Picture, connection_id, arrived.user_id)
    try:
        photo = photos.read(arrived.photo) if arrived.photo else None
    except photos.NoPhoto as problem:
        log.info("photo_not_kept", connection_id=connection_id, reason=str(problem))
        photo = None
    if photo is None:
        if row is not None:
            work.rows.delete(row)
        return arrived
    address = f"{work.config.url}{PATH}/{_kept(work, connection_id, arrived.user_id, row, photo)}"
    return replace(arrived, profile={**arrived.profile, "picture": f"{address}.{_SUFFIXES[photo.kind]}"})


def _kept(work: Work, connection_id: str, account_id: str, row: Picture | None, photo: photos.Photo) -> str:
    """The id under which it is shown: the one that it has, where it is the same picture."""
    digest = hashlib.sha256(photo.data).hexdigest()
    if row is not None and row.digest == digest:
        return row.id
    values: dict[str, Any] = {
        "id": ids.token(24),
        "kind": photo.kind,
        "data": base64.b64encode(photo.data).decode(),
        "digest": digest,
        "updated_at": clock.now_ms(),
    }
    if row is None:
        row = Picture(connection_id=connection_id, identity_user_id=account_id)
        work.rows.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    return str(row.id)


def forget(work: Work, user_ids: Sequence[str]) -> None:
    """Pictures of every account of these users go, in the caller's transaction, before the accounts do."""
    theirs = select(Identity.connection_id, Identity.identity_user_id).where(Identity.user_id.in_(user_ids))
    work.rows.execute(delete(Picture).where(tuple_(Picture.connection_id, Picture.identity_user_id).in_(theirs)))


def forget_account(work: Work, connection_id: str, account_id: str | None = None) -> None:
    """The picture of one account goes, or every one of the connection."""
    theirs = [Picture.connection_id == connection_id]
    if account_id is not None:
        theirs.append(Picture.identity_user_id == account_id)
    work.rows.execute(delete(Picture).where(*theirs))
