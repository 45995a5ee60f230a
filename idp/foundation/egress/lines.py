"""Guarded connections for everything that is not HTTP: to a checked address, with one deadline, and TLS where it is
asked for. Directories and databases of connectors are reached this way.
"""

from __future__ import annotations

import re
import socket
from functools import partial

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import guard
from idp.foundation.egress.deadline import Deadline
from idp.foundation.egress.guard import Refused, Unreachable
from idp.foundation.settings import Settings

LOOK_UP_S = 3.0
"""For looking a name up where nobody connects yet."""
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")


class Line:
    """One open connection. Every operation on its socket looks at the deadline first."""

    def __init__(self, made: socket.socket, deadline: Deadline, ca_file: str | None) -> None:
        self._socket = made
        self._deadline = deadline
        self._ca_file = ca_file

    @property
    def socket(self) -> socket.socket:
        """What to read from and write to; another one after :meth:`secure`."""
        return self._socket

    def secure(self, host: str, *, ca: str | None = None) -> None:
        """Speak TLS from now on; the certificate must be for ``host``, of an authority in ``ca`` (PEM), else of one
        that the system trusts. Raises OSError.
        """
        context = self._deadline.tls(self._ca_file, web=False, only=ca)
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def allow(self, seconds: float) -> None:
        """From now on that many seconds are left."""
        self._deadline.renew(seconds)

    def close(self) -> None:
        """End it; closing twice is no error."""
        self._socket.close()


def addresses(settings: Settings, host: str, port: int) -> tuple[str, ...]:
    """Where a connection to the host may go. Raises Refused, Unreachable."""
    with slow_work("looking up a name"):
        return _checked(settings, host, port, Deadline(LOOK_UP_S))


def connect(settings: Settings, host: str, port: int, *, seconds: float, silent: float) -> Line:
    """A connection that lasts ``seconds`` at most, of which ``silent`` may pass without a byte. Raises Refused,
    Unreachable.
    """
    with slow_work("an outbound connection"):
        deadline = Deadline(seconds, idle=silent)
        checked = _checked(settings, host, port, deadline)
        try:
            return Line(deadline.connect(checked, port), deadline, settings.outbound_ca)
        except OSError as error:
            raise Unreachable(f"{host}:{port}: {error}") from error


def _checked(settings: Settings, host: str, port: int, deadline: Deadline) -> tuple[str, ...]:
    if _HOST.fullmatch(host) is None or not 0 < port < 65_536:
        raise Refused("not the name of a host and a port")
    return guard.check_host(host, port, settings.outbound_allow, partial(_resolve, deadline))


def _resolve(deadline: Deadline, host: str, port: int) -> list[str]:
    return guard.resolve(host, port, deadline)
