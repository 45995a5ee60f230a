"""Hashes that others made: every scheme signs in, and has a hash of ours afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from idp.directory.users.foreign_hashes import fits_imported, imported
from idp.directory.users.hasher import hasher
from idp.foundation.scripts.computed import crypt_of_library
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


def _text(algorithm: str, value: str) -> dict[str, object]:
    return {"algorithm": algorithm, "hash": {"value": value, "encoding": "utf8"}}


def _hex(algorithm: str, **more: object) -> dict[str, object]:
    return {"algorithm": algorithm, "hash": {"value": "00" * 32, "encoding": "hex"}, **more}


@row("Z1")
@pytest.mark.parametrize(
    "document",
    [
        _text("werkzeug", f"scrypt:65536:1:1$salt${'00' * 32}"),
        _text("werkzeug", f"scrypt:2:524288:16$salt${'00' * 32}"),
        _text("werkzeug", f"scrypt:131072:8:16$salt${'00' * 32}"),
        _text("django", "scrypt$65536$salt$1$1$AAAA"),
        _hex("scrypt", cost=65536, blockSize=1, keylen=32),
        _hex("firebase_scrypt", signer_key="AAAA", rounds=1, memory_cost=17),
        _hex("firebase_scrypt", signer_key="AAAA", salt={"value": "no base64!"}),
        _text("crypt", f"$apr1$ab${'a' * 40}"),
        _text("crypt", f"$apr1$rounds=8$ab${'a' * 22}"),
    ],
)
def test_what_could_not_be_computed_at_a_sign_in_is_refused_at_the_import(document: dict[str, object]) -> None:
    """Each of these was taken, and ended every sign-in of its owner with an error of ours; one took six seconds."""
    assert imported.problem(document)


def test_threads_do_not_share_the_place_in_which_crypt_answers() -> None:
    """Whoever types a wrong password while the owner signs in must not find the owner's hash there."""
    compute = crypt_of_library()
    if compute is None:
        pytest.skip("the C library has no crypt_r")
    known = compute(b"right", b"$5$rounds=20000$ab$")
    assert known is not None
    assert known.startswith(b"$5$rounds=20000$ab$")
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda number: compute((b"right", b"wrong")[number % 2], known), range(40)))
    assert all((each == known) is (number % 2 == 0) for number, each in enumerate(made))


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
