"""An installed tenant on each store, with tasks of the tests' own."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from idp.foundation.queue import tasks
from idp.foundation.queue.lanes import OTHERS
from idp.foundation.queue.tasks import Registered
from idp.foundation.tenancy.work import Platform, Work
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.counterpart)])
def store(request: pytest.FixtureRequest) -> str:
    """Everything here holds on both stores."""
    return str(request.param)


@pytest.fixture
def template() -> Template:
    """An empty outbox."""
    return BARE


@pytest.fixture
def platform(world: World) -> Platform:
    """One process."""
    return world.platform


@pytest.fixture
def open_platform(world: World) -> Iterator[Callable[..., Platform]]:
    """Opens further processes' platforms on the same store, with other settings by keyword."""
    opened: list[Platform] = []

    def open_one(**settings: Any) -> Platform:
        opened.append(world.other_process(**settings).platform)
        return opened[-1]

    yield open_one
    for platform in opened:
        platform.db.dispose()


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
    monkeypatch.setattr(tasks, "_loaded", {})
    monkeypatch.setattr(tasks, "_tasks", {"test.record": Registered(made, OTHERS)})
    return made
