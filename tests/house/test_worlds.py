"""The tests' own rules: one world for all, nobody else installs the product or opens a process of it in this one; units
stand where what they test stands.
"""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts import postgres
from tests.counterparts.program import ROOT, DidNotStart
from tests.house.source import tree

TESTS = ROOT / "tests"
OPENS = {"create_app", "Platform.open", "installation.install", "installation.prepare", "installation.create_tenant"}
INSIDE = {"api_v2", "contracts", "flows", "scale", "security", "tenancy", "web"}
OUTSIDE = {"counterparts", "e2e", "node", "ops", "rp", "screens", "tools"}
SUITES = INSIDE | OUTSIDE | {"house", "world"}
"""Folders of ``tests/`` that look at the product as a whole; every other one mirrors a folder of ``idp/``, or
``connectors/``.
"""
EXCEPTIONS = {
    # installing is what they test
    "test_demonstration.py",
    "test_installation.py",
}


def opened_by(path: Path) -> set[str]:
    """What of ``OPENS`` the file calls."""
    calls = (ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return {call for call in calls if call in OPENS}


def test_only_the_world_opens_the_product() -> None:
    files = [path for path in TESTS.rglob("*.py") if "node_modules" not in path.parts]
    found = {
        path.relative_to(ROOT).as_posix(): sorted(opened)
        for path in files
        if path.name not in EXCEPTIONS and path.parent != TESTS / "world" and (opened := opened_by(path))
    }
    assert found == {}, "use the fixtures of tests/world/fixtures.py (world, open_world)"


def test_the_world_itself_is_seen() -> None:
    assert {call for path in (TESTS / "world").glob("*.py") for call in opened_by(path)} >= {
        "create_app",
        "Platform.open",
    }


def test_units_mirror_the_product() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py") if path.parent != TESTS}
    units = {folder for folder in folders if folder.parts[0] not in SUITES}
    assert units
    mirrored = {each for each in units if any(_is_there(above / each) for above in (ROOT / "idp", ROOT))}
    assert sorted(map(str, units - mirrored)) == []


def _is_there(place: Path) -> bool:
    return place.is_dir() or place.with_suffix(".py").exists()


@pytest.mark.skipif(postgres.find_postgres() is None, reason="no Postgres server is installed")
def test_a_server_that_does_not_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder is memory where there is enough of it."""
    made: list[str] = []
    make = tempfile.mkdtemp

    def mkdtemp(**where: Any) -> str:
        made.append(make(**where))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    monkeypatch.setattr(postgres, "QUICK", {"no_such_setting": "on"})
    with pytest.raises(DidNotStart, match="no_such_setting"):
        postgres.PrivatePostgres.start()
    assert [Path(folder).exists() for folder in made] == [False]
