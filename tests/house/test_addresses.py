"""Addresses of our own pages are built in one place (``Configuration.href``, decision 0108): by hand they would miss
the path of a tenant at ``https://example.com/auth/``.
"""

import ast
import re
from pathlib import Path

import pytest

from idp.app import OF_THE_MACHINE
from idp.foundation.environment import RESERVED
from tests.counterparts.program import ROOT
from tests.house.source import modules, tree
from tests.world.world import World

BUILDERS = {"href", "url"}
"""``work.href``, ``page.href``, ``request.url`` of a screen's request."""
LEADS = {"redirect", "Response", "set_cookie"}
ADDRESS = re.compile(r"(_url|_uri|form_action|location|href)$")
IN_TEMPLATES = re.compile(
    r"""(?:href|src|action|srcset|poster|formaction)\s*=\s*["']?/|url\(\s*["']?/""", re.IGNORECASE
)
FILES = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt"), *(ROOT / "static").rglob("*.*")]


def test_every_first_segment_of_a_route_is_reserved(world: World) -> None:
    """No tenant can be made below one, and a request for one needs no look at the store."""
    first = {rule.rule.split("/")[1] for rule in world.app.url_map.iter_rules()} - {""}
    assert first <= RESERVED
    assert {path.split("/")[1] for path in OF_THE_MACHINE} <= RESERVED


def test_no_route_is_redirected_by_the_router(world: World) -> None:
    """Werkzeug's own redirect to the address with a slash is built from the request's host and path."""
    rules = list(world.app.url_map.iter_rules())
    exact = {rule.rule for rule in rules}
    ending = {rule.rule for rule in rules if rule.rule.endswith("/") and rule.rule != "/"}
    assert {rule for rule in ending if rule.rstrip("/") not in exact} == set()


def by_hand(node: ast.expr) -> bool:
    """Whether an expression is a path of ours put together on the spot."""
    match node:
        case ast.Constant(value=str(text)):
            return text.startswith("/") and (text == "/" or text.split("/")[1].split("?")[0] in RESERVED)
        case ast.JoinedStr(values=[first, *_]):
            return by_hand(first) or (isinstance(first, ast.FormattedValue) and constant(first.value))
        case ast.BinOp(left=left, op=ast.Add()):
            return by_hand(left)
        case ast.IfExp(body=body, orelse=other):
            return by_hand(body) or by_hand(other)
        case _:
            return constant(node)


def constant(node: ast.expr) -> bool:
    """A name of a module's constant: paths of routes are kept so."""
    return isinstance(node, ast.Name) and node.id.isupper()


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def made_by_hand(path: Path) -> list[int]:
    """Lines that send a browser to, or show, a path of ours that no builder made."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and name_of(node) not in BUILDERS:
            if name_of(node) in LEADS:
                found += [each.lineno for each in node.args[:1] if by_hand(each)]
            found += [
                each.value.lineno
                for each in node.keywords
                if each.arg and ADDRESS.search(each.arg) and by_hand(each.value)
            ]
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Subscript)
            and isinstance(target.slice, ast.Constant)
            and str(target.slice.value).lower() == "location"
            for target in node.targets
        ):
            found += [node.lineno] if by_hand(node.value) else []
    return found


def test_no_address_of_ours_is_put_together_by_hand() -> None:
    assert {name: lines for name, path in modules().items() if (lines := made_by_hand(path))} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_has_an_address_of_ours_without_its_builder(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines if IN_TEMPLATES.search(line)] == []


def test_nothing_is_built_from_the_path_of_a_request() -> None:
    """What a stranger typed (``/%5cevil.example/x``) must not become a link; logs and comparisons may name it."""
    named = re.compile(r"request\.(path|full_path|url|base_url|url_root|root_url|host_url)\b")
    allowed = re.compile(
        r"path=request\.path|request\.path\.startswith|request\.path not in|request\.path,|whole = "
        r"|request\.path\.removeprefix\(prefix\)|= spoken\.of\(request\.path\)$"
    )
    used = {
        f"{name}:{number}"
        for name, path in modules().items()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if named.search(line) and not allowed.search(line) and "screen" not in name and "request.url(" not in line
    }
    assert used == {f"idp.operations.health.views:{line}" for line in _group_lines()}


def _group_lines() -> list[int]:
    """The health feature sorts requests by their path."""
    lines = modules()["idp.operations.health.views"].read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if "_group(request.blueprint, request.path)" in line]


def test_cookies_are_set_in_one_place() -> None:
    """Their names and paths follow the tenant's URL (:mod:`idp.foundation.tenancy.cookies`); the thin edge only reads
    the header.
    """
    setting = re.compile(r"\.(set_cookie|delete_cookie)\(|dump_cookie\(")
    reading = re.compile(r"request\.cookies|HTTP_COOKIE")
    here, header = "idp.foundation.tenancy.cookies", "idp.foundation.web.exchange"
    for pattern, places in ((setting, {here}), (reading, {here, header})):
        found = {name for name, path in modules().items() if pattern.search(path.read_text(encoding="utf-8"))}
        assert found == places
