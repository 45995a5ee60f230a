"""How the installation itself is, for Owners of the default tenant (decision 0409)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from idp.admin import installation
from idp.foundation.queue import outbox
from idp.foundation.queue.models import OutboxItem
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.admin.conftest import enter as enter_as_owner
from tests.world.browser import Browser
from tests.world.domains import held, under
from tests.world.fixtures import Clock, OpenWorld
from tests.world.templates import TWO_TENANTS
from tests.world.world import World

PAGE = "/admin/settings/installation"


def test_an_owner_sees_what_is_missing_after_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    desk.open(PAGE)
    assert (desk.status, desk.has("installation-found")) == (200, False), "looking asks nobody"
    desk.press("installation-check")
    assert "IDP_ENV is development" in desk.say("installation-found")
    assert desk.say("installation-key-1") == "Still needed"
    assert [key for key in world.platform.settings.secret_keys if key in desk.html] == []
    clock.forward(minutes=6)
    desk.open(PAGE).press("installation-check")
    assert desk.browser.path == "/u/login"


def test_what_providers_repeat_of_a_message_is_not_shown(world: World, desk: Desk) -> None:
    with world.writing() as work:
        outbox.put(work, "mail.deliver", {}, delay_ms=60_000)
        said = "554 refused: https://id.example.test/u/reset?ticket=very-secret and 123456 is your code"
        work.rows.execute(update(OutboxItem).values(failure=said))
    found = desk.open(PAGE).press("installation-check").say("installation-found")
    assert "the last said: 554 refused: […] and […] is your code" in found


def test_checks_are_counted(world: World, desk: Desk) -> None:
    for _ in range(6):
        desk.open(PAGE).press("installation-check")
    assert desk.status == 200
    assert desk.open(PAGE).press("installation-check").status == 429


def test_line_18_nobody_else_sees_it(world: World, browser: Browser, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("ann@example.com", "Admin"), "/admin"))
    assert f'href="{PAGE}"' not in desk.html
    assert desk.open(PAGE).status == 403


def test_owners_of_the_default_tenant_alone_by_whichever_domain_they_come(open_world: OpenWorld) -> None:
    world = open_world(TWO_TENANTS)
    held(world)
    for tenant, sees in ((world, True), (under(world), True), (world.second_tenant(), False)):
        desk = Desk(tenant, enter_as_owner(tenant, tenant.browser()))
        assert (desk.status, f'href="{PAGE}"' in desk.html) == (200, sees), tenant.issuer
        assert desk.open(PAGE).status == (200 if sees else 403)


def test_a_copy_is_called_what_it_is(world: World, desk: Desk) -> None:
    settings = world.platform.settings
    assert installation.backup(settings) in desk.open(PAGE).text
    for address, ending in (("sqlite:////data/idp.db", ".db"), ("postgresql+psycopg://db/idp", ".dump")):
        assert installation.backup(replace(settings, database_url=address)).endswith(ending)
