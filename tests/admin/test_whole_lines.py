"""Acceptance lines of the dashboard's sheet (spec/dashboard.md) that speak of all, every or any: held for each of them,
by walking the whole dashboard.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from auth0.management import ManagementClient
from click.testing import CliRunner

from idp.admin import navigation
from idp.admin.desk import operations
from idp.processes.cli import clients as command
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.outbox import work_off
from tests.world.world import Person, World

APPS, USERS, MEMBERS = "/admin/applications/apps", "/admin/users", "/admin/settings/members"
HARMLESS = ("/admin/preferences", "/account/sign-out", "/admin/tenants", "/admin/search")
"""Forms that change nothing of the tenant."""


def of(person: Person, tab: str = "") -> str:
    return f"{USERS}/{person.user_id.replace('|', '%7C')}" + (f"/{tab}" if tab else "")


def addresses(desk: Desk) -> Iterator[str]:
    """Every page of the navigation, and every tab of the first objects of each list."""
    for each in navigation.resources():
        yield each.path
        desk.open(each.path)
        rows = [str(row) for row in desk.tree.xpath("//tr//a[@class='to']/@href")[:2]]
        for there in [each.path] if each.single else rows:
            desk.open(there)
            yield from (str(tab) for tab in desk.tree.xpath("//nav[@class='tabs']//a/@href"))


def posted(desk: Desk, address: str, **form: str) -> int:
    """What a POST by hand is answered."""
    csrf = str(desk.tree.xpath("//input[@name='csrf']/@value")[0])
    desk.browser.open(address, method="POST", site="same-origin", form={"csrf": csrf, **form})
    return desk.status


# ---- 10
def test_line_10_each_way_to_change_callbacks_is_in_the_history_and_the_log(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, api = world.client(callbacks=["https://0.example.test/"]), world.management()
    desk.open(f"{APPS}/{app.client_id}/settings").press("apps-save", callbacks="https://1.example.test/")
    desk.press("apps-confirm")
    api.patch(f"/clients/{app.client_id}", {"callbacks": ["https://2.example.test/"]})
    monkeypatch.setattr(command, "command_settings", lambda: world.platform.settings)
    done = CliRunner().invoke(command.clients, ["update", app.client_id, "--callback", "https://3.example.test/"])
    assert done.exit_code == 0, done.output
    desk.open(f"{APPS}/{app.client_id}/history")
    entries = desk.tree.xpath("//ol[@class='history']/li")
    told = [("Command line", 2, 3), ("Management API", 1, 2), ("Dashboard", 0, 1)]
    for entry, (channel, old, new) in zip(entries, told, strict=True):
        assert channel in entry.text_content()
        (values,) = entry.xpath(".//tr[contains(., 'Callback URLs')]")
        assert [json.loads(each.text_content()) for each in values.xpath(".//pre")] == [
            [f"https://{old}.example.test/"],
            [f"https://{new}.example.test/"],
        ]
    assert world.installed["admin"]["email"] in entries[2].text_content(), "who"
    desk.open(f"/admin/monitoring/logs?{urlencode({'q': 'type:sapi'})}")
    assert len(desk.rows()) == 3, "at once"


# ---- 11
def test_line_11_no_secret_of_any_kind_is_on_any_page_or_in_the_log(world: World, desk: Desk, clock: Clock) -> None:
    api = world.management()
    app = world.client(name="Secretive", client_metadata={"a": "b"})
    person = world.user("secret@example.com", user_metadata={"plain": "seen"})
    app.sign_in(world.browser(), person)
    source = {"client_id": "x", "client_secret": "the-secret-of-a-source", "type": "back_channel"}
    endpoints = {name: f"https://op.example.test/{name}" for name in ("authorization_endpoint", "token_endpoint")}
    keys = {"issuer": "https://op.example.test/", "jwks_uri": "https://op.example.test/keys"}
    made = api.post("/connections", {"name": "op", "strategy": "oidc", "options": {**source, **endpoints, **keys}})
    scripts = {"enabledDatabaseCustomization": True, "configuration": {"key": "the-secret-of-a-script"}}
    api.patch(f"/connections/{world.connection_id}", {"options": scripts})
    smtp = {"smtp_host": "smtp.example.test", "smtp_port": 587, "smtp_user": "u", "smtp_pass": "the-secret-of-smtp"}
    api.post("/emails/provider", {"name": "smtp", "credentials": smtp, "default_from_address": "a@example.test"})
    api.post(
        "/branding/phone/providers",
        {
            "name": "twilio",
            "configuration": {"sid": "AC1", "default_from": "+15551234567", "delivery_methods": ["text"]},
            "credentials": {"auth_token": "the-secret-of-twilio"},
        },
    )
    captcha = {"hcaptcha": {"site_key": "k", "secret": "the-secret-of-a-captcha"}}
    api.patch("/attack-protection/captcha", {"active_provider_id": "hcaptcha", **captcha})
    secrets = [str(app.secret), *(f"the-secret-of-{each}" for each in ("a-source", "a-script", "smtp", "twilio"))]
    secrets += ["the-secret-of-a-captcha", person.password]
    assert api.get(f"/connections/{made['id']}")["options"]["client_secret"] == secrets[1], "it is there"
    looked = 0
    for address in addresses(desk):
        desk.open(address)
        looked += 1
        assert desk.status == 200, address
        assert [each for each in secrets if each in desk.html] == [], address
    assert looked > 70
    desk.open(USERS).follow("users-export").press("users-export-begin", format="ndjson")
    work_off(world.platform)
    for row in world.logs():
        desk.open(f"/admin/monitoring/logs/{row.log_id}")
        assert [each for each in secrets if each in desk.html or each in json.dumps(row.data)] == [], row.type


# ---- 13
def test_line_13_every_call_that_is_copied_is_one_of_the_official_client() -> None:
    sdk, looked = ManagementClient(domain="id.example.test", token="x"), 0
    for each in navigation.resources():
        if not each.api or each.tab("raw") is None:
            continue
        called: Any = sdk
        for name in each.api.split("."):
            called = getattr(called, name)
        inspect.signature(called.get).bind(*each.parameters_of("x"))
        looked += 1
    assert looked > 12


# ---- 18, 33
def test_line_18_a_viewer_of_users_reads_people_and_nothing_else(
    world: World, browser: Browser, hire: Hire, jane: Person
) -> None:
    world.client(), world.api()
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users")))
    linked = {str(each) for each in desk.tree.xpath("//nav[@id='nav']//a/@href")}
    for each in navigation.resources():
        shown = desk.open(each.path).status == 200
        assert shown == (each.path in linked), f"{each.path}: the navigation says what opens"
        assert shown or desk.status == 403, each.path
        if not shown:
            assert posted(desk, each.path if each.single else f"{each.path}/new", name="x") in {403, 404}, each.path
    assert USERS in linked
    assert not linked & {APPS, "/admin/settings/tenant", "/admin/authentication/connections", "/admin/security/mfa"}
    for tab in desk.open(of(jane)).tree.xpath("//nav[@class='tabs']//a/@href"):
        desk.open(str(tab))
        sent = [str(each) for each in desk.tree.xpath("//form[@method='post'][.//button[@type='submit']]/@action")]
        controls = "//main//*[self::input or self::select or self::textarea][not(@type='hidden')]"
        assert not desk.tree.xpath(f"{controls}[not(@disabled) and not(@readonly)]"), tab
        assert [each for each in sent if not each.startswith(HARMLESS)] == [], tab
        assert not desk.tree.xpath("//main//a[contains(@class, 'risk')]"), tab
    users = navigation.named("users")
    assert users is not None
    for action in users.actions:
        if action.elsewhere is None:
            status = posted(desk.open(of(jane)), of(jane, action.name))
            assert status in {403, 404}, (action.name, status)
    assert world.caller().get(f"/users/{jane.user_id}").json["email"] == jane.email  # type: ignore[index]


def test_line_33_the_palette_shows_a_viewer_no_forbidden_kind(
    world: World, browser: Browser, hire: Hire, jane: Person
) -> None:
    app, identifier = world.client(name="Orchard"), world.api("https://orchard.example.test/", name="Orchard")
    world.management().post("/roles", {"name": "Orchardist"})
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users")))
    asked = (
        "orchard",
        app.client_id,
        identifier,
        "callbacks",
        "client",
        "rotate",
        "create",
        "settings",
        jane.email,
        "a",
    )
    opened = {each.path for each in navigation.resources() if desk.open(each.path).status == 200}
    found: set[str] = set()
    for text in asked:
        desk.open(f"/admin/search?{urlencode({'q': text})}")
        found |= {str(each) for each in desk.tree.xpath("//*[@id='results']//a/@href")}
    assert of(jane) in found, "people are found"
    for href in found:
        assert any(href == path or href.startswith(f"{path}/") for path in (*opened, "/admin/help")), href
        assert desk.open(href).status == 200, href
    assert desk.open(f"/admin/search?{urlencode({'q': app.client_id, 'go': '1'})}").browser.path == "/admin/search"


# ---- 19
def test_line_19_an_editor_of_some_applications_does_nothing_to_others(
    world: World, browser: Browser, hire: Hire
) -> None:
    mine, other = world.client(name="Mine"), world.client(name="Other")
    desk = Desk(world, enter(browser, hire("e@example.com", "Editor - Specific Apps", client_ids=(mine.client_id,))))
    assert posted(desk.open("/admin"), f"{APPS}/new", name="Another", app_type="spa") == 403
    apps = navigation.named("apps")
    assert apps is not None
    for tab in apps.tabs:
        assert desk.open(f"{APPS}/{other.client_id}/{tab.name}").status == 404, tab.name
        assert posted(desk.open("/admin"), f"{APPS}/{other.client_id}/{tab.name}", name="Taken") == 404, tab.name
    for action in apps.actions:
        if operations.endpoint(action.operation).path.startswith("/clients/"):
            assert posted(desk.open("/admin"), f"{APPS}/{other.client_id}/{action.name}") in {403, 404}, action.name
    assert world.management().get(f"/clients/{other.client_id}")["name"] == "Other"
    assert "Another" not in {each.get("name") for each in world.management().get("/clients")}


# ---- 20, 21
@pytest.mark.parametrize("role", ["Owner", "Admin"])
def test_line_20_an_editor_of_users_changes_nothing_about_how_an_administrator_gets_in(
    world: World, hire: Hire, role: str
) -> None:
    theirs = hire("olga@example.com", role)
    desk = Desk(world, enter(world.browser(), hire("ed@example.com", "Editor - Users")))
    tries = {
        "email": {"email": "mallory@example.com"},
        "password": {"password": "an entirely New passphrase 7"},
        "reset": {},
        "block": {},
        "enrolment": {},
        "recovery-code": {},
        "reset-factors": {},
        "delete": {"desk.typed": theirs.email},
        "impersonate": {},
    }
    before = world.caller().get(f"/users/{theirs.user_id}").json
    for name, form in tries.items():
        desk.open(of(theirs))
        status = posted(desk, of(theirs, name), **form)
        assert status in {403, 404, 422}, (name, status)
        assert not desk.has("once-ticket"), name
    after = world.caller().get(f"/users/{theirs.user_id}").json
    assert before == after
    assert enter(world.browser(), theirs).status == 200, "with the password they had"


def test_line_21_the_last_owner_stays_by_page_api_and_bulk(world: World, desk: Desk, jane: Person) -> None:
    admin = world.installed["admin"]["email"]
    (owner,) = world.caller().get("/users-by-email", email=admin).json or []
    user, member = f"{USERS}/{owner['user_id'].replace('|', '%7C')}", owner["user_id"].replace("|", "%7C")
    for name, form in (("block", {}), ("delete", {"desk.typed": admin})):
        desk.open(user)
        assert posted(desk, f"{user}/{name}", **form) == 422, name
        assert "last Owner" in desk.text, name
    assert posted(desk.open(f"{MEMBERS}/{member}"), f"{MEMBERS}/{member}/delete", **{"desk.typed": admin}) == 422
    desk.open(f"{MEMBERS}/{member}").press("members-save", without=("roles[Owner]",), **{"roles[Auditor]": "true"})
    desk.press("members-confirm")
    assert (desk.status, "last Owner" in desk.text) == (422, True), "demoted"
    caller = world.caller()
    assert caller.patch(f"/users/{owner['user_id']}", {"blocked": True}).status_code in {400, 403, 409}
    assert caller.delete(f"/users/{owner['user_id']}").status_code in {400, 403, 409}
    for action in ("block", "delete"):
        desk.open(USERS).press("users-bulk-go", action=action, **{f"row.{owner['user_id']}": "on"})
        desk.press("bulk-confirm", **({"desk.typed": "1"} if action == "delete" else {}))
        assert "last Owner" in desk.say("jobs-errors"), action
    assert caller.get(f"/users/{owner['user_id']}").json.get("blocked") in {None, False}  # type: ignore[union-attr]
    assert desk.open(MEMBERS).status == 200
    assert "Owner" in desk.text


# ---- 25
def test_line_25_a_foreign_origin_is_refused(world: World, desk: Desk) -> None:
    app = world.client()
    form = {**desk.open(f"{APPS}/{app.client_id}/settings").fields("apps-save"), "name": "Forged"}
    there = f"{world.issuer.rstrip('/')}{APPS}/{app.client_id}/settings"
    for headers in ({"Origin": "https://evil.example.test"}, {"Origin": f"{world.issuer.rstrip('/')}.evil.test"}):
        answer = desk.browser.request("POST", there, form=form, headers=headers)
        assert answer.status_code == 403, headers
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "The web app"
    ours = {"Origin": world.issuer.rstrip("/")}
    assert desk.browser.request("POST", there, form=form, headers=ours, site="same-origin").status_code == 303


# ---- 38
def test_line_38_empty_and_nothing_found_differ_on_every_list(world: World, desk: Desk) -> None:
    differ = 0
    for each in navigation.resources():
        if each.listing is None or each.page is not None:
            continue
        desk.open(each.path)
        empty = not desk.rows()
        if empty:
            assert (desk.has("nothing-yet"), desk.has("nothing-found")) == (True, False), each.path
            assert desk.has(f"{each.name}-curl"), f"{each.path}: the line of the API"
            if each.create is not None:
                assert desk.has(f"{each.name}-first"), f"{each.path}: one action"
        narrowed = {"q": "nothing-is-called-so"} if each.listing.search else {}
        narrowed = narrowed or {chip.name: chip.choices[-1] for chip in each.listing.filters}
        if not narrowed:
            continue
        desk.open(f"{each.path}?{urlencode(narrowed)}")
        if desk.rows():
            continue
        assert (desk.has("nothing-yet"), desk.has("nothing-found")) == (False, True), each.path
        assert desk.one(f"{each.name}-clear").get("href") == each.path
        differ += 1
    assert differ > 12
