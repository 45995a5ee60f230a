"""Passwords development made up and keeps for the people at the terminal: one file each under ``var/``, mode 600."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec


@dataclass(frozen=True)
class Kept:
    """The file ``name`` in ``folder``: ``{"email", "password"}``."""

    folder: Path
    name: str

    def password(self, email: str) -> str | None:
        """The kept password of ``email``; None where nothing is kept, or for somebody else."""
        try:
            document = msgspec.json.decode(self._file.read_bytes(), type=dict[str, str])
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        return document.get("password") if document.get("email") == email else None

    def keep(self, email: str, password: str) -> None:
        """Replace what is kept."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f".{self.name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            handle.write(msgspec.json.encode({"email": email, "password": password}) + b"\n")
        fresh.replace(self._file)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process of this machine at a time: of several that start together one makes up the password, and the
        others find it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.folder / f".{self.name}.lock", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    @property
    def _file(self) -> Path:
        return self.folder / self.name


def made_up_password() -> str:
    """A password every built-in policy takes: 18 random characters and one of each class, easy to select and copy."""
    return f"{secrets.token_urlsafe(13).replace('-', 'x').replace('_', 'y')}-Aa1"
