"""Generated pages say what the code says: routes, operations and types of log entries (``make docs`` writes them
anew).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.management.mount import built
from idp.processes.cli.docs import pages
from idp.processes.cli.reference import SECTIONS, routes, section_of
from idp.tenant.audit.types import TYPES
from tests.counterparts.program import ROOT
from tests.house.source import modules, tree

GENERATED = pages()
Codes = frozenset[str]


@pytest.mark.parametrize("name", list(GENERATED))
def test_generated_page_is_current(name: str) -> None:
    path = ROOT / "docs" / name
    assert path.exists(), "missing: run `make docs`"
    assert path.read_text(encoding="utf-8") == GENERATED[name], "stale: run `make docs`"


def test_no_page_is_left_from_earlier() -> None:
    there = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / "reference").glob("*")}
    assert there == {name for name in GENERATED if name.startswith("reference/")}


def test_every_route_says_what_it_answers() -> None:
    found = routes()
    assert [route.path for route in found if not route.says or not route.methods] == []
    assert {section_of(route.path) for route in found} == {title for title, _ in SECTIONS}


def test_every_operation_says_what_it_does() -> None:
    silent = [f"{each.method} {each.path}" for each in built() if not each.summary or not each.handler.__doc__]
    assert silent == []


def test_entries_are_written_through_the_module() -> None:
    """``from idp.tenant.audit import log``: otherwise the next test would not see the codes."""
    direct = [
        name
        for name, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and node.module == "idp.tenant.audit.log"
        and {alias.name for alias in node.names} & {"write", "entry"}
    ]
    assert direct == []


def test_every_emitted_log_type_is_documented_and_no_other() -> None:
    emitted: dict[str, set[str]] = {}
    for name, path in modules().items():
        for code in emitted_by(path):
            emitted.setdefault(code, set()).add(name)
    assert {code: where for code, where in emitted.items() if code not in TYPES} == {}, (
        "add it to idp/tenant/audit/types.py"
    )
    assert sorted(set(TYPES) - set(emitted)) == [], "nothing writes these"


# --- reading the codes out of the source ---------------------------------------------------------------------------


def emitted_by(path: Path) -> Iterator[str]:
    """The codes one module hands to :mod:`idp.tenant.audit.log`, whose functions take them as their second argument."""
    module = tree(path)
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == "idp.tenant.audit"
        for alias in node.names
        if alias.name == "log"
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _writes(node.func, aliases):
            yield from _codes(node.args[1], module, f"{path}:{node.lineno}")


def _writes(function: ast.expr, aliases: set[str]) -> bool:
    """``log.write``, ``log.entry`` or ``log.batch.add``."""
    names: list[str] = []
    while isinstance(function, ast.Attribute):
        names.insert(0, function.attr)
        function = function.value
    return (
        isinstance(function, ast.Name) and function.id in aliases and names in (["write"], ["entry"], ["batch", "add"])
    )


def _codes(value: ast.expr, module: ast.Module, where: str) -> Codes:
    """Every code an expression may be. An expression this can't read is a failure: codes are plain to see."""
    match value:
        case ast.Constant(value=str(code)):
            return frozenset({code})
        case ast.IfExp(body=one, orelse=other):
            return _codes(one, module, where) | _codes(other, module, where)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="get"), args=[_, otherwise]):
            return _table(table, module, where) | _codes(otherwise, module, where)
        case ast.Name(id=name):
            found = [code for each in _values_of(name, module) for code in _codes(each, module, where)]
            assert found, f"{where}: where does {name} get its log type from?"
            return frozenset(found)
    raise AssertionError(f"{where}: write the log type so that it can be read: {ast.unparse(value)}")


def _table(name: str, module: ast.Module, where: str) -> Codes:
    tables = [each for each in _values_of(name, module) if isinstance(each, ast.Dict)]
    return frozenset(code for table in tables for value in table.values for code in _codes(value, module, where))


def _values_of(name: str, module: ast.Module) -> Iterator[ast.expr]:
    """What a name may stand for: assigned, taken from a table by a loop, or passed by a caller in the same module."""
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[target], value=value):
                yield from _bound(name, target, value)
            case ast.For(target=ast.Tuple(elts=targets), iter=ast.Name(id=table)) if (
                _position(name, targets) is not None
            ):
                yield from _column(table, _position(name, targets) or 0, module)
            case ast.FunctionDef(name=function, args=arguments) if name in [each.arg for each in arguments.args]:
                at = [each.arg for each in arguments.args].index(name)
                yield from (call.args[at] for call in _calls(function, module))


def _bound(name: str, target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    match target, value:
        case ast.Name(id=bound), _ if bound == name:
            yield value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if _position(name, targets) is not None:
            yield values[_position(name, targets) or 0]


def _position(name: str, targets: list[ast.expr]) -> int | None:
    names = [target.id if isinstance(target, ast.Name) else "" for target in targets]
    return names.index(name) if name in names else None


def _column(table: str, at: int, module: ast.Module) -> Iterator[ast.expr]:
    for value in _values_of(table, module):
        if isinstance(value, ast.Tuple):
            yield from (row.elts[at] for row in value.elts if isinstance(row, ast.Tuple))


def _calls(function: str, module: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
            yield node
