"""An installed tenant on each store, with tasks of the tests' own."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from idp.foundation.queue import tasks
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform, Work
from idp.operations import installation

KEY = "a master key of the tests that is long enough"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    return f"sqlite:///{tmp_path}/idp.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def open_platform(database_url: str) -> Iterator[Callable[..., Platform]]:
    """Opens further processes' platforms on the same store."""
    opened: list[Platform] = []

    def open_one(**env: str) -> Platform:
        platform = Platform.open(Settings.from_env({"IDP_SECRET_KEY": KEY, "DATABASE_URL": database_url, **env}))
        opened.append(platform)
        return platform

    yield open_one
    for platform in opened:
        platform.db.dispose()


@pytest.fixture
def platform(open_platform: Callable[..., Platform]) -> Platform:
    """One process, its store installed."""
    made = open_platform()
    installation.prepare(made)
    return made


@pytest.fixture
def work(platform: Platform) -> Iterator[Work]:
    """A piece of work of the default tenant."""
    with platform.db.hot() as hot:
        yield Work(platform, platform.configurations.reload("default", hot), hot)


class Recorder:
    """A handler that remembers what it was given, and fails when told to."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.failures: list[Exception] = []
        self.gate = threading.Event()
        self.gate.set()
        self.lock = threading.Lock()

    def __call__(self, _work: Work, payload: dict[str, Any]) -> None:
        self.gate.wait(10)
        with self.lock:
            if self.failures:
                raise self.failures.pop(0)
            self.done.append(payload["n"])


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Does the task ``test.record``."""
    made = Recorder()
    monkeypatch.setattr(tasks, "_handlers", {"test.record": made})
    return made
