"""What administrators do with accounts that are in a database of the tenant's own, and people with two of them."""

from __future__ import annotations

import pytest

from tests.flows.custom_database.people import PASSWORD, sign_in
from tests.world.browser import Browser
from tests.world.directory import ForeignDirectory, customized
from tests.world.fixtures import on_both_stores
from tests.world.sources import logged
from tests.world.world import World


@on_both_stores
def test_acceptance_1_what_administrators_do_reaches_the_database_first(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory)
    api = world.caller()
    made = api.post(
        "/users",
        json={
            "connection": "Username-Password-Authentication",
            "email": "new@source.example",
            "password": PASSWORD,
            "app_metadata": {"plan": "gold"},
        },
    )
    assert (made.status_code, (made.json or {}).get("user_id")) == (201, "auth0|src-2"), made.json
    assert directory.said["create"]["app_metadata"] == {"plan": "gold"}
    path = "/users/auth0%7Csrc-2"
    assert api.patch(path, json={"password": "Another Horse 9"}).status_code == 200
    assert directory.passwords["new@source.example"] == "Another Horse 9"
    changed = api.patch(path, json={"email": "newer@source.example", "email_verified": True})
    assert changed.status_code == 200, changed.json
    assert directory.said["change_email"] == {
        "email": "new@source.example",
        "newEmail": "newer@source.example",
        "verified": True,
    }
    assert (changed.json or {})["email"] == "newer@source.example"
    directory.refuse |= {"change_password", "change_email", "delete"}
    assert api.patch(path, json={"password": "Third Horse 9"}).status_code == 400
    assert api.patch(path, json={"email": "last@source.example"}).status_code == 400
    refused = api.delete(path)
    assert (refused.status_code, (refused.json or {})["errorCode"]) == (400, "auth0_idp_error")
    assert (api.get(path).json or {})["email"] == "newer@source.example"
    directory.refuse.clear()
    assert api.delete(path).status_code == 204
    assert "newer@source.example" not in directory.people
    assert api.get(path).status_code == 404


def test_another_username_or_number_reaches_the_database_first(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, requires_username=True)
    directory.people["ada@source.example"] |= {"username": "ada", "phone_number": "+4915112345678"}
    sign_in(world, browser, "ada@source.example", PASSWORD)
    api, path = world.caller(), "/users/auth0%7Csrc-1"
    changed = api.patch(path, json={"username": "countess"})
    assert (changed.status_code, (changed.json or {}).get("username")) == (200, "countess"), changed.json
    assert directory.said["change_username"] == {"username": "ada", "newUsername": "countess"}
    moved = api.patch(path, json={"phone_number": "+4915187654321", "phone_verified": True})
    assert (moved.status_code, (moved.json or {}).get("phone_number")) == (200, "+4915187654321"), moved.json
    sent = {"phone": "+4915112345678", "newPhone": "+4915187654321", "verified": True}
    assert directory.said["change_phone_number"] == sent
    directory.refuse |= {"change_username", "change_phone_number"}
    for members in ({"username": "again"}, {"phone_number": "+4915100000000"}):
        assert api.patch(path, json=members).status_code == 400
    both = api.patch(path, json={"email": "new@source.example", "phone_number": "+4915100000000"})
    assert (both.status_code, (both.json or {})["errorCode"]) == (400, "operation_not_supported")
    stands = api.get(path).json or {}
    assert (stands["username"], stands["phone_number"]) == ("countess", "+4915187654321")
    assert directory.calls["change_email"] == 0


def test_in_import_mode_administrators_reach_our_own_store_alone(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, import_mode=True)
    sign_in(world, browser, "ada@source.example", PASSWORD)
    api = world.caller()
    assert api.patch("/users/auth0%7Csrc-1", json={"password": "Another Horse 9"}).status_code == 200
    assert api.delete("/users/auth0%7Csrc-1").status_code == 204
    assert directory.calls == {"login": 1}
    assert "ada@source.example" in directory.people, "the old store stays as it is"


@pytest.mark.parametrize("import_mode", [False, True])
def test_a_half_created_user_is_repaired_by_deleting_the_account(
    world: World, browser: Browser, directory: ForeignDirectory, import_mode: bool
) -> None:
    customized(world, directory, import_mode=import_mode)
    sign_in(world, browser, "ada@source.example", PASSWORD)
    gone = world.caller().delete(f"/connections/{world.connection_id}/users", email="ada@source.example")
    assert gone.status_code == 204
    assert world.caller().get("/users/auth0%7Csrc-1").status_code == 404
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|src-1"


def test_somebody_here_with_the_address_of_somebody_there_is_a_duplicate(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    """``DUPLICATED_USER``: the account cannot move here, and whoever reads the log knows why."""
    directory.people["ada"] = {**directory.people["ada@source.example"], "email": "eve@source.example"}
    directory.passwords["eve@source.example"] = PASSWORD
    world.user("eve@source.example")
    customized(world, directory, import_mode=True)
    world.client().begin(browser)
    browser.submit(username="ada", password=PASSWORD)
    assert browser.status == 400
    assert "DUPLICATED_USER" in logged(world, "f")[-1]["description"]


def test_acceptance_6_two_ids_of_one_person_are_written_down(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory)
    sign_in(world, browser, "ada@source.example", PASSWORD)
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|src-1", "one user"
    directory.people["ada@source.example"]["user_id"] = "src-9"
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|src-9"
    (warning,) = logged(world, "w")
    assert "src-1 and src-9" in warning["description"]


def test_acceptance_6_an_id_that_changes_while_people_move_is_refused(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, import_mode=True)
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username="ada@source.example")
    world.mails()
    directory.people["ada@source.example"]["user_id"] = "src-9"
    world.client().begin(browser)
    browser.submit(username="ada@source.example", password=PASSWORD)
    assert browser.status == 503
    assert "not stable" in logged(world, "f")[0]["details"]["detail"]
