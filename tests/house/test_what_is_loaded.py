"""What a process has in memory that it does not need: counted in modules, which nobody's load changes (issue 7)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import idp

PROGRAM = """
import json, os, sys
os.environ["DATABASE_URL"] = "sqlite:///" + sys.argv[2]
import idp.foundation.logging
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
platform = Platform.open(Settings.from_env({"DATABASE_URL": os.environ["DATABASE_URL"]}, create_key=False))
if sys.argv[1] == "worker":
    from idp.processes.worker import Jobs
    Jobs(platform)
else:
    from idp.processes.wsgi import parts
    parts(platform)
print(json.dumps(sorted(sys.modules)))
"""
RESTING = """
import json, sys
import idp.processes.cli.worker
from idp.foundation.queue.due import Lookout
from idp.foundation.settings import Settings
Settings.from_env({"DATABASE_URL": "URL"}, create_key=False)
print(json.dumps(sorted(sys.modules)))
"""
RESTS_WITHOUT = ("sqlalchemy", "psycopg", "flask", "jinja2", "idp.wiring", "idp.foundation.db")
RESTING_MODULES = 370
NOBODYS = ("sqlalchemy.dialects.postgresql", "psycopg", "babel", "rich", "urllib.request", "lxml", "webauthn")
"""Of no process on SQLite before it is first needed."""
OF_PAGES = ("werkzeug", "flask", "jinja2", "html.parser", "http.server")
"""Of no worker."""
PREPARED = """
import sys
import idp.app
made = []
create = idp.app.create_app
idp.app.create_app = lambda platform: made.append(create(platform)) or made[-1]
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
from idp.processes.wsgi import parts
parts(Platform.open(Settings.from_env({"DATABASE_URL": "sqlite:///" + sys.argv[1]}, create_key=False)))
from idp.foundation.db.base import Base
print([str(mapper) for mapper in Base.registry.mappers if not mapper.configured])
print(made[0].url_map._remap, "encodings.idna" in sys.modules)
"""
LIBRARIES = {"worker": 530, "web": 668}
"""Modules of others, the standard library's among them; each takes 50 KiB."""
SHARE = {"worker": 0.48, "web": 0.74}
"""Of our own modules: the rest comes when it is needed."""
OURS = ("idp", "connectors")
ALL_OURS = sum(1 for name in OURS for _ in (Path(idp.__file__).parents[1] / name).rglob("*.py"))


def told(program: str, *arguments: str) -> str:
    """What it prints in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(idp.__file__).parents[1])},
        cwd=Path(arguments[-1]).parent,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("process", sorted(SHARE))
def test_a_process_loads_what_it_needs(process: str, tmp_path: Path) -> None:
    loaded = json.loads(told(PROGRAM, process, str(tmp_path / "idp.db")))
    unneeded = NOBODYS if process == "web" else NOBODYS + OF_PAGES
    found = [name for name in loaded if name.startswith(tuple(f"{each}." for each in unneeded)) or name in unneeded]
    assert found == []
    ours = sum(name.split(".")[0] in OURS for name in loaded)
    assert len(loaded) - ours <= LIBRARIES[process]
    assert ours / ALL_OURS <= SHARE[process]


def test_a_worker_that_rests_loads_nothing_of_what_it_would_do(tmp_path: Path) -> None:
    """Not even SQLAlchemy; 14 MiB instead of 60 (decision 0475)."""
    program = RESTING.replace("URL", f"sqlite:///{tmp_path / 'idp.db'}")
    loaded = json.loads(told(program, str(tmp_path / "idp.db")))
    assert [name for name in loaded if name in RESTS_WITHOUT or name.startswith("idp.directory")] == []
    assert len(loaded) <= RESTING_MODULES


def test_what_every_web_process_would_prepare_is_prepared_before_they_are_forked(tmp_path: Path) -> None:
    assert told(PREPARED, str(tmp_path / "idp.db")).splitlines() == ["[]", "False True"]
