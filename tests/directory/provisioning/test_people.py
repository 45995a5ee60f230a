"""What a directory says of its people, as users."""

from __future__ import annotations

from typing import Any

import pytest

from idp.directory.connections import service as connections
from idp.directory.provisioning import scim
from tests.directory.provisioning.conftest import ENTERPRISE, GROUP, Directory, Provision, document, logged, people
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.sources import KNOWN, only
from tests.world.world import World


@on_both_stores
def test_somebody_is_made_changed_and_removed(world: World, directory: Directory) -> None:
    made = directory.jane()
    (user,) = people(world)
    assert (user.email, user.email_verified, user.name, user.blocked) == (
        "jane@acme.example.com",
        False,
        "Jane Smith",
        False,
    )
    assert (user.profile["department"], user.profile["external_id"]) == ("Sales", "jane-1")
    assert user.profile["preferred_username"] == "jane"
    assert made["meta"]["location"].endswith(f"/scim/v2/connections/{directory.connection_id}/Users/{made['id']}")
    assert made["meta"]["version"] == 'W/"1"'
    changed = directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "name.familyName", "value": "Doe"})
    assert (changed.status_code, people(world)[0].family_name) == (204, "Doe")
    replaced = directory("PUT", f"/Users/{made['id']}", document(displayName="Jane D.", emails=[]))
    assert replaced.status_code == 200, replaced.json
    assert (people(world)[0].name, people(world)[0].email) == ("Jane D.", None)
    assert directory("DELETE", f"/Users/{made['id']}").status_code == 204
    assert people(world) == []
    assert directory("GET", f"/Users/{made['id']}").status_code == 404
    assert [entry["details"]["method"] for entry in logged(world, "sscim")] == ["POST", "PATCH", "PUT", "DELETE"]
    assert len(logged(world, "sdu")) == 1


def test_whoever_signs_in_meets_the_user_that_was_made(world: World, directory: Directory, browser: Browser) -> None:
    directory.jane(externalId="jane", displayName="From the directory")
    app = world.client()
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, directory.connection_id), [(app.client_id, True)])
    only(world, app.client_id)
    attempt = app.begin(browser)
    browser.submit(username="jane", password=KNOWN["jane"])
    (user,) = people(world)
    assert attempt.tokens(browser.answer).id_claims["sub"] == user.user_id


def test_a_user_who_signed_in_before_is_taken_over(world: World, directory: Directory, browser: Browser) -> None:
    app = world.client()
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, directory.connection_id), [(app.client_id, True)])
    only(world, app.client_id)
    app.begin(browser)
    browser.submit(username="jane", password=KNOWN["jane"])
    (before,) = people(world)
    directory.jane(externalId="jane")
    (after,) = people(world)
    assert (before.user_id, before.name, after.user_id, after.name) == (
        after.user_id,
        "Jane S.",
        before.user_id,
        "Jane Smith",
    )


@pytest.mark.parametrize("value", [False, "False"])
def test_who_is_deactivated_is_blocked_and_signed_out(
    world: World, directory: Directory, browser: Browser, value: object
) -> None:
    made = directory.jane(externalId="jane")
    app = world.client()
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, directory.connection_id), [(app.client_id, True)])
    only(world, app.client_id)
    app.begin(browser)
    browser.submit(username="jane", password=KNOWN["jane"])
    assert browser.answer.code
    closed = directory.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": value})
    assert closed.status_code == 204, closed.data
    assert people(world)[0].blocked
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "login_required"
    app.begin(browser)
    browser.submit(username="jane", password=KNOWN["jane"])
    assert browser.answer.params["error"] == "unauthorized"
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": True}})
    assert not people(world)[0].blocked


def test_an_administrators_block_stays(world: World, directory: Directory) -> None:
    """Until the directory itself says that something has changed."""
    made = directory.jane()
    (user,) = people(world)
    world.caller().patch(f"/users/{user.user_id.replace('|', '%7C')}", {"blocked": True})
    directory("PUT", f"/Users/{made['id']}", document(displayName="Another"))
    assert people(world)[0].blocked


def test_another_id_at_the_source_is_the_same_user(world: World, directory: Directory) -> None:
    made, other = directory.jane(), directory.jane(userName="john", externalId="john-1")
    (before, _) = people(world)
    moved = directory("PUT", f"/Users/{made['id']}", document(externalId="jane-2"))
    assert moved.status_code == 200, moved.json
    user = next(each for each in people(world) if each.user_id == before.user_id)
    assert user.profile["external_id"] == "jane-2"
    taken = directory("PUT", f"/Users/{other['id']}", document(userName="john", externalId="jane-2"))
    assert (taken.status_code, (taken.json or {})["scimType"]) == (409, "uniqueness")


@pytest.mark.parametrize(
    ("members", "status", "scim_type"),
    [
        ({"externalId": None}, 400, "invalidValue"),
        ({"externalId": "a\nb"}, 400, "invalidValue"),
        ({"externalId": "x" * 300}, 400, "invalidValue"),
        ({"userName": None}, 400, None),
        ({"emails": "jane"}, 400, None),
        ({"schemas": ["urn:other"]}, 400, None),
    ],
)
def test_users_that_nobody_can_be(
    world: World, directory: Directory, members: dict[str, Any], status: int, scim_type: str | None
) -> None:
    sent = {name: value for name, value in document(**members).items() if value is not None}
    answer = directory("POST", "/Users", sent)
    assert answer.status_code == status, answer.json
    assert scim_type is None or (answer.json or {})["scimType"] == scim_type
    assert people(world) == []
    assert logged(world, "fscim")


def test_a_name_is_taken_once(world: World, directory: Directory) -> None:
    directory.jane()
    twin = directory("POST", "/Users", document(userName="JANE", externalId="other"))
    assert (twin.status_code, (twin.json or {})["scimType"]) == (409, "uniqueness")
    assert len(people(world)) == 1


@on_both_stores
def test_two_at_once_want_the_same_name(world: World, directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked before either wrote: the store says who was second, and nothing of theirs is left."""
    directory.jane()
    monkeypatch.setattr(scim.Rows, "_check_unique", lambda *_: None)
    twin = directory("POST", "/Users", document(externalId="other"))
    assert (twin.status_code, (twin.json or {})["scimType"]) == (409, "uniqueness")
    assert len(people(world)) == 1


def test_a_users_end_here_is_known_there(world: World, directory: Directory) -> None:
    made = directory.jane()
    world.caller().delete(f"/users/{people(world)[0].user_id.replace('|', '%7C')}")
    assert directory("GET", f"/Users/{made['id']}").status_code == 404
    assert directory.jane()["id"] != made["id"]


def test_what_is_not_the_directorys_to_say(world: World, provision: Provision) -> None:
    rules = [{"auth0": "nickname", "scim": "nickName"}, {"auth0": "job", "scim": f"{ENTERPRISE}:department"}]
    directory = provision(world, mapping=rules, user_id_attribute="userName")
    directory.jane(nickName="J", password="secret password 1")
    (user,) = people(world)
    assert (user.nickname, user.profile["job"], user.email, user.app_metadata) == ("J", "Sales", None, None)
    assert user.user_id == "stub-directory|jane"
    shown = directory("GET", "/Users").json or {}
    assert "password" not in shown["Resources"][0]


def test_groups(directory: Directory) -> None:
    jane, john = directory.jane(), directory.jane(userName="john", externalId="john-1")
    members = [{"value": each["id"]} for each in (jane, john)]
    sent = {"schemas": [GROUP], "displayName": "Staff", "members": members}
    group = directory("POST", "/Groups", sent)
    assert group.status_code == 201, group.json
    path = f"/Groups/{(group.json or {})['id']}"
    left = directory.patch(path, {"op": "remove", "path": f'members[value eq "{john["id"]}"]'})
    assert left.status_code in {200, 204}
    assert [each["value"] for each in (directory("GET", path).json or {})["members"]] == [jane["id"]]
    found = directory("GET", '/Groups?filter=displayName%20eq%20"staff"').json or {}
    assert found["totalResults"] == 1
    directory("DELETE", f"/Users/{jane['id']}")
    assert not (directory("GET", path).json or {}).get("members")
    assert directory("DELETE", path).status_code == 204


def test_nobody_is_two_resources(world: World, directory: Directory) -> None:
    """The second would let in whom the first shut out."""
    made = directory.jane()
    directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    again = directory("POST", "/Users", document(userName="jane.again", displayName="Mallory"))
    assert (again.status_code, (again.json or {})["scimType"]) == (409, "uniqueness")
    (user,) = people(world)
    assert (user.blocked, user.name) == (True, "Jane Smith"), "nothing of it was written"
    assert directory("PUT", f"/Users/{made['id']}", document(displayName="Jane D.")).status_code == 200
