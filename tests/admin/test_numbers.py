"""Numbers that an address or a form says: whatever somebody writes there, no page breaks."""

from __future__ import annotations

import pytest

from idp.admin.desk import rows
from idp.admin.desk.kinds import Part
from idp.admin.desk.numbers import whole
from tests.admin.conftest import Desk
from tests.world.fixtures import on_both_stores
from tests.world.world import World

HUGE = ("9" * 5_000, "9" * 30, "9" * 18, "-1", "²", "٣")


def test_a_number_is_digits_that_every_store_holds() -> None:
    assert [whole(each) for each in ("0", "007", "9" * 18)] == [0, 7, 10**18 - 1]
    assert [whole(each) for each in ("", "-1", "1.0", " 1", "²", "٣", "9" * 19, "9" * 5_000)] == [None] * 8


@on_both_stores
@pytest.mark.parametrize("number", HUGE)
def test_no_page_breaks_of_a_number(world: World, desk: Desk, number: str, store: str) -> None:
    for address in ("/admin/users", "/admin/monitoring/logs", "/admin/applications/apps"):
        assert desk.open(f"{address}?rows={number}").status == 200, address
    token = desk.tree.xpath("//input[@name='csrf']/@value")[0]
    form = {"csrf": token, "all": "true", "action": "block", "before": number}
    desk.browser.open("/admin/users/bulk", site="same-origin", method="POST", form=form)
    assert desk.status < 500


@pytest.mark.parametrize("typed", [*HUGE, "--5", "-", "- 5", "5-"])
def test_a_number_in_a_row_that_is_none_is_kept_as_it_was_typed(typed: str) -> None:
    """What is wrong with it the operation says."""
    form = {"map[0].name": "a", "map[0].part.": typed}
    text = rows.typed(form, "map", (Part("", "number"),), "")
    assert rows.value(text, (Part("", "number"),), None) == {"a": whole(typed) or (-1 if typed == "-1" else typed)}
