"""What a proof of a factor costs: CPU, never the clock on the wall (issue 11, "Speed and size")."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from idp.signin.factors import otp
from idp.signin.webauthn import ceremonies
from idp.signin.webauthn.ceremonies import Stored
from tests.world.authenticator import Authenticator, b64

ORIGIN = "https://id.example.test"
ROUNDS = 60


def cpu_ms(check: Callable[[], object]) -> float:
    """The median of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        check()
        spent.append((time.process_time() - began) * 1000)
    return sorted(spent)[ROUNDS // 2]


def test_a_passkey_is_checked_in_three_milliseconds() -> None:
    device, challenge, handle = Authenticator(ORIGIN), b64(secrets.token_bytes(32)), b64(b"u" * 32)
    options = {"rp": {"id": "id.example.test"}, "user": {"id": handle}, "challenge": challenge}
    about = {"challenge": challenge, "rp_id": "id.example.test", "origins": [ORIGIN], "verified": True}
    made = ceremonies.attested(ceremonies.read(device.create(options)), **about)
    stored, answer = Stored(made.public_key, handle, made.backup_eligible), device.get({"challenge": challenge})
    assert cpu_ms(lambda: ceremonies.asserted(ceremonies.read(answer), stored, **about)) < 3


def test_a_code_of_an_app_is_checked_in_a_millisecond() -> None:
    key = otp.key_of(otp.new_seed())
    assert key is not None
    assert cpu_ms(lambda: [otp.code(key, 1_000 + step) for step in (-1, 0, 1)]) < 1
