"""Pages of users in the order of what is searched for are read out of the index of that order (decision 0307)."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from idp.directory.users.search import keyset
from tests.world.fixtures import on_both_stores
from tests.world.world import World

pytestmark = on_both_stores
NAMES = ("Ada Miller", "Bo Fuller", "Cy Stone", "Di Keller", "Ed Heller", "Flo Bell", "Gus Teller", None)


def pages(world: World, query: str, sort: str, limit: int) -> list[str]:
    """The names on all of them, one page after the other."""
    found: list[str] = []
    after: keyset.Key | None = None
    with world.context() as work:
        while True:
            page = keyset.page(work.rows, query=query, sort=sort, after=after, limit=limit)
            found += [str(user.name) for user in page.users]
            if page.next is None:
                return found
            after = page.next


@pytest.fixture
def crowd(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some people, of whom a few are many."""
    for number, name in enumerate(NAMES):
        world.user(f"p{number}@example.com", **({"name": name} if name else {}))
    monkeypatch.setattr(keyset, "FEW", 2)
    monkeypatch.setattr(keyset._few, "__kwdefaults__", {"most": 2})


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("in_index", [100, 3])
def test_everybody_once_in_the_order(world: World, monkeypatch: pytest.MonkeyPatch, in_index: int) -> None:
    monkeypatch.setattr(keyset, "IN_INDEX", in_index)
    expected = sorted(name for name in NAMES if name and "ller" in name)
    assert pages(world, "name:*ller*", "name:1", 2) == expected
    assert pages(world, "name:*ller*", "name:-1", 2) == expected[::-1]
    assert sorted(pages(world, "name:*ller*", "email:1", 2)) == expected


@pytest.mark.usefixtures("crowd")
def test_two_statements_of_which_one_reads_the_index_alone(world: World) -> None:
    ran: list[str] = []
    with world.context() as work:
        event.listen(work.rows.get_bind(), "before_cursor_execute", lambda *told: ran.append(told[2]))
        page = keyset.page(work.rows, query="name:*ller*", sort="name:1", after=None, limit=2)
    assert [user.name for user in page.users] == ["Ada Miller", "Bo Fuller"]
    assert len(ran) == 2
    assert "next_ones" in ran[1]
    asked_of_entries = ran[1].partition("AS next_ones")[0].partition("FROM (")[2].partition("FROM users")[0]
    assert "profile" not in asked_of_entries


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("sort", ["name", "email"])
def test_whoever_is_not_verified_is_read_out_of_an_index_of_their_own(world: World, sort: str) -> None:
    """Decision 0411: they may all stand behind everybody else, and few of many are looked at one after the other."""
    for name in ("Zoe", "Zack", "Zita", "Zeno"):
        world.user(f"{name}@example.com", name=name, email_verified=False)
    assert pages(world, "email_verified:false", f"{sort}:1", 2) == ["Zack", "Zeno", "Zita", "Zoe"]
    assert pages(world, "email_verified:false", f"{sort}:-1", 3) == ["Zoe", "Zita", "Zeno", "Zack"]
    ran: list[str] = []
    with world.context() as work:
        event.listen(work.rows.get_bind(), "before_cursor_execute", lambda *told: ran.append(told[2]))
        page = keyset.page(work.rows, query="email_verified:false", sort=f"{sort}:1", after=None, limit=2)
    assert ([user.name for user in page.users], len(ran)) == (["Zack", "Zeno"], 2)
