"""One-time things of subjects who are gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from idp.foundation.ephemeral.models import OneTime
from idp.foundation.tenancy.work import Work


def erase_of_subjects(work: Work, subjects: Sequence[str]) -> None:
    """Delete what was put down for these subjects, spent or not."""
    work.rows.execute(delete(OneTime).where(OneTime.subject.in_(subjects)))
