"""Lists in the shapes SDKs depend on (spec/00-conventions.md, "Pagination")."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.foundation.apikit import Api, Page, PageRequest, Paging, View, slice_page
from idp.foundation.apikit.request import RawRequest
from idp.foundation.kernel.errors import BadRequest


class Row(View):
    id: int
    name: str
    secret: str


ROWS = [Row(id=number, name=f"row {number}", secret="s") for number in range(237)]
WORK = object()
api = Api("rows")


@api.get("/either", scopes={"read:rows"}, paging=Paging.by_either("rows"), fields=True)
def either(work: object, page: PageRequest) -> Page[Row]:
    assert work is WORK
    return slice_page(ROWS, page)


@api.get("/users", scopes={"read:rows"}, paging=Paging.by_offset("users", length=True, zero_size=True))
def users(work: object, page: PageRequest) -> Page[Row]:
    assert work is WORK
    return slice_page(ROWS, page)


@api.get("/sessions", scopes={"read:rows"}, paging=Paging.by_checkpoint("sessions"))
def sessions(work: object, page: PageRequest) -> Page[Row]:
    assert work is WORK
    return slice_page(ROWS[:3], page)


@api.get("/actions", scopes={"read:rows"}, paging=Paging.counted("actions"))
def actions(work: object, page: PageRequest) -> Page[Row]:
    assert work is WORK
    return slice_page(ROWS[:3], page)


BY_PATH = {endpoint.path: endpoint for endpoint in api.endpoints}


def ask(path: str, **query: object) -> Any:
    pairs = [(name.rstrip("_"), str(value)) for name, value in query.items()]
    return json.loads(BY_PATH[path].run(RawRequest(query=pairs), WORK).body)


def test_plain_lists_are_arrays_of_fifty() -> None:
    assert [row["id"] for row in ask("/either")] == list(range(50))


def test_totals_without_length() -> None:
    answer = ask("/either", include_totals="true", per_page=2, page=3)
    assert {name: value for name, value in answer.items() if name != "rows"} == {"start": 6, "limit": 2, "total": 237}
    assert [row["id"] for row in answer["rows"]] == [6, 7]


def test_totals_with_length_and_no_rows() -> None:
    assert ask("/users", include_totals="true", per_page=0) == {
        "start": 0,
        "limit": 0,
        "length": 0,
        "total": 237,
        "users": [],
    }


def test_take_wins_over_totals() -> None:
    answer = ask("/either", include_totals="true", take=50)
    assert set(answer) == {"rows", "next"}


def test_checkpoint_lists_are_always_wrapped_and_end_without_next() -> None:
    assert set(ask("/sessions")) == {"sessions"}


def test_counted_lists() -> None:
    assert {**ask("/actions"), "actions": []} == {"actions": [], "total": 3, "page": 0, "per_page": 50}


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/either", {"per_page": 101}, "invalid_query_string"),
        ("/either", {"per_page": 0}, "invalid_query_string"),
        ("/either", {"page": -1}, "invalid_query_string"),
        ("/either", {"page": "x"}, "invalid_query_string"),
        ("/either", {"page": "9" * 40}, "invalid_query_string"),
        ("/either", {"include_totals": "maybe"}, "invalid_query_string"),
        ("/either", {"include_fields": "maybe"}, "invalid_query_string"),
        ("/either", {"take": 0}, "invalid_query_string"),
        ("/either", {"take": 101}, "invalid_query_string"),
        ("/either", {"page": 10, "per_page": 100}, "invalid_paging"),
        ("/either", {"from_": "nonsense"}, "invalid_paging"),
        ("/either", {"from_": "é"}, "invalid_paging"),
        ("/either", {"from_": "A" * 5000}, "invalid_paging"),
        ("/either", {"from_": "WyJcdTAwMDAiXQ"}, "invalid_paging"),
    ],
)
def test_refusals(path: str, query: dict[str, object], code: str) -> None:
    with pytest.raises(BadRequest) as refused:
        ask(path, **query)
    assert refused.value.error_code == code


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"page": -1}, "'Value -1 is less than minimum 0' on property page."),
        ({"page": "1.5"}, "'Expected type integer but found 1.5' on property page."),
        ({"include_totals": "maybe"}, "'Expected type boolean but found type string' on property include_totals."),
        ({"include_fields": "maybe"}, "'Expected type boolean but found type string' on property include_fields."),
    ],
)
def test_refusals_name_the_parameter(query: dict[str, object], why: str) -> None:
    with pytest.raises(BadRequest) as refused:
        ask("/either", **query)
    assert refused.value.message == f"Query validation error: {why}"


def test_the_thousandth_row_is_the_last_that_offsets_reach() -> None:
    assert ask("/either", page=9, per_page=100) == []


@settings(deadline=None)
@given(size=st.integers(1, 100))
def test_offset_loops_visit_each_row_once(size: int) -> None:
    seen: list[int] = []
    page = 0
    while rows := ask("/either", page=page, per_page=size):
        seen += [row["id"] for row in rows]
        page += 1
    assert seen == list(range(237))


@settings(deadline=None)
@given(size=st.integers(1, 100))
def test_checkpoint_loops_visit_each_row_once(size: int) -> None:
    answer = ask("/either", take=size)
    seen = [row["id"] for row in answer["rows"]]
    while "next" in answer:
        answer = ask("/either", take=size, from_=answer["next"])
        seen += [row["id"] for row in answer["rows"]]
    assert seen == list(range(237))


def test_fields_include_and_exclude() -> None:
    assert ask("/either", per_page=1, fields="id,name") == [{"id": 0, "name": "row 0"}]
    assert ask("/either", per_page=1, fields="secret", include_fields="false") == [{"id": 0, "name": "row 0"}]
