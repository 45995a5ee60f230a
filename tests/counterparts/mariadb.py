"""A private MariaDB on loopback, in a directory of its own, gone at the end."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pymysql

from tests.counterparts.program import Program, free_port


@dataclass
class PrivateMariaDb:
    """One running server; every test asks it for a database of its own."""

    folder: Path
    port: int
    program: Program
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @classmethod
    def start(cls, folder: Path) -> "PrivateMariaDb":
        """Initialize and start. Raises FileNotFoundError where MariaDB is not installed."""
        path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
        server, installer = shutil.which("mariadbd", path=path), shutil.which("mariadb-install-db", path=path)
        if server is None or installer is None:
            raise FileNotFoundError("no MariaDB server is installed")
        data = folder / "data"
        me = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(
            [
                installer,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *me,
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        port = free_port()
        argv = [
            server,
            "--no-defaults",
            f"--datadir={data}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder / 'socket'}",
            f"--pid-file={folder / 'pid'}",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=16M",
            "--performance-schema=OFF",
            *me,
        ]
        started = cls(folder, port, Program.start(argv, log_path=folder / "log", cwd=folder))
        started.program.wait_until(started.answers, what="accept connections")
        return started

    def answers(self) -> bool:
        """Whether a client can connect."""
        try:
            self._connect().close()
        except pymysql.Error:
            return False
        return True

    def create_database(self, *statements: str) -> str:
        """A database with a user who may use it, after these statements; answers its URL."""
        name = f"idp_{os.getpid()}_{next(self._numbers)}"
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY 'secret'")
            cursor.execute(f"GRANT ALL ON {name}.* TO {name}@'127.0.0.1'")
            cursor.execute(f"USE {name}")
            for statement in statements:
                cursor.execute(statement)
        return f"mysql://{name}:secret@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """End it."""
        self.program.stop()

    def _connect(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", connect_timeout=2, autocommit=True)
