"""Jobs, the pieces of the files they read and write, and the rows they refused."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idp.foundation.db.base import SEALED, Base, JSONText, Millis, TenantScoped


class Job(TenantScoped, Base):
    """Background work that somebody asked the Management API for.

    ``document`` is what was asked. ``position`` counts the rows of the file that are done, ``cursor`` is the user an
    export goes on after, ``parts`` how many pieces it has written: all of them change in the transaction that does the
    work, so that whoever takes a job over goes on where the last commit left it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_created_at", "created_at"),
        Index("ix_jobs_active", "status", "type", "created_at", "tenant_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    type: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    connection_id: Mapped[str | None] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    position: Mapped[int] = mapped_column(Integer, default=0)
    cursor: Mapped[str | None] = mapped_column(Text)
    parts: Mapped[int] = mapped_column(Integer, default=0)
    percentage: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    inserted: Mapped[int] = mapped_column(Integer, default=0)
    updated: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(Millis)
    started_at: Mapped[int | None] = mapped_column(Millis)
    finished_at: Mapped[int | None] = mapped_column(Millis)


class JobPart(TenantScoped, Base):
    """A piece of a file, sealed since imports hold seeds of factors: ``in00000000`` and on of what a job reads,
    ``out00000000`` and on of what it writes. In the database, so that any worker and any web process finds it.
    """

    __tablename__ = "job_parts"
    __table_args__ = (Index("ix_job_parts_created_at", "created_at"),)

    job_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    content_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)


class JobError(TenantScoped, Base):
    """Why a row of a file was not imported: the person without secrets, and the errors."""

    __tablename__ = "job_errors"
    __table_args__ = (Index("ix_job_errors_created_at", "created_at"),)

    job_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    row: Mapped[int] = mapped_column(Integer, primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    created_at: Mapped[int] = mapped_column(Millis)
