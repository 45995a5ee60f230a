"""Faults are told in Auth0's words, with the property and what it is for."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit.answers import plain
from idp.foundation.apikit.convert import changes, convert
from idp.foundation.apikit.query import collect, parse
from idp.foundation.apikit.schema import Body, Query, View
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import BODY
from idp.foundation.kernel.formats import whole


class Thing(Body):
    name: Annotated[str, Meta(min_length=1, max_length=8, description="The name of the thing.")]
    kind: Literal["spa", "native"] | UnsetType = UNSET
    size: Annotated[int, Meta(ge=1, le=9, description="Size in bytes")] | UnsetType | None = UNSET
    urls: list[Annotated[str, Meta(pattern="^https:")]] | UnsetType = UNSET
    hours: Annotated[float, Meta(gt=0, lt=24)] | UnsetType = UNSET
    word: Annotated[str, whole(r"[^\s']+")] | UnsetType = UNSET
    named: dict[Annotated[str, whole(r"[a-z]+")], int] | UnsetType = UNSET


FAULTS = [
    ({}, "Payload validation error: 'Missing required property: name'."),
    (
        {"name": 1},
        (
            "Payload validation error: 'Expected type string but found type integer' on property name (The name of "
            "the thing)."
        ),
    ),
    (
        {"name": ""},
        "Payload validation error: 'String is too short, minimum 1' on property name (The name of the thing).",
    ),
    (
        {"name": "123456789"},
        "Payload validation error: 'String is too long, maximum 8' on property name (The name of the thing).",
    ),
    ({"name": "a", "x": 1}, "Payload validation error: 'Additional properties not allowed: x'."),
    ({"name": "a", "kind": "b"}, "Payload validation error: 'No enum match for: b' on property kind."),
    (
        {"name": "a", "size": 0},
        "Payload validation error: 'Value is less than minimum 1' on property size (Size in bytes).",
    ),
    (
        {"name": "a", "size": True},
        (
            "Payload validation error: 'Expected type integer,null but found type boolean' on property size (Size in "
            "bytes)."
        ),
    ),
    (
        {"name": "a", "urls": ["https:a", "http:"]},
        "Payload validation error: 'String does not match pattern: ^https:' on property urls[1].",
    ),
    ({"name": "a", "hours": 0}, "Payload validation error: 'Value is not greater than 0.0' on property hours."),
    ({"name": "a", "hours": 24}, "Payload validation error: 'Value is not less than 24.0' on property hours."),
    (
        {"name": "a", "word": "a b"},
        "Payload validation error: 'String does not match pattern: ^[^\\s']+$' on property word.",
    ),
    (
        {"name": "a", "named": {"a b": 1}},
        "Payload validation error: 'String does not match pattern: ^[a-z]+$' on property named.",
    ),
    ([], "Payload validation error: 'Expected type object but found type array'."),
]


@pytest.mark.parametrize(("sent", "message"), FAULTS)
def test_messages(sent: object, message: str) -> None:
    with pytest.raises(BadRequest) as refused:
        convert(sent, Thing, BODY)
    assert (refused.value.message, refused.value.error_code) == (message, "invalid_body")


def test_a_patch_knows_null_from_absent() -> None:
    assert changes(convert({"name": "a", "size": None}, Thing, BODY)) == {"name": "a", "size": None}


def test_forms_convert_text() -> None:
    assert convert({"name": "a", "size": "3"}, Thing, BODY, strict=False).size == 3


class Filter(Query):
    strategy: list[str] | UnsetType = UNSET
    first_party: bool | UnsetType = UNSET


def test_queries_ignore_the_unknown_and_split_lists() -> None:
    values = collect([("strategy", "auth0,samlp"), ("strategy", "ad"), ("first_party", "false"), ("later", "x")])
    assert parse(values, Filter) == Filter(strategy=["auth0", "samlp", "ad"], first_party=False)


@pytest.mark.parametrize(
    "pairs", [[("first_party", "maybe")], [("first_party", "true"), ("first_party", "false")], [("x", "\0")]]
)
def test_bad_queries(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(BadRequest) as refused:
        parse(collect(pairs), Filter)
    assert refused.value.error_code == "invalid_query_string"


class Shown(View):
    id: str
    description: str | None = None
    scopes: list[str] | None = None


def test_absent_values_are_omitted() -> None:
    assert plain(Shown(id="x", scopes=[]), Shown) == {"id": "x", "scopes": []}
