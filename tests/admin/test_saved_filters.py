"""Filters that administrators keep under a name (spec/dashboard.md, "Lists")."""

from __future__ import annotations

import pytest

from idp.tenant.members import saved
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import Person, World

USERS = "/admin/users"


def names(desk: Desk) -> list[str]:
    return [each.text_content() for each in desk.tree.xpath("//ul[@id='saved-filters']//a")]


def test_a_filter_is_kept_with_order_and_columns_and_opened_again(world: World, desk: Desk, jane: Person) -> None:
    world.user("joe@example.com", name="Joe", blocked=True)
    desk.open(f"{USERS}?q=email%3A*%40example.com&blocked=true&sort=name&cols=name%2Cblocked")
    shown = desk.rows()
    desk.follow("users-saved").press("saved-keep", name="  Blocked   ones ")
    assert desk.has("notice")
    assert names(desk) == ["Blocked ones"]
    desk.follow("saved-1")
    assert desk.rows() == shown == ["Joe"]
    assert "Created" not in desk.tree.xpath("string(//thead)")
    assert desk.tree.xpath("//th[@aria-sort='ascending']")
    desk.follow("users-saved").press("saved-keep", name="Blocked ones")
    assert names(desk) == ["Blocked ones"], "the same name is replaced"
    desk.press("saved-forget-1")
    assert desk.has("saved-none")


def test_own_filters_are_ones_own_and_shared_ones_are_everybodys(
    world: World, desk: Desk, hire: Hire, owner: Person
) -> None:
    desk.open(f"{USERS}/saved?blocked=true").press("saved-keep", name="Mine")
    desk.press("saved-keep", name="<script>alert(1)</script>", shared="true", query="blocked=true&undo=x&done=y")
    assert "<script>alert" not in desk.html
    other = Desk(world, enter(world.browser(), owner, f"{USERS}/saved"))
    assert names(other) == ["<script>alert(1)</script>"]
    assert other.one("saved-1").get("href") == f"{USERS}?blocked=true", "nothing that is no filter comes along"
    assert not other.has("saved-forget-1")
    with world.platform.work(world.tenant, orm=True) as work:
        (row,) = saved.of(work, owner.user_id, "users")
    form = {"csrf": str(other.tree.xpath("//input[@name='csrf']/@value")[0]), "forget": row.id}
    other.browser.open(f"{USERS}/saved", method="POST", site="same-origin", form=form)
    assert other.status == 422
    assert len(names(desk.open(f"{USERS}/saved"))) == 2


def test_ones_own_are_there_however_many_others_share(
    world: World, desk: Desk, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "MOST", 2)
    monkeypatch.setattr(saved, "MOST_OF_OTHERS", 1)
    with world.platform.work(world.tenant, orm=True) as work:
        for number in range(4):
            saved.save(work, f"auth0|other{number}", "users", f"A{number}", "blocked=true", shared=True)
        for name in ("zebra", "yak"):
            saved.save(work, owner.user_id, "users", name, "blocked=true", shared=False)
        found = [row.name for row in saved.of(work, owner.user_id, "users")]
    assert found == ["A0", "yak", "zebra"]


def test_what_no_filter_may_be(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open(f"{USERS}/saved").press("saved-keep", name="")
    assert (desk.status, desk.has("problems")) == (422, True)
    desk.press("saved-keep", name="x" * 81)
    assert desk.status == 422
    monkeypatch.setattr(saved, "MOST", 1)
    desk.press("saved-keep", name="one").press("saved-keep", name="two")
    assert "more than 1" in desk.say("problems")
    desk.open("/admin/settings/tenant/saved")
    assert desk.status == 404


def test_they_go_with_the_person(world: World, desk: Desk, hire: Hire) -> None:
    edith = hire("edith@example.com", "Editor - Users")
    Desk(world, enter(world.browser(), edith, f"{USERS}/saved")).press("saved-keep", name="Hers", shared="true")
    assert names(desk.open(f"{USERS}/saved")) == ["Hers"]
    world.caller().delete(f"/users/{edith.user_id}")
    assert desk.open(f"{USERS}/saved").has("saved-none")
