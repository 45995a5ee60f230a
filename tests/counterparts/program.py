"""One started program: its process group, its log, and its end."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1


class DidNotStart(RuntimeError):
    """A program ended or stayed silent before it answered; its log is in the text."""


def free_port() -> int:
    """A TCP port on loopback that nothing uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether something listens on the port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _as_from_a_terminal() -> None:
    """Ctrl-C reaches the program, also where the test run is in the background of a shell and ignores it; a test run
    that is killed takes its programs along (Linux; elsewhere they end by ``stop`` alone).
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Program:
    """A running child in a process group of its own, with everything it prints in ``log_path``."""

    process: subprocess.Popen[bytes]
    log_path: Path
    name: str

    @classmethod
    def start(
        cls,
        argv: Sequence[str | Path],
        *,
        log_path: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
    ) -> "Program":
        """Start ``argv``; ``user`` is for servers that refuse to run as root."""
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                [str(part) for part in argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                cwd=cwd,
                user=user,
                start_new_session=True,
                preexec_fn=_as_from_a_terminal,  # noqa: PLW1509 - tests start programs from their main thread only
            )
        return cls(process, log_path, Path(argv[0]).name)

    @property
    def pid(self) -> int:
        """Process id of the program itself."""
        return self.process.pid

    @property
    def log(self) -> str:
        """Everything printed so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 30, what: str = "answer") -> None:
        """Wait until ``ready()``; a program that ends first, or takes too long, raises with its log."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise DidNotStart(
                    f"{self.name} ended with {self.process.returncode} before it could {what}:\n{self.log}"
                )
            if time.monotonic() > deadline:
                raise DidNotStart(f"{self.name} did not {what} within {seconds} s:\n{self.log}")
            time.sleep(0.05)

    def stop(self, sig: signal.Signals = signal.SIGTERM, *, seconds: float = 20) -> int:
        """End it with ``sig``, then whatever is left of its group by force; answers the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(sig)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def kill(self) -> None:
        """``kill -9`` the whole group at once, as a crash of the machine part would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
