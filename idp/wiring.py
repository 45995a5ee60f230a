"""Connects the features of a process: who reacts to what, who does which task, what connectors may use.

The web server, the worker and the command line all begin with :func:`wire`, so that whatever happens in one of them has
the same consequences. A broken feature is a start-up error.
"""

from __future__ import annotations

import threading

from idp.directory.connections.runtime import runtime as connectors
from idp.directory.privacy import tables
from idp.directory.users.credentials import Credentials
from idp.directory.users.hasher import hasher
from idp.features import FEATURES
from idp.foundation.db.personal import Personal
from idp.foundation.db.purge import Purge, Retention
from idp.foundation.feature import Upkeep
from idp.foundation.queue import tasks
from idp.foundation.queue.lanes import OTHERS
from idp.foundation.tenancy.reactions import subscribe
from idp.signin.login import frontchannel
from idp.tenant.mail import subjects
from idp.tenant.settings import condition

_wired: list[bool] = []
_wiring = threading.Lock()


def wire() -> None:
    """Fill the registries of this process, once. Whoever calls it meanwhile waits until they are full."""
    with _wiring:
        if not _wired:
            _fill()
            _wired.append(True)


def _fill() -> None:
    connectors.credentials = Credentials
    connectors.hasher = hasher
    subjects.register("idp.directory.users.about_mail:about")
    condition.register("idp.operations.health.checks:told")
    for feature in FEATURES:
        for task, handler in feature.tasks.items():
            tasks.register(task, handler, feature.lanes.get(task, OTHERS))
        if feature.frames:
            frontchannel.register(feature.frames)
        tables.register(feature.personal)
        for on in feature.reactions:
            subscribe(on)
    tasks.complete()


def purges() -> tuple[Purge, ...]:
    """What every feature wants deleted, in the order of features."""
    return tuple(purge for feature in FEATURES for purge in feature.purges)


def retentions() -> tuple[Retention, ...]:
    """What tenants keep for as long as they say."""
    return tuple(retention for feature in FEATURES for retention in feature.retentions)


def personal() -> tuple[Personal, ...]:
    """Every table with rows of people."""
    return tuple(each for feature in FEATURES for each in feature.personal)


def upkeep() -> tuple[Upkeep, ...]:
    """What the worker does for every tenant from time to time."""
    return tuple(each for feature in FEATURES for each in feature.upkeep)


def api_modules() -> tuple[str, ...]:
    """The modules whose ``api`` declares endpoints of the Management API."""
    return tuple(name for feature in FEATURES for name in feature.apis)
