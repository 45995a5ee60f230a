"""What commands say: other commands so that they work as they are printed, and no secret."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

MIN_HIDDEN_CHARS = 4


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


def without_secrets(line: str, environ: Mapping[str, str]) -> str:
    """The line without any secret of the environment: whoever is asked for it may repeat what they were given."""
    hidden = {environ.get("IDP_ADMIN_PASSWORD", ""), *environ.get("IDP_SECRET_KEY", "").split(",")}
    for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "IDP_PUBLIC_URL"):
        account = environ.get(name, "").partition("://")[2].rpartition("@")[0]
        password = account.partition(":")[2]
        hidden |= {password, unquote(password)}
    for secret in sorted((each.strip() for each in hidden), key=len, reverse=True):
        if len(secret) >= MIN_HIDDEN_CHARS:
            line = line.replace(secret, "***")
    return line
