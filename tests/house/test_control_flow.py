"""What the product does never hangs on the text of a message: a kind of failure is a class or an attribute."""

import ast

import pytest

from tests.house.source import modules, tree

TEXTS = {"detail", "description", "message", "args"}
ASKS = {"startswith", "endswith", "find", "index", "count", "partition", "split"}
ERRORS = {"error", "problem", "failure", "exception", "exc", "err"}


def is_text_of_an_error(node: ast.expr, errors: set[str]) -> bool:
    """``str(error)``, ``error.detail`` and the like, changed to lower case or not."""
    if isinstance(node, ast.Subscript):
        return is_text_of_an_error(node.value, errors)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"lower", "upper", "strip", "casefold"}:
            return is_text_of_an_error(node.func.value, errors)
        return (
            isinstance(node.func, ast.Name)
            and node.func.id in {"str", "repr"}
            and bool(node.args)
            and isinstance(node.args[0], ast.Name)
            and node.args[0].id in errors
        )
    return (
        isinstance(node, ast.Attribute)
        and node.attr in TEXTS
        and isinstance(node.value, ast.Name)
        and node.value.id in errors
    )


def decided_by_text(module: ast.Module) -> list[int]:
    """Lines that compare or search the text of an error."""
    caught = {node.name for node in ast.walk(module) if isinstance(node, ast.ExceptHandler) and node.name}
    errors = caught | ERRORS
    found: list[int] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Compare):
            operands = [node.left, *node.comparators]
            equal = any(isinstance(op, ast.In | ast.NotIn | ast.Eq | ast.NotEq) for op in node.ops)
            if equal and any(is_text_of_an_error(each, errors) for each in operands):
                found.append(node.lineno)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            searched = [node.func.value] if node.func.attr in ASKS else []
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
                searched = list(node.args)
            if any(is_text_of_an_error(each, errors) for each in searched):
                found.append(node.lineno)
    return found


def test_no_decision_is_made_by_the_text_of_an_error() -> None:
    found = {name: lines for name, path in modules().items() if (lines := decided_by_text(tree(path)))}
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        'if problem.detail and "used twice" in problem.detail: pass',
        'try:\n    go()\nexcept ValueError as e:\n    kind = "name" if "name" in str(e) else "other"',
        'if str(error).startswith("no such"): pass',
        'if error.message.lower() == "gone": pass',
        'if re.search("gone", str(error)): pass',
        'if error.args[0] == "gone": pass',
    ],
)
def test_the_reader_sees_such_a_decision(source: str) -> None:
    assert decided_by_text(ast.parse(source))


def test_an_error_code_is_no_message() -> None:
    assert decided_by_text(ast.parse('if problem.error == "missing_token": pass\nlog(str(error))')) == []
