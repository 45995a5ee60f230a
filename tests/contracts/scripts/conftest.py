"""Runtimes of scripts. A further engine is another entry of ``RUNTIMES``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from idp.foundation.scripts import Outcome, Script, ScriptRuntime
from idp.foundation.scripts.pool import Pool
from idp.foundation.scripts.surroundings import Scripts
from idp.foundation.settings import Settings
from tests.contracts.scripts.runs import Run
from tests.world.templates import settings_for


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Workers of these tests alone, which are begun once."""
    made = Pool()
    yield made
    made.close()


def quickjs(settings: Settings, pool: Pool) -> ScriptRuntime:
    """QuickJS in WebAssembly, in a process of its own."""
    return Scripts(settings, pool)


RUNTIMES = [quickjs]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of development."""
    folder = tmp_path_factory.mktemp("scripts")
    return settings_for(f"sqlite:///{folder}/idp.db", folder)


@pytest.fixture(params=RUNTIMES, ids=lambda each: each.__name__)
def run(request: pytest.FixtureRequest, settings: Settings, pool: Pool) -> Run:
    """Runs a source with arguments."""
    runtime: ScriptRuntime = request.param(settings, pool)

    def once(source: str, *args: Any, seconds: float = 10.0, owner: str = "one", **script: Any) -> Outcome:
        made = Script(**{"entry": "login", "source": source, "args": args, "owner": owner, **script})
        return runtime.run(made, seconds=seconds)

    return once
