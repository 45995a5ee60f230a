"""Connects the features of a process: who reacts to what, who does which task, what connectors may use.

The web server, the worker and the command line all begin with :func:`wire`, so that whatever happens in one of them has
the same consequences. A broken feature is a start-up error.
"""

from __future__ import annotations

from idp.directory.connections.runtime import runtime as connectors
from idp.directory.users.credentials import Credentials
from idp.directory.users.hasher import hasher
from idp.features import FEATURES
from idp.foundation.db.purge import Purge
from idp.foundation.queue import tasks
from idp.foundation.tenancy.reactions import subscribe

_wired: list[bool] = []


def wire() -> None:
    """Fill the registries of this process, once."""
    if _wired:
        return
    _wired.append(True)
    connectors.credentials = Credentials
    connectors.hasher = hasher
    for feature in FEATURES:
        for task, handler in feature.tasks.items():
            tasks.register(task, handler)
        for on in feature.reactions:
            subscribe(on)


def purges() -> tuple[Purge, ...]:
    """What every feature wants deleted, in the order of features."""
    return tuple(purge for feature in FEATURES for purge in feature.purges)


def api_modules() -> tuple[str, ...]:
    """The modules whose ``api`` declares endpoints of the Management API."""
    return tuple(name for feature in FEATURES for name in feature.apis)
