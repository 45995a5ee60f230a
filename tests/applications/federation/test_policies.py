"""Metadata policies (OpenID Federation 1.0, 6.1): what each operator does, how two of one kind become one, and which go
together.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from idp.applications.federation import policies
from idp.applications.federation.statements import TrustProblem
from tests.security.rows import row

NAME = "grant_types"


def of(**rules: Any) -> policies.Policy:
    return policies.read({NAME: rules}, None)


@pytest.mark.parametrize(
    ("rules", "said", "left"),
    [
        ({"value": ["a"]}, ["b"], ["a"]),
        ({"value": ["a"]}, None, ["a"]),
        ({"value": None}, ["b"], None),
        ({"value": False}, True, False),
        ({"add": ["a"]}, ["b"], ["b", "a"]),
        ({"add": ["a"]}, ["a"], ["a"]),
        ({"add": ["a"]}, None, ["a"]),
        ({"default": ["a"]}, None, ["a"]),
        ({"default": ["a"]}, ["b"], ["b"]),
        ({"one_of": ["a", "b"]}, "a", "a"),
        ({"one_of": ["a", "b"]}, None, None),
        ({"subset_of": ["a", "b"]}, ["b", "c"], ["b"]),
        ({"subset_of": ["a"]}, ["c"], []),
        ({"subset_of": ["a"]}, None, None),
        ({"superset_of": ["a"]}, ["a", "b"], ["a", "b"]),
        ({"superset_of": ["a"]}, None, None),
        ({"essential": True}, ["a"], ["a"]),
        ({"essential": False}, None, None),
        ({"default": ["c"], "subset_of": ["a"], "add": ["a"]}, None, ["a"]),
        ({"default": ["a", "b"], "subset_of": ["a"], "essential": True}, None, ["a"]),
        ({"moon": "full"}, ["a"], ["a"]),
    ],
)
def test_what_an_operator_leaves(rules: dict[str, Any], said: Any, left: Any) -> None:
    assert policies.applied(of(**rules), {NAME: said}).get(NAME) == left


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"one_of": ["a"]}, "b"),
        ({"one_of": [1]}, True),
        ({"superset_of": ["a"]}, ["b"]),
        ({"essential": True}, None),
        ({"subset_of": ["a"]}, "a"),
        ({"add": ["a"]}, "b"),
    ],
)
def test_what_does_not_fit(rules: dict[str, Any], said: Any) -> None:
    with pytest.raises(TrustProblem) as refused:
        policies.applied(of(**rules), {NAME: said})
    assert refused.value.error == "invalid_metadata"


def test_a_scope_is_a_list_that_is_written_as_text() -> None:
    policy = policies.read({"scope": {"subset_of": ["openid", "email"], "superset_of": ["openid"]}}, None)
    assert policies.applied(policy, {"scope": "openid phone email"})["scope"] == "openid email"


@pytest.mark.parametrize(
    ("rules", "said", "left"),
    [
        ({"default": "openid email phone", "subset_of": ["openid", "email"]}, None, "openid email"),
        ({"default": ["openid"]}, None, "openid"),
        ({"value": "openid email", "add": ["email"]}, "phone", "openid email"),
        ({"value": "openid email", "superset_of": ["openid"]}, None, "openid email"),
        ({"one_of": ["openid", "openid email"]}, "email openid", "email openid"),
        ({"add": ["email"]}, None, "email"),
        ({"value": "openid"}, ["phone"], "openid"),
    ],
)
def test_what_policies_say_of_scopes_is_a_list_too(rules: Any, said: Any, left: str) -> None:
    policy = policies.read({"scope": rules}, None)
    assert policies.applied(policy, {"scope": said}) == {"scope": left}
    assert policies.applied(policies.merged(policy, policy), {"scope": said}) == {"scope": left}


def test_a_scope_that_is_none_of_those_allowed() -> None:
    policy = policies.read({"scope": {"one_of": ["openid", "openid email"]}}, None)
    with pytest.raises(TrustProblem):
        policies.applied(policy, {"scope": "openid phone"})


@pytest.mark.parametrize(
    ("above", "below", "both"),
    [
        ({"value": "a"}, {"value": "a"}, {"value": "a"}),
        ({"value": ["a", "b"]}, {"value": ["b", "a"]}, {"value": ["a", "b"]}),
        ({"add": ["a"]}, {"add": ["a", "b"]}, {"add": ["a", "b"]}),
        ({"default": "a"}, {"default": "a"}, {"default": "a"}),
        ({"one_of": ["a", "b"]}, {"one_of": ["b", "c"]}, {"one_of": ["b"]}),
        ({"subset_of": ["a", "b"]}, {"subset_of": ["b", "c"]}, {"subset_of": ["b"]}),
        ({"subset_of": ["a"]}, {"subset_of": ["b"]}, {"subset_of": []}),
        ({"superset_of": ["a"]}, {"superset_of": ["b"]}, {"superset_of": ["a", "b"]}),
        ({"essential": True}, {"essential": False}, {"essential": True}),
        ({"essential": False}, {"essential": True}, {"essential": True}),
        ({"add": ["a"]}, {"subset_of": ["a", "b"]}, {"add": ["a"], "subset_of": ["a", "b"]}),
    ],
)
def test_two_become_one(above: Any, below: Any, both: Any) -> None:
    assert policies.merged(of(**above), of(**below)) == {NAME: both}


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ({"value": "a"}, {"value": "b"}),
        ({"default": "a"}, {"default": "b"}),
        ({"one_of": ["a"]}, {"one_of": ["b"]}),
        ({"value": ["a"]}, {"add": ["b"]}),
        ({"value": "a"}, {"one_of": ["b"]}),
        ({"value": ["a", "b"]}, {"subset_of": ["a"]}),
        ({"value": ["a"]}, {"superset_of": ["b"]}),
        ({"value": None}, {"essential": True}),
        ({"value": None}, {"default": "a"}),
        ({"one_of": ["a"]}, {"add": ["a"]}),
        ({"one_of": ["a"]}, {"subset_of": ["a"]}),
        ({"one_of": ["a"]}, {"superset_of": ["a"]}),
        ({"add": ["a"]}, {"subset_of": ["b"]}),
        ({"subset_of": ["a"]}, {"superset_of": ["b"]}),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_policies_that_contradict_each_other(above: Any, below: Any, turned: bool) -> None:
    above, below = (below, above) if turned else (above, below)
    with pytest.raises(TrustProblem) as refused:
        policies.merged(of(**above), of(**below))
    assert refused.value.error == "invalid_trust_chain"


@pytest.mark.parametrize(
    "document",
    [
        [],
        {NAME: []},
        {NAME: {"add": "a"}},
        {NAME: {"one_of": "a"}},
        {NAME: {"essential": "yes"}},
        {NAME: {"default": None}},
        {NAME: {"add": ["a"] * 201}},
        {str(each): {} for each in range(201)},
    ],
)
def test_policies_that_are_none(document: Any) -> None:
    with pytest.raises(TrustProblem):
        policies.read(document, None)


@pytest.mark.parametrize("critical", [["moon"], [], "moon", ["value", 7]])
def test_what_is_critical_has_to_be_known(critical: Any) -> None:
    with pytest.raises(TrustProblem):
        policies.read({}, critical)
    assert policies.read({}, ["value"]) == {}


@row("W6")
@pytest.mark.parametrize("operator", ["value", "default", "one_of", "superset_of"])
def test_deep_and_long_values_cost_no_more_than_their_length(operator: str) -> None:
    """Members of a federation write policies, and what they are applied to: neither may keep a process busy."""
    deep: Any = []
    for _ in range(50):
        deep = [deep, "x"]
    long = [str(each) for each in range(policies.MOST - 1 if operator in policies.LISTS else 8_000)]
    began = time.monotonic()
    both = policies.merged(of(**{operator: [deep, *long]}), of(**{operator: [*reversed(long), deep]}))
    said = deep if operator == "one_of" else [deep, *(str(each) for each in range(8_000))]
    policies.applied(both, {NAME: said})
    assert time.monotonic() - began < 2
