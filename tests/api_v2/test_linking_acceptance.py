"""Lines of the Acceptance list of spec/linking.md that no other test goes through as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_v2.test_users import create, path
from tests.world.management import Api
from tests.world.sources import StubRedirect, arrive, come_back
from tests.world.world import Person, World


def verified(api: Api, email: str, **members: Any) -> dict[str, Any]:
    return create(api, email, email_verified=True, **members)


@pytest.mark.usefixtures("source_stubs")
def test_linking_1_either_way_of_signing_in_is_the_same_subject(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StubRedirect, "profile", {"name": "First", "email_verified": True})
    arrive(world, {})
    api = world.caller()
    linked = api.post(f"/users/{jane.user_id}/identities", {"provider": "stub-social", "user_id": "acc-1"})
    assert (linked.status_code, len(linked.json)) == (201, 2)
    monkeypatch.setattr(StubRedirect, "profile", {"name": "Second", "email_verified": True})
    browser = world.browser()
    browser.open("/account")
    browser.follow("connection-stub-social")
    come_back(browser)
    assert browser.path == "/account"
    user = api.get(f"/users/{jane.user_id}").json
    assert user["name"] == "Jane Doe", "the main profile stays"
    assert user["identities"][1]["profileData"]["name"] == "Second", "the linked one follows its source"
    assert len(api.get(f"/users/{jane.user_id}/sessions").json["sessions"]) == 1


def test_linking_3_unlinking_gives_a_user_of_its_own(api: Api, world: World) -> None:
    main = verified(api, "main@example.com", user_metadata={"m": 1}, app_metadata={"n": 1})
    other = verified(api, "other@example.com", user_metadata={"o": 1}, app_metadata={"p": 1}, family_name="Other")
    world.change_user(other["user_id"], logins_count=7, last_login=1_700_000_000_000, profile={"locale": "de"})
    short = other["user_id"].partition("|")[2]
    api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": short})
    kept = api.get(path(main)).json
    assert (kept["user_metadata"], kept["app_metadata"], kept["name"]) == ({"m": 1}, {"n": 1}, main["name"])
    (first,) = api.delete(f"{path(main)}/identities/auth0/{short}").json
    assert first["user_id"] == main["user_id"].partition("|")[2]
    again = api.get(path(other)).json
    assert not {"user_metadata", "app_metadata", "logins_count", "last_login"} & set(again)
    assert (again["family_name"], again["email_verified"], len(again["identities"])) == ("Other", True, 1)
    assert again["locale"] == "de", "attributes without a column come back, too"


def test_linking_ends_what_the_second_account_opened(world: World, jane: Person) -> None:
    """Semantics: roles, grants and sessions of the secondary are revoked."""
    other = world.user("other@example.com")
    api_name, browser = world.api(), world.browser()
    app = world.client("spa", is_first_party=False)
    attempt = app.begin(browser, scope="openid offline_access read:things", audience=api_name)
    browser.submit(username=other.email, password=other.password)
    if browser.left_for is None:
        browser.submit("consent-accept")
    tokens = attempt.tokens(browser.answer)
    api = world.caller()
    linked = api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": other.account_id})
    assert linked.status_code == 201
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    assert app.refresh(tokens.refresh_token).status_code == 400
    assert api.get("/grants", user_id=other.user_id).json == []
    assert api.get("/grants", user_id=jane.user_id).json == []


def test_linking_5_deleting_the_main_user_deletes_every_account(world: World, jane: Person) -> None:
    other = world.user("other@example.com")
    api = world.caller()
    api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": other.account_id})
    assert api.delete(f"/users/{jane.user_id}").status_code == 204
    for person in (jane, other):
        browser = world.browser()
        world.client().begin(browser)
        browser.submit(username=person.email, password=person.password)
        assert browser.status == 400
    assert api.get("/users", q="email:other@example.com OR email:jane@example.com").json == []
