"""Generated pages say what the code says: routes, operations and types of log entries (``make docs`` writes them
anew).
"""

import ast

import pytest

from idp.features import FEATURES
from idp.foundation.kernel.log_types import LogType
from idp.management.mount import endpoints
from idp.processes.cli.docs import pages
from idp.processes.cli.parity_reference import REASONS, State, states
from idp.processes.cli.reference import SECTIONS, routes, section_of
from idp.wiring import api_modules
from tests.counterparts.program import ROOT
from tests.house.source import modules, tree

GENERATED = pages()
Codes = frozenset[str]


@pytest.mark.parametrize("name", list(GENERATED))
def test_generated_page_is_current(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.exists(), "missing: run `make docs`"
    assert path.read_text(encoding="utf-8") == GENERATED[name], "stale: run `make docs`"


def test_a_reason_for_what_is_not_built_goes_when_it_is_built() -> None:
    missing = {state.reason for state in states() if not state.built}
    beginnings = {start for start in REASONS for state in states() if not state.built and begins(state, start)}
    assert (set(REASONS) - beginnings, set(REASONS.values()) - missing) == (set(), set())


def begins(state: State, start: str) -> bool:
    return f"{state.operation.path}/".startswith(f"{start}/")


def test_no_page_is_left_from_earlier() -> None:
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / "reference").glob("*")}
    assert there == {name for name in GENERATED if name.startswith("reference/")}


def test_every_route_says_what_it_answers() -> None:
    found = routes()
    assert [route.path for route in found if not route.says or not route.methods] == []
    assert {section_of(route.path) for route in found} == {title for title, _ in SECTIONS}


def test_every_operation_says_what_it_does() -> None:
    silent = [
        f"{each.method} {each.path}"
        for each in endpoints(api_modules())
        if not each.summary or not each.handler.__doc__
    ]
    assert silent == []


def test_every_declared_log_type_is_written_and_no_code_twice() -> None:
    declared = {
        f"{type(each).__name__}.{each.name}": each.value for f in FEATURES for types in f.log_types for each in types
    }
    assert len(set(declared.values())) == len(declared), "two features declare one code"
    written = {
        f"{node.value.id}.{node.attr}"
        for name, path in modules().items()
        if not name.endswith(".log_types")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert sorted(set(declared) - written) == [], "nothing writes these"


def test_every_log_type_belongs_to_a_feature() -> None:
    listed = {types for f in FEATURES for types in f.log_types}
    assert set(LogType.__subclasses__()) == listed
