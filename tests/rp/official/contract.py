"""A call of an official client, and what its answer has to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ANYTHING = object()


@dataclass(frozen=True)
class Among:
    """A list one of whose entries has these members."""

    members: Mapping[str, Any]


def has(**members: Any) -> Among:
    """See :class:`Among`."""
    return Among(members)


@dataclass(frozen=True)
class Call:
    """One call; ``expect`` is what the answer holds at least, a check, or :data:`ANYTHING`."""

    operation: str
    method: str
    args: tuple[str, ...] = ()
    members: Any = field(default_factory=dict)
    expect: Any = ANYTHING
    keep: Mapping[str, str] = field(default_factory=dict)
    by: str = "machine"
    """Whose token: the machine's, or ``user``'s."""
    four: tuple[str, tuple[Any, ...], Mapping[str, Any]] | None = None
    """auth0-python 4's name, arguments and keywords, where they follow from no rule."""
    only: str = ""
    """The one client that has it."""


def holds(answer: Any, expected: Any) -> bool:
    """Whether ``answer`` has at least what is expected: members of objects; lists are equal in length."""
    if expected is ANYTHING:
        return True
    if isinstance(expected, Among):
        return isinstance(answer, list) and any(holds(each, expected.members) for each in answer)
    if callable(expected):
        return bool(expected(answer))
    if isinstance(expected, Mapping):
        return isinstance(answer, Mapping) and all(
            name in answer and holds(answer[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(answer, list) and len(answer) == len(expected) and all(map(holds, answer, expected))
    return bool(answer == expected)


def nothing(answer: Any) -> bool:
    """An empty answer."""
    return answer in (None, "", {})


def empty(answer: Any) -> bool:
    """A list of nothing."""
    return bool(answer == [])
