"""The switcher: other tenants of the installation whose dashboards somebody opens, too (spec/dashboard.md, "Frame";
docs/decisions/0470).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from idp.foundation.kernel.actor import CLI, Actor
from idp.tenant.members import service as members
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

HERE, THERE = "/admin/tenants", "https://other.example.test/"


@pytest.fixture
def other(world: World) -> World:
    return world.other_tenant("other", THERE)


@pytest.fixture
def owner(other: World) -> Person:
    person = other.user("olga@example.com")
    with other.platform.work(other.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        members.add(work, person.user_id, ("Owner",), ())
    return person


def path(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def arrive(other: World, owner: Person, address: str) -> Desk:
    """The other tenant's dashboard, in a browser of whoever comes there."""
    browser: Browser = other.browser()
    browser.open(path(address))
    if browser.path.startswith("/u/login"):
        browser.submit(username=owner.email, password=owner.password)
    return Desk(other, browser)


def way(desk: Desk, address: str = THERE) -> str:
    """The link that leads to the other one, with a note about this one."""
    desk.open(f"{HERE}?address={address}")
    return str(desk.one("tenants-go").get("href"))


def test_two_tenants_are_listed_in_each_other(world: World, desk: Desk, other: World, owner: Person) -> None:
    assert not desk.has("switcher"), "nobody is bothered who has one tenant"
    assert desk.open("/admin").follow("own-tenants").has("tenants-none")
    there = arrive(other, owner, way(desk))
    assert there.browser.path == HERE, "signed in on the way, and back at the note"
    assert world.issuer in there.say("handed")
    assert not there.open("/admin").has("switcher"), "looking at a note lists nothing"
    there = arrive(other, owner, way(desk))
    back = str(there.one("tenants-back").get("href"))
    there.press("tenants-add")
    assert "listed" in there.say("notice")
    assert there.tree.xpath("//details[@id='switcher']//a/@href")[0] == f"{world.issuer}admin"
    assert back.startswith(f"{world.issuer}admin/tenants?add=")
    desk.open(path(back)).press("tenants-add")
    assert desk.tree.xpath("//details[@id='switcher']//a/@href")[0] == f"{THERE}admin"
    assert desk.open("/admin/applications/apps").has("switcher"), "on every page"
    assert f"{THERE}admin" in desk.open("/admin/search?q=gatehou").tree.xpath("//a[@data-hit]/@href")
    desk.open(HERE).press("tenants-remove-1")
    assert not desk.has("switcher")


def test_addresses_of_nobody_and_of_this_tenant_lead_nowhere(world: World, desk: Desk, other: World) -> None:
    for address in ("https://nobody.example.test/", world.issuer, "http://[", "x y", "//", "javascript:alert(1)"):
        desk.open(f"{HERE}?address={address.replace('/', '%2F').replace(' ', '+')}")
        assert (desk.status, desk.has("tenants-address-problem"), desk.has("tenants-go")) == (200, True, False), address
    for address in (THERE, "other.example.test", "https://other.example.test/admin/users"):
        assert way(desk, address).startswith(f"{THERE}admin/tenants?add="), address


def test_a_note_is_for_one_tenant_and_ten_minutes(
    world: World, desk: Desk, other: World, owner: Person, clock: Clock
) -> None:
    link = way(desk)
    note = link.partition("add=")[2]
    for wrong in (note, note[:-1], f"{note}x", "nonsense", f"{note.partition('.')[0]}."):
        desk.open(f"{HERE}?add={wrong}")
        assert (desk.status, desk.has("handed")) == (422, False), "it is for the other tenant, as it is"
    there = arrive(other, owner, link)
    clock.forward(minutes=11)
    there.press("tenants-add")
    assert (there.status, there.has("switcher")) == (422, False)


def test_the_list_is_one_persons_in_one_browser(world: World, desk: Desk, other: World, owner: Person) -> None:
    there = arrive(other, owner, way(desk))
    there.press("tenants-add")
    second = other.user("second@example.com")
    with other.platform.work(other.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        members.add(work, second.user_id, ("Owner",), ())
    there.sign_out()
    there.browser.open("/admin")
    there.browser.submit(username=second.email, password=second.password)
    assert there.browser.path == "/admin"
    assert not there.has("switcher"), "somebody else in the same browser"
    assert not arrive(other, owner, f"{THERE}admin?").has("switcher"), "the same person in another browser"


def test_a_link_of_somebody_else_lists_nothing(world: World, desk: Desk, other: World, owner: Person) -> None:
    there = arrive(other, owner, way(desk))
    there.press("tenants-add", site="cross-site")
    assert there.status == 403
    there = arrive(other, owner, way(desk))
    there.press("tenants-add", without=("csrf",))
    assert there.status == 403
    assert not there.open("/admin").has("switcher")


def test_names_of_tenants_are_inert(world: World, desk: Desk, other: World, owner: Person) -> None:
    world.management().patch("/tenants/settings", {"friendly_name": "<img src=x>\u202eevil" + "x" * 100})
    there = arrive(other, owner, way(desk))
    there.press("tenants-add")
    assert "<img" not in there.html
    assert there.has("switcher")
