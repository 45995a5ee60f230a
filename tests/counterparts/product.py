"""The product itself as a counterpart: started by its own command, in a directory of its own, driven from outside."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.counterparts.management import Management
from tests.counterparts.program import ROOT, Program, free_port

# no request limits, since one address drives everything; the brute-force lockout stays on (contract: IDP_RATE_LIMITS)
TEST_ENVIRONMENT = {"IDP_RATE_LIMITS": "off", "LOG_LEVEL": "info", "PYTHONUNBUFFERED": "1"}


def product_environment(**more: str) -> dict[str, str]:
    """The environment of a product process: this one's, without settings, plus ``more``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IDP_", "PYTEST_", "COV_"))}
    return kept | {"PYTHONPATH": str(ROOT)} | TEST_ENVIRONMENT | more


def idp(*arguments: str, cwd: Path, env: Mapping[str, str], seconds: float = 110) -> subprocess.CompletedProcess[str]:
    """Run one ``idp`` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "idp", *arguments],
        cwd=cwd,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def init(*, cwd: Path, env: Mapping[str, str]) -> dict[str, Any]:
    """``idp init --json``: what it prints; stdout carries that one object and nothing else."""
    done = idp("init", "--json", cwd=cwd, env=env)
    if done.returncode != 0:
        raise RuntimeError(f"idp init --json ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


@dataclass
class Product:
    """A running product; ``base_url`` has no trailing slash, ``issuer`` has one."""

    folder: Path
    port: int
    env: dict[str, str]
    program: Program
    printed: dict[str, Any]
    base_url: str
    verify: str | bool = True
    started_in: float = 0.0
    programs: list[Program] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """The issuer as ``idp init`` printed it."""
        return str(self.printed["issuer"])

    @property
    def connection(self) -> str:
        """Name of the default database connection."""
        return str(self.printed["connection"]["name"])

    def management(self) -> Management:
        """A client of this product's Management API."""
        access = self.printed["management"]
        return Management(
            self.base_url,
            access["client_id"],
            access["client_secret"],
            access["audience"],
            self.printed["connection"]["id"],
            verify=self.verify,
        )

    def mail(self, matches: Callable[[dict[str, Any]], bool], *, seconds: float = 15) -> dict[str, Any]:
        """The newest mail of the development mailbox that ``matches``, waiting for it."""
        deadline = time.monotonic() + seconds
        box: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            answer = requests.get(
                f"{self.base_url}/dev/mailbox", headers={"Accept": "application/json"}, timeout=10, verify=self.verify
            )
            answer.raise_for_status()
            box = answer.json()
            for mail in box:
                if matches(mail):
                    return mail
            time.sleep(0.1)
        raise AssertionError(f"no such mail within {seconds} s; the mailbox has {[mail['subject'] for mail in box]}")

    def mail_to(self, address: str, *, seconds: float = 15) -> dict[str, Any]:
        """The newest mail to ``address``."""
        return self.mail(lambda mail: address in mail["to"], seconds=seconds)

    def answers(self) -> bool:
        """Whether the process answers ``/healthz``."""
        try:
            return requests.get(f"{self.base_url}/healthz", timeout=5, verify=self.verify).status_code == 200
        except OSError:  # nobody listens yet, or the certificate authority isn't made yet
            return False

    def stop(self) -> None:
        """End everything that belongs to it."""
        for program in [*self.programs, self.program]:
            program.stop()


def start_product(
    folder: Path,
    *,
    command: str = "dev",
    tls: bool = False,
    port: int | None = None,
    path: str = "",
    env: Mapping[str, str] | None = None,
    wait: bool = True,
    arguments: Sequence[str] = (),
) -> Product:
    """``idp init --json``, then ``idp dev`` or ``idp serve`` with these ``arguments`` on a free port, with ``folder``
    as its working directory; ``path`` (``/auth``) is the path of its issuer.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    scheme = "https" if tls else "http"
    base_url = f"{scheme}://localhost:{port}{path}"
    full = product_environment(PORT=str(port), IDP_PUBLIC_URL=f"{base_url}/", **(env or {}))
    printed = init(cwd=folder, env=full)
    argv = [sys.executable, "-m", "idp", command, *(["--tls"] if tls else []), *arguments]
    begun = time.monotonic()
    program = Program.start(argv, log_path=folder / "product.log", env=full, cwd=folder)
    verify: str | bool = str(folder / "var" / "tls" / "ca.pem") if tls else True
    product = Product(folder, port, full, program, printed, base_url, verify)
    if wait:
        try:
            program.wait_until(product.answers, what="answer /healthz")
        except BaseException:
            program.stop()
            raise
    product.started_in = time.monotonic() - begun
    return product
