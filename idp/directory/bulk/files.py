"""Files of any size, imported and exported from the shell: what jobs do, without their limits. Memory stays flat: rows
are read, looked at and written in batches, and what they were called is remembered in a file that goes afterwards.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, Self

import msgspec

from idp.directory.bulk import columns, exporting, rows
from idp.directory.bulk.columns import Field
from idp.directory.bulk.converters import CONVERTERS, Converter
from idp.directory.bulk.converters.contract import Unconvertible
from idp.directory.bulk.importing import Batch, Refused, Result, Row, looked_at, write
from idp.directory.connections import runtime as connections
from idp.foundation.tenancy.work import Platform, Work

BATCH = {"sqlite": 200, "postgresql": 1000}
"""Users in one transaction: on SQLite everybody else who writes waits for it."""
EXPORT_BATCH = 500


@dataclass
class Tally:
    """What became of a file. ``left_out`` counts what other products know and did not come along."""

    total: int = 0
    inserted: int = 0
    updated: int = 0
    failed: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """A batch was written."""
        self.inserted += result.inserted
        self.updated += result.updated
        self.failed += len(result.refused)


class SeenOnDisk:
    """:class:`~.importing.Seen` for files of any size: a database that nobody else knows, and that goes with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="idp-import-")
        self._kept = sqlite3.connect(Path(self._folder.name) / "seen.db", isolation_level=None)
        for command in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "BEGIN"):
            self._kept.execute(command)
        self._kept.execute("CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()
        self._folder.cleanup()

    def add(self, key: str) -> bool:
        """See :class:`~.importing.Seen`."""
        return self._kept.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 1


@dataclass(frozen=True, kw_only=True)
class Import:
    """What to do with a file. ``first`` is the number of the first row that counts, from 1. ``refused`` hears of every
    row that was not imported, ``reached`` of the rows that are behind after each batch.
    """

    converter: Converter
    connection_id: str
    upsert: bool = False
    dry_run: bool = False
    first: int = 1
    options: Mapping[str, str] = field(default_factory=dict)
    refused: Callable[[Refused], None] = lambda _refused: None
    reached: Callable[[Tally], None] = lambda _tally: None


def import_file(platform: Platform, tenant_id: str, file: BinaryIO, asked: Import) -> Tally:
    """Import everybody in ``file``. While one batch is written the next is read: the store and this process work at the
    same time.

    :raises Unconvertible: the file is not what the converter reads; what came before is imported.
    :raises LookupError: there is no such tenant or connection.
    """
    tally = Tally()
    with SeenOnDisk() as seen, platform.work(tenant_id, orm=True) as work, ThreadPoolExecutor(1, "import") as writer:
        connection = connections.find(work, asked.connection_id)
        if connection is None:
            raise LookupError("the connection is gone")
        source = _rows(asked, file, tally)
        under_way: Future[Result] | None = None
        size = BATCH["sqlite" if platform.db.sqlite else "postgresql"]
        while some := list(islice(source, size)):
            batch = _counted(looked_at(connection, some, seen), asked.first)
            if under_way is not None:
                _done(asked, tally, under_way.result())
            under_way = writer.submit(_write, work, batch, asked)
            tally.total += len(some)
        if under_way is not None:
            _done(asked, tally, under_way.result())
    return tally


def _rows(asked: Import, file: BinaryIO, tally: Tally) -> Iterator[Row]:
    for number, made in enumerate(asked.converter.read(file, asked.options)):
        for name in made.left_out:
            tally.left_out[name] = tally.left_out.get(name, 0) + 1
        yield Row(number, made.row)


def _counted(batch: Batch, first: int) -> Batch:
    """Without the rows before ``first``, which were imported before: they only say who is taken."""
    if first <= 1:
        return batch
    return Batch(
        [(row, person) for row, person in batch.people if row.number + 1 >= first],
        [each for each in batch.refused if each.row.number + 1 >= first],
    )


def _write(work: Work, batch: Batch, asked: Import) -> Result:
    """On the writer's thread, which has a connection of its own."""
    with work.platform.work(work.tenant_id, orm=True) as mine:
        connection = connections.find(mine, asked.connection_id)
        if connection is None:
            raise LookupError("the connection is gone")
        if asked.dry_run:
            return Result(inserted=len(batch.people), refused=list(batch.refused))
        return write(mine, connection, batch, upsert=asked.upsert)


def _done(asked: Import, tally: Tally, result: Result) -> None:
    tally.add(result)
    for each in result.refused:
        asked.refused(each)
    asked.reached(tally)


def reported(refused: Refused) -> bytes:
    """A line of the report about rows that were not imported, without their secrets."""
    document = {
        "row": refused.row.number + 1,
        "user": rows.shown(refused.row.document),
        "errors": [each.document() for each in refused.faults],
    }
    return msgspec.json.encode(document) + b"\n"


def export_file(
    work: Work,
    connection_id: str | None,
    file: IO[bytes],
    *,
    fields: Sequence[Field] = (),
    format_: str = columns.JSON,
    reached: Callable[[int], None] = lambda _amount: None,
) -> int:
    """Write every user (of one connection) to ``file``; answers how many. ``reached`` hears how many more each time."""
    chosen, after, total = list(fields) or columns.of({"format": format_}), "", 0
    while True:
        found = exporting.batch(work, connection_id, after, EXPORT_BATCH)
        file.write(columns.written(chosen, found, format_, head=total == 0))
        work.rows.expunge_all()
        total += len(found)
        reached(len(found))
        if len(found) < EXPORT_BATCH:
            return total
        after = str(found[-1]["user_id"])


def options_of(given: Sequence[str]) -> dict[str, str]:
    """``name=value`` as a mapping. Raises ValueError."""
    found = dict(each.partition("=")[::2] for each in given)
    if not all(found) or any("=" not in each for each in given):
        raise ValueError("options look like name=value")
    return found


def guessed(head: bytes, name: str) -> str:
    """The format of a file by its name and its first bytes; those of other products are named by whoever has them."""
    lower = name.lower()
    if lower.endswith(".ldif") or head.lstrip().lower().startswith((b"dn:", b"version:")):
        return "ldif"
    if lower.endswith(".csv") or not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{")):
        return "csv"
    return "auth0"


def as_rows(content: bytes, name: str = "") -> bytes:
    """A file of the format of that name, or of the one that it looks like, as the Management API takes users.

    :raises Unconvertible: it is none, or nobody is in it.
    """
    chosen = name or guessed(content[:1024], "")
    if chosen == "auth0" or not content.strip():
        return content
    if chosen not in CONVERTERS:
        raise Unconvertible("There is no such format")
    found = [made.row for made in CONVERTERS[chosen].read(BytesIO(content), {})]
    if not found:
        raise Unconvertible("There is nobody in the file")
    return msgspec.json.encode(found)
