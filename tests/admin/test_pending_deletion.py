"""A deletion that somebody asked for, on their page of the dashboard."""

from __future__ import annotations

from idp.directory.users import provision
from idp.directory.users import service as users
from idp.signin.self_service import deletion
from tests.admin.conftest import Desk
from tests.world.world import Person, World


def test_it_is_shown_and_lifted(world: World, desk: Desk, jane: Person) -> None:
    page = f"/admin/users/{jane.user_id.replace('|', '%7C')}"
    desk.open(page)
    assert not desk.has("users-keep")
    world.settings(account_deletion_days=14)
    with world.context() as work:
        user = provision.by_id(work, jane.user_id)
        assert user is not None
        assert deletion.request(work, user, locale="en") is not None
    desk.open(page)
    assert "To be deleted on" in desk.text
    desk.press("users-keep")
    assert "The account stays." in desk.text
    with world.context() as work:
        assert users.get(work, jane.user_id).deletion_due is None


def test_the_days_are_a_setting(world: World, desk: Desk) -> None:
    desk.open("/admin/settings/tenant/advanced")
    assert desk.has("account_deletion_days") or "account_deletion_days" in desk.html
