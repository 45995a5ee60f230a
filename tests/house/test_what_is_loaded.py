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
NOBODYS = ("sqlalchemy.dialects.postgresql", "psycopg", "babel", "rich", "urllib.request", "lxml", "webauthn")
"""Of no process on SQLite before it is first needed."""
OF_PAGES = ("werkzeug", "flask", "jinja2", "html.parser", "http.server")
"""Of no worker."""
MODULES = {"worker": 1_085, "web": 1_525}
"""A few more than there are: a module takes 50 KiB."""


@pytest.mark.parametrize("process", sorted(MODULES))
def test_a_process_loads_what_it_needs(process: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, process, str(tmp_path / "idp.db")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(idp.__file__).parents[1])},
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    loaded = json.loads(ran.stdout)
    unneeded = NOBODYS if process == "web" else NOBODYS + OF_PAGES
    found = [name for name in loaded if name.startswith(tuple(f"{each}." for each in unneeded)) or name in unneeded]
    assert found == []
    assert len(loaded) <= MODULES[process], len(loaded)
