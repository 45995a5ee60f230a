"""Hashes that others made: every scheme signs in, and has a hash of ours afterwards."""

from __future__ import annotations

import pytest

from idp.directory.users.foreign_hashes import fits_imported, imported
from idp.directory.users.hasher import hasher
from tests.directory.bulk.conftest import Bulk
from tests.directory.bulk.vectors import REFUSED, VECTORS
from tests.security.rows import row


@pytest.mark.parametrize("name", VECTORS)
def test_each_scheme_knows_its_password(name: str) -> None:
    document, password = VECTORS[name]
    assert imported.problem(document) is None
    kept = imported.kept(document)
    assert fits_imported(kept, password)
    assert not fits_imported(kept, f"{password}x")
    assert not fits_imported(kept, "")
    assert hasher.outdated(kept)


@row("Z1")
@pytest.mark.parametrize("name", REFUSED)
def test_absurd_costs_and_forms_are_refused(name: str) -> None:
    assert imported.problem(REFUSED[name])


def test_there_are_more_than_twenty_schemes() -> None:
    assert len(imported.ALGORITHMS) >= 18
    assert len(VECTORS) >= 30


def test_bulk_import_export_acceptance_1_each_hash_signs_in_and_is_made_ours(bulk: Bulk) -> None:
    """Acceptance 1 of bulk-import-export.md: import, right password, wrong password, argon2id afterwards."""
    people = {f"user{number}@example.com": VECTORS[name] for number, name in enumerate(VECTORS)}
    job = bulk.run([{"email": email, "custom_password_hash": hash_} for email, (hash_, _) in people.items()])
    assert job["summary"] == {"failed": 0, "updated": 0, "inserted": len(people), "total": len(people)}
    for email, (_, password) in people.items():
        assert not bulk.signs_in(email, f"{password}!"), email
        assert (bulk.hash_of(email) or "").startswith("imported:")
        assert bulk.signs_in(email, password), email
        assert (bulk.hash_of(email) or "").startswith("$argon2id$")
        assert bulk.signs_in(email, password), email


def test_password_hash_is_bcrypt(bulk: Bulk) -> None:
    plain = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    bulk.run([{"email": "jane@example.com", "password_hash": plain}, {"email": "nobody@example.com"}])
    assert not bulk.signs_in("jane@example.com", "U*V")
    assert bulk.signs_in("jane@example.com", "U*U")
    assert (bulk.hash_of("jane@example.com") or "").startswith("$argon2id$")
    assert not bulk.signs_in("nobody@example.com", "")
