"""What one feature brings along; ``idp.features`` lists them all and every kind of process takes from them what it
needs.

Edges (endpoints, pages) are named, not imported: the worker and the command line know the same reactions, tasks and
purges as the web server without loading a single page. A test imports every name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from idp.foundation.db.personal import Personal
from idp.foundation.db.purge import Purge, Retention
from idp.foundation.kernel.log_types import LogType
from idp.foundation.queue.lanes import Lane
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Platform

Upkeep = Callable[[Platform, str, threading.Event], int]
"""What the worker does for a tenant every ten minutes, in small pieces, until the event is set; answers how many."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One row of ``idp.features``.

    ``apis``: modules whose ``api`` declares Management API endpoints. ``blueprints``: ``module:attribute`` of Flask
    blueprints; ``routes``: those of what the thin edge answers before Flask, by the name that figures go by. ``tasks``:
    name of an outbox task -> ``module:function`` that does it; ``lanes``: the lane of those that wait for somebody.
    ``personal``: its tables with rows of people. ``frames``: ``module:function`` that knows addresses for the frames of
    the signed-out page. The rest is what it says.
    """

    name: str
    apis: tuple[str, ...] = ()
    blueprints: tuple[str, ...] = ()
    routes: Mapping[str, str] = field(default_factory=dict)
    reactions: tuple[On[Any], ...] = ()
    tasks: Mapping[str, str] = field(default_factory=dict)
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    purges: tuple[Purge, ...] = ()
    retentions: tuple[Retention, ...] = ()
    upkeep: tuple[Upkeep, ...] = ()
    log_types: tuple[type[LogType], ...] = ()
    personal: tuple[Personal, ...] = ()
    frames: str = ""
