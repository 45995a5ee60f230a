"""The door of the dashboard: idle and absolute time, fresh sign-ins, rights (spec/dashboard.md, "Administrators")."""

from __future__ import annotations

import pytest

from idp.admin.desk import pages
from idp.applications.clients import service as clients
from idp.management.limits import Limiter
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.counting import statements
from tests.world.fixtures import Clock
from tests.world.world import Person, World

APPS = "/admin/applications/apps"


def test_nobody_comes_in_unasked(browser: Browser, jane: Person) -> None:
    assert enter(browser, jane).status == 403, "she is no administrator"


def test_who_has_left_the_desk_signs_in_again(browser: Browser, owner: Person, clock: Clock) -> None:
    enter(browser, owner)
    clock.forward(minutes=40)
    assert browser.open("/admin").path == "/admin"
    clock.forward(minutes=40)
    assert browser.open("/admin").path == "/admin", "every visit counts"
    clock.forward(minutes=61)
    assert browser.open(APPS).path == "/u/login"
    browser.submit(username=owner.email, password=owner.password)
    assert browser.path == APPS


@pytest.mark.parametrize(
    "asking",
    [
        ("/admin/monitoring/tail", {"X-Desk": "tail"}),
        ("/admin/monitoring/jobs", {"X-Desk": "poll"}),
        ("/admin/monitoring/tail?again=1", {}),
    ],
)
def test_a_page_that_looks_by_itself_is_no_visit(
    world: World, browser: Browser, owner: Person, clock: Clock, asking: tuple[str, dict[str, str]]
) -> None:
    """A window that was left open keeps nobody signed in."""
    enter(browser, owner)
    path, headers = asking
    for _ in range(2):
        clock.forward(minutes=25)
        answer = browser.request("GET", f"{world.issuer.rstrip('/')}{path}", headers=headers)
        assert answer.status_code in {200, 204}, answer.status_code
    clock.forward(minutes=11)
    assert browser.open("/admin").path == "/u/login"


def test_without_scripts_a_page_says_that_it_looks_by_itself(browser: Browser, owner: Person) -> None:
    enter(browser, owner, "/admin/monitoring/tail?q=x")
    refresh = 'content="5; url=/admin/monitoring/tail?q=x&amp;again=1"'
    assert refresh in browser.shown.html
    browser.open("/admin/monitoring/tail?q=x&again=1")
    assert refresh in browser.shown.html


def test_a_day_has_twelve_hours(browser: Browser, owner: Person, clock: Clock) -> None:
    enter(browser, owner)
    for _ in range(14):
        clock.forward(minutes=50)
        assert browser.open("/admin").path == "/admin"
    clock.forward(minutes=50)
    assert browser.open("/admin").path == "/u/login"


def test_acceptance_23_nobody_else_proves_it(
    world: World, browser: Browser, owner: Person, clock: Clock, hire: Hire
) -> None:
    app, other = world.client(), hire("oskar@example.com")
    enter(browser, owner)
    clock.forward(minutes=6)
    browser.open(f"{APPS}/{app.client_id}/rotate-secret")
    assert browser.path == "/u/login"
    browser.submit(username=other.email, password=other.password)
    assert browser.status == 403


def test_acceptance_18_a_viewer_of_users(world: World, browser: Browser, hire: Hire) -> None:
    app, viewer = world.client(name="Before"), hire("vera@example.com", "Viewer - Users")
    desk = Desk(world, enter(browser, viewer))
    assert desk.status == 200
    assert desk.open(f"{APPS}/{app.client_id}").status == 403
    form = {"csrf": desk.tree.xpath("//input[@name='csrf']/@value")[0], "name": "After"}
    browser.open(f"{APPS}/{app.client_id}/settings", method="POST", site="same-origin", form=form)
    assert browser.status == 403
    with world.platform.work(world.tenant, orm=True) as work:
        assert clients.get(work, app.client_id).name == "Before"


def test_acceptance_19_some_applications_alone(world: World, browser: Browser, hire: Hire) -> None:
    mine, other = world.client(name="Mine"), world.client(name="Other")
    editor = hire("eva@example.com", "Editor - Specific Apps", client_ids=(mine.client_id,))
    desk = Desk(world, enter(browser, editor))
    assert desk.open(f"{APPS}/{mine.client_id}/settings").press("apps-save", name="Mine too").status == 200
    assert desk.open(f"{APPS}/{other.client_id}/settings").status == 404
    assert desk.open(APPS).rows() == ["Mine too"], "the others are not listed"
    assert not desk.has("apps-create")
    assert desk.open(f"{APPS}/new").status == 403


def test_six_hundred_requests_a_minute(browser: Browser, owner: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(browser, owner)
    monkeypatch.setattr(pages, "LIMITER", Limiter(lambda: 0.0, limit=3))
    assert [browser.open("/admin").status for _ in range(4)] == [200, 200, 200, 429]


def test_acceptance_10_a_change_tells_who_and_how(world: World, browser: Browser, owner: Person) -> None:
    app = world.client(name="Before")
    desk = Desk(world, enter(browser, owner))
    desk.open(f"{APPS}/{app.client_id}/settings").press("apps-save", name="After")
    (entry,) = world.logs("sapi")
    assert (entry.object, entry.user_id) == (f"clients/{app.client_id}", owner.user_id)
    request = entry.rest["details"]["request"]
    assert (request["channel"], request["auth"]["user"]["name"]) == ("dashboard", owner.email)
    assert entry.rest["details"]["changes"] == {"name": {"old": "Before", "new": "After"}}


def test_the_door_costs_two_statements(world: World, browser: Browser, owner: Person) -> None:
    enter(browser, owner)
    with statements(world.platform) as ran:
        browser.open("/admin/help")
    assert len(ran) <= 2, ran


def test_who_is_no_administrator_signs_in_as_one(browser: Browser, jane: Person, owner: Person) -> None:
    """A browser that somebody is signed in with is no dead end for its other owner."""
    enter(browser, jane)
    browser.follow("back-link")
    assert browser.path == "/u/login"
    browser.submit(username=owner.email, password=owner.password)
    assert browser.path == "/admin"
    assert browser.status == 200
