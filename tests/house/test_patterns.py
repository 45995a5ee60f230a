"""``$`` also fits before a line break at the end: a text that was checked so may hold one. Patterns end in ``\\Z``, or
are asked with ``fullmatch`` (``idp.foundation.kernel.formats.whole`` for members of bodies).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.features import FEATURES
from idp.foundation.apikit import Endpoint
from idp.management.mount import endpoints
from tests.house.source import modules, tree

AT, AT_END = re._constants.AT, re._constants.AT_END  # type: ignore[attr-defined]
METHODS = {"compile", "match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"}


def patterns(path: Path) -> Iterator[tuple[int, str]]:
    """Regular expressions that a module spells out: arguments of ``re``, and ``pattern=`` of whatever takes one."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        of_re = (
            isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "re" and node.func.attr in METHODS
        )
        given = [each.value for each in node.keywords if each.arg == "pattern"] + (node.args[:1] if of_re else [])
        for each in given:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield node.lineno, each.value


def ends_softly(parsed: object) -> bool:
    """Whether a ``$`` stands anywhere in it."""
    if isinstance(parsed, re._parser.SubPattern):  # type: ignore[attr-defined]
        return any(map(ends_softly, parsed))
    if isinstance(parsed, tuple | list):
        here = len(parsed) == 2 and parsed[0] is AT and parsed[1] is AT_END
        return here or any(map(ends_softly, parsed))
    return False


def test_the_search_knows_a_dollar_when_it_sees_one() -> None:
    for soft in ("^a$", "a(?=b|$)", "(a$|b)"):
        assert ends_softly(re._parser.parse(soft)), soft  # type: ignore[attr-defined]
    for hard in (r"^a\Z", "[$]", r"\$", "a"):
        assert not ends_softly(re._parser.parse(hard)), hard  # type: ignore[attr-defined]
    assert sum(1 for path in modules().values() for _ in patterns(path)) > 20


def test_no_pattern_ends_in_a_dollar() -> None:
    soft = {
        f"{name}:{line}": pattern
        for name, path in modules().items()
        for line, pattern in patterns(path)
        if ends_softly(re._parser.parse(pattern))  # type: ignore[attr-defined]
    }
    assert soft == {}


def _declared() -> list[tuple[str, str]]:
    """Every pattern that msgspec checks in a body or a query, wherever it stands in it."""
    import msgspec

    found: dict[str, str] = {}

    def walk(info: object, place: str) -> None:
        if isinstance(info, msgspec.inspect.StrType) and info.pattern:
            found[place] = info.pattern
        for name in getattr(info, "__struct_fields__", ()):
            value = getattr(info, name)
            if isinstance(info, msgspec.inspect.StructType) and name == "fields":
                for each in value:
                    walk(each.type, f"{place}.{each.encode_name}")
            elif isinstance(value, msgspec.inspect.Type):
                walk(value, place)
            elif isinstance(value, tuple):
                for each in value:
                    walk(each, place)

    apis = tuple(name for feature in FEATURES for name in feature.apis)
    endpoint: Endpoint
    for endpoint in endpoints(apis):
        for declared in (endpoint.signature.body, endpoint.signature.query):
            if declared is not None:
                walk(msgspec.inspect.type_info(declared), f"{endpoint.method} {endpoint.path}")
    return sorted(found.items())


@pytest.mark.parametrize(("place", "pattern"), _declared())
def test_declared_patterns_hold_to_the_last_character(place: str, pattern: str) -> None:
    assert pattern.endswith(r"\Z"), place
