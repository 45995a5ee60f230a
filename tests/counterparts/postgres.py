"""A private Postgres on loopback, in a directory of its own, gone at the end."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from tests.counterparts.held_folder import HeldFolder
from tests.counterparts.program import Program, free_port

# durability is the product's promise to keep on a real server; here only its SQL is looked at, so tests stay quick
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
MEMORY = Path("/dev/shm")
STRATEGIES = 150_000
"""The first version that is told how to copy a database; those before it copy files, which costs least."""
ROOM = 4 << 30
"""Bytes that have to be free in :data:`MEMORY` for a server to be kept there."""


def _in_memory() -> Path | None:
    """Where files are that no disk ever sees (docs/decisions/0400), where this machine has room for them."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM else None
    except OSError:
        return None


@contextmanager
def _unless_it_fails(folder: HeldFolder) -> Iterator[HeldFolder]:
    """The folder of a server, which goes again where that does not start: it may be memory."""
    try:
        yield folder
    except BaseException:
        folder.remove()
        raise


def find_postgres() -> Path | None:
    """The folder of the newest installed server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).parent if on_path else None


def _server_user() -> str | None:
    """Postgres refuses root, so root starts it as the user that Debian's package makes."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


@dataclass
class PrivatePostgres:
    """One running server; every test asks it for a database of its own."""

    held: HeldFolder
    port: int
    program: Program
    argv: list[str | Path]
    user: str | None
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def folder(self) -> Path:
        """Where its data and its socket are."""
        return self.held.path

    @classmethod
    def start(cls, *, durable: bool = False) -> "PrivatePostgres":
        """Initialize and start; ``durable`` keeps fsync and synchronous commit as a real server has them."""
        programs = find_postgres()
        if programs is None:
            raise FileNotFoundError("no Postgres server is installed")
        user = _server_user()
        with _unless_it_fails(HeldFolder.make("idp-pg-", None if durable else _in_memory())) as held:
            return cls._start_in(held, programs, user, durable=durable)

    @classmethod
    def _start_in(cls, held: HeldFolder, programs: Path, user: str | None, *, durable: bool) -> "PrivatePostgres":
        folder = held.path
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(folder, user)
            shutil.chown(data, user)
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--no-sync",
                "--no-instructions",
            ],
            check=True,
            capture_output=True,
            user=user,
            cwd=folder,
        )
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder)}
        options |= {"max_connections": "200"} | ({} if durable else QUICK)
        argv: list[str | Path] = [programs / "postgres", "-D", data]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        program = Program.start(argv, log_path=folder / "log", user=user, cwd=folder)
        server = cls(held, port, program, argv, user)
        server._await()
        return server

    def standby(self) -> "PrivatePostgres":
        """A second server that follows this one by streaming replication, with every database it has."""
        programs = find_postgres()
        if programs is None:
            raise FileNotFoundError("no Postgres server is installed")
        with _unless_it_fails(HeldFolder.make("idp-pg-standby-")) as held:
            return self._follow_in(held, programs)

    def _follow_in(self, held: HeldFolder, programs: Path) -> "PrivatePostgres":
        folder = held.path
        folder.chmod(0o755)
        if self.user:
            shutil.chown(folder, self.user)
        data = folder / "data"
        copying = ["pg_basebackup", "-D", str(data), "-d", self.admin_url, "-R", "-X", "stream", "-c", "fast", "-N"]
        subprocess.run(
            [programs / copying[0], *copying[1:]], check=True, capture_output=True, user=self.user, cwd=folder
        )
        port = free_port()
        given = {"port": str(port), "unix_socket_directories": str(folder), "hot_standby_feedback": "on"}
        argv: list[str | Path] = [programs / "postgres", "-D", data]
        argv += self.argv[3:]
        for name, value in given.items():
            argv += ["-c", f"{name}={value}"]
        program = Program.start(argv, log_path=folder / "log", user=self.user, cwd=folder)
        server = PrivatePostgres(held, port, program, argv, self.user)
        server._await()
        return server

    def _await(self) -> None:
        try:
            self.program.wait_until(self.answers, what="accept connections")
        except BaseException:
            self.program.stop(signal.SIGQUIT)
            raise

    def answers(self) -> bool:
        """Whether a client can connect."""
        try:
            psycopg.connect(self.admin_url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def admin_url(self) -> str:
        """For libpq: the maintenance database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def create_database(self) -> str:
        """An empty database, as the ``postgres://`` URL that a platform would hand over."""
        name = f"idp_{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def copy_database(self, origin: str, name: str) -> str:
        """A database ``name`` with all that ``origin`` has; answers its URL."""
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            by_file = " STRATEGY FILE_COPY" if connection.info.server_version >= STRATEGIES else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{origin}"{by_file}'.encode())
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def drop_database(self, name: str) -> None:
        """Nobody needs it any more. Of files on a disk it costs less to delete them all at the end."""
        if self.folder.parent != MEMORY:
            return
        with psycopg.connect(self.admin_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def go_away(self) -> None:
        """Fast shutdown; the data stays."""
        self.program.stop(signal.SIGINT)

    def come_back(self) -> None:
        """Start again on the same port with the same data."""
        self.program = Program.start(self.argv, log_path=self.folder / "log", user=self.user, cwd=self.folder)
        self.program.wait_until(self.answers, what="accept connections")

    def stop(self) -> None:
        """At once, since nothing is kept: the directory goes with it."""
        self.program.stop(signal.SIGQUIT)
        self.held.remove()
