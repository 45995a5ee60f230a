"""Everything that is stored of one person, as a file of JSON documents: one for each table that has rows of them.

Nothing secret is in it: what is sealed, hashes, and what features declare as hidden are left out. It is read table by
table, the newest rows first, and no table gives more than :data:`MOST_ROWS`; the manifest says where that was not all.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import msgspec
from sqlalchemy import BigInteger, func, inspect, select
from sqlalchemy.orm import ColumnProperty
from sqlalchemy.sql.elements import NamedColumn

from idp.directory.privacy import tables
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity
from idp.foundation.db.personal import Personal, Whose
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog

MOST_ROWS = 10_000
FOLDER = "personal-data"


def whose(work: Work, user_id: str) -> Whose:
    """By what rows name that person now.

    :raises NotFound: there is no such user.
    """
    users.get(work, user_id)
    rows = work.rows.scalars(select(Identity).where(Identity.user_id == user_id))
    accounts = tuple((row.connection_id, row.identity_user_id) for row in rows)
    identifiers = users.identifiers_of(work, [user_id])
    return Whose(user_id, accounts, tuple(sorted({*identifiers, *map(email_key, identifiers)})))


def write_archive(work: Work, user_id: str, stream: IO[bytes]) -> None:
    """Write the zip file of that person, and into the log that somebody was told all this.

    :raises NotFound: there is no such user.
    """
    person = whose(work, user_id)
    files: list[dict[str, Any]] = []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in tables.every():
            if each.archived:
                rows = list(_rows(work, each, person))
                name, more = f"{FOLDER}/{each.table}.json", len(rows) > MOST_ROWS
                shown = rows[:MOST_ROWS]
                archive.writestr(name, _text(shown))
                files.append({"file": name, "rows": len(shown), **({"older_rows_left_out": True} if more else {})})
        archive.writestr(
            f"{FOLDER}/manifest.json",
            _text(
                {
                    "user_id": user_id,
                    "tenant": work.tenant_id,
                    "issuer": work.config.issuer,
                    "made_at": clock.iso(clock.now_ms()),
                    "files": files,
                }
            ),
        )
    log.write(
        work, ApiLog.DONE, "Archive of a user", client_id=work.actor.client_id or None, details={"user_id": user_id}
    )


@dataclass(frozen=True)
class Erased:
    """How many rows a table had of a person, and has; ``stays`` says why it still has any."""

    table: str
    before: int
    after: int
    stays: str


def erase(work: Work, user_id: str) -> list[Erased]:
    """Delete somebody with everything that hangs on them, and count what every table has of them before and after the
    commit: the proof.

    :raises NotFound: there is no such user.
    :raises LookupError: a table still has rows of them that ought to be gone: a defect.
    """
    person = whose(work, user_id)
    before = [count(work, each, person) for each in tables.every()]
    with work.transaction():
        users.delete(work, user_id)
    found = [
        Erased(each.table, had, count(work, each, person), each.stays)
        for each, had in zip(tables.every(), before, strict=True)
    ]
    left = sorted(each.table for each in found if each.after and not each.stays)
    if left:
        raise LookupError(f"rows of a deleted user are left in {', '.join(left)}")
    return found


def count(work: Work, personal: Personal, person: Whose) -> int:
    """How many rows a table has of them."""
    model = personal.model
    statement = select(func.count()).select_from(model).where(model.tenant_id == work.tenant_id, personal.of(person))
    return int(work.rows.scalar(statement) or 0)


def _rows(work: Work, personal: Personal, person: Whose) -> Iterator[dict[str, Any]]:
    """Rows as JSON, each by the names of its columns; moments as ISO 8601."""
    mapper = inspect(personal.model)
    shown = {name: column for name, column in _columns(mapper).items() if name not in personal.hidden}
    key = [each.desc() for each in mapper.primary_key]
    statement = (
        select(personal.model)
        .where(personal.model.tenant_id == work.tenant_id, personal.of(person))
        .order_by(*key)
        .limit(MOST_ROWS + 1)
    )
    for row in work.rows.scalars(statement).yield_per(500):
        yield {name: _value(column, getattr(row, name)) for name, column in shown.items()}
        work.rows.expunge(row)


def _columns(mapper: Any) -> dict[str, NamedColumn[Any]]:
    """The columns that may be shown, by the names of their attributes."""
    found = {each.key: each.columns[0] for each in mapper.iterate_properties if isinstance(each, ColumnProperty)}
    return {
        name: column
        for name, column in found.items()
        if not getattr(column, "info", {}).get("sealed") and column.name != "tenant_id"
    }


def _value(column: NamedColumn[Any], value: Any) -> Any:
    if isinstance(column.type, BigInteger) and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _text(document: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2)
