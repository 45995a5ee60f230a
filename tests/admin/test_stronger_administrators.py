"""Administrators with more rights: every way by which somebody else could get in as them is shut, also those that do
many things at once.
"""

from __future__ import annotations

import json

import pytest

from idp.admin.desk import operations
from idp.directory.users import service as users
from idp.foundation.kernel.actor import CLI, DASHBOARD, Actor
from idp.foundation.kernel.errors import Forbidden, NotFound
from idp.protocol.oauth.simulation import api as simulations
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.admin.test_user_files import upload
from tests.world.browser import Browser
from tests.world.outbox import work_off
from tests.world.world import Person, World

EDITOR = "Editor - Users"


def test_an_import_changes_no_administrator_with_more_rights(
    world: World, browser: Browser, hire: Hire, owner: Person, jane: Person
) -> None:
    """A file with their id and another address would be a way in: a new password is mailed there."""
    editor = hire("rita@example.com", EDITOR)
    desk = Desk(world, enter(browser, editor))
    people = [
        {"user_id": person.account_id, "email": f"moved.{person.email}", "email_verified": True}
        for person in (owner, jane, editor)
    ]
    upload(desk, json.dumps(people).encode(), upsert="true")
    work_off(world.platform)
    desk.open(desk.url)
    assert (desk.say("jobs-updated"), desk.say("jobs-failed")) == ("2", "1"), "the check says so already"
    desk.press("jobs-import")
    work_off(world.platform)
    caller = world.caller()
    found = [(caller.get(f"/users/{each.user_id}").json or {})["email"] for each in (owner, jane, editor)]
    assert found == [owner.email, f"moved.{jane.email}", f"moved.{editor.email}"]


def test_no_account_is_joined_to_an_administrator_with_more_rights(
    world: World, hire: Hire, owner: Person, jane: Person
) -> None:
    """Whoever has the second account would sign in as them from then on."""
    editor = hire("rita@example.com", EDITOR)
    rights = frozenset({"update:users"})
    actor = Actor(user_id=editor.user_id, channel=DASHBOARD, roles=frozenset({EDITOR}), scopes=rights)
    with world.platform.work(world.tenant, actor=actor, orm=True) as work:
        with pytest.raises(Forbidden, match="more rights"):
            users.link(work, owner.user_id, {"provider": "auth0", "user_id": jane.account_id})
        with pytest.raises(Forbidden, match="more rights"):
            users.link(work, jane.user_id, {"provider": "auth0", "user_id": owner.account_id})
    operator = Actor(channel=CLI, scopes=rights)
    with world.platform.work(world.tenant, actor=operator, orm=True) as work, work.transaction():
        users.link(work, owner.user_id, {"provider": "auth0", "user_id": jane.account_id})
    with world.platform.work(world.tenant, actor=actor, orm=True) as work, pytest.raises(Forbidden):
        users.unlink(work, owner.user_id, "auth0", jane.account_id)


def test_a_simulation_wants_every_right_to_what_it_shows(world: World, jane: Person) -> None:
    app = world.client()
    body = simulations.SimulationBody(user_id=jane.user_id, client_id=app.client_id)
    for lacking in sorted(simulations.SCOPES):
        actor = Actor(user_id="auth0|x", channel=DASHBOARD, scopes=simulations.SCOPES - {lacking})
        with (
            world.platform.work(world.tenant, actor=actor, orm=True) as work,
            pytest.raises(Forbidden, match=lacking),
        ):
            operations.refuse_without_right(work, simulations.simulate)
    confined = Actor(user_id="auth0|x", channel=DASHBOARD, scopes=simulations.SCOPES, clients=frozenset())
    with world.platform.work(world.tenant, actor=confined, orm=True) as work, pytest.raises(NotFound):
        simulations.simulate(work, body)
