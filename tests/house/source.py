"""The product's own source files, parsed."""

import ast
from functools import cache
from pathlib import Path

from tests.counterparts.program import ROOT

PACKAGES = ("idp", "connectors")


@cache
def modules() -> dict[str, Path]:
    """Dotted name -> file of every module of the product."""
    found: dict[str, Path] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(path: Path, name: str) -> list[int]:
    """Lines that call or name ``name`` as an attribute or a plain name."""
    return [
        node.lineno
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr == name) or (isinstance(node, ast.Name) and node.id == name)
    ]
