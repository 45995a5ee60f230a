"""Writes two parts of a crowd at the same time: two processes, two transactions of Postgres.

Making a row costs more than storing it, and one process makes rows on one core. Neither transaction commits before both
are written.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection

from sqlalchemy import Engine

from tests.scale import store

Part = Callable[[store.Store], dict[str, int]]
"""Writes rows; answers how many of which table."""


def written(engine: Engine, here: Part, there: Part) -> dict[str, int]:
    """Have ``here`` written by this process and ``there`` by a child of it; both, or neither.

    :raises RuntimeError: the child failed, and has said why on stderr.
    """
    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe()
    child = forking.Process(target=_child, args=(engine, there, theirs, ours), daemon=True)
    child.start()
    theirs.close()
    try:
        with store.opened(engine) as rows:
            done = here(rows)
            done |= _heard(ours)
        ours.send(True)
        _heard(ours)
    finally:
        ours.close()  # a child that waits hears of it, and rolls back
        child.join()
    return done


def _heard(line: Connection) -> dict[str, int]:
    try:
        told: dict[str, int] = line.recv()
    except EOFError:
        raise RuntimeError("the second process did not write its part") from None
    return told


def _child(engine: Engine, part: Part, line: Connection, parents: Connection) -> None:
    parents.close()
    engine.dispose(close=False)  # the connections are the parent's
    with store.opened(engine) as rows:
        line.send(part(rows))
        line.recv()
    line.send({})
