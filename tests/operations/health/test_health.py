"""What monitors are told, and who may ask."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client

from idp.foundation.db import migrate
from idp.operations.health.metrics import BUCKETS_S, Counters
from idp.processes.wsgi import Edge
from tests.world.fixtures import OpenWorld
from tests.world.templates import EMPTY, PLAIN_HTTP

LOCAL = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"}


@pytest.fixture
def opened(open_world: OpenWorld) -> Callable[..., Client]:
    """Opens a process as a server calls it; settings by keyword."""
    return lambda template=PLAIN_HTTP, **settings: Client(Edge(open_world(template, **settings).app.wsgi_app))


def test_alive_and_ready(opened: Callable[..., Client]) -> None:
    client = opened()
    assert client.get("/healthz", environ_overrides=LOCAL).json == {"status": "ok"}
    assert client.get("/readyz", environ_overrides=LOCAL).json == {"status": "ok"}


def test_they_answer_under_any_host(opened: Callable[..., Client]) -> None:
    client = opened()
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = client.get(path, environ_overrides={**LOCAL, "HTTP_HOST": "10.1.2.3"})
        assert (path, answer.status_code) == (path, 200)


def test_not_ready_without_a_schema(opened: Callable[..., Client]) -> None:
    answer = opened(EMPTY).get("/readyz", environ_overrides=LOCAL)
    assert answer.status_code == 503
    assert "idp migrate" in str(answer.json)
    assert answer.headers["Retry-After"]


def test_not_ready_without_a_database(opened: Callable[..., Client]) -> None:
    client = opened(EMPTY, DATABASE_URL="postgres://user:very-secret@127.0.0.1:1/none")
    assert client.get("/healthz", environ_overrides=LOCAL).status_code == 200
    answer = client.get("/readyz", environ_overrides=LOCAL)
    assert answer.status_code == 503
    assert "very-secret" not in answer.text


def test_silent_redis_is_only_degraded(opened: Callable[..., Client]) -> None:
    answer = opened(REDIS_URL="redis://127.0.0.1:1/0").get("/readyz", environ_overrides=LOCAL)
    assert (answer.status_code, (answer.json or {})["status"]) == (200, "degraded")


@pytest.mark.parametrize(
    ("mode", "peer", "headers", "status"),
    [
        ("local", "127.0.0.1", {}, 200),
        ("local", "::1", {}, 200),
        ("local", "10.0.0.5", {}, 404),
        ("local", "127.0.0.1", {"X-Forwarded-For": "10.0.0.5"}, 404),
        ("local", "127.0.0.1", {"Forwarded": "for=10.0.0.5"}, 404),
        ("on", "10.0.0.5", {}, 200),
        ("off", "127.0.0.1", {}, 404),
    ],
)
def test_who_may_read_metrics(
    opened: Callable[..., Client], mode: str, peer: str, headers: dict[str, str], status: int
) -> None:
    client = opened(IDP_METRICS=mode)
    answer = client.get("/metrics", headers=headers, environ_overrides={**LOCAL, "REMOTE_ADDR": peer})
    assert answer.status_code == status


def test_requests_are_counted(opened: Callable[..., Client]) -> None:
    client = opened()

    def count() -> float:
        lines = client.get("/metrics", environ_overrides=LOCAL).text.splitlines()
        (line,) = [
            each for each in lines if each.startswith('gatehouse_http_requests_total{endpoint="other",status="2xx"}')
        ]
        return float(line.split()[-1])

    before = count()
    for _ in range(3):
        client.get("/healthz", environ_overrides=LOCAL)
    assert count() == before + 4  # the reading before counts too


def test_counters_add_up() -> None:
    counters = Counters()
    for status, seconds in ((200, 0.001), (302, 0.3), (404, 99.0), (500, 0.02), (599, 0.02)):
        counters.observe("token", status, seconds)
    counters.observe("something unheard of", 200, 0.001)
    row = counters.totals()["token"]
    assert row[:4] == [1, 1, 1, 2]
    assert sum(row[4 : 4 + len(BUCKETS_S) + 1]) == 5
    assert row[-1] == pytest.approx(99.341)
    assert counters.totals()["other"][0] == 1


def test_a_database_behind_this_version_is_not_ready(
    opened: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = opened()
    monkeypatch.setattr("idp.operations.health.views.HEAD", "9999")
    answer: Any = client.get("/readyz", environ_overrides=LOCAL)
    assert answer.status_code == 503
    assert migrate.HEAD != "9999"
