"""The batch of log entries: whoever flushes it finds everything written."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from idp.foundation.db.slots import Slot
from idp.protocol.oauth.log_types import OAuthLog
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from tests.world.fixtures import on_both_stores
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


@on_both_stores
def test_entries_go_together_and_word_for_word(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As COPY on Postgres, which has letters of its own for the end of a value and of a row (decision 0424)."""
    poured: list[int] = []
    pour = Slot.pour

    def count(slot: Slot, statement: Any, rows: Any) -> None:
        poured.append(len(rows))
        pour(slot, statement, rows)

    monkeypatch.setattr(Slot, "pour", count)
    monkeypatch.setattr(log.batch, "_start", lambda db: setattr(log.batch, "_db", db))  # nobody but us writes it
    odd = [
        "plain",
        "tab\there",
        "two\r\nlines",
        r"\N",
        r"back\slash\\",
        "\u65e5\u672c 'quoted' \"twice\"",
        "",
        "nul\0nul",
    ]
    with world.context() as work:
        for text in odd:
            log.batch.add(work, OAuthLog.SILENT_AUTH, text, user_name=text, details={"said": text}, organization=text)
    entries = world.logs(OAuthLog.SILENT_AUTH)
    kept = [text.replace("\0", "") or None for text in odd]
    assert [entry.description for entry in entries] == kept
    assert [entry.user_name for entry in entries] == kept
    assert [entry.rest["details"]["said"] for entry in entries] == odd
    assert [entry.rest["organization"] for entry in entries] == odd
    assert poured == [len(odd)]


@on_both_stores
@pytest.mark.parametrize("together", [True, False])
def test_half_a_character_keeps_no_entry_out(world: World, monkeypatch: pytest.MonkeyPatch, together: bool) -> None:
    """Sources may say lone surrogates, which no store can keep (RFC 8259 8.2)."""
    monkeypatch.setattr(log.batch, "_start", lambda db: setattr(log.batch, "_db", db))  # nobody but us writes it
    odd = "half \ud83d of one"
    with world.context() as work:
        if together:
            log.batch.add(work, OAuthLog.SILENT_AUTH, "before")
            log.batch.add(work, OAuthLog.SILENT_AUTH, odd, user_name=odd, details={odd: [odd]}, organization=odd)
        else:
            log.write(work, OAuthLog.SILENT_AUTH, odd, user_name=odd, details={odd: [odd]}, organization=odd)
    entry = world.logs(OAuthLog.SILENT_AUTH)[-1]
    kept = "half ? of one"
    assert (entry.description, entry.user_name) == (kept, kept)
    assert entry.rest == {"details": {kept: [kept]}, "organization": kept}
