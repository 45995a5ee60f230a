"""``idp backup``: while everything writes, in bounded time, and whatever is in its way."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import pytest

from idp.foundation.settings import Settings, SettingsError
from tests.counterparts.product import idp, product_environment
from tests.counterparts.program import Program

ENV = product_environment(PORT="8123")
ROWS = 60_000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert idp("init", "--json", cwd=tmp_path, env=ENV).returncode == 0
    return tmp_path


def grow(home: Path, rows: int) -> None:
    """Make the database large: about 2 KiB a row."""
    with sqlite3.connect(home / "var" / "idp.db") as database:
        database.execute("CREATE TABLE ballast (id INTEGER PRIMARY KEY, content BLOB)")
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO ballast SELECT i, randomblob(2000) FROM n",
            (rows,),
        )
    database.close()


class Writer(threading.Thread):
    """Changes pages all over the database, without a pause."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.file, self.done, self.stopped = home / "var" / "idp.db", 0, threading.Event()

    def run(self) -> None:
        database = sqlite3.connect(self.file, timeout=30)
        while not self.stopped.is_set():
            with database:
                database.execute("UPDATE ballast SET content = randomblob(2000) WHERE id % 997 = ?", (self.done % 997,))
            self.done += 1
        database.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.join()


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".") or "part" in path.name)


@pytest.mark.slow
def test_it_ends_although_somebody_writes_all_the_time(home: Path) -> None:
    """The old one began anew with every commit of another process, and never ended."""
    grow(home, ROWS)
    with Writer(home) as writer:
        while writer.done < 3:
            time.sleep(0.01)
        before = writer.done
        done = idp("backup", "copy.db", cwd=home, env=ENV, seconds=120)
        assert writer.done > before, "nobody wrote meanwhile"
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(home / "copy.db") as copy:
        assert copy.execute("SELECT count(*) FROM ballast").fetchone() == (ROWS,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert leftovers(home) == []


@pytest.mark.slow
def test_it_shows_how_far_it_is(home: Path) -> None:
    grow(home, 2_000)
    shown = (
        subprocess.run(
            ["script", "-qec", f"{sys.executable} -m idp backup copy.db", "/dev/null"],
            cwd=home,
            env=ENV,
            capture_output=True,
            text=True,
            check=False,
        )
        if shutil.which("script")
        else None
    )
    if shown is None:
        pytest.skip("not run: needs script(1)")
    assert "Copying" in shown.stdout
    assert "100%" in shown.stdout


@pytest.mark.slow
@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_stopped_half_way_it_leaves_nothing(home: Path, with_signal: signal.Signals) -> None:
    grow(home, ROWS)
    argv = [sys.executable, "-m", "idp", "backup", "copy.db"]
    program = Program.start(argv, log_path=home / "log", env=ENV, cwd=home)
    program.wait_until(lambda: bool(leftovers(home)), what="begin")
    program.stop(with_signal)
    assert leftovers(home) == []
    assert not (home / "copy.db").exists()


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What it says, which is one line."""
    assert done.returncode in {1, 2}, done
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_a_folder_that_is_not_there(home: Path) -> None:
    assert "no folder nowhere" in one_line(idp("backup", "nowhere/copy.db", cwd=home, env=ENV))
    assert not (home / "nowhere").exists()
    (home / "file").touch()
    assert "no folder file" in one_line(idp("backup", "file/copy.db", cwd=home, env=ENV))


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    assert "There is no database" in one_line(idp("backup", "copy.db", cwd=tmp_path, env=ENV))
    assert list(tmp_path.iterdir()) == []


READ_ONLY = Path("/sys")
"""Nobody makes a file there, root neither."""


def test_folders_that_can_not_be_written_to(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "can't be written" in one_line(idp("backup", f"{READ_ONLY}/copy.db", cwd=home, env=ENV))
    for command in ("init", "dev", "serve", "worker", "migrate"):
        assert "can't be made here" in one_line(idp(command, cwd=READ_ONLY, env=ENV))
    for command in (("backup", "copy.db"), ("clients", "list")):
        assert "There is no database" in one_line(idp(*command, cwd=READ_ONLY, env=ENV))
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SettingsError, match="can't be written to"):
        Settings.from_env({"DATABASE_URL": f"sqlite:///{tmp_path}/x.db"})


@pytest.mark.parametrize("command", ["init", "serve", "worker", "migrate", "dev"])
def test_the_database_in_a_folder_that_is_not_there(tmp_path: Path, command: str) -> None:
    url = f"sqlite:///{tmp_path}/nowhere/idp.db"
    assert "folder that is not there" in one_line(idp(command, cwd=tmp_path, env={**ENV, "DATABASE_URL": url}))
    assert list(tmp_path.iterdir()) == []
    if command == "dev":
        assert "folder that is not there" in one_line(idp("dev", "--db", "nowhere/idp.db", cwd=tmp_path, env=ENV))
        assert list(tmp_path.iterdir()) == []
