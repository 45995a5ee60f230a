"""What a provider says is data of a stranger (security.md groups V and N), with real dialects at the other end."""

from __future__ import annotations

from typing import Any

import pytest

from idp.directory.users.models import User
from tests.connectors.dialects import Dialect, record
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.social import AnsweredBy, connected, to_and_back
from tests.world.world import World


def github(**user: Any) -> dict[str, Any]:
    """GitHub's record, with other members of the user."""
    said = record("github")
    return {**said, "answers": [{**said["answers"][0], **user}, said["answers"][1]]}


def signs_in(
    world: World, browser: Browser, answered_by: AnsweredBy, said: dict[str, Any], name: str = "github"
) -> dict[str, Any]:
    """Through the connection that is there; answers the claims."""
    dialect = answered_by(Dialect(name, said=said))
    app = world.client()
    with_connection(world, name, app.client_id)
    attempt = app.begin(browser)
    to_and_back(browser, dialect)
    claims: dict[str, Any] = attempt.tokens(browser.answer).id_claims
    return claims


def with_connection(world: World, name: str, client_id: str, **options: Any) -> None:
    """One connection of that strategy, for this client too."""
    management = world.management()
    there = [each for each in management.get("/connections?strategy=" + name) if each["name"] == name]
    if there:
        clients = [*there[0]["enabled_clients"], client_id]
        management.patch(f"/connections/{there[0]['id']}", {"enabled_clients": clients})
    else:
        connected(world, name, client_id, **options)


@row("V1")
def test_a_provider_writes_attributes_and_nothing_else(world: World, browser: Browser, answered_by: AnsweredBy) -> None:
    evil = {
        "app_metadata": {"admin": True},
        "user_metadata": {"plan": "gold"},
        "blocked": True,
        "user_id": "auth0|1",
        "email_verified": True,
        "identities": [{"provider": "auth0"}],
        "roles": ["admin"],
        "logins_count": 99,
        "multifactor": [],
    }
    claims = signs_in(world, browser, answered_by, github(**evil))
    user = world.management().get("/users/github%7C583231")
    assert claims["sub"] == user["user_id"] == "github|583231"
    assert not {"app_metadata", "user_metadata", "blocked", "roles", "multifactor"} & set(user)
    assert (user["logins_count"], len(user["identities"])) == (1, 1)


@row("V2")
@pytest.mark.parametrize(
    ("rule", "name"),
    [("on_each_login", "Of GitHub"), ("on_first_login", "Changed here"), ("never_on_login", "Changed here")],
)
def test_what_was_changed_here_is_overwritten_only_where_the_connection_says_so(
    world: World, answered_by: AnsweredBy, rule: str, name: str
) -> None:
    app = world.client()
    with_connection(world, "github", app.client_id, set_user_root_attributes=rule)
    signs_in(world, world.browser(), answered_by, github(name="Of GitHub"))
    with world.writing() as work:
        user = work.rows.lock_one(User, "github|583231")
        assert user is not None
        user.name = "Changed here"
    signs_in(world, world.browser(), answered_by, github(name="Of GitHub"))
    assert world.management().get("/users/github%7C583231")["name"] == name


@row("V3")
def test_two_connections_that_give_one_id_are_never_one_person(
    world: World, browser: Browser, answered_by: AnsweredBy
) -> None:
    app = world.client()
    for called in ("github", "github-2"):
        connected(world, "github", app.client_id, called)
    dialect = answered_by(Dialect("github"))
    attempt = app.begin(browser)
    to_and_back(browser, dialect)
    assert attempt.tokens(browser.answer).id_claims["sub"] == "github|583231"
    stranger = world.browser()
    app.begin(stranger)
    to_and_back(stranger, answered_by(Dialect("github")), "github-2")
    assert stranger.answer.error == "access_denied"
    assert len(world.management().get("/users/github%7C583231")["identities"]) == 1


@row("V4")
def test_what_a_provider_says_is_shown_as_text(world: World, browser: Browser, answered_by: AnsweredBy) -> None:
    name = '<script>alert(1)</script><img src=x onerror=alert(2)>"{{7*7}}'
    signs_in(world, browser, answered_by, github(name=name, avatar_url="javascript:alert(1)"))
    browser.open("/account")
    assert browser.shown.form("name").fields["name"] == name
    raw = browser.response.get_data(as_text=True) if browser.response else ""
    assert "<script>alert(1)" not in raw
    assert "<img src=x" not in raw
    assert "javascript:" not in raw


@row("N4")
@pytest.mark.parametrize("flag", ["true", "True", 1, None, [True], {"value": True}])
def test_only_json_true_proves_an_address(
    world: World, browser: Browser, answered_by: AnsweredBy, flag: object
) -> None:
    said = record("github")
    emails = [{"email": "victim@example.com", "primary": True, "verified": flag}]
    claims = signs_in(world, browser, answered_by, {**said, "answers": [said["answers"][0], emails]})
    assert (claims["email"], claims["email_verified"]) == ("victim@example.com", False)


@row("N5")
@pytest.mark.parametrize("odd", ["auth0|1", "github|583231", "a|b|c", "../x", "%00", "x' OR 1=1 --", "<b>"])
def test_an_id_is_opaque(world: World, browser: Browser, answered_by: AnsweredBy, odd: str) -> None:
    assert signs_in(world, browser, answered_by, github(id=odd))["sub"] == f"github|{odd}"


@row("N6")
def test_the_same_id_and_address_at_two_providers_are_two_people(world: World, answered_by: AnsweredBy) -> None:
    subjects = set()
    for name in ("github", "discord"):
        said = dict(record(name))
        first = {**said["answers"][0], "id": "7", "email": "same@example.com", "verified": True}
        emails = [{"email": "same@example.com", "primary": True, "verified": True}]
        said["answers"] = [first, emails][: len(said["answers"])]
        subjects.add(signs_in(world, world.browser(), answered_by, said, name)["sub"])
    assert subjects == {"github|7", "discord|7"}
    assert len(world.management().get("/users-by-email?email=same%40example.com")) == 2
