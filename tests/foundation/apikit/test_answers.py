"""Answers are what was declared: anything more fails while somebody develops or tests, and never leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import UNSET, UnsetType
from structlog.testing import capture_logs

from idp.foundation.apikit import Api, OpenView, Page, PageRequest, Paging, View, answers, as_view
from idp.foundation.apikit.openapi import document
from idp.foundation.apikit.request import RawRequest

WORK = object()
NONSENSE: dict[str, Any] = {"id": "a", "inner": {"kind": "b", "deep": "secret"}, "nonsense": 1}


class Inner(View):
    kind: str


class Thing(View):
    id: str
    inner: Inner | UnsetType = UNSET


class Person(OpenView):
    id: str
    email: str | UnsetType = UNSET


api = Api("things")


@api.get("/one", scopes={"read:things"})
def one(work: object) -> Thing:
    assert work is WORK
    made: Any = NONSENSE
    return made  # type: ignore[no-any-return]


@api.get("/rows", scopes={"read:things"})
def rows(work: object) -> list[Thing]:
    assert work is WORK
    made: Any = [Thing(id="b"), NONSENSE]
    return made  # type: ignore[no-any-return]


@api.get("/pages", scopes={"read:things"}, paging=Paging.by_checkpoint("things"))
def pages(work: object, page: PageRequest) -> Page[Thing]:
    assert (work, page.start) == (WORK, 0)
    made: Any = [NONSENSE]
    return Page(made)


@api.get("/stored", scopes={"read:things"})
def stored(work: object) -> Thing:
    assert work is WORK
    return as_view(Thing, {**NONSENSE, "inner": {"kind": "b"}})


@api.get("/lies", scopes={"read:things"})
def lies(work: object) -> Thing:
    assert work is WORK
    wrong: Any = 7
    return Thing(id=wrong)


@api.delete("/one", scopes={"delete:things"})
def forget(work: object) -> None:
    assert work is WORK
    return NONSENSE["id"]  # type: ignore[no-any-return]


@api.get("/person", scopes={"read:things"}, fields=True)
def person(work: object) -> Person:
    assert work is WORK
    return Person(id="p", additional={"id": "not this", "shoe_size": 44})


BY_PATH = {endpoint.path: endpoint for endpoint in api.endpoints if endpoint.method == "GET"}
(FORGET,) = (endpoint for endpoint in api.endpoints if endpoint.method == "DELETE")


def ask(path: str, **query: str) -> Any:
    return json.loads(BY_PATH[path].run(RawRequest(query=list(query.items())), WORK).body)


@pytest.fixture
def in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_strict", [])


@pytest.mark.parametrize("path", ["/one", "/rows", "/pages", "/stored", "/lies"])
def test_an_undeclared_member_in_an_answer_fails(path: str) -> None:
    with pytest.raises(answers.UndeclaredAnswerError):
        ask(path)


def test_an_answer_where_none_is_declared_fails() -> None:
    with pytest.raises(answers.UndeclaredAnswerError):
        FORGET.run(RawRequest(), WORK)


@pytest.mark.usefixtures("in_production")
def test_in_production_it_is_logged_and_dropped() -> None:
    expected = {"id": "a", "inner": {"kind": "b"}}
    with capture_logs() as logged:
        assert ask("/one") == expected
        assert ask("/rows") == [{"id": "b"}, expected]
        assert ask("/pages") == {"things": [expected]}
        assert ask("/stored") == expected
        assert FORGET.run(RawRequest(), WORK).body == b""
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [("undeclared answer", "error")] * 5
    assert "secret" not in str(logged)


def test_open_views_hold_what_a_source_told() -> None:
    assert ask("/person") == {"id": "p", "shoe_size": 44}
    assert ask("/person", fields="shoe_size") == {"shoe_size": 44}


def test_the_document_says_which_answers_are_open() -> None:
    made = document(api.endpoints, title="T", version="1", server="/", token_url="/token")
    schemas = made["components"]["schemas"]
    assert schemas["Thing"]["additionalProperties"] is False
    assert schemas["Person"]["additionalProperties"] is True
    assert set(schemas["Person"]["properties"]) == {"id", "email"}
