"""Pictures of people that their sources brought as bytes, or that they chose themselves: kept with the account, shown
at an address that nobody guesses.

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
from idp.directory.connections.runtime import ConnectionConfig
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


class _Name(msgspec.Struct, frozen=True):
    id: str
    kind: str


_NAME = Statement(
    "picture_of_account",
    select(Picture.id, Picture.kind).where(
        Picture.tenant_id == bindparam("tenant"),
        Picture.connection_id == bindparam("connection"),
        Picture.identity_user_id == bindparam("account"),
    ),
    row=_Name,
)


def find(work: Work, name: str) -> photos.Photo | None:
    """The picture at ``<id>.<jpg or png>``."""
    picture_id, _, suffix = name.partition(".")
    row = work.hot.one(_BY_ID, tenant=work.tenant_id, id=picture_id[:64])
    if row is None or _SUFFIXES.get(row.kind) != suffix:
        return None
    return photos.Photo("png" if row.kind == "png" else "jpeg", base64.b64decode(row.data))


def chosen_here(connection: ConnectionConfig | None) -> bool:
    """Whether people of that connection choose their pictures here: no source brings them."""
    return connection is not None and (connection.keeps_accounts or connection.passwordless_by is not None)


def path_of(work: Work, connection_id: str, account_id: str) -> str | None:
    """The path at which the picture of that account is shown; None where there is none."""
    name = work.hot.one(_NAME, tenant=work.tenant_id, connection=connection_id, account=account_id)
    return None if name is None else f"/{PATH}/{name.id}.{_SUFFIXES[name.kind]}"


def choose(work: Work, connection_id: str, account_id: str, photo: photos.Photo | None) -> str | None:
    """Keep the picture that somebody chose for that account, in the caller's transaction, in which their user is
    locked; None takes it away. Answers where it is shown.
    """
    row = work.rows.lock_one(Picture, connection_id, account_id)
    if photo is None:
        if row is not None:
            work.rows.delete(row)
        return None
    return _address(work, _kept(work, connection_id, account_id, row, photo), photo.kind)


def _address(work: Work, picture_id: str, kind: str) -> str:
    return f"{work.config.url}{PATH}/{picture_id}.{_SUFFIXES[kind]}"


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
    address = _address(work, _kept(work, connection_id, arrived.user_id, row, photo), photo.kind)
    return replace(arrived, profile={**arrived.profile, "picture": address})


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
