"""The batch of log entries: whoever flushes it finds everything written."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from idp.protocol.oauth.log_types import OAuthLog
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from tests.world.world import World

SHORT_S = 0.3


def test_a_flush_waits_for_what_another_thread_has_in_hand(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held, go_on, order = threading.Event(), threading.Event(), list[str]()

    def store(db: Any, rows: list[dict[str, Any]]) -> None:
        held.set()
        assert go_on.wait(20)
        order.append("written")

    batch = Batch()
    monkeypatch.setattr(batch, "_start", lambda db: setattr(batch, "_db", db))  # no thread of its own
    monkeypatch.setattr(log, "store", store)
    with world.context() as work:
        batch.add(work, OAuthLog.SILENT_AUTH, user_id="auth0|1")
    first = threading.Thread(target=batch.flush)
    second = threading.Thread(target=lambda: (batch.flush(patience_s=20), order.append("flushed")))
    first.start()
    assert held.wait(20)
    second.start()
    second.join(SHORT_S)  # it ends here where it does not wait
    go_on.set()
    first.join(20)
    second.join(20)
    assert order == ["written", "flushed"]
    batch.close()
