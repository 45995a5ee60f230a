"""Node programs: the npm relying parties under ``tests/node``."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.counterparts.program import ROOT

NODE_FOLDER = ROOT / "tests" / "node"
OLDEST_NODE = 20


@cache
def find_node() -> str | None:
    """A Node that is new enough: the system's, or the one a Python wheel brought into the virtualenv."""
    for candidate in (shutil.which("node"), ROOT / ".venv" / "bin" / "node"):
        if candidate is None or not Path(candidate).exists():
            continue
        version = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST_NODE:
            return str(candidate)
    return None


def has_package(name: str) -> bool:
    """Whether the locked npm package is installed."""
    return (NODE_FOLDER / "node_modules" / name / "package.json").exists()
