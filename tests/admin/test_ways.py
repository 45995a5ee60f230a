"""Ways that the sheet asks for (spec/dashboard.md, "Frame" and "Pages"): a look at what changes, who changed it last on
every tab, other ways to a new user, filters in words, and what the palette knows.
"""

from __future__ import annotations

import pytest
from lxml import html
from msgspec import inspect

from idp.admin import navigation
from idp.admin.desk.texts import texts_for
from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.conftest import Desk
from tests.world.counting import statements
from tests.world.world import World

APPS, USERS, KEYS = "/admin/applications/apps", "/admin/users", "/admin/settings/keys"


def test_what_changes_is_shown_before_it_is_saved_to_whoever_asks(world: World, desk: Desk) -> None:
    app, api = world.client(), world.management()
    desk.open(f"{APPS}/{app.client_id}/settings")
    (form,) = [each for each in desk.tree.forms if each.xpath(".//button[@id='apps-save']")]
    buttons = [each.get("id") for each in form.xpath(".//button[@type='submit']")]
    assert buttons.index("apps-save") < buttons.index("apps-review"), "Enter saves"
    desk.press("apps-save", description="plain", desk__review="yes")
    assert (desk.status, desk.has("review-title")) == (422, True)
    assert "plain" in desk.tree.xpath("string(//table[contains(@class, 'changes')])")
    assert not api.get(f"/clients/{app.client_id}").get("description")
    desk.press("apps-confirm")
    assert api.get(f"/clients/{app.client_id}")["description"] == "plain"
    desk.open(f"{APPS}/{app.client_id}/settings").press("apps-save", description="plainer")
    assert "Saved" in desk.say("notice"), "nobody is asked who did not want to be"


def test_every_tab_says_who_changed_the_object_last(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}/settings").press("apps-save", description="changed")
    for tab in ("", "/settings", "/advanced", "/credentials", "/connections", "/apis", "/raw"):
        desk.open(f"{APPS}/{app.client_id}{tab}")
        assert world.installed["admin"]["email"] in desk.say("apps-latest"), tab
        with statements(world.platform) as ran:
            desk.open(f"{APPS}/{app.client_id}{tab}")
        assert len(ran) <= 6, (tab, ran)
    assert not desk.open(f"{APPS}/{app.client_id}/history").has("apps-latest"), "there it is the first entry"


def test_line_4_statements_of_every_tab_of_every_resource(world: World, desk: Desk) -> None:
    app, jane, api = world.client(), world.user(), world.management()
    world.api("https://x.example.test/", scopes=("read:a",))
    api.post("/roles", {"name": "Captain"})
    api.post("/emails/provider", {"name": "resend", "credentials": {"api_key": "re-1"}})
    api.patch(f"/clients/{app.client_id}", {"addons": {"samlp": {}}})
    app.sign_in(world.browser(), jane, scope="openid offline_access")
    looked = 0
    for each in navigation.resources():
        desk.open(each.path)
        rows = desk.tree.xpath("//tr//a[@class='to']/@href")[:2] if each.listing else []
        for address in [each.path] if each.single else rows:
            for tab in desk.open(str(address)).tree.xpath("//nav[@class='tabs']//a/@href"):
                desk.open(str(tab))  # what is remembered of the configuration is read by the first
                with statements(world.platform) as ran:
                    desk.open(str(tab))
                looked += 1
                assert (desk.status, len(ran) <= 6) == (200, True), (tab, ran)
    assert looked > 60


def test_a_user_is_made_with_a_username_or_invited(world: World, desk: Desk) -> None:
    api = world.management()
    api.patch(f"/connections/{world.connection_id}", {"options": {"requires_username": True}})
    desk.open(f"{USERS}/new").press("users-save", username="maria", email="maria@example.com", password="9-Harbours!x")
    (made,) = api.get("/users-by-email?email=maria%40example.com")
    assert made["username"] == "maria"
    desk.open(f"{USERS}/new").press("users-save", username="no good!", email="m@example.com", password="9-Harbours!x")
    assert (desk.status, desk.has("field-username-problem")) == (422, True)
    assert desk.fields("users-save")["email"] == "m@example.com"
    assert desk.open(f"{USERS}/new").follow("users-invite").url == "/admin/users/invitations/new"


def test_a_user_leads_to_the_simulator(world: World, desk: Desk) -> None:
    jane = world.user()
    desk.open(f"{USERS}/{jane.user_id.replace('|', '%7C')}").follow("users-simulate")
    assert desk.browser.path == "/admin/tools/simulator"
    assert desk.one("field-user-id").get("value") == jane.user_id


def test_filters_say_what_they_find(world: World, desk: Desk) -> None:
    world.user("joe@example.com", name="Joe", blocked=True)
    desk.open(f"{USERS}?blocked=true")
    assert desk.tree.xpath("//select[@id='users-blocked']/option/text()") == ["State", "Blocked", "Active"]
    assert "State: Blocked" in desk.tree.xpath("string(//ul[@class='chips'])")


@pytest.mark.parametrize("language", EVERYWHERE)
def test_every_choice_of_a_filter_and_every_tab_has_words(language: str) -> None:
    texts = texts_for(language)
    missing = []
    for each in navigation.resources():
        missing += [
            f"{each.name}.tab.{tab.name}"
            for tab in each.tabs
            if f"{each.name}.tab.{tab.name}" not in texts and f"frame.tab.{tab.name}" not in texts
        ]
        for chip in each.listing.filters if each.listing else ():
            missing += [
                f"{each.name}.choice.{chip.name}.{value}"
                for value in chip.choices
                if f"{each.name}.choice.{chip.name}.{value}" not in texts
                and f"{each.name}.choice.{value}" not in texts
                and not value.isupper()  # a name in every language
                and not value[-1].isdigit()
                and value != "EdDSA"
            ]
    assert missing == []


def test_times_of_a_key_are_those_of_the_reader(desk: Desk) -> None:
    desk.open(KEYS)
    desk.open(str(desk.tree.xpath("//tr[contains(., 'Current')]//a[@class='to']/@href")[0]))
    assert desk.tree.xpath("//table[@class='facts']//time[@data-local]/@datetime")
    assert desk.say("tab-details") == "Details"


def test_of_the_products_own_application_nothing_is_offered_that_it_refuses(world: World, desk: Desk) -> None:
    desk.open(f"{APPS}?q=Gatehouse").open(str(desk.tree.xpath("//a[@class='to']/@href")[0]))
    client_id = desk.url.rpartition("/")[2]
    assert world.caller().patch(f"/clients/{client_id}", {"name": "Ours"}).status_code == 403
    for tab in ("settings", "advanced", "credentials", "raw"):
        desk.open(f"{APPS}/{client_id}/{tab}")
        assert desk.status == 200, tab
        offered = ("apps-save", "apps-review", "apps-delete", "apps-rotate-secret")
        assert not [each for each in offered if desk.has(each)], tab
    app = world.client()
    assert desk.open(f"{APPS}/{app.client_id}/settings").has("apps-delete")


def test_line_33_the_palette_finds_actions_and_options_of_connections(desk: Desk) -> None:
    shown = html.fromstring(desk.open("/admin/search?q=rotate+secret").html)
    assert APPS in shown.xpath("//*[@id='results']//a[contains(., 'Rotate secret')]/@href")
    desk.open("/admin/search?q=export")
    assert f"{USERS}/export" in desk.tree.xpath("//*[@id='results']//a/@href")
    desk.open("/admin/search?q=passwordPolicy")
    assert "/admin/authentication/connections" in desk.tree.xpath("//*[@id='results']//a/@href")
    desk.open("/admin/search?q=signInEndpoint")
    assert desk.tree.xpath("count(//*[@id='results']//a[contains(., 'signInEndpoint')])") == 1, "once, not by strategy"


def test_line_33_the_palette_knows_auth0s_names_of_pages(desk: Desk) -> None:
    names = {
        "Applications": APPS,
        "SSO": APPS,
        "Database": "/admin/authentication/connections",
        "Social": "/admin/authentication/connections",
        "Enterprise": "/admin/authentication/connections",
        "Passwordless": "/admin/authentication/connections",
        "Authentication Profile": "/admin/authentication/profile",
        "User Management": USERS,
        "Roles": "/admin/users/roles",
        "Universal Login": "/admin/branding/look",
        "Custom Domains": "/admin/branding/domains",
        "Email Templates": "/admin/branding/mails",
        "Email Provider": "/admin/branding/mailer",
        "Phone Provider": "/admin/branding/phone",
        "Attack Protection": "/admin/security/shields",
        "Multi-factor Auth": "/admin/security/mfa",
        "Security Center": "/admin/security/threats",
        "Logs": "/admin/monitoring/logs",
        "Tenant Settings": "/admin/settings/tenant",
        "Tenant Members": "/admin/settings/members",
        "Signing Keys": "/admin/settings/keys",
    }
    for theirs, address in names.items():
        desk.open(f"/admin/search?q={theirs.replace(' ', '+')}")
        assert address in desk.tree.xpath("//*[@id='results']//a/@href"), theirs


def test_what_settings_there_are_is_worked_out_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of every strategy are among them: worked out anew, each search took half a minute."""
    desk.open("/admin/search?q=callbacks")
    described = []
    monkeypatch.setattr(inspect, "type_info", described.append)
    desk.open("/admin/search?q=client_secret")
    assert desk.status == 200
    assert "client_secret" in desk.html
    assert described == []
