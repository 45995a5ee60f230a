"""A private FerretDB: MongoDB's protocol, spoken by a server that Go builds, over files of SQLite."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.counterparts.program import Program, accepts, free_port
from tests.tools.built import built

USER, PASSWORD = "gatehouse", "p@ss: w/rd"


@dataclass
class PrivateFerret:
    """A running server that asks who comes."""

    port: int
    program: Program

    @classmethod
    def start(cls, folder: Path) -> "PrivateFerret":
        """Start one; the test is not run where it was not built."""
        port, data = free_port(), folder / "data"
        data.mkdir(parents=True)
        argv = [
            built("ferretdb"),
            "--handler=sqlite",
            f"--sqlite-url=file:{data}/",
            f"--listen-addr=127.0.0.1:{port}",
            "--debug-addr=-",
            "--telemetry=disable",
            f"--state-dir={folder}",
            "--test-enable-new-auth",
            "--setup-database=admin",
            f"--setup-username={USER}",
            f"--setup-password={PASSWORD}",
        ]
        program = Program.start(argv, log_path=folder / "ferretdb.log", cwd=folder)
        program.wait_until(lambda: accepts(port), what="accept connections")
        return cls(port, program)

    def url(self, database: str, *, password: str = PASSWORD, **query: str) -> str:
        """Where a database of it is."""
        options = "&".join(f"{name}={value}" for name, value in {"authSource": "admin", **query}.items())
        return f"mongodb://{USER}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}?{options}"

    def stop(self) -> None:
        """End it."""
        self.program.stop()
