"""What is over goes, what is not stays, on both stores."""

import threading
from typing import Any

from sqlalchemy import func, select

from idp.foundation.db.purge import DAY_MS, HOUR_MS
from idp.foundation.ephemeral import one_time
from idp.foundation.ephemeral.models import OneTime
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Platform, Work
from idp.processes import purges
from idp.signin.sessions.models import Session, SessionClient


def session_row(identifier: str, **times: int) -> dict[str, Any]:
    moment = clock.now_ms()
    far = moment + 1_000_000_000
    return {
        "id": identifier,
        "secret_hash": ids.token(),
        "user_id": "auth0|1",
        "cookie_mode": "persistent",
        "methods": [],
        "device": {},
        "created_at": moment,
        "updated_at": moment,
        "authenticated_at": moment,
        "last_interacted_at": moment,
        "idle_expires_at": far,
        "expires_at": far,
        **times,
    }


def test_only_what_is_over_goes(platform: Platform, work: Work) -> None:
    long_ago = clock.now_ms() - 40 * DAY_MS
    one_time.put(work, "kind", "old", {}, ttl_ms=-2 * HOUR_MS)
    one_time.put(work, "kind", "new", {}, ttl_ms=1000)
    with platform.db.unit("default") as session:
        session.add_all(
            [Session(**session_row("old", expires_at=long_ago)), Session(**session_row("ended", ended_at=long_ago))]
        )
        session.add(Session(**session_row("live")))
        for identifier in ("old", "ended", "live"):
            session.add(SessionClient(session_id=identifier, client_id="c", created_at=long_ago))
    removed = purges.purge(platform.db, threading.Event())
    assert removed == {"one_time": 1, "sessions": 2, "session_clients": 2}
    with platform.db.reading("default") as session:
        assert list(session.scalars(select(Session.id))) == ["live"]
        assert list(session.scalars(select(SessionClient.session_id))) == ["live"]
        assert session.scalar(select(func.count()).select_from(OneTime)) == 1
    assert purges.purge(platform.db, threading.Event()) == {}


def test_great_heaps_go_in_batches_and_a_stop_is_obeyed(platform: Platform, work: Work) -> None:
    amount = purges.BATCH + 10
    with work.hot.transaction():
        for number in range(amount):
            one_time.put(work, "kind", str(number), {}, ttl_ms=-2 * HOUR_MS)
    stop = threading.Event()
    stop.set()
    assert purges.purge(platform.db, stop) == {}
    assert purges.purge(platform.db, threading.Event()) == {"one_time": amount}
