"""What a source says of somebody is shown with its owner and not changed here: exactly what the operation refuses
(spec/dashboard.md, users/{id} details).
"""

from __future__ import annotations

import pytest

from tests.admin.conftest import Desk
from tests.world.counting import statements
from tests.world.sources import REDIRECT, arrive
from tests.world.world import Person, World

pytestmark = pytest.mark.usefixtures("source_stubs")
FIELDS = ("name", "given_name", "family_name", "nickname", "picture")
OTHER = {name: "https://elsewhere.example.test/me.png" if name == "picture" else "Other" for name in FIELDS}


def page(user_id: str, tab: str = "") -> str:
    return f"/admin/users/{user_id.replace('|', '%7C')}/{tab}".rstrip("/")


def locked(desk: Desk) -> list[str]:
    return [name for name in FIELDS if desk.one(input_of(name)).get("disabled") is not None]


def input_of(name: str) -> str:
    return f"field-{name.replace('_', '-')}"


def refused(world: World, user_id: str) -> list[str]:
    """What the Management API does not take."""
    call = world.caller()
    return [name for name, value in OTHER.items() if call.patch(f"/users/{user_id}", {name: value}).status_code == 400]


@pytest.mark.parametrize("sync", ["on_each_login", "on_first_login", "never_on_login"])
def test_fields_are_locked_that_the_operation_refuses(world: World, desk: Desk, sync: str) -> None:
    user_id = arrive(world, {"set_user_root_attributes": sync})
    not_taken = refused(world, user_id)
    assert not_taken == (list(FIELDS) if sync == "on_each_login" else [])
    desk.open(page(user_id))
    assert locked(desk) == not_taken
    for name in not_taken:
        assert REDIRECT.name in desk.say(f"{input_of(name)}-owner")
        assert f"{input_of(name)}-owner" in desk.one(input_of(name)).get("aria-describedby")
    assert desk.has("users-save") is (not not_taken), "nothing to save where nothing is changed here"
    if not not_taken:
        desk.press("users-save", nickname="Ours")
        assert world.management().get(f"/users/{user_id}")["nickname"] == "Ours"


def test_a_form_that_is_sent_by_hand_gets_the_operations_words(world: World, desk: Desk) -> None:
    user_id = arrive(world, {"non_persistent_attrs": ["family_name"]})
    world.change_user(user_id, family_name="Doe")
    before = world.management().get(f"/users/{user_id}")
    desk.open(page(user_id)).press("users-save", nickname="Ours")
    assert desk.status == 422
    assert "cannot be updated: nickname" in desk.say("problems")
    assert world.management().get(f"/users/{user_id}") == before


def test_what_is_never_stored_and_still_there_may_be_removed(world: World, desk: Desk) -> None:
    user_id = arrive(world, {"non_persistent_attrs": ["family_name", "nickname"]})
    world.change_user(user_id, family_name="Doe", nickname=None)
    desk.open(page(user_id))
    assert locked(desk) == [name for name in FIELDS if name != "family_name"]
    desk.press("users-save", family_name="")
    assert "family_name" not in world.management().get(f"/users/{user_id}")


def test_addresses_of_a_source_are_locked_whenever_it_syncs(world: World, desk: Desk) -> None:
    user_id = arrive(world, {"set_user_root_attributes": "never_on_login"})
    assert world.caller().patch(f"/users/{user_id}", {"email": "new@example.com"}).status_code == 400
    desk.open(page(user_id, "authentication"))
    assert REDIRECT.name in desk.say("users-email-owner")
    assert not desk.has("users-email")


def test_people_of_our_own_databases_are_changed_here(world: World, desk: Desk, jane: Person) -> None:
    assert refused(world, jane.user_id) == []
    assert locked(desk.open(page(jane.user_id))) == []
    assert desk.open(page(jane.user_id, "authentication")).has("users-email")


def test_line_4_knowing_the_owner_stays_within_six_statements(world: World, desk: Desk) -> None:
    user_id = arrive(world, {})
    for tab in ("", "authentication"):
        desk.open(page(user_id, tab))
        with statements(world.platform) as ran:
            desk.open(page(user_id, tab))
        assert desk.status == 200
        assert len(ran) <= 6, ran
