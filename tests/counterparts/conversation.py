"""A program that answers each line of JSON with one: relying parties in other languages, told what to do by a test."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

SLOWEST_S = 60
"""After that long a program that says nothing is ended."""


class WentWrong(AssertionError):
    """The program ended, or names a problem; what it printed beside its answers is in the text."""


@dataclass
class Conversation:
    """The running program. ``log_path`` gets what it prints to stderr."""

    process: subprocess.Popen[str]
    log_path: Path

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """Its answer to one line."""
        given, heard = self.process.stdin, self.process.stdout
        assert given is not None
        assert heard is not None
        given.write(json.dumps({"do": do, **more}) + "\n")
        given.flush()
        timer = Timer(SLOWEST_S, self.process.kill)
        timer.start()
        try:
            line = heard.readline()
        finally:
            timer.cancel()
        answer: dict[str, Any] = json.loads(line) if line else {"problem": "it ended"}
        if "problem" in answer:
            raise WentWrong(f"{do}: {answer['problem']}\n{self.log_path.read_text(encoding='utf-8')[-3_000:]}")
        return answer


@contextmanager
def conversation(
    argv: Sequence[str | Path], *, log_path: Path, env: Mapping[str, str], cwd: Path | None = None
) -> Iterator[Conversation]:
    """Start ``argv``; leaving the block ends it."""
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=dict(env),
            cwd=cwd,
        )
    with process:
        try:
            yield Conversation(process, log_path)
        finally:
            process.kill()
