"""What it costs the server to look at one proof: CPU of this process, never the clock on the wall.

``python -m tests.scale.proofs [ROUNDS]`` prints the table of ``docs/performance.md``, "Factors and challenges".
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import time
from collections.abc import Callable
from typing import Final

from idp.signin.attack_protection import challenges
from idp.signin.factors import otp
from idp.signin.webauthn import ceremonies
from idp.signin.webauthn.ceremonies import Stored
from tests.world.authenticator import Authenticator, b64

ORIGIN: Final = "https://id.example.test"
Check = Callable[[], object]


def cpu_ms(check: Check, rounds: int = 300) -> tuple[float, float]:
    """Median and 95 of 100 (ms) of so many rounds."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        check()
        spent.append((time.process_time() - began) * 1000)
    spent.sort()
    return spent[rounds // 2], spent[rounds * 95 // 100]


def passkey(algorithm: int) -> Check:
    """A sign-in with a passkey of that COSE algorithm, its JSON read anew each time."""
    device, challenge, handle = Authenticator(ORIGIN), b64(secrets.token_bytes(32)), b64(b"u" * 32)
    device.algorithm = algorithm
    options = {"rp": {"id": "id.example.test"}, "user": {"id": handle}, "challenge": challenge}
    about = {"challenge": challenge, "rp_id": "id.example.test", "origins": [ORIGIN], "verified": True}
    made = ceremonies.attested(ceremonies.read(device.create(options)), **about)
    stored, answer = Stored(made.public_key, handle, made.backup_eligible), device.get({"challenge": challenge})
    return lambda: ceremonies.asserted(ceremonies.read(answer), stored, **about)


def app_code() -> Check:
    """The codes of the three steps that an app's code may be of."""
    key = otp.key_of(otp.new_seed())
    if key is None:
        raise AssertionError("a new seed is one")
    return lambda: [otp.code(key, 1_000 + step) for step in (-1, 0, 1)]


def work_proof() -> Check:
    """The hash of a proof of work; with the signature of its challenge it is measured in ``test_challenges``."""
    salt, number = secrets.token_hex(16), str(challenges.MOST)
    target = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
    return lambda: secrets.compare_digest(hashlib.sha256(f"{salt}{number}".encode()).hexdigest(), target)


CHECKS: Final[tuple[tuple[str, Callable[[], Check]], ...]] = (
    ("passkey, ES256 (3 ms)", lambda: passkey(-7)),
    ("passkey, Ed25519", lambda: passkey(-8)),
    ("passkey, RS256", lambda: passkey(-257)),
    ("code of an app, the three steps that count (1 ms)", app_code),
    ("proof of work, its hash (0.1 ms)", work_proof),
)
"""Rows of the table, goals in brackets."""


def main(rounds: int = 300) -> None:
    """Print the table."""
    print("| what | median | 95 of 100 |\n|---|---|---|")
    for name, made in CHECKS:
        median, most = cpu_ms(made(), rounds)
        print(f"| {name} | {median:.3f} ms | {most:.3f} ms |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
