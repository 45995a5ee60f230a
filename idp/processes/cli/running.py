"""Lets commands at a second shell find what ``idp dev`` runs on, wherever its database is (decision 0110).

``idp dev`` keeps ``var/running.json`` in its working directory, with a lock that ends with the process: what a process
that was killed left behind is not believed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

FILE = Path("var") / "running.json"
PASSED_ON = ("DATABASE_URL", "IDP_PUBLIC_URL", "PORT")
"""What decides which database a command works on, and where the tenant is. Never the master key: one that was given by
the environment stays there.
"""


@contextmanager
def announced(environ: Mapping[str, str]) -> Iterator[None]:
    """For as long as the block runs, commands of this working directory work on the same database.

    The file is the operator's alone (mode 600): a database URL may hold a password.
    """
    FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # another `idp dev` of this folder was here first: it stays the one that is found
        os.close(handle)
        yield
        return
    try:
        os.ftruncate(handle, 0)
        os.write(handle, msgspec.json.encode(_absolute({name: environ[name] for name in PASSED_ON if name in environ})))
        yield
    finally:
        FILE.unlink(missing_ok=True)
        os.close(handle)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` with what a running ``idp dev`` of this working directory was started with, unless it names a
    database of its own or production.
    """
    if environ.get("DATABASE_URL") or environ.get("IDP_ENV") == "production" or "DYNO" in environ:
        return dict(environ)
    return {**_found(), **environ}


def _found() -> dict[str, str]:
    try:
        handle = os.open(FILE, os.O_RDONLY)
    except OSError:
        return {}
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:  # somebody holds it: they run
        return msgspec.json.decode(os.read(handle, 65_536), type=dict[str, str])
    else:
        return {}
    finally:
        os.close(handle)


def _absolute(found: dict[str, str]) -> dict[str, str]:
    url = found.get("DATABASE_URL", "")
    if url.startswith("sqlite:///"):
        path, mark, query = url.removeprefix("sqlite:///").partition("?")
        found["DATABASE_URL"] = f"sqlite:///{Path(path).absolute()}{mark}{query}"
    return found
