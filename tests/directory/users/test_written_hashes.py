"""Hashes that databases of tenants keep beside their people: a hash cannot ask for more work than anybody gets."""

import hashlib

import pytest

from idp.directory.users.foreign_hashes import written


@pytest.mark.parametrize(
    "text",
    [
        "$argon2id$v=19$m=4194304,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        "$argon2id$v=19$m=65536,t=4000000,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
        f"scrypt:{2**70}:8:1$salt$00",
        "scrypt:1048576:64:16$salt$00",
        "scrypt:0:8:1$salt$00",
        "pbkdf2:sha256:2000000000$salt$00",
        "$argon2id$nonsense",
    ],
)
def test_what_costs_too_much_fits_nothing(text: str) -> None:
    assert written.fits(text, "anything") is False


def test_a_hash_of_werkzeug_fits() -> None:
    known = hashlib.scrypt(b"anything", salt=b"salt", n=1024, r=8, p=1).hex()
    assert written.fits(f"scrypt:1024:8:1$salt${known}", "anything")
    assert not written.fits(f"scrypt:1024:8:1$salt${known}", "another")
