"""Signing in to an application as a user, from the dashboard (spec/misc.md, "Impersonation")."""

from __future__ import annotations

import pytest

from idp.tenant.members import service as members
from tests.admin.administrators import Hire
from tests.admin.administrators import enter as enter_as
from tests.admin.conftest import Desk
from tests.admin.test_user_factors import tab
from tests.flows import saml_service
from tests.security.rows import row
from tests.world.world import World


def test_misc_1_a_link_to_an_application_of_the_person(world: World, desk: Desk) -> None:
    person, app = world.user("ann@example.com"), world.client()
    where = tab(person.user_id, "impersonation")
    assert desk.open(where).has("users-impersonation-off")
    world.settings(flags={"disable_impersonation": False})
    desk.open(where).press("users-impersonate", client_id=app.client_id)
    link = desk.say("once-url")
    assert "/impersonate?ticket=" in link
    assert link not in desk.open(where).html
    theirs = world.browser()
    theirs.open(link)
    assert "code" in theirs.answer.params
    assert len(theirs.answer.params["state"]) == 12


def test_misc_1_a_link_to_an_application_of_saml(world: World, desk: Desk) -> None:
    person, service = world.user("ann@example.com"), saml_service.Service(world)
    world.settings(flags={"disable_impersonation": False})
    page = desk.open(tab(person.user_id, "impersonation"))
    fields = {"client_id": service.client_id, "protocol": "samlp", "state": "to-here"}
    page.press("users-impersonate", **fields)
    theirs = world.browser()
    theirs.open(desk.say("once-url"))
    response, form = saml_service.answered(theirs)
    assert form["RelayState"] == "to-here"
    assert saml_service.said(response, "NameID").text == person.user_id


def test_misc_1_a_state_is_needed(world: World, desk: Desk) -> None:
    person, app = world.user("ann@example.com"), world.client()
    world.settings(flags={"disable_impersonation": False})
    desk.open(tab(person.user_id, "impersonation")).press("users-impersonate", client_id=app.client_id, state="")
    assert "Bad mac" in desk.say("problems")
    assert world.logs("simp") == []


def test_applications_that_nobody_could_go_back_to_are_not_offered(world: World, desk: Desk) -> None:
    person = world.user("ann@example.com")
    bare, other = world.client(callbacks=[]), world.client()
    world.settings(flags={"disable_impersonation": False})
    html = desk.open(tab(person.user_id, "impersonation")).html
    assert f'value="{bare.client_id}"' not in html
    assert f'value="{other.client_id}"' in html
    world.enable_connection(world.connection_id, bare.client_id)
    assert f'value="{other.client_id}"' not in desk.open(tab(person.user_id, "impersonation")).html


def test_nobody_becomes_an_administrator_with_more_rights(world: World, hire: Hire) -> None:
    owner, helper = hire("olga@example.com", "Owner"), hire("ed@example.com", "Editor - Users")
    app = world.client()
    world.settings(flags={"disable_impersonation": False})
    theirs = Desk(world, enter_as(world.browser(), helper))
    theirs.open(tab(owner.user_id, "impersonation")).press("users-impersonate", client_id=app.client_id)
    assert "more rights" in theirs.say("problems")
    assert world.logs("simp") == []
    viewer = Desk(world, enter_as(world.browser(), hire("vi@example.com", "Viewer - Users")))
    viewer.open(tab(helper.user_id, "impersonation"))
    assert viewer.status in {403, 404}


@row("F5")
@pytest.mark.parametrize("change", ["removed", "another role", "the person has more"])
def test_it_ends_with_the_rights_that_it_began_with(world: World, hire: Hire, change: str) -> None:
    """A link that waits, and the tokens of one that was used."""
    person, helper = world.user("ann@example.com"), hire("ed@example.com", "Editor - Users")
    app = world.client()
    world.settings(flags={"disable_impersonation": False})
    theirs = Desk(world, enter_as(world.browser(), helper))
    links = []
    for _ in range(2):
        theirs.open(tab(person.user_id, "impersonation")).press("users-impersonate", client_id=app.client_id)
        links.append(theirs.say("once-url"))
    browser = world.browser()
    browser.open(links[0])
    code = browser.answer.params["code"]
    tokens = app.token(grant_type="authorization_code", code=code, redirect_uri=app.callback).get_json()
    assert app.userinfo(tokens["access_token"]).status_code == 200
    with world.platform.work(world.tenant, orm=True) as work, work.transaction():
        if change == "removed":
            members.remove(work, helper.user_id)
        elif change == "another role":
            members.change(work, helper.user_id, ["Viewer - Users"])
        else:
            members.add(work, person.user_id, ["Owner"])
    other = world.browser()
    other.open(links[1])
    assert other.left_for is None
    assert [entry.type for entry in world.logs("fimp")] == ["fimp"]
    assert app.userinfo(tokens["access_token"]).status_code == 401
    assert app.introspect(tokens["access_token"]) == {"active": False}
