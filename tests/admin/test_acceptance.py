"""Acceptance lines of the dashboard's sheet (spec/dashboard.md) that need no real browser; each test names its line."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from idp.admin import navigation
from idp.admin.desk import operations
from idp.foundation.web.assets import assets_by_name
from idp.foundation.web.i18n import LANGUAGES
from tests.admin.conftest import Desk, asked, enter
from tests.world.application import Application
from tests.world.fixtures import Clock
from tests.world.world import World

APPS, APIS = "/admin/applications/apps", "/admin/applications/apis"
MOST_STATEMENTS = 6
HEAVIEST = 60_000


def of(app: Application, tab: str = "settings") -> str:
    return f"{APPS}/{app.client_id}/{tab}"


@pytest.mark.parametrize("language", LANGUAGES)
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


def test_line_6_what_the_api_refuses_stands_at_its_field_in_its_words(world: World, desk: Desk) -> None:
    app = world.client()
    sent = {"callbacks": ["javascript:alert(1)"]}
    said = world.management()("PATCH", f"/clients/{app.client_id}", sent)
    desk.open(of(app)).press("apps-save", callbacks="javascript:alert(1)", name="Kept", description="x" * 141)
    assert desk.status == 422
    assert desk.say("field-callbacks-problem") == said.json["message"]
    assert "String is too long, maximum 140" in desk.say("field-description-problem")
    assert desk.one("field-name").get("value") == "Kept"
    assert desk.one("field-callbacks").get("aria-invalid") == "true"
    assert desk.one("problems").get("role") == "alert"
    assert desk.open(of(app)).one("field-name").get("value") == "The web app"


def test_line_7_of_two_editors_the_second_is_shown_both_values(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    other = Desk(world, enter(world, world.browser(), of(app))).press("apps-save", name="Theirs", description="Also")
    assert other.status == 200
    desk.press("apps-save", name="Mine")
    assert desk.status == 409
    assert all(name in desk.text for name in ("The web app", "Theirs", "Mine"))
    assert other.open(of(app)).one("field-name").get("value") == "Theirs"
    desk.press("apps-overwrite")
    assert desk.status == 200
    assert desk.open(of(app)).one("field-name").get("value") == "Mine"
    assert desk.one("field-description").text_content().strip() == "Also", "what only they changed stays"


def test_line_8_a_form_survives_the_end_of_the_session(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    desk.sign_out()
    desk.press("apps-save", name="Typed", refresh_token__leeway="7")
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.status == 200
    assert desk.url.startswith(of(app))
    assert desk.one("field-name").get("value") == "Typed"
    assert desk.one("field-refresh-token-leeway").get("value") == "7"
    assert "Nothing was changed" in desk.say("notice")
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "The web app"
    assert desk.press("apps-save").status == 200
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "Typed"


def test_line_8_a_kept_form_is_nobody_elses(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    desk.sign_out()
    desk.press("apps-save", name="Typed", desk__who="somebody else")
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.one("field-name").get("value") == "The web app"


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


def test_line_14_the_raw_document_is_edited_as_a_patch(world: World, desk: Desk) -> None:
    app = world.client()
    text = desk.open(of(app, "raw")).one("raw-document").text_content()
    document = json.loads(text)
    said = world.management()("PATCH", f"/clients/{app.client_id}", {"nonsense": 1}).json["message"]
    desk.press("apps-save", document=json.dumps({**document, "nonsense": 1}))
    assert (desk.status, desk.say("raw-problem")) == (422, said)
    assert "line 1, column 2" in desk.press("apps-save", document="{'a': 1}").say("raw-problem")
    del document["callbacks"]
    desk.press("apps-save", document=json.dumps({**document, "description": "Raw"}))
    stored = world.management().get(f"/clients/{app.client_id}")
    assert (desk.status, stored["description"], stored.get("callbacks")) == (200, "Raw", None)
    assert stored["client_secret"] == app.secret


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


def test_line_16_what_was_taken_away_comes_back_with_undo(world: World, desk: Desk) -> None:
    app, connection = world.client(), world.connection_id
    desk.open(of(app, "connections")).press(f"apps-connection-{connection}")
    assert world.management().get(f"/clients/{app.client_id}/connections?take=5")["connections"] == []
    desk.press("undo")
    assert [
        each["id"] for each in world.management().get(f"/clients/{app.client_id}/connections?take=5")["connections"]
    ]
    assert sum(each.type == "sapi" for each in world.logs()) >= 2


def test_line_16_a_permission_comes_back_with_its_description(world: World, desk: Desk) -> None:
    world.api("https://undo.example.test/", scopes=("read:a",))
    desk.open(APIS).open(str(desk.tree.xpath("//a[@class='to'][contains(., 'Things')]")[0].get("href")))
    desk.follow("tab-permissions").press("apis-remove-1")
    assert "read:a" not in desk.tree.xpath("string(//table)")
    desk.press("undo")
    assert "read:a" in desk.tree.xpath("string(//table)")
    desk.press("apis-add", value="write:b")
    assert "write:b" in desk.tree.xpath("string(//table)")
    desk.press("apis-add", value="no good")
    assert desk.status == 422
    assert "does not match pattern" in desk.say("value-problem")
    assert desk.one("value").get("value") == "no good"


def test_line_25_posts_of_others_change_nothing(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    desk.press("apps-save", without=("csrf",), name="Forged")
    assert desk.status == 403
    desk.open(of(app)).press("apps-save", site="cross-site", name="Forged")
    assert desk.status == 403
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "The web app"


def test_undo_is_offered_by_nobody_else(world: World, desk: Desk) -> None:
    """A link that has an administrator press "Undo" and so make somebody an Owner, or anything else."""
    asked = {"undo": "/admin/settings/members/new", "undo.email": "mallory@example.com", "undo.roles[Owner]": "true"}
    desk.open(f"/admin?{urlencode({'done': 'users.done.block', **asked})}")
    assert desk.has("notice")
    assert not desk.has("undo")
    app = world.client()
    desk.open(of(app, "connections")).press(f"apps-connection-{world.connection_id}")
    assert desk.has("undo")
    ours = desk.url
    for forged in (ours.replace("status=on", "status=off"), ours.replace(app.client_id, "another")):
        desk.open(forged)
        assert forged != ours
        assert not desk.has("undo")
    other = Desk(world, enter(world, world.browser(), ours))
    assert not other.has("undo"), "nor by ourselves to somebody else's browser"
    assert desk.open(ours).has("undo")


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


def test_every_tab_of_every_single_resource_shows_and_saves(world: World, desk: Desk) -> None:
    for resource in navigation.resources():
        for tab in resource.tabs if resource.single else ():
            desk.open(f"{resource.path}/{tab.name}")
            assert desk.status == 200, (resource.name, tab.name)
            if tab.sections:
                desk.press(f"{resource.name}-save")
                assert "nothing was changed" in desk.say("notice"), (resource.name, tab.name, desk.text)


def test_settings_shields_and_branding_take_effect_as_by_the_api(world: World, desk: Desk) -> None:
    desk.open("/admin/settings/tenant").press("tenant-save", friendly_name="Harbour", support_email="x@example.test")
    assert world.management().get("/tenants/settings")["friendly_name"] == "Harbour"
    desk.open("/admin/branding/look").press("look-save", colors__primary="red")
    assert desk.status == 422
    assert desk.has("field-colors-primary-problem")
    desk.press("look-save", colors__primary="#0a7d62")
    assert world.management().get("/branding")["colors"]["primary"] == "#0a7d62"
    desk.open("/admin/security/shields").press("shields-save", max_attempts="7")
    assert world.management().get("/attack-protection/brute-force-protection")["max_attempts"] == 7
    desk.open("/admin/security/shields/suspicious-ip").press("shields-save", allowlist="203.0.113.0/24\nnonsense")
    assert (desk.status, desk.has("field-allowlist-problem")) == (422, True)


def test_connections_show_the_options_their_strategy_declares(world: World, desk: Desk) -> None:
    desk.open("/admin/authentication/connections")
    assert "Username-Password-Authentication" in desk.rows()
    there = f"/admin/authentication/connections/{world.connection_id}"
    desk.open(f"{there}/options").press("connections-save", options__passwordPolicy="excellent")
    assert desk.has("review-title")
    desk.press("connections-confirm")
    assert world.management().get(f"/connections/{world.connection_id}")["options"]["passwordPolicy"] == "excellent"
    app = world.client()
    desk.open(f"{there}/apps")
    button = desk.tree.xpath("//form[.//input[@value=$id]]//button/@id", id=app.client_id)[0]
    desk.press(button).press("undo")
    assert desk.status == 200
    desk.open("/admin/authentication/connections/new").press("connections-save", name="oidc-x", strategy="oidc")
    assert desk.status == 422


def test_line_16_a_role_comes_back_with_undo(world: World, desk: Desk) -> None:
    jane, api = world.user(), world.api()
    desk.open("/admin/users/roles/new").press("roles-save", name="Reader")
    desk.press("roles-add", api=api, permission="read:things")
    assert "read:things" in desk.text
    desk.press("roles-remove-1").press("undo")
    assert "read:things" in desk.text
    desk.follow("tab-users").press("roles-assign", user=jane.email)
    assert jane.user_id in desk.text
    desk.press("roles-user-1")
    assert world.management().get(f"/users/{jane.user_id}/roles") == []
    desk.press("undo")
    assert [each["name"] for each in world.management().get(f"/users/{jane.user_id}/roles")] == ["Reader"]
    desk.open("/admin/users/roles")
    assert desk.tree.xpath("//td[@data-label='Users']//text()")[0].strip() == "1"


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


def test_line_7_somebody_quicker_by_a_moment_is_not_overwritten(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    desk.open(of(app))
    call = operations.call

    def late(work: Any, handler: Any, params: Any = None, body: Any = None, **more: Any) -> Any:
        if body is not None:
            world.change_client(app.client_id, name="Quicker")
        return call(work, handler, params, body, **more)

    with monkeypatch.context() as patch:
        patch.setattr(operations, "call", late)
        desk.press("apps-save", name="Mine")
    assert desk.status == 409
    assert all(name in desk.text for name in ("The web app", "Quicker", "Mine"))
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "Quicker"


def test_what_changed_on_another_tab_is_no_conflict(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    world.change_client(app.client_id, frontchannel_logout_uri="https://app.example.test/out")
    assert desk.press("apps-save", name="Mine").status == 200
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "Mine"
