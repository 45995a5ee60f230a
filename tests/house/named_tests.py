"""Tests that lists name: whether they are there."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tests.counterparts.program import ROOT


def gone(names: Iterable[str]) -> list[str]:
    """Those of ``names`` that are not there: a file below ``tests``, ``::`` and a test of it or a class in it."""
    return [name for name in sorted(set(names)) if not _there(name)]


def _there(name: str) -> bool:
    path, _, test = name.partition("::")
    file = ROOT / "tests" / path
    if not file.exists() or not test:
        return file.exists()
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return any(isinstance(node, ast.FunctionDef) and node.name == test for node in nodes)
