"""What a killed test run leaves behind goes with the next one."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.counterparts.held_folder import HeldFolder
from tests.counterparts.program import ROOT

MAKES_ONE = """
import sys
from pathlib import Path
from tests.counterparts.held_folder import HeldFolder
made = HeldFolder.make("idp-pg-", Path(sys.argv[1]))
(made.path / "data").mkdir()
print(made.path, flush=True)
sys.stdin.read()
"""


def test_what_nobody_holds_is_removed(tmp_path: Path) -> None:
    mine, foreign = HeldFolder.make("idp-pg-", tmp_path), tmp_path / "idp-pg-another"
    foreign.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", MAKES_ONE, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().decode().strip())
        HeldFolder.make("idp-pg-", tmp_path).remove()
        assert (mine.path.is_dir(), (theirs / "data").is_dir()) == (True, True), "somebody holds each"
        other.send_signal(signal.SIGKILL)
        other.wait(20)
    HeldFolder.make("idp-pg-", tmp_path).remove()
    assert (mine.path.is_dir(), theirs.exists(), foreign.is_dir()) == (True, False, True)
    mine.remove()
    assert not mine.path.exists()
