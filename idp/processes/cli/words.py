"""What commands say: other commands so that they work as they are printed, and no secret."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from idp.operations.health.hidden import without_secrets

__all__ = ["command", "without_secrets"]


def command(line: str) -> str:
    """``idp <line>`` as it can be typed here: the script of this environment, by its name alone where the shell finds
    it so, else by its path.
    """
    script = Path(sys.executable).with_name("idp")
    if not script.is_file():
        return f"{shlex.quote(sys.executable)} -m idp {line}"
    found = shutil.which("idp")
    if found is not None and Path(found).resolve() == script.resolve():
        return f"idp {line}"
    below = script.is_relative_to(Path.cwd())
    return f"{shlex.quote(os.path.relpath(script) if below else str(script))} {line}"
