"""What the worker notes about parts of the log changes where a search looks, and never what it finds."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, event, select, update

from idp.tenant.audit import log, searches, stretches
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.audit.models import LogEntry, LogStretch
from tests.world.fixtures import on_both_stores
from tests.world.templates import BARE, Template
from tests.world.world import World

pytestmark = on_both_stores
PART = 10
"""Entries of a stretch here."""
WORDS = ("alpha", "Beta", "50%", "under_score", "back\\slash", "ünï", 'quo"te', "two words", "\x1f", "Be")
QUERIES = (
    "alpha",
    "NOT alpha",
    "alpha AND Beta",
    "alpha OR nobody",
    "description:Be",
    "description:*eta*",
    "description:*nder_scor*",
    r'connection:"50%"',
    "connection:Be*",
    "connection:alpha AND description:Beta",
    "connection:alpha OR description:Beta",
    "connection:(alpha OR Beta) AND NOT client_name:alpha",
    "_exists_:audience",
    "NOT _exists_:audience",
    "scope:words AND strategy:alpha",
    r'client_name:"back\\slash" OR user_agent:ünï',
    "connection:[Beta TO alpha]",
    r'description:"quo\"te"',
    "user_name:alpha OR connection:Beta",
    "type:sapi AND (alpha OR Beta)",
    "*lph*",
    "user_name:al*",
    "user_name:*lph*",
    "user_name:*lph* AND description:Beta",
    "user_name:*lph* OR description:Beta",
    "user_name:*eta* AND connection:*pha*",
    "user_name:*nobody*",
    "user_name:B* AND user_name:*eta*",
    "user_name:*lpha",
    "user_name:alp*a",
    "user_name:*ünï*",
    r"user_name:*uo\"te*",
    r"user_name:*ck\\sla*",
    "user_name:*nder_sc* OR user_name:*50%*",
    "*eta*",
    "type:sap* AND user_name:*lph*",
    "nobody",
)


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "ENTRIES", PART)


def write(world: World, *entries: dict[str, Any]) -> None:
    with world.context() as work, work.transaction():
        for each in entries:
            log.write(work, ApiLog.DONE, **each)


def crowd(amount: int) -> list[dict[str, Any]]:
    names = ("description", "connection", "client_name", "audience", "scope", "strategy", "user_name")
    return [
        {names[(n + 3 * k) % len(names)]: WORDS[(n * 7 + n // 10 + k * 3) % len(WORDS)] for k in range(3)}
        for n in range(amount)
    ]


def describe(world: World) -> int:
    return stretches.describe(world.platform, world.tenant, threading.Event(), pause_s=0)


def found(world: World, query: str, **more: str) -> list[str]:
    answer = world.caller().get("/logs", q=query, **more)
    assert answer.status_code == 200, answer.json
    return [each["log_id"] for each in (answer.json["logs"] if isinstance(answer.json, dict) else answer.json)]


def parts(world: World) -> Sequence[LogStretch]:
    with world.platform.db.reading(world.tenant) as rows:
        return rows.scalars(select(LogStretch).order_by(LogStretch.last_id)).all()


def test_a_search_finds_the_same_with_and_without(world: World) -> None:
    write(world, *crowd(95))
    (newest,) = found(world, "type:sapi", per_page="1")

    def answers() -> dict[str, tuple[list[str], list[str]]]:
        return {
            query: (
                [each for each in found(world, query, per_page="100", sort="date:1") if each <= newest],
                [each for each in found(world, f"({query}) AND type:sapi", per_page="7", page="1") if each <= newest],
            )
            for query in QUERIES
        }

    before = answers()
    assert describe(world) >= 9
    assert answers() == before
    assert sum(map(bool, (some for some, _ in before.values()))) > len(QUERIES) - 9, "hardly anything was found"
    write(world, *crowd(3))
    assert len(found(world, "type:sapi", per_page="100")) == 98, "what was written since is found as well"


@pytest.mark.parametrize(("at_once", "many"), [(16, 32), (2, 3)])
def test_the_dashboard_finds_the_same_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch, at_once: int, many: int
) -> None:
    monkeypatch.setattr(searches, "MOST_BY_NAME", 3)
    monkeypatch.setattr(searches, "AT_ONCE", at_once)
    monkeypatch.setattr(searches, "MANY", many)
    write(world, *crowd(95))
    describe(world)
    for query in (each for each in QUERIES if "*" in each or " OR " in each):
        every = found(world, f"({query}) AND NOT type:none", per_page="100")
        assert every[::-1] == found(world, query, per_page="100", sort="date:1"), query
        with world.platform.db.reading(world.tenant) as rows:
            shown, last = [], ""
            while some := searches.before(rows, query, "localhost", before=last, limit=9, seconds=60):
                shown += [each.log_id for each in some]
                last = shown[-1]
        assert shown == every, query


def test_a_part_of_a_name_takes_the_dashboard_four_statements(world: World) -> None:
    write(world, {"user_name": "Rare"}, *[{"user_name": "alpha", "description": "done"}] * 39)
    describe(world)
    for query, entries in (
        ("user_name:*are*", 1),
        ("user_name:*are* AND NOT type:none", 1),
        ("user_name:*are* OR description:gone", 1),
        ("user_name:*are* OR user_name:nobody", 1),
        ("user_name:*nobody*", 0),
        ("user_name:*lph*", 30),
    ):
        with asked(world) as statements, world.platform.db.reading(world.tenant) as rows:
            assert len(searches.before(rows, query, "localhost", before="", limit=30, seconds=60)) == entries, query
        assert len([text for text, _ in statements if "FROM log" in text]) <= 4, query


def test_many_parts_of_names_share_what_is_asked_of_the_stretches(world: World) -> None:
    """Each is asked with fewer groups: a statement of thousands takes seconds to be written alone."""
    write(world, *crowd(45))
    describe(world)
    words = [f"{n:02}{'nobody' * 3}" for n in range(90)]
    bare = " OR ".join(f"*{each}*" for each in ("lph", *words[:6]))
    long = f"({bare}) AND NOT type:none AND {' AND '.join(f'NOT user_id:*{each}*' for each in words[6:70])}"
    of_all = f"({bare}) AND {' AND '.join(f'user_id:*{each}*' for each in words[6:])}"
    for query, is_parted in (
        (bare, True),
        (" OR ".join(f"user_name:*{each}*" for each in words[:60]), True),
        (long, False),
        (of_all, False),
    ):
        with asked(world) as statements, world.platform.db.reading(world.tenant) as rows:
            some = searches.before(rows, query, "localhost", before="", limit=100, seconds=60)
        parted = [text for text, _ in statements if "log_stretches" in text]
        assert len(parted) == is_parted, "what would be written many times over is one condition"
        bits = sum(text.count("instr(") + text.count("get_bit(") for text in parted)  # told, and a condition
        assert bits <= 2 * stretches.MOST_ASKED, query
        every = found(world, f"({query}) AND NOT type:none", per_page="100")
        assert [each.log_id for each in some] == every, query


def test_totals_count_each_entry_once(world: World) -> None:
    both = {"connection": "alpha", "user_name": "alpha", "client_name": "alpha", "description": "alpha"}
    write(world, *[both] * 25)
    describe(world)
    answer = world.caller().get("/logs", q="alpha", include_totals="true", per_page="10", page="2").json
    assert (answer["total"], len(answer["logs"])) == (25, 5)
    assert world.caller().get("/logs", q="alpha OR connection:alpha", include_totals="true").json["total"] == 25


def test_a_rare_name_is_looked_for_where_it_stands(world: World) -> None:
    common = {"connection": "Users", "description": "done"}
    write(world, *[common] * 24, {"connection": "Rare"}, *[common] * 24)
    describe(world)
    with asked(world) as statements:
        assert len(found(world, "connection:Rare")) == 1
        assert found(world, "connection:Nowhere") == []
    looked = [parameters for statement, parameters in statements if "logs.connection = " in statement]
    assert len(looked) == 3, "in the part that nobody described, twice, and in one other"


def test_a_part_of_a_name_is_looked_for_where_its_letters_stand(world: World) -> None:
    common = {"user_name": "anna@example.com", "user_id": "auth0|anna"}
    write(world, *[common] * 24, {"user_name": "Bert@example.com", "user_id": "auth0|bert"}, *[common] * 24)
    describe(world)
    for query, entries in (
        ("user_name:*ert@exa*", 1),
        ("user_name:Ber*", 1),
        ("user_id:*|ber*", 1),
        ("user_id:*bert", 1),
        ("user_name:*nobody*", 0),
        ("user_name:anna@example.co", 0),
    ):
        with asked(world) as statements:
            assert len(found(world, query)) == entries, query
        looked = [text for text, _ in statements if "FROM logs" in text and "LIKE" in text]
        assert len(looked) <= 1 + entries, (query, "in the part that nobody described, and in one other")


def test_letters_that_were_not_noted_may_stand_anywhere(world: World) -> None:
    write(world, *crowd(95))
    describe(world)
    before = found(world, "user_name:*lph*")
    with world.platform.db.unit(world.tenant) as rows:
        rows.execute(update(LogStretch).values(grams=None))
    assert found(world, "user_name:*lph*") == before != []


def test_a_part_of_very_many_letters_is_one_statement(world: World) -> None:
    write(world, {"user_name": "x" * 300}, *crowd(PART))
    describe(world)
    assert len(found(world, f"user_name:*{'x' * 250}*")) == 1
    assert found(world, f"user_name:*{'abcdefghijklmnopqrstuvwxyz' * 9}*") == []


def test_what_is_too_much_to_note_may_hold_anything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "MOST_TEXT", 20)
    write(world, *({"description": f"number {number}"} for number in range(PART)))
    assert describe(world) == 1
    assert [each.names for each in parts(world)] == [None]
    assert len(found(world, r'description:"number 7"')) == 1


def test_parts_follow_each_other_and_go_with_their_entries(world: World) -> None:
    write(world, *crowd(3 * PART + 2))
    assert (describe(world), describe(world)) == (3, 0)
    first, second, third = parts(world)
    assert first.last_id < second.first_id <= second.last_id < third.first_id
    with world.platform.db.unit(world.tenant) as rows:
        rows.execute(delete(LogEntry).where(LogEntry.log_id <= second.last_id))
    describe(world)
    assert [each.last_id for each in parts(world)] == [third.last_id]
    with world.platform.db.unit(world.tenant) as rows:
        rows.execute(delete(LogEntry))
    describe(world)
    assert parts(world) == []


def test_a_search_that_takes_too_long_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world, {"description": "alpha"})
    monkeypatch.setattr("idp.tenant.audit.api.SEARCH_SECONDS", 0.0)
    answer = world.caller().get("/logs", q="NOT nothing")
    assert (answer.status_code, answer.headers.get("Retry-After") is not None) == (503, True)


@contextmanager
def asked(world: World) -> Iterator[list[tuple[str, Any]]]:
    """The statements that look for entries meanwhile."""
    seen: list[tuple[str, Any]] = []

    def take(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        seen.append((statement, parameters))

    event.listen(world.platform.db.engine, "before_cursor_execute", take)
    try:
        yield seen
    finally:
        event.remove(world.platform.db.engine, "before_cursor_execute", take)
