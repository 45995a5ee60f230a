"""Statements answer typed rows, whose fields are held against the statement's columns while the module is imported."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import bindparam, delete, select, update

from idp.foundation.db import typed_rows
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json, RowMismatch
from idp.foundation.ephemeral.models import Counter
from tests.house.source import modules

ONE_COUNTER = (Counter.tenant_id == bindparam("tenant"), Counter.key == bindparam("key"))


class Inner(msgspec.Struct, frozen=True):
    on: bool
    names: Json[list[str]] | None


class Outer(msgspec.Struct, frozen=True):
    id: str
    inner: Inner


class Late(msgspec.Struct, frozen=True):
    inner: Inner
    id: str


class KeyCount(msgspec.Struct, frozen=True):
    key: str
    count: int


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    """Statements of these tests are forgotten again: other tests walk all that there are."""
    before = dict(Statement.registry)
    yield
    Statement.registry.clear()
    Statement.registry.update(before)


def test_a_row_is_read_as_its_type_declares() -> None:
    make = typed_rows.maker(Outer, ["id", "on", "names"])
    assert make(("a", 1, '["x"]')) == Outer("a", Inner(on=True, names=["x"]))
    assert make(("a", False, None)) == Outer("a", Inner(on=False, names=None))


def test_a_nullable_bool_stays_null() -> None:
    class Row(msgspec.Struct, frozen=True):
        blocked: bool | None

    assert typed_rows.maker(Row, ["blocked"])((None,)) == Row(None)
    assert typed_rows.maker(Row, ["blocked"])((1,)).blocked is True


def test_one_column_may_be_a_plain_value() -> None:
    assert typed_rows.maker(str, ["host"])(("a",)) == "a"
    assert typed_rows.maker(bool, ["blocked"])((0,)) is False


def test_json_that_is_not_what_the_row_says_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        typed_rows.maker(Outer, ["id", "on", "names"])(("a", 1, "[1]"))


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (KeyCount, ["key"]),
        (KeyCount, ["key", "count", "expires_at"]),
        (KeyCount, ["count", "key"]),
        (KeyCount, ["key", "number"]),
        (Outer, ["id", "on"]),
        (Late, ["on", "names", "id"]),
        (str, ["key", "count"]),
        (str, []),
    ],
)
def test_a_row_type_that_does_not_fit_is_refused(row: Any, columns: list[str]) -> None:
    with pytest.raises(RowMismatch):
        typed_rows.maker(row, columns)


def test_a_statement_names_itself_when_its_row_does_not_fit() -> None:
    with pytest.raises(RowMismatch, match="test_wrong"):
        Statement("test_wrong", select(Counter.count, Counter.key).where(*ONE_COUNTER), row=KeyCount)
    assert "test_wrong" not in Statement.registry


def test_a_statement_that_answers_something_says_of_what_type() -> None:
    with pytest.raises(RowMismatch):
        Statement("test_untyped", select(Counter.count).where(*ONE_COUNTER))
    with pytest.raises(RowMismatch):
        Statement("test_untyped", update(Counter).where(*ONE_COUNTER).values(count=0).returning(Counter.count))


def test_a_statement_that_only_changes_rows_has_none_to_make() -> None:
    statement = Statement("test_delete", delete(Counter).where(*ONE_COUNTER))
    with pytest.raises(TypeError, match="test_delete"):
        statement.make(("a",))


def test_a_mismatch_fails_the_import_of_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong_statement.py").write_text(
        "import msgspec\n"
        "from sqlalchemy import select\n"
        "from idp.foundation.db.hot import Statement\n"
        "from idp.foundation.ephemeral.models import Counter\n"
        "class Row(msgspec.Struct, frozen=True):\n"
        "    amount: int\n"
        'READ = Statement("test_import", select(Counter.count), row=Row)\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RowMismatch, match="amount"):
        importlib.import_module("wrong_statement")
    sys.modules.pop("wrong_statement", None)


BY_POSITION = re.compile(r"\b(row|values|found)\[[0-9]")


def test_rows_are_read_by_name() -> None:
    found = {
        module: lines
        for module, path in modules().items()
        if module.startswith("idp.")  # connectors have no rows of ours
        and (lines := [line for line in path.read_text(encoding="utf-8").splitlines() if BY_POSITION.search(line)])
    }
    assert found == {}
