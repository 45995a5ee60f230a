"""What web processes share is prepared before they are forked, and leaves no trace (decision 0474)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import idp

PROGRAM = """
import json, os, sys, threading
import idp.foundation.logging
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
from idp.processes import starting, wsgi
from idp.processes.rehearsal import rehearse
settings = Settings.from_env({"DATABASE_URL": "sqlite:///" + sys.argv[1]}, create_key=True)
starting.prepare(settings)
platform = Platform.open(settings)
from sqlalchemy import text
def rows():
    with platform.db.engine.connect() as connection:
        names = [name for name, in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
                 if not name.startswith(("sqlite", "users_"))]
        return {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in names}
before = rows()
built = wsgi.parts(platform)
rehearse(built.whole, platform)
from idp.foundation.db.statement import Statement
from idp.foundation.web.pages import environment
from idp.operations.health.metrics import counters
print(json.dumps({
    "compiled": all(each._sql for each in Statement.registry.values()),
    "drawn": len(environment().cache) > 1,
    "ready": len(built.ready._ready),
    "connections": platform.db.slots.size,
    "threads": threading.active_count(),
    "counted": sum(map(sum, counters.totals().values())),
    "changed": {name: amount for name, amount in rows().items() if amount != before[name]},
}))
"""


def test_everything_is_prepared_and_nothing_remains_of_it(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "idp.db")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(idp.__file__).parents[1])},
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == {
        "compiled": True,
        "drawn": True,
        "ready": 1,
        "connections": 0,
        "threads": 1,
        "counted": 0,
        "changed": {},
    }
