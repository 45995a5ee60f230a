"""Folders of servers, which may be memory: each is held by the test run that made it, and the next run removes those
that nobody holds any more, since a run that was killed removes nothing.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

HELD = "held"


@dataclass
class HeldFolder:
    """A folder of this process's own; the lock of its file ends with the process, however that ends."""

    path: Path
    lock: int

    @classmethod
    def make(cls, prefix: str, parent: Path | None = None) -> "HeldFolder":
        """A new one in ``parent`` (usual: that of temporary files), after those that were left behind are gone."""
        remove_abandoned(prefix, parent or Path(tempfile.gettempdir()))
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        lock = os.open(path / f"{HELD}.new", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        (path / f"{HELD}.new").rename(path / HELD)  # nobody finds it before it is locked
        return cls(path, lock)

    def remove(self) -> None:
        """With all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def remove_abandoned(prefix: str, parent: Path) -> None:
    """The folders there that nobody holds; those of others on this machine stay where they may not be opened."""
    for path in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            lock = os.open(path / HELD, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)
