"""News is emitted by use cases alone, and every kind of it by somebody."""

import ast
import re

from idp.foundation.kernel import access_events, events
from idp.foundation.kernel.events import Event
from tests.house.source import modules, tree

USE_CASES = re.compile(r"idp\..*\.(service(\..*)?|client_grants)$")


def emitted(module: str) -> list[str]:
    """The kinds of events that a module emits, or the source text where that is no plain construction."""
    calls = [
        node
        for node in ast.walk(tree(modules()[module]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "emit"
    ]
    return [ast.unparse(call.args[0]).partition("(")[0] for call in calls]


def test_only_use_cases_emit() -> None:
    elsewhere = [
        name
        for name in modules()
        if name.startswith("idp.") and name != "idp.foundation.tenancy.work" and not USE_CASES.match(name)
    ]
    assert {name: kinds for name in elsewhere if (kinds := emitted(name))} == {}


def test_every_kind_of_news_has_one_home() -> None:
    """An event is emitted by one module, so that nobody can tell half of the story."""
    homes: dict[str, set[str]] = {}
    for name in modules():
        if USE_CASES.match(name):
            for kind in emitted(name):
                homes.setdefault(kind, set()).add(name)
    kinds = {
        name
        for name, kind in {**vars(events), **vars(access_events)}.items()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }
    assert kinds - homes.keys() == set(), "nobody emits these"
    told_by_several = {"UserUpdated", "EmailVerificationWanted"}  # a PATCH, a new name, a lost account; a new user
    assert {kind: names for kind, names in homes.items() if len(names) > 1 and kind not in told_by_several} == {}
