"""Files of jobs, in sealed pieces of the database."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from sqlalchemy import bindparam, delete, select

from idp.directory.bulk.limits import PART_BYTES
from idp.directory.bulk.models import JobPart as P
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

READ, WRITTEN = "in", "out"
"""What the names of pieces begin with: of a file that a job reads, and of one that it writes."""
_INSERT = Statement("job_part_insert", insert_row(P))
_ONE = Statement(
    "job_part",
    select(P.content_sealed).where(
        P.tenant_id == bindparam("tenant"), P.job_id == bindparam("job"), P.name == bindparam("name")
    ),
    row=str,
)
_FORGET = Statement(
    "job_parts_forget",
    delete(P).where(
        P.tenant_id == bindparam("tenant"),
        P.job_id == bindparam("job"),
        P.name >= bindparam("first"),
        P.name <= bindparam("last"),
    ),
)


def keep(work: Work, job_id: str, kind: str, number: int, content: bytes) -> None:
    """Write one piece in the caller's transaction."""
    name = f"{kind}{number:08d}"
    sealer = work.sealer(P.content_sealed, job_id=job_id, name=name)
    work.hot.run(
        _INSERT,
        tenant_id=work.tenant_id,
        job_id=job_id,
        name=name,
        content_sealed=sealer.seal(base64.b64encode(content).decode()),
        created_at=clock.now_ms(),
    )


def keep_file(work: Work, job_id: str, kind: str, content: bytes) -> None:
    """Write a whole file."""
    for number, at in enumerate(range(0, len(content), PART_BYTES)):
        keep(work, job_id, kind, number, content[at : at + PART_BYTES])


def read(work: Work, job_id: str, kind: str, *, most: int | None = None) -> Iterator[bytes]:
    """The pieces of a file in their order, one at a time; ``most`` of them where it says so."""
    number = 0
    while most is None or number < most:
        name = f"{kind}{number:08d}"
        sealed = work.hot.one(_ONE, tenant=work.tenant_id, job=job_id, name=name)
        if sealed is None:
            return
        opened = work.sealer(P.content_sealed, job_id=job_id, name=name).open(sealed)
        yield base64.b64decode(opened)
        number += 1


def forget(work: Work, job_id: str, kind: str) -> None:
    """Delete a file."""
    work.hot.run(_FORGET, tenant=work.tenant_id, job=job_id, first=f"{kind}00000000", last=f"{kind}99999999")
