"""Runs a Procfile as a platform does: ``release`` to its end, then one process of each other kind."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.counterparts.program import ROOT, Program


def parse(text: str) -> dict[str, str]:
    """Process type -> command."""
    pairs = (line.split(":", 1) for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, command in pairs}


def run(env: Mapping[str, str], folder: Path) -> dict[str, Program]:
    """Release, then start; every command runs in the checkout, found on a PATH that begins with this environment's."""
    commands = parse((ROOT / "Procfile").read_text(encoding="utf-8"))
    full = dict(env) | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    release = shlex.split(commands.pop("release"))
    subprocess.run(release, cwd=ROOT, env=full, check=True, capture_output=True)
    return {
        name: Program.start(shlex.split(command), log_path=folder / f"{name}.log", env=full, cwd=ROOT)
        for name, command in commands.items()
    }
