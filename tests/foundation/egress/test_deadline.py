"""One deadline over the whole exchange: whatever the other side does slowly, the caller gets away in time."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from idp.foundation import egress
from idp.foundation.egress import client, deadline, guard
from idp.foundation.egress.deadline import Deadline, TooLong
from idp.foundation.settings import Settings
from tests.foundation.egress import slow
from tests.foundation.egress.slow import Behaviour, serving
from tests.security.rows import row

SECONDS = 0.6
GENEROUS_S = 6.0
"""Ten times the deadline, and a fraction of how long these servers would go on."""
SETTINGS = Settings.from_env({"IDP_SECRET_KEY": "a master key of the tests that is long enough"})


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole exchange in little time, but every single read as long as it likes."""
    monkeypatch.setattr(client, "TOTAL_S", SECONDS)


@row("P7")
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "behave",
    [
        slow.silent,
        slow.drips_headers,
        slow.drips_one_header,
        slow.drips_interim_answers,
        slow.drips_body,
        slow.drips_chunks,
    ],
)
def test_a_slow_answer_is_not_waited_for(behave: Behaviour, scheme: str) -> None:
    with serving(behave) as port:
        begun = time.monotonic()
        with pytest.raises(egress.Unreachable):
            egress.post_form(SETTINGS, f"{scheme}://localhost:{port}/", {"logout_token": "x"})
        assert time.monotonic() - begun < GENEROUS_S


@pytest.mark.parametrize("behave", [slow.drips_headers, slow.drips_body])
def test_the_operator_reads_why(behave: Behaviour) -> None:
    with serving(behave) as port, pytest.raises(egress.Unreachable, match="longer than"):
        egress.get(SETTINGS, f"http://localhost:{port}/")


def test_a_request_that_nobody_reads_is_not_pushed_for_ever() -> None:
    with serving(slow.reads_slowly) as port:
        begun = time.monotonic()
        with pytest.raises(egress.Unreachable):
            egress.post(SETTINGS, f"http://localhost:{port}/", body=b"x" * 50_000_000)
        assert time.monotonic() - begun < GENEROUS_S


def test_silent_name_servers_are_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def hang(*_args: Any, **_options: Any) -> Any:
        answered.wait(30)
        raise OSError("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    begun = time.monotonic()
    for _ in range(guard.MOST_LOOKUPS + 2):
        with pytest.raises(egress.Unreachable):
            guard.resolve("slow.test", 443, Deadline(0.05))
    assert time.monotonic() - begun < GENEROUS_S
    answered.set()


def test_what_is_left_shrinks_to_nothing() -> None:
    long_over = Deadline(0.0)
    assert long_over.over
    with pytest.raises(TooLong):
        long_over.left()
    assert Deadline(60, idle=5).left() == 5


def test_exchanges_end_early_when_the_process_does() -> None:
    begun = Deadline(60, idle=60)
    try:
        deadline.close_soon(0.0)
        assert begun.over
    finally:
        deadline.stay_open()
    assert not begun.over
