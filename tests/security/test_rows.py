"""Every threat that concerns what is built has a test, and every test names a threat that exists."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.counterparts.program import ROOT

FOLDERS = (
    "api_v2",
    "connectors",
    "directory/bulk",
    "foundation/egress",
    "flows",
    "processes/serving",
    "security",
    "tenancy",
)
CATALOGUE = {
    "A": 18,
    "B": 9,
    "CO": 14,
    "CU": 2,
    "D": 5,
    "E": 8,
    "F": 8,
    "G": 4,
    "H": 10,
    "I": 10,
    "J": 5,
    "K": 4,
    "L": 4,
    "M": 12,
    "N": 8,
    "O": 11,
    "P": 8,
    "Q": 3,
    "R": 10,
    "T": 3,
    "U": 10,
    "V": 6,
    "W": 11,
    "SA": 14,
    "SEC": 3,
    "LOG": 3,
    "X": 8,
    "Y": 4,
    "Z": 8,
}
"""Rows per group, as far as its subject is built."""
ELSEWHERE = {
    "O11": "push notifications are not offered",
}

BESIDES = {"I11", "J9", "RL4", "RL6"}
"""Rows of groups that are not whole yet."""


def named() -> dict[str, list[str]]:
    """Row -> the tests that answer it, read from the source."""
    found: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            for identifier, test in _marks(path):
                found.setdefault(identifier, []).append(f"{path.name}::{test}")
    return found


def _marks(path: Path) -> list[tuple[str, str]]:
    return [
        (str(argument.value), node.name)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "row"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    ]


def test_every_row_has_a_test() -> None:
    wanted = {f"{group}{number}" for group, rows in CATALOGUE.items() for number in range(1, rows + 1)}
    assert set(named()) == wanted - set(ELSEWHERE) | BESIDES


def test_marks_are_on_tests() -> None:
    assert [
        test for tests in named().values() for test in tests if not test.partition("::")[2].startswith("test_")
    ] == []
