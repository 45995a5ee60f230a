"""What a proof of a factor costs: CPU, never the clock on the wall (issue 11, "Speed and size")."""

from __future__ import annotations

from tests.scale.proofs import app_code, cpu_ms, passkey

ROUNDS = 60


def test_a_passkey_is_checked_in_three_milliseconds() -> None:
    median, _ = cpu_ms(passkey(-7), ROUNDS)
    assert median < 3


def test_a_code_of_an_app_is_checked_in_a_millisecond() -> None:
    median, _ = cpu_ms(app_code(), ROUNDS)
    assert median < 1
