"""Failed sign-ins of accounts that are gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from idp.directory.users.identifiers import email_key
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection.models import LoginFailure


def erase_of_identifiers(work: Work, identifiers: Sequence[str]) -> None:
    """Forget the failures counted for these addresses and usernames."""
    keys = [email_key(identifier)[:300] for identifier in identifiers]
    work.rows.execute(delete(LoginFailure).where(LoginFailure.identifier.in_(keys)))
