"""Kinds of background work and how much of the worker each may hold, so that what waits for somebody keeps nobody else
waiting (docs/decisions/0093).

Numbers are threads of one worker process; a second process has as many again.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lane:
    """``threads`` in all; of these at most ``per_tenant`` for one tenant, ``per_receiver`` for one receiver, and
    ``second_tries`` for what has failed before. A row that was taken is one worker's alone for ``lease_ms``: within
    that its task must end, and after it the row of a worker that died is taken again.
    """

    name: str
    threads: int
    per_tenant: int
    per_receiver: int
    second_tries: int
    lease_ms: int = 60_000


MAIL = Lane("mail", threads=6, per_tenant=4, per_receiver=4, second_tries=3)
CALLS = Lane("calls", threads=8, per_tenant=4, per_receiver=2, second_tries=4)
"""Calls of applications' own servers: logout tokens, later webhooks."""
SIGNALS = Lane("signals", threads=4, per_tenant=2, per_receiver=1, second_tries=2)
"""Security events for receivers: one at a time to each, so that what happened first arrives first."""
JOBS = Lane("jobs", threads=2, per_tenant=1, per_receiver=2, second_tries=2, lease_ms=20_000)
"""Imports and exports, a few seconds of one at a time: tenants take turns however much each of them asks for."""
OTHERS = Lane("others", threads=4, per_tenant=3, per_receiver=3, second_tries=2)
"""Whatever a feature does not name a lane for."""
