"""What a hash that others made may cost at most to check (security.md Z1): whoever signs in waits for it, and so does
everybody else who does.
"""

from __future__ import annotations

MOST_BCRYPT = 14
"""As a power of two."""
MOST_PBKDF2 = 1_000_000
MOST_ARGON2_KIB, MOST_ARGON2_PASSES, MOST_ARGON2_LANES = 128 * 1024, 10, 16
MOST_SCRYPT_BYTES, MOST_SCRYPT_LANES = 128 * 1024 * 1024, 16
MOST_SCRYPT_WORK = 4 * MOST_SCRYPT_BYTES
"""Bytes that are gone through, lane after lane: about a second."""
MOST_PHPASS = 20
"""As a power of two."""
MOST_CRYPT_ROUNDS = 200_000
MOST_LENGTH = 1024
"""Bytes of a hash that is computed."""
LONGEST = 4096
"""Characters of a hash as text."""


class TooCostly(ValueError):
    """The hash asks for more work than anybody gets. The text is public."""


def bcrypt(power: int) -> None:
    """Refuse a cost. Raises TooCostly."""
    if not 4 <= power <= MOST_BCRYPT:
        raise TooCostly(f"The cost of bcrypt is from 4 to {MOST_BCRYPT}")


def pbkdf2(rounds: int, length: int = 1) -> None:
    """Refuse a number of iterations, or a length. Raises TooCostly."""
    if not 1 <= rounds <= MOST_PBKDF2 or not 1 <= length <= MOST_LENGTH:
        raise TooCostly(f"PBKDF2 takes 1 to {MOST_PBKDF2} iterations and {MOST_LENGTH} bytes at most")


def argon2(memory_kib: int, passes: int, lanes: int) -> None:
    """Refuse parameters. Raises TooCostly."""
    if memory_kib > MOST_ARGON2_KIB or not 1 <= passes <= MOST_ARGON2_PASSES or not 1 <= lanes <= MOST_ARGON2_LANES:
        raise TooCostly(
            f"Argon2 takes {MOST_ARGON2_KIB} KiB, {MOST_ARGON2_PASSES} passes and {MOST_ARGON2_LANES} lanes at most"
        )


def scrypt(n: int, r: int, p: int, length: int = 1) -> None:
    """Refuse parameters. Raises TooCostly."""
    sound = n > 1 and n & (n - 1) == 0 and r >= 1 and 1 <= p <= MOST_SCRYPT_LANES and 1 <= length <= MOST_LENGTH
    if not sound or 128 * n * r > MOST_SCRYPT_BYTES or 128 * n * r * p > MOST_SCRYPT_WORK:
        raise TooCostly(
            f"scrypt takes a power of two above 1, {MOST_SCRYPT_BYTES // 1024 // 1024} MiB, {MOST_SCRYPT_LANES} lanes, "
            f"{MOST_SCRYPT_WORK // 1024 // 1024} MiB of all lanes and {MOST_LENGTH} bytes at most"
        )
    if r < 4 and n >= 1 << 16 * r:  # RFC 7914 2: N is less than 2^(128 r / 8)
        raise TooCostly("scrypt takes fewer rounds for so small a block")


def phpass(power: int) -> None:
    """Refuse a cost. Raises TooCostly."""
    if not 7 <= power <= MOST_PHPASS:
        raise TooCostly(f"The cost of phpass is from 7 to {MOST_PHPASS}")


def crypt(rounds: int) -> None:
    """Refuse a number of rounds. Raises TooCostly."""
    if rounds > MOST_CRYPT_ROUNDS:
        raise TooCostly(f"crypt takes {MOST_CRYPT_ROUNDS} rounds at most")
