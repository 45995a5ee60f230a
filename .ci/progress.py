r"""Runs a command that is silent for long and shows how far it is: one line that changes on a terminal, one line now
and then elsewhere. What the command prints is kept back, and shown where it fails.

    python .ci/progress.py "Installing" "^Collecting (\S+)" 86 -- pip install ...

The arguments: what is being done, a pattern of the lines that count (its group is what is named), how many there will
be (0: nobody knows), and the command behind ``--``. Standard library alone, since nothing is installed yet.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import deque

WIDTH = 78
KEPT = 200
EVERY_S = 10.0
TICK_S = 0.5


class Progress:
    """How far the command is."""

    def __init__(self, doing: str, total: int) -> None:
        self.doing, self.total = doing, total
        self.count, self.what = 0, ""
        self.begun = time.monotonic()
        self.terminal = sys.stdout.isatty()
        self._said = self.begun
        self._ended = threading.Event()

    def line(self) -> str:
        """As people read it."""
        seconds = int(time.monotonic() - self.begun)
        share = f"{min(self.count, self.total)} of {self.total}" if self.total else f"{self.count}"
        counted = f"  {share}  {self.what}" if self.count else ""
        return f"{self.doing} ... {seconds // 60}:{seconds % 60:02}{counted}"[:WIDTH]

    def show(self, *, last: bool = False) -> None:
        """On a terminal at once, elsewhere now and then, since each line stays there."""
        now = time.monotonic()
        if self.terminal:
            sys.stdout.write(f"\r{self.line():<{WIDTH}}" + ("\n" if last else ""))
        elif last or now - self._said >= EVERY_S:
            self._said = now
            sys.stdout.write(self.line() + "\n")
        sys.stdout.flush()

    def tick(self) -> None:
        """Let the seconds run while the command says nothing."""
        while not self._ended.wait(TICK_S):
            self.show()

    def end(self) -> None:
        """The last line."""
        self._ended.set()
        self.show(last=True)


def main(arguments: list[str]) -> int:
    """Run it; answers its exit status."""
    doing, pattern, total = arguments[0], re.compile(arguments[1]), int(arguments[2] or 0)
    command = arguments[arguments.index("--") + 1 :]
    progress, printed = Progress(doing, total), deque[str](maxlen=KEPT)
    threading.Thread(target=progress.tick, daemon=True).start()
    with subprocess.Popen(  # noqa: S603 - what the Makefile names
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as run:
        for text in run.stdout or ():
            printed.append(text)
            found = pattern.search(text)
            if found is not None:
                progress.count += 1
                progress.what = next((part for part in found.groups() if part), found[0]).strip()
    progress.end()
    if run.returncode:
        sys.stderr.write("".join(printed))
    return run.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
