"""Administrators: roles, who may change whom, and that the last Owner stays (spec/dashboard.md, "Administrators")."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.kernel.actor import CLI, DASHBOARD, Actor
from idp.foundation.kernel.errors import BadRequest, Conflict, Forbidden, NotFound
from idp.management.operations import management_scopes
from idp.operations.installation import administrators
from idp.operations.installation.tenant import provisioned
from idp.signin.invitations import service as invitations
from idp.signin.tickets import requested
from idp.tenant.members import roles
from idp.tenant.members import service as members
from idp.tenant.members.models import Member
from idp.tenant.members.roles import OWNER, ROLES
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World

OPERATOR = Actor(channel=CLI)


def at_the_dashboard(person: Person, *names: str) -> Actor:
    rights = roles.rights(names, management_scopes())
    return Actor(user_id=person.user_id, scopes=rights, channel=DASHBOARD, roles=frozenset(names))


def do(world: World, actor: Actor, act: Callable[..., object], *arguments: object, **more: object) -> object:
    with world.platform.work(world.tenant, actor=actor, orm=True) as work, work.transaction(lazily=True):
        return act(work, *arguments, **more)


def roles_of(world: World, person: Person) -> list[str] | None:
    with world.platform.work(world.tenant, orm=True) as work:
        row = members.find(work, person.user_id)
        return list(row.roles) if row else None


@pytest.fixture
def owner(world: World) -> Person:
    person = world.user("olga@example.com")
    do(world, OPERATOR, members.add, person.user_id, [OWNER])
    with world.writing() as work:  # the one of the template is none any more
        for row in work.rows.lock_all(select(Member).where(Member.user_id != person.user_id)):
            work.rows.delete(row)
    return person


# ---- roles
def test_what_roles_let_people_do() -> None:
    offered = set(management_scopes())
    has = {name: roles.rights([name], offered) for name in ROLES}
    assert has[OWNER] >= {scope for scope in offered if "current_user" not in scope} | roles.OWN_RIGHTS
    assert has[OWNER] - has["Admin"] >= {"update:members", "update:access_list", "update:signing_keys"}
    assert "read:members" in has["Admin"]
    assert {"update:users", "delete:users", "create:user_tickets"} <= has["Editor - Users"]
    assert {"read:clients", "read:connections", "read:user_idp_tokens"} & has["Editor - Users"] == set()
    assert all(right.startswith("read:") for right in has["Viewer - Users"] | has["Viewer - Config"])
    assert {"read:client_keys", "read:users", "read:logs"} & has["Viewer - Config"] == set()
    assert has["Auditor"] == {"read:logs", "read:logs_users", "read:stats"}
    assert {right for right in has["Editor - Specific Apps"] if right.startswith(("create:", "delete:"))} == set()
    assert not any("current_user" in right for rights in has.values() for right in rights)


def test_who_covers_whom() -> None:
    assert roles.covers([OWNER], list(ROLES))
    assert not roles.covers(["Admin"], [OWNER])
    assert roles.covers(["Admin"], ["Admin", "Editor - Users"])
    assert not roles.covers(["Editor - Users"], ["Admin"])
    assert not roles.covers(["Auditor"], ["Viewer - Users"])
    assert not roles.covers([], ["Auditor"])
    assert not roles.covers(["Admin"], ["A role of a later version"])


# ---- who may change whom
@on_both_stores
def test_acceptance_21_the_last_owner_stays(world: World, owner: Person) -> None:
    acts: list[Callable[[], object]] = [
        lambda: do(world, OPERATOR, members.remove, owner.user_id),
        lambda: do(world, OPERATOR, members.change, owner.user_id, ["Admin"]),
        lambda: do(world, OPERATOR, users.update, owner.user_id, {"blocked": True}),
        lambda: do(world, OPERATOR, users.delete, owner.user_id),
    ]
    for act in acts:
        with pytest.raises(Conflict, match="last Owner"):
            act()
    path = f"/users/{owner.user_id.replace('|', '%7C')}"
    assert world.caller().patch(path, {"blocked": True}).status_code == 409
    assert world.caller().delete(path).status_code == 409
    assert roles_of(world, owner) == [OWNER]
    second = world.user("oskar@example.com")
    do(world, OPERATOR, members.add, second.user_id, [OWNER])
    do(world, OPERATOR, users.update, second.user_id, {"blocked": True})
    with pytest.raises(Conflict, match="last Owner"):
        do(world, OPERATOR, members.remove, owner.user_id)  # a blocked Owner is no way in
    do(world, OPERATOR, users.update, second.user_id, {"blocked": False})
    do(world, OPERATOR, users.delete, owner.user_id)
    assert roles_of(world, owner) is None


def test_acceptance_21_in_bulk(world: World, owner: Person) -> None:
    everybody = (users.delete_of_connection, world.connection_id, "Username-Password-Authentication")
    with pytest.raises(Conflict, match="last Owner"):
        do(world, at_the_dashboard(owner, OWNER), *everybody)
    assert roles_of(world, owner) == [OWNER]


def test_a_machine_deletes_a_connection_with_its_owners(world: World, owner: Person) -> None:
    assert world.caller().delete(f"/connections/{world.connection_id}").status_code == 202
    assert roles_of(world, owner) is None


def test_acceptance_20_an_editor_of_users_and_an_admin(world: World, owner: Person) -> None:
    admin, editor, jane = world.user("adam@example.com"), world.user("edith@example.com"), world.user()
    do(world, OPERATOR, members.add, admin.user_id, ["Admin"])
    do(world, OPERATOR, members.add, editor.user_id, ["Editor - Users"])
    acting = at_the_dashboard(editor, "Editor - Users")
    changes = [
        {"password": "an entirely New passphrase 7"},
        {"email": "mallory@example.com"},
        {"blocked": True},
        {"username": "mallory"},
    ]
    for target in (owner, admin):
        for change in changes:
            with pytest.raises(Forbidden):
                do(world, acting, users.update, target.user_id, change)
        for act in (
            lambda who=target: do(world, acting, users.delete, who.user_id),
            lambda who=target: do(world, acting, requested.change_password, {"user_id": who.user_id}),
        ):
            with pytest.raises(Forbidden):
                act()
    do(world, acting, users.update, admin.user_id, {"user_metadata": {"a": 1}})
    do(world, acting, users.update, jane.user_id, {"blocked": True})
    do(world, at_the_dashboard(owner, OWNER), users.update, admin.user_id, {"blocked": True})


def test_nobody_raises_themselves(world: World, owner: Person) -> None:
    admin = world.user("adam@example.com")
    do(world, OPERATOR, members.add, admin.user_id, ["Admin"])
    acting = at_the_dashboard(admin, "Admin")
    for act, arguments in (
        (members.change, (admin.user_id, [OWNER])),
        (members.add, (world.user().user_id, ["Auditor"])),
        (members.remove, (owner.user_id,)),
    ):
        with pytest.raises(Forbidden):
            do(world, acting, act, *arguments)
    more = Actor(user_id=admin.user_id, scopes=frozenset({"update:members"}), channel=DASHBOARD, roles={"Admin"})
    for act, arguments in ((members.change, (admin.user_id, [OWNER])), (members.remove, (owner.user_id,))):
        with pytest.raises(Forbidden):
            do(world, more, act, *arguments)


def test_roles_are_checked(world: World, owner: Person) -> None:
    jane = world.user()
    for names, clients in ((["Boss"], ()), ([], ()), (["Editor - Specific Apps"], ()), (["Admin"], ("a",))):
        with pytest.raises(BadRequest):
            do(world, OPERATOR, members.add, jane.user_id, names, clients)
    with pytest.raises(Conflict):
        do(world, OPERATOR, members.add, owner.user_id, ["Admin"])
    with pytest.raises(NotFound):
        do(world, OPERATOR, members.change, jane.user_id, ["Admin"])


def test_what_goes_with_users_and_applications(world: World, owner: Person) -> None:
    editor, app = world.user("edith@example.com"), world.client()
    do(world, OPERATOR, members.add, editor.user_id, ["Editor - Specific Apps"], [app.client_id])
    world.delete_client(app.client_id)
    with world.platform.work(world.tenant, orm=True) as work:
        assert members.get(work, editor.user_id).client_ids == []
    do(world, OPERATOR, users.delete, editor.user_id)
    assert roles_of(world, editor) is None
    assert [row.type for row in world.logs("sadm", "radm")][-2:] == ["sadm", "radm"]


# ---- the first one, and those who are invited
def test_the_first_owner_is_who_installed(world: World) -> None:
    """``idp init``'s administrator, of a new installation or of one from before there were administrators."""
    installed = provisioned(world.platform, world.tenant)
    with world.writing() as work:
        for row in work.rows.lock_all(select(Member)):
            work.rows.delete(row)
    administrators.administrator(world.platform, installed)
    with world.platform.work(world.tenant, orm=True) as work:
        (row,) = members.every(work)
        assert row.roles == [OWNER]
        assert users.get(work, row.user_id).email == "admin@example.com"
    assert administrators.first_owner(world.platform, installed) is False


def test_who_has_not_proven_the_address_is_no_owner(world: World) -> None:
    with world.writing() as work:
        for row in work.rows.lock_all(select(Member)):
            work.rows.delete(row)
    world.change_user(_administrator(world), email_verified=False)
    assert administrators.first_owner(world.platform, provisioned(world.platform, world.tenant)) is False


def test_an_invitation_makes_an_administrator(world: World, owner: Person) -> None:
    acting = at_the_dashboard(owner, OWNER)

    def invite(work: object) -> str:
        made = invitations.create(
            work,
            {"client_id": invitations.OWN_PAGES, "inviter": {"name": "Olga"}, "invitee": {"email": "new@example.com"}},
        )
        members.invite(work, made.row.id, "new@example.com", ["Auditor"])
        return made.url

    url = str(do(world, acting, invite))
    browser = world.browser()
    browser.open(url)
    browser.submit(password="an entirely New passphrase 7")
    assert browser.status == 200, browser.shown.text
    with world.platform.work(world.tenant, orm=True) as work:
        found = {row.added_by: row.roles for row in members.every(work)}
        assert found[owner.user_id] == ["Auditor"]
        assert members.invited(work) == []


def test_a_withdrawn_invitation_makes_nobody_one(world: World, owner: Person) -> None:
    def invite(work: object) -> None:
        members_of = {
            "client_id": invitations.OWN_PAGES,
            "inviter": {"name": "O"},
            "invitee": {"email": "n@example.com"},
        }
        made = invitations.create(work, members_of)
        members.invite(work, made.row.id, "n@example.com", ["Auditor"])
        invitations.withdraw(work, made.row.id)
        assert members.invited(work) == []

    do(world, at_the_dashboard(owner, OWNER), invite)


def _administrator(world: World) -> str:
    with world.platform.work(world.tenant, orm=True) as work:
        return str(work.rows.scalars(select(User.user_id).where(User.email == "admin@example.com")).one())
