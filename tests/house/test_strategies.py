"""Strategies are known to ``connectors`` alone: nobody else asks one by its name (docs/decisions/0071)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from connectors.registry import STRATEGIES
from connectors.strategy import Options

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "idp").rglob("*.py"))
COMMON_WORDS = frozenset({"apple", "box", "custom", "email", "exact", "ip", "line", "shop", "slack", "okta", "sms"})
"""Names of strategies that mean other things too; they count where something is compared with or called a strategy."""
ELSEWHERE = {
    # other things of the same name, each looked at
    ("foundation/tenancy/cookies.py", "auth0"),  # the session cookie is called so
    ("foundation/apikit/openapi.py", "oauth2"),  # a kind of security scheme
    ("foundation/environment.py", None),  # paths of ours begin with such words
    ("applications/clients/schemas.py", None),  # kinds of applications and addons
    ("applications/clients/addons.py", None),
    ("directory/provisioning/mapping.py", "auth0"),  # a member of the rules of a mapping
    ("directory/provisioning/api.py", "auth0"),
    ("protocol/saml/settings.py", "samlp"),  # an addon
    ("protocol/impersonation/api.py", None),  # protocols of an older call
    ("protocol/impersonation/service.py", "oauth2"),
    ("directory/bulk/converters/auth0.py", "auth0"),  # whose exports it reads
    ("directory/bulk/converters/plain_csv.py", "auth0"),
    ("directory/bulk/files.py", "auth0"),
    ("operations/installation/demonstration.py", "samlp"),  # an addon, and two connections that it makes
    ("operations/installation/demonstration.py", "oidc"),
    ("operations/dev/conformance.py", "oidc"),  # a plan of the suite, and its file
    ("signin/factors/schemas.py", "auth0"),  # who sends to phones, unless somebody else does
    ("signin/factors/settings.py", "auth0"),
}


def names_in(tree: ast.AST) -> Iterator[str]:
    """Strategies that the module names in a string of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name, bar, _ = node.value.partition("|")
            if name in STRATEGIES and (bar or name not in COMMON_WORDS):
                yield name
        elif isinstance(node, ast.Compare):
            words = ast.unparse(node)
            constants = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            if "strategy" in words or "provider" in words:
                yield from (value for value in constants if isinstance(value, str) and value in STRATEGIES)
        elif isinstance(node, ast.keyword) and node.arg in {"strategy", "provider"}:
            constants = [node.value.value] if isinstance(node.value, ast.Constant) else []
            yield from (value for value in constants if isinstance(value, str) and value in STRATEGIES)


def test_no_strategy_is_asked_by_its_name() -> None:
    assert FILES
    asked: dict[str, set[str]] = {}
    for path in FILES:
        place = str(path.relative_to(ROOT / "idp"))
        found = set(names_in(ast.parse(path.read_text(encoding="utf-8"))))
        allowed = {name for where, name in ELSEWHERE if where == place}
        if None not in allowed and found - allowed:
            asked[place] = found - allowed
    assert asked == {}


@pytest.mark.parametrize("name", STRATEGIES)
def test_options_that_a_strategy_brings_are_of_its_type(name: str) -> None:
    strategy = STRATEGIES[name]
    assert issubclass(strategy.options, Options)
    for document in (strategy.defaults, strategy.installed):
        msgspec.convert(document, strategy.options)


SHARED = {"contract", "directories", "strategy", "registry", "saml_format"}
"""Modules of ``connectors`` that the product may import; the import contracts say who may."""


def imported_connectors(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "connectors":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("connectors."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[2] for alias in node.names if alias.name.startswith("connectors"))


def test_no_connector_is_imported_by_the_product() -> None:
    """So a new connector is protected without a line in ``pyproject.toml``."""
    found = {name for path in FILES for name in imported_connectors(ast.parse(path.read_text(encoding="utf-8")))}
    assert found == SHARED
