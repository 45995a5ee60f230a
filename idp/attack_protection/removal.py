"""Failed sign-ins of accounts that are gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from idp.attack_protection.models import LoginFailure
from idp.users.identifiers import email_key


def erase_of_identifiers(unit: Session, identifiers: Sequence[str]) -> None:
    """Forget the failures counted for these addresses and usernames."""
    keys = [email_key(identifier)[:300] for identifier in identifiers]
    unit.execute(delete(LoginFailure).where(LoginFailure.identifier.in_(keys)))
