"""Acceptance lines of the dashboard's sheet (spec/dashboard.md) that need no real browser; each test names its line.
Forms and undo have files of their own.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from urllib.parse import urlencode

import pytest
import yaml

from idp.admin import navigation
from idp.foundation.web.assets import assets_by_name
from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.conftest import Desk, asked, enter
from tests.world.application import Application
from tests.world.fixtures import Clock
from tests.world.world import World

APPS, APIS = "/admin/applications/apps", "/admin/applications/apis"
MOST_STATEMENTS = 6
HEAVIEST = 60_000


def of(app: Application, tab: str = "settings") -> str:
    return f"{APPS}/{app.client_id}/{tab}"


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_every_link_of_the_navigation_answers_in_every_language(desk: Desk, language: str) -> None:
    desk.open(f"/admin?language={language}")
    links = [each.get("href") for each in desk.tree.xpath("//nav[@id='nav']//a[starts-with(@id, 'nav-')]")]
    assert len(links) == len(navigation.resources()) + 1
    for link in links:
        desk.open(link)
        assert desk.status == 200, link
        assert desk.tree.get("lang") == language
        assert "${" not in desk.text


def test_line_2_a_filtered_list_is_the_same_after_a_new_sign_in(world: World, desk: Desk) -> None:
    for number in range(3):
        world.client("spa", name=f"Shop {number}")
    world.client("web", name="Shop at home")
    address = f"{APPS}?q=shop&app_type=spa&sort=name"
    assert desk.open(address).rows() == ["Shop 0", "Shop 1", "Shop 2"]
    other = Desk(world, enter(world, world.browser(), address))
    assert other.url == address
    assert other.rows() == desk.rows()


def test_line_3_pages_neither_repeat_nor_lose_rows(world: World, desk: Desk) -> None:
    for number in range(30):
        world.client("spa", name=f"Old {number:02}")
    first = desk.open(f"{APPS}?q=old").rows()
    world.client("spa", name="Old but new")
    second = desk.follow("apps-next").rows()
    assert len(first) == 25
    assert sorted(first + second) == [f"Old {number:02}" for number in range(30)]
    assert "after" not in desk.fields("apps-apply"), "another search begins on the first page"


def test_lines_4_and_5_statements_and_bytes_of_a_page(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    for number in range(40):
        world.client("spa", name=f"App {number}")
    tabs = ("", "/settings", "/credentials", "/connections", "/apis", "/raw", "/history")
    found = ("app", world.installed["admin"]["email"], "auth0|nobody-of-that-id", world.logs()[0].log_id)
    searches = [f"/admin/search?{urlencode({'q': each})}" for each in found]
    pages = ["/admin", APPS, f"{APPS}?q=app&sort=name", APIS, *searches]
    static = sum(len(assets_by_name()[name].compressed) for name in ("desk.css", "desk.js"))
    for page in (*pages, *(f"{APPS}/{app.client_id}{tab}" for tab in tabs)):
        desk.open(page)  # what is remembered of the configuration is read by the first
        with asked(world, monkeypatch) as said:
            desk.open(page)
        assert len(said) <= MOST_STATEMENTS, (page, said)
        assert desk.status == 200
        assert static + len(gzip.compress(desk.html.encode())) < HEAVIEST
        loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', desk.html)
        assert [each for each in loaded if not each.startswith("/")] == [], "nobody else's host"
    assert len(assets_by_name()["desk.js"].compressed) <= 12_000


def test_line_10_history_says_who_changed_what_from_where(world: World, desk: Desk) -> None:
    app = world.client()
    world.management().patch(f"/clients/{app.client_id}", {"callbacks": ["https://one.example.test/"]})
    desk.open(of(app)).press("apps-save", callbacks="https://two.example.test/")
    assert desk.status == 422
    assert desk.has("review-title"), "callbacks are shown, old and new, before they are saved"
    desk.press("apps-confirm")
    desk.open(of(app, "history"))
    newest = desk.tree.xpath("//ol[@class='history']/li")[0].text_content()
    assert newest.index("https://one.example.test/") < newest.index("https://two.example.test/"), "old, then new"
    assert "Dashboard" in desk.text
    assert "Management API" in desk.text
    rows = [each.text_content() for each in desk.tree.xpath("//ol[@class='history']/li[1]//tbody//pre")]
    assert any("one.example" in each for each in rows), "the old value, too"
    entry = next(each for each in world.logs() if each.type == "sapi" and each.client_id != world.machine)
    assert entry.data["details"]["request"]["channel"] == "dashboard"


def test_lines_11_and_12_the_secret_is_shown_once_and_revealed_with_a_fresh_sign_in(
    world: World, desk: Desk, clock: Clock
) -> None:
    desk.open(f"{APPS}/new").press("apps-save", name="Fresh", app_type="regular_web")
    secret = str(desk.one("once-client_secret").text_content())
    client_id = desk.url.removeprefix(f"{APPS}/").partition("/")[0].partition("?")[0]
    assert world.management().get(f"/clients/{client_id}")["client_secret"] == secret
    for tab in ("", "/settings", "/credentials", "/raw", "/history"):
        assert secret not in desk.open(f"{APPS}/{client_id}{tab}").html, tab
    assert secret[-4:] in desk.open(f"{APPS}/{client_id}/credentials").html
    clock.forward(minutes=6)
    desk.press("apps-reveal")
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert secret not in desk.html, "nothing is posted by itself"
    desk.press("apps-reveal")
    assert desk.one("once-client_secret").text_content() == secret
    (entry,) = [each for each in world.logs() if each.type == "mgmt_api_read"]
    assert entry.data["details"]["accessedSecrets"] == ["client_secret"]
    assert all(secret not in json.dumps(each.data) for each in world.logs())


def test_line_13_yaml_is_what_the_document_says(world: World, desk: Desk) -> None:
    app = world.client(description='Two: "words"', client_metadata={"a b": "1"})
    copied = yaml.safe_load(desk.open(of(app, "raw")).one("copy-yaml").text_content())
    (client,) = copied["clients"]
    document = world.management().get(f"/clients/{app.client_id}")
    assert client == {name: value for name, value in document.items() if name in client}
    assert {"name", "description", "callbacks", "client_metadata", "refresh_token"} <= client.keys()
    assert "client_secret" not in client


def test_lines_15_and_23_deleting_needs_the_name_and_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    app = world.client()
    desk.open(of(app, "delete")).press("apps-confirm", desk__typed="The wrong app")
    assert desk.status == 422
    clock.forward(minutes=6)
    desk.press("apps-confirm", desk__typed="The web app")
    assert desk.browser.path == "/u/login"
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "The web app"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.url == of(app, "delete"), "back on the confirmation"
    desk.press("apps-confirm", desk__typed="The web app")
    assert (desk.status, desk.browser.path) == (200, APPS)
    assert "deleted" in desk.say("notice")
    assert world.management()("GET", f"/clients/{app.client_id}").status_code == 404


def test_line_25_posts_of_others_change_nothing(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    desk.press("apps-save", without=("csrf",), name="Forged")
    assert desk.status == 403
    desk.open(of(app)).press("apps-save", site="cross-site", name="Forged")
    assert desk.status == 403
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "The web app"


def test_line_26_what_others_wrote_is_inert(world: World, desk: Desk) -> None:
    hostile = "\u202e\"'><img src=x onerror=alert(1)>"
    app = world.client(description=hostile, client_metadata={"x": hostile})
    world.api("https://x.example.test/", scopes=("read:x",), name="\u202eevil")
    for page in (APPS, f"{APPS}?q=%22%3E%3Cscript%3E", of(app), of(app, "raw"), of(app, "history"), APIS):
        desk.open(page)
        assert desk.status == 200
        assert "<img" not in desk.html
        assert desk.html.count("<script") == 1
    for url in ("javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,x"):
        desk.open(of(app)).press("apps-save", logo_uri=url)
        assert desk.status == 422, url


def test_line_33_the_palette_finds_pages_settings_and_objects(world: World, desk: Desk) -> None:
    app = world.client(name="Palette")
    assert desk.open(f"/admin/search?q={app.client_id}&go=1").url == f"{APPS}/{app.client_id}"
    desk.open("/admin/search?q=callbacks")
    assert "Callback URLs" in desk.text
    desk.open("/admin/search?q=clients")
    assert "Applications" in desk.say("results")
    desk.open("/admin/search?q=palett")
    assert "Palette" in desk.say("results")
    entry, jane = world.logs()[0], world.user()
    assert desk.open(f"/admin/search?q={entry.log_id}&go=1").url == f"/admin/monitoring/logs/{entry.log_id}"
    jane_at = f"/admin/users/{jane.user_id.replace('|', '%7C')}"
    assert desk.open(f"/admin/search?q={jane.user_id.replace('|', '%7C')}&go=1").url == jane_at
    assert desk.open(f"/admin/search?q={jane.email}&go=1").url == jane_at, "by address"
    world.management()("POST", "/roles", {"name": "Palettist"})
    world.api("https://palette.example.test/", name="Palettes")
    shown = desk.open("/admin/search?q=palett").say("results")
    assert all(name in shown for name in ("Palette", "Palettes", "Palettist")), "of every kind"


def test_line_38_empty_and_nothing_found_differ(desk: Desk) -> None:
    desk.open(f"{APPS}?q=nobody-is-called-so")
    assert desk.has("nothing-found")
    assert not desk.has("nothing-yet")
    assert desk.one("apps-clear").get("href") == APPS


def test_nobody_else_gets_in(world: World) -> None:
    jane, browser = world.user(), world.browser()
    browser.open(APPS)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 403
    assert "administrator" in browser.shown.text


def test_pages_are_kept_by_nobody_and_load_nothing(desk: Desk) -> None:
    desk.open(APPS)
    headers = desk.browser.response.headers if desk.browser.response else {}
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in policy
    assert "unsafe" not in policy


def test_theme_density_and_columns_are_remembered(desk: Desk) -> None:
    desk.open(APIS).press("own-save", theme="dark", density="compact", keys="off")
    assert (desk.url, desk.tree.get("data-theme"), desk.tree.get("data-density")) == (APIS, "dark", "compact")
    desk.open(f"{APIS}?cols=identifier").open(APIS)
    assert "Signature" not in desk.tree.xpath("string(//thead)")


def test_addresses_of_nothing_are_pages_too(desk: Desk) -> None:
    for address in ("/admin/nothing", f"{APPS}/nobody", f"{APPS}/nobody/settings", f"{APPS}/a/b/c", "/admin/a/b"):
        assert desk.open(address).status == 404, address
        assert desk.has("nav")


def test_line_31_the_chart_and_its_table_say_what_the_log_says(world: World, desk: Desk) -> None:
    jane = world.user()
    for _ in range(3):
        world.client().sign_in(world.browser(), jane)
    desk.open("/admin")
    cells = [each.text_content() for each in desk.tree.xpath("//table[@id='activity']/tbody/tr[1]/td")]
    logins = sum(each.type == "s" for each in world.logs())
    assert cells[0] == str(logins)
    assert desk.tree.xpath("string(//li[@id='tile-logins']/p[1])") == str(logins)
    bars = [int(each) for each in desk.tree.xpath("//*[local-name()='rect'][@class='logins']/@height")]
    assert (max(bars), bars[-1], len(bars)) == (96, 96, 30)


def test_line_31_each_chart_counts_what_the_log_has_of_its_day(world: World, desk: Desk, clock: Clock) -> None:
    jane, ravi, app = world.user(), world.user("ravi@example.com"), world.client()
    for day, attempts in enumerate(((jane, jane), (jane, ravi), (ravi,))):
        if day:
            clock.forward(days=1)
        for person in attempts:
            browser = world.browser()
            app.begin(browser)
            browser.submit(username=person.email, password="wrong")
            app.sign_in(world.browser(), person)
    desk = Desk(world, enter(world, world.browser(), "/admin?days=7"))
    rows = [
        [each.text_content() for each in row.xpath("./td")]
        for row in desk.tree.xpath("//table[@id='activity']/tbody/tr")
    ]
    by_day: dict[int, Counter[str]] = defaultdict(Counter)
    people: dict[int, set[str]] = defaultdict(set)
    for entry in world.logs():
        day = (entry.date - entry.date % 86_400_000) // 86_400_000
        by_day[day][entry.type] += 1
        if entry.type == "s":
            people[day].add(str(entry.user_id))
    newest = max(by_day)
    assert len(rows) == 7
    for back, (logins, active, failures, signups) in enumerate(rows):
        of = by_day[newest - back]
        assert (int(logins), int(active), int(failures), int(signups)) == (
            of["s"],
            len(people[newest - back]),
            of["fp"],
            of["ss"],
        )
    failed = sum(each["fp"] for each in by_day.values())
    assert desk.say("tile-failures").startswith(f"Failed sign-ins {failed} ")
    assert len(desk.tree.xpath("//*[local-name()='rect'][@class='failures']")) == 7
    assert desk.tree.xpath(
        "string(//*[@id='chart-failures']//*[local-name()='g'][@class='today']/*[local-name()='title'])"
    )
    assert desk.has("chart-signups-none"), "what did not happen is said, not drawn"
    desk.follow("period-60")
    assert len(desk.tree.xpath("//table[@id='activity']/tbody/tr")) == 60
    desk.open("/admin?days=abc")
    assert len(desk.tree.xpath("//table[@id='activity']/tbody/tr")) == 30
    desk.open(str(desk.tree.xpath("//li[@id='tile-failures']//a/@href")[0]))
    assert desk.status == 200
