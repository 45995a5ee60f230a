"""The official Go tools that ``make tools-install`` builds from their modules."""

from __future__ import annotations

from pathlib import Path

from tests.counterparts.fixtures import not_run
from tests.counterparts.program import ROOT

FOLDER = ROOT / ".tools" / "go"


def built(name: str) -> Path:
    """The program of that name; the test is not run where it was not built."""
    path = FOLDER / name
    if not path.exists():
        not_run(f"{name}, which Go builds (make tools-install)")
    return path
