"""Types that threads read things as are known to msgspec before any thread does."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from idp.foundation.kernel import struct_types
from tests.world.world import World

RACE = """
import sys, threading, msgspec
from idp.foundation.kernel import struct_types
sys.setswitchinterval(1e-6)
for _ in range(40):
    inner = [msgspec.defstruct(f"I{n}", [(f"a{m}", int | None, None) for m in range(10)]) for n in range(20)]
    outer = msgspec.defstruct("O", [(f"x{n}", inner[n] | None, None) for n in range(20)])
    struct_types.prepare()
    together = threading.Barrier(8)
    def read():
        together.wait()
        msgspec.convert({f"x{n}": {"a1": 1} for n in range(20)}, outer)
    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert not any(thread.is_alive() for thread in threads)
"""


def test_many_threads_may_read_a_type_for_the_first_time() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]


def test_the_application_prepares_every_type_it_has(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: set[type] = set()
    monkeypatch.setattr(msgspec.json, "Decoder", prepared.add)
    struct_types.prepare()
    from idp.applications.clients.schemas import ClientUpdate

    assert {ClientUpdate} <= prepared
    calls: list[None] = []
    monkeypatch.setattr(struct_types, "prepare", lambda: calls.append(None))
    from idp import app
    from idp.management import mount
    from idp.processes import worker
    from idp.wiring import api_modules

    app.create_app(world.platform)
    worker.Jobs(world.platform)
    assert len(calls) == 2
    mount.endpoints.__wrapped__(api_modules())
    assert len(calls) == 3, "the types of the Management API come with its first call"
