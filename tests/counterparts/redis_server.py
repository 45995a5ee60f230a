"""A private Redis on loopback that keeps nothing on disk."""

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.program import Program, accepts, free_port


@dataclass
class PrivateRedis:
    """One running server; tests get numbered databases of it."""

    port: int
    program: Program

    @classmethod
    def start(cls, folder: Path) -> "PrivateRedis":
        """Start one with its working directory in ``folder``."""
        server = shutil.which("redis-server")
        if server is None:
            raise FileNotFoundError("no redis-server is installed")
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        argv = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        program = Program.start(argv, log_path=folder / "log", cwd=folder)
        program.wait_until(lambda: accepts(port), what="accept connections")
        return cls(port, program)

    @property
    def url(self) -> str:
        """URL of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def flush(self) -> None:
        """Forget everything, so that each test starts from nothing."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            if not connection.recv(64).startswith(b"+OK"):
                raise RuntimeError("Redis did not flush")

    def stop(self) -> None:
        """End it."""
        self.program.stop()
