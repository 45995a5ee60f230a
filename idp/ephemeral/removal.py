"""One-time things of subjects who are gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from idp.ephemeral.models import OneTime


def erase_of_subjects(unit: Session, subjects: Sequence[str]) -> None:
    """Delete what was put down for these subjects, spent or not."""
    unit.execute(delete(OneTime).where(OneTime.subject.in_(subjects)))
