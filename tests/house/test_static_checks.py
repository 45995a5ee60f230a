"""Lint, format, types, import contracts and templates are tests like any other: one verdict for a whole run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.counterparts.program import ROOT

BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import contracts": ["lint-imports", "--no-cache"],
    "templates": ["djlint", "templates", "--lint", "--quiet"],
}


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", list(CHECKS))
def test_static_check_finds_nothing(name: str) -> None:
    program, *arguments = CHECKS[name]
    done = subprocess.run([BIN / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name}:\n{done.stdout}\n{done.stderr}"
