"""A worker that rests, and the processes that it forks (decision 0475)."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

BEGIN = """
import ctypes, os, signal, sys
from pathlib import Path
from idp.foundation.queue import due
from idp.foundation.settings import Settings
from idp.processes import resting
settings = Settings.from_env({"DATABASE_URL": "sqlite:///" + sys.argv[1]})
resting.Lookout.any_due = lambda self: True
"""


def run(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, since it forks: it rests where something is always due."""
    given = [sys.executable, "-c", BEGIN + script, str(folder / "idp.db")]
    return subprocess.run(given, capture_output=True, text=True, timeout=60, check=False)


def test_who_is_told_to_stop_as_its_process_ends_stops_in_order(tmp_path: Path) -> None:
    """The id of a process that was collected is nobody's, or somebody else's."""
    done = run(
        tmp_path,
        """
collect = os.waitpid
def waitpid(pid, how):
    found = collect(pid, how)
    if how == 0:
        os.kill(os.getpid(), signal.SIGTERM)
    return found
beginning = resting._Resting.__init__
def begin(self, *given):
    beginning(self, *given)
    os.waitpid = waitpid
resting._Resting.__init__ = begin
resting.run(settings, lambda first_purge_s: None)
print("stopped in order")
""",
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["stopped in order"]), done.stderr[-2000:]


def test_what_its_processes_leave_behind_is_collected_where_it_is_the_first_of_a_container(tmp_path: Path) -> None:
    """Linux alone: a subreaper is what the first process of a container is."""
    done = run(
        tmp_path,
        """
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
def work(first_purge_s):
    with open(sys.argv[1] + ".times", "a") as times:
        times.write(".")
    stray = os.fork()
    if stray == 0:
        os._exit(0)
    os.waitid(os.P_PID, stray, os.WEXITED | os.WNOWAIT)
    if Path(sys.argv[1] + ".times").stat().st_size == 5:
        os.kill(os.getppid(), signal.SIGTERM)
resting.run(settings, work)
stats = [each.read_text().rpartition(")")[2].split() for each in Path("/proc").glob("[0-9]*/stat")]
print(sum(parent == str(os.getpid()) for _, parent, *_ in stats), "left")
""",
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["0 left"]), done.stderr[-2000:]


def test_what_is_done_apart_ends_with_whoever_waits_for_it() -> None:
    """A command that was stopped while it waited for the database migrates nothing later."""
    script = """
import os, threading
from idp.processes.apart import apart
def work():
    print(os.getpid(), flush=True)
    threading.Event().wait(20)
apart(work)
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout is not None
        waiting.stdout.readline()
        waiting.terminate()
        begun = time.monotonic()
        assert waiting.stdout.read() == "", "nobody has it open any more"
        assert time.monotonic() - begun < 10
