"""House rules that no linter knows."""

import ast
import re

from tests.counterparts.program import ROOT
from tests.house.source import calls, modules, tree

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "manager", "base_service"}
LONGEST_FILE = 420
# operators' code: the only places that may look past tenants
TENANTLESS = re.compile(r"idp\.(foundation\.db|processes|operations)(\..*)?$")
LATE_IMPORTS = {
    # the cost of starting `idp keys list` must not be that of the web server
    "idp.processes.cli",
    "idp.__main__",
}


def test_names_say_what_things_are_for() -> None:
    bad = [name for name in modules() if SAY_NOTHING & set(name.split("."))]
    assert bad == []


def test_every_module_says_what_it_is_for() -> None:
    assert modules()
    assert [name for name, path in modules().items() if not ast.get_docstring(tree(path))] == []


def test_files_fit_in_a_head() -> None:
    long = {
        name: lines
        for name, path in modules().items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_only_operators_look_past_tenants() -> None:
    used = {name: calls(path, "system_session") for name, path in modules().items() if not TENANTLESS.match(name)}
    assert {name: lines for name, lines in used.items() if lines} == {}


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    left = [name for name, path in modules().items() if marks.search(path.read_text(encoding="utf-8"))]
    assert left == []


def test_exceptions_are_not_swallowed() -> None:
    silent = [
        f"{name}:{node.lineno}"
        for name, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and isinstance(node.type, ast.Name)
        and node.type.id in {"Exception", "BaseException"}
        and all(isinstance(part, ast.Pass | ast.Continue) for part in node.body)
    ]
    assert silent == []


def test_no_file_names_a_registry_host() -> None:
    """Locks and documents work with whatever registry a machine is set up for."""
    hosts = re.compile(r"(registry\.npmjs\.org|pypi\.org/simple|files\.pythonhosted\.org)")
    files = ["requirements.txt", "requirements-dev.txt", "tests/node/package-lock.json", "Makefile", "pyproject.toml"]
    assert [name for name in files if hosts.search((ROOT / name).read_text(encoding="utf-8"))] == []


def test_every_folder_is_a_package() -> None:
    """A folder without ``__init__.py`` is invisible to the import contracts."""
    folders = {path.parent for path in modules().values()}
    bare = [folder for folder in folders if not (folder / "__init__.py").exists() and folder.name != "versions"]
    assert bare == []
