"""A handler's signature is the declaration: what does not fit is an error when the module is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from idp.foundation.apikit import Api, Body, Page, PageRequest, Paging, Query, View
from idp.foundation.apikit.signature import Signature, read


class Which(Query):
    deep: bool = False


class New(Body):
    name: str


class Thing(View):
    id: str


def everything(work: object, id: str, body: New, query: Which, page: PageRequest) -> Page[Thing] | list[Thing]: ...


def nothing(work: object) -> None: ...


def test_what_a_signature_declares() -> None:
    assert read(everything, "/things/{id}") == Signature(
        params={"id": str},
        query=Which,
        body=New,
        takes_page=True,
        answer=Page[Thing] | list[Thing],
        row=Thing,
    )
    assert read(nothing, "/things") == Signature()


def no_work(id: str) -> None: ...


def misses_the_id(work: object) -> None: ...


def takes_more(work: object, id: str, other: str) -> None: ...


def untyped(work: object, id) -> None: ...  # type: ignore[no-untyped-def]


def unanswered(work: object, id: str):  # type: ignore[no-untyped-def]
    ...


def odd_query(work: object, id: str, query: New) -> None: ...


def odd_page(work: object, id: str, page: int) -> None: ...


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (no_work, "first parameter is not work"),
        (misses_the_id, r"does not take id of /things/\{id\}"),
        (takes_more, "other is neither in"),
        (untyped, "no type for id"),
        (unanswered, "no type for return"),
        (odd_query, "query is no Query"),
        (odd_page, "page is no PageRequest"),
    ],
)
def test_a_signature_that_does_not_fit_is_an_error_of_the_import(handler: Callable[..., Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        Api("things").get("/things/{id}", scopes={"read:things"})(handler)


def listed(work: object, page: PageRequest) -> Page[Thing]: ...


def one(work: object) -> Thing: ...


def test_a_list_says_how_it_is_paged_and_204_answers_nothing() -> None:
    api = Api("things")
    with pytest.raises(TypeError, match="paging"):
        api.get("/things", scopes={"read:things"})(listed)
    with pytest.raises(TypeError, match="paging"):
        api.get("/things", scopes={"read:things"}, paging=Paging.by_offset("things"))(one)
    with pytest.raises(TypeError, match="204"):
        api.delete("/things", scopes={"read:things"})(one)
    assert api.endpoints == []
