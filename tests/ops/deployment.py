"""Several processes of the product together, as an operator runs them: web servers, a worker, one public address."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.counterparts.product import Product, init, product_environment
from tests.counterparts.program import Program, free_port

SECRET_KEY = "a master key that is only for tests and long enough"


@dataclass
class Server:
    """One ``idp serve`` on its own port."""

    program: Program
    port: int

    @property
    def base_url(self) -> str:
        """Its own address, past any proxy."""
        return f"http://localhost:{self.port}"

    def answers(self) -> bool:
        """Whether it takes requests."""
        try:
            return requests.get(f"{self.base_url}/readyz", timeout=5).status_code == 200
        except requests.RequestException:
            return False


@dataclass
class Deployment:
    """Web servers and workers over one store."""

    folder: Path
    public_port: int
    env: dict[str, str]
    servers: list[Server] = field(default_factory=list)
    workers: list[Program] = field(default_factory=list)

    @classmethod
    def prepare(cls, folder: Path, public_port: int, env: Mapping[str, str]) -> "Deployment":
        """Its environment; nothing runs yet."""
        folder.mkdir(parents=True, exist_ok=True)
        public = {"IDP_PUBLIC_URL": f"http://localhost:{public_port}/", "IDP_SECRET_KEY": SECRET_KEY}
        return cls(folder, public_port, product_environment(**(public | {"WEB_CONCURRENCY": "2"} | dict(env))))

    def product(self) -> Product:
        """Initialize the store; the deployment as one product behind its public address."""
        printed = init(cwd=self.folder, env=self.env)
        base_url = self.env["IDP_PUBLIC_URL"].rstrip("/")
        program = self.servers[0].program if self.servers else None
        return Product(self.folder, self.public_port, self.env, program, printed, base_url)  # type: ignore[arg-type]

    def serve(self, port: int | None = None, *arguments: str) -> Server:
        """Start one more web server, with further ``arguments``, and wait for it."""
        port = port or free_port()
        log = self.folder / f"serve-{port}.log"
        argv = [sys.executable, "-m", "idp", "serve", *arguments]
        server = Server(Program.start(argv, log_path=log, env=self.env | {"PORT": str(port)}, cwd=self.folder), port)
        self.servers.append(server)
        server.program.wait_until(server.answers, what="answer /readyz")
        return server

    def work(self) -> Program:
        """Start one more worker."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        worker = Program.start([sys.executable, "-m", "idp", "worker"], log_path=log, env=self.env, cwd=self.folder)
        self.workers.append(worker)
        return worker

    def logs(self) -> str:
        """Everything that was printed."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """End every process."""
        for program in [*(server.program for server in self.servers), *self.workers]:
            program.stop()


def alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
