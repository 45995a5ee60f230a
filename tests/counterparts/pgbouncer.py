"""A private PgBouncer in transaction mode before the private Postgres."""

import contextlib
import shutil
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.program import Program, free_port

SERVERS = 3
"""Server connections per database: opened beforehand and used in turn, so that no two transactions of a client that
follow each other meet the same one.
"""
KEPT = 20
"""Databases whose server connections stay open."""
_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = postgres
pool_mode = transaction
default_pool_size = {servers}
min_pool_size = {servers}
server_round_robin = 1
max_client_conn = 200
server_idle_timeout = 5
logfile = {folder}/pgbouncer.log
pidfile =
"""


def find_pgbouncer() -> str | None:
    """The program, or None."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")


@dataclass
class PrivatePgBouncer:
    """One running pooler."""

    port: int
    program: Program
    _used: deque[str] = field(default_factory=deque)

    @classmethod
    def start(cls, folder: Path, server: PrivatePostgres) -> "PrivatePgBouncer":
        """Start one whose files are in ``folder``. Raises FileNotFoundError where it is not installed."""
        found = find_pgbouncer()
        if found is None:
            raise FileNotFoundError("no pgbouncer is installed")
        own = server.folder / f"pgbouncer-{folder.name}"  # readable for the user that Postgres runs as
        own.mkdir()
        if server.user:
            shutil.chown(own, server.user)
        port = free_port()
        settings = own / "pgbouncer.ini"
        settings.write_text(_SETTINGS.format(server=server.port, port=port, servers=SERVERS, folder=own))
        program = Program.start([found, settings], log_path=folder / "log", user=server.user, cwd=own)
        started = cls(port, program)
        program.wait_until(started.answers, what="accept connections")
        return started

    def url(self, database: str) -> str:
        """That database through the pooler. Databases of tests long past lose their server connections."""
        self._used.append(database)
        if len(self._used) > KEPT:
            with psycopg.connect(self._address("pgbouncer"), autocommit=True) as console:
                console.pgconn.exec_(f"KILL {self._used.popleft()}".encode())
        self._fill(self._address(database))
        return self._address(database)

    @staticmethod
    def _fill(address: str) -> None:
        """As many clients with an open transaction as there may be server connections: all of them are opened."""
        with contextlib.ExitStack() as opened:
            for _ in range(SERVERS):
                opened.enter_context(psycopg.connect(address)).execute("SELECT 1", prepare=False)

    def _address(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether a client can connect."""
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End it."""
        self.program.stop()
