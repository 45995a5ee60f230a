"""Sets of numbers in a row's bytes are asked for one of them alike on both stores."""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary, literal, select

from idp.foundation.db.bitmaps import bit_is_set, bitmap
from tests.world.fixtures import on_both_stores
from tests.world.templates import BARE, Template
from tests.world.world import World

SIZE = 32
SETS: tuple[set[int], ...] = (set(), {0}, {255}, {0, 7, 8, 63, 64, 200}, set(range(3, 256, 5)), set(range(256)))


@pytest.fixture
def template() -> Template:
    return BARE


@on_both_stores
@pytest.mark.parametrize("numbers", SETS, ids=lambda numbers: f"{len(numbers)} numbers")
def test_just_those_numbers_are_in_it(world: World, numbers: set[int]) -> None:
    made = literal(bitmap(numbers, SIZE), LargeBinary)
    asked = select(*(bit_is_set(made, number) for number in range(8 * SIZE)))
    with world.platform.db.reading(world.tenant) as rows:
        (row,) = rows.execute(asked)
    assert {number for number, there in enumerate(row) if there} == numbers


def test_a_number_that_does_not_fit() -> None:
    with pytest.raises(IndexError):
        bitmap([8 * SIZE], SIZE)
