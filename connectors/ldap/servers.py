"""The servers of one directory as this process knows them: which of them is asked next, which did not answer a moment
ago, and connections that are kept for the next person.

One deadline holds for a whole sign-in (:data:`WHOLE_S`); finding a server that answers has less (:data:`OPEN_S`), so
that people are told within five seconds that none does (security.md RL4).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.contract import ConnectorError
from connectors.ldap.directory import Broken, Directory
from connectors.ldap.options import Address

WHOLE_S = 8.0
OPEN_S = 4.5
SILENT_S = 4.0
"""How long a server that was asked may say nothing."""
DOWN_S = 30.0
"""How long a server that did not answer is asked last."""
KEPT, KEPT_S = 4, 60.0
"""Connections that are kept for the next sign-in, and how long."""
MOST_DIRECTORIES = 256
"""Directories that a process remembers; beyond it the one that was used longest ago is forgotten."""
Open = Callable[[Address, float], Directory]
"""Opens a connection to a server, within that many seconds. Raises Broken."""


def unavailable(detail: str) -> ConnectorError:
    """No server of the directory answers."""
    return ConnectorError("temporarily_unavailable", "The directory does not answer.", detail=detail)


@dataclass
class _Idle:
    directory: Directory
    since: float


@dataclass
class Servers:
    """Those of one connection, at one version of its options."""

    addresses: Sequence[Address]
    version: str
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _down: dict[Address, float] = field(default_factory=dict)
    _idle: list[_Idle] = field(default_factory=list)

    @contextmanager
    def session(self, open_one: Open, begin: Callable[[Directory], None]) -> Iterator[Directory]:
        """A connection on which ``begin`` has succeeded, on the first server that answers.

        ``begin`` may be asked again on another server where one falls silent (Broken); whatever else it raises ends the
        search. A connection on which something broke is closed, others are kept.

        :raises ConnectorError: ``temporarily_unavailable``: no server answers, or it fell silent in the middle.
        """
        ends = time.monotonic() + WHOLE_S
        directory = self._begun(open_one, begin)
        usable = False
        try:
            directory.allow(max(0.1, ends - time.monotonic()))
            yield directory
            usable = True
        except ConnectorError:
            usable = True  # it answered, with a no
            raise
        except Broken as error:
            raise unavailable(str(error)) from error
        finally:
            self._keep(directory) if usable else directory.close()

    def close(self) -> None:
        """Close what is kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for each in idle:
            each.directory.close()

    def _begun(self, open_one: Open, begin: Callable[[Directory], None]) -> Directory:
        ends = time.monotonic() + OPEN_S
        kept = self._take()
        if kept is not None:
            try:
                kept.allow(OPEN_S)
                return _begin(kept, begin)
            except Broken:
                pass  # the server closed it meanwhile: that says nothing about new connections
        problems: list[str] = []
        for address in self._in_order():
            left = ends - time.monotonic()
            if left <= 0:
                break
            try:
                found = _begin(open_one(address, left), begin)
            except Broken as error:
                problems.append(f"{address.host}:{address.port}: {error}")
                self._mark(address, down=True)
                continue
            self._mark(address, down=False)
            return found
        raise unavailable("; ".join(problems) or "no server was tried in time")

    def _in_order(self) -> list[Address]:
        """Servers that answered last first, then those that are down, in their order."""
        now = time.monotonic()
        with self._lock:
            return sorted(self.addresses, key=lambda each: self._down.get(each, 0.0) > now)

    def _mark(self, address: Address, *, down: bool) -> None:
        with self._lock:
            if down:
                self._down[address] = time.monotonic() + DOWN_S
            else:
                self._down.pop(address, None)

    def _take(self) -> Directory | None:
        """A kept connection that is not too old."""
        now, old = time.monotonic(), []
        found = None
        with self._lock:
            while self._idle and found is None:
                each = self._idle.pop()
                if now - each.since < KEPT_S:
                    found = each.directory
                else:
                    old.append(each.directory)
        for directory in old:
            directory.close()
        return found

    def _keep(self, directory: Directory) -> None:
        with self._lock:
            full = len(self._idle) >= KEPT
            if not full:
                self._idle.append(_Idle(directory, time.monotonic()))
        if full:
            directory.close()


def _begin(directory: Directory, begin: Callable[[Directory], None]) -> Directory:
    try:
        begin(directory)
    except BaseException:
        directory.close()
        raise
    return directory


_remembered: OrderedDict[str, Servers] = OrderedDict()
_one_at_a_time = threading.Lock()


def remembered(connection_id: str, version: str, addresses: Sequence[Address]) -> Servers:
    """What this process knows of the servers of that connection; nothing where its options have changed since."""
    gone: list[Servers] = []
    with _one_at_a_time:
        found = _remembered.get(connection_id)
        if found is None or found.version != version:
            if found is not None:
                gone.append(found)
            found = _remembered[connection_id] = Servers(tuple(addresses), version)
        _remembered.move_to_end(connection_id)
        while len(_remembered) > MOST_DIRECTORIES:
            gone.append(_remembered.popitem(last=False)[1])
    for each in gone:
        each.close()
    return found


def forget() -> None:
    """Forget every directory, for tests."""
    with _one_at_a_time:
        gone = list(_remembered.values())
        _remembered.clear()
    for each in gone:
        each.close()
