"""People, the log and administrators on the dashboard (spec/dashboard.md, acceptance lines by number)."""

from __future__ import annotations

import pytest

from idp.admin.desk import kept
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.counting import statements
from tests.world.fixtures import Clock
from tests.world.world import Person, World

USERS, LOGS, MEMBERS = "/admin/users", "/admin/monitoring/logs", "/admin/settings/members"
TABS = (
    "",
    "metadata",
    "authentication",
    "sessions",
    "devices",
    "applications",
    "roles",
    "permissions",
    "raw",
    "history",
)


def of(person: Person, tab: str = "") -> str:
    return f"{USERS}/{person.user_id.replace('|', '%7C')}" + (f"/{tab}" if tab else "")


def names(desk: Desk) -> list[str]:
    return desk.rows()


# ---- the list
def test_line_3_pages_follow_a_key_and_a_new_search_begins_anew(world: World, desk: Desk) -> None:
    for number in range(14):
        world.user(f"crew{number:02}@example.com", name=f"Crew {number:02}")
    desk.open(f"{USERS}?rows=10&sort=name&q=name:Crew*")
    first = names(desk)
    assert first == [f"Crew {number:02}" for number in range(10)]
    world.user("crew005@example.com", name="Crew 005")
    desk.follow("users-next")
    assert names(desk) == [f"Crew {number:02}" for number in range(10, 14)], "nobody twice, nobody lost"
    desk.open(f"{USERS}?rows=10&sort=-name&q=name:Crew*")
    assert names(desk)[0] == "Crew 13"
    desk.follow("users-next")
    assert names(desk)[-1] == "Crew 00"


def test_the_query_is_shown_as_text_and_as_chips(world: World, desk: Desk, jane: Person) -> None:
    world.user("joe@example.com", name="Joe", blocked=True)
    desk.open(f"{USERS}?q=email%3A*%40example.com&blocked=true")
    assert desk.say("users-compiled").endswith("(email:*@example.com) AND blocked:true")
    assert names(desk) == ["Joe"]
    desk.open(f"{USERS}?q=email%3A%5B")
    assert desk.has("users-q-problem"), "what the API says of a bad query stands at the search"
    desk.open(f"{USERS}?q=nobody-there")
    assert desk.has("nothing-found")


def test_line_4_statements_of_every_page(world: World, desk: Desk) -> None:
    people = [world.user(f"crew{number:02}@example.com") for number in range(30)]
    for address in (
        USERS,
        f"{USERS}?q=crew",
        *(of(people[0], tab) for tab in TABS),
        LOGS,
        f"{LOGS}?kind=logins",
        MEMBERS,
    ):
        desk.open(address)
        assert desk.status == 200, address
        with statements(world.platform) as ran:
            desk.open(address)
        assert len(ran) <= 6, (address, ran)


# ---- one user
def test_every_tab_of_a_user(world: World, desk: Desk, jane: Person) -> None:
    world.client().sign_in(world.browser(), jane, scope="openid offline_access")
    for tab in TABS:
        desk.open(of(jane, tab))
        assert desk.status == 200, tab
    assert "Firefox" in desk.open(of(jane, "sessions")).text


def test_line_16_undo_of_a_block_and_of_a_role(world: World, desk: Desk, jane: Person) -> None:
    desk.open(of(jane)).press("users-block")
    assert desk.say("users-state") == "Blocked"
    desk.press("undo")
    assert desk.say("users-state") == "Active"
    role = world.caller().post("/roles", {"name": "Captain"}).json["id"]  # type: ignore[index]
    desk.open(of(jane, "roles")).press("users-role")
    assert "Captain" in desk.text
    desk.press(f"users-role-removed-{role}")
    assert desk.has("nothing-yet")
    desk.press("undo")
    assert desk.has("users-roles")
    said = [row.rest["details"]["changes"] for row in world.logs("sapi") if row.object == f"users/{jane.user_id}"]
    assert [set(each) for each in said] == [{"blocked"}, {"blocked"}, {"roles"}, {"roles"}, {"roles"}]


def test_line_15_delete_wants_the_name_and_a_fresh_sign_in(
    world: World, desk: Desk, jane: Person, clock: Clock
) -> None:
    desk.open(of(jane, "delete"))
    desk.press("users-confirm", desk__typed="somebody else")
    assert desk.status == 422
    assert world.caller().get(f"/users/{jane.user_id}").status_code == 200
    clock.forward(minutes=6)
    desk.open(of(jane, "delete"))
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    desk.press("users-confirm", desk__typed=jane.email)
    assert world.caller().get(f"/users/{jane.user_id}").status_code == 404


def test_metadata_says_what_is_wrong_where(world: World, desk: Desk, jane: Person) -> None:
    desk.open(of(jane, "metadata")).press("users-save", user_metadata='{"plan": "gold", "old": 1}')
    assert desk.status == 200
    desk.press("users-save", user_metadata='{\n  "plan": gold\n}', app_metadata='{"a": 1}')
    assert desk.status == 422
    assert "2" in desk.say("user_metadata-problem"), "the line"
    assert '"a": 1' in desk.say("app_metadata"), "the other is as it was typed"
    desk.press("users-save", user_metadata='{"plan": "silver"}', app_metadata="{}")
    found = world.caller().get(f"/users/{jane.user_id}").json or {}
    assert found["user_metadata"] == {"plan": "silver"}, "what is gone from the editor is gone"
    desk.press("users-save", user_metadata="[1]")
    assert desk.status == 422


def test_line_7_two_editors_of_metadata(world: World, desk: Desk, jane: Person) -> None:
    desk.open(of(jane, "metadata"))
    world.caller().patch(f"/users/{jane.user_id}", {"user_metadata": {"plan": "gold"}})
    desk.press("users-save", user_metadata='{"plan": "silver"}')
    assert desk.status == 409
    assert (world.caller().get(f"/users/{jane.user_id}").json or {})["user_metadata"] == {"plan": "gold"}


def test_address_password_and_reset_link(world: World, desk: Desk, jane: Person) -> None:
    desk.open(of(jane, "authentication")).press("users-email", email="new@example.com")
    assert "new@example.com" in desk.text
    desk.press("users-password", password="short")
    assert desk.status == 422
    assert "PasswordStrengthError" in desk.text
    desk.press("users-password", password="an entirely New passphrase 7")
    desk.press("users-reset")
    link = str(desk.one("once-ticket").text_content())
    browser = world.browser()
    assert browser.open(link).status == 200
    assert link not in desk.open(of(jane, "authentication")).html


def test_permissions_say_where_they_come_from(world: World, desk: Desk, jane: Person) -> None:
    api, caller = world.api(), world.caller()
    role = (caller.post("/roles", {"name": "Captain"}).json or {})["id"]
    wanted = {"permissions": [{"resource_server_identifier": api, "permission_name": "write:things"}]}
    caller.post(f"/roles/{role}/permissions", wanted)
    caller.post(f"/users/{jane.user_id}/roles", {"roles": [role]})
    desk.open(of(jane, "permissions")).press("users-permission", permission=f"{api} read:things")
    text = desk.say("users-permissions")
    assert "read:thingsThingsDirectly" in text
    assert "write:thingsThingsCaptain" in text
    desk.press("users-permission-removed-0")
    assert "read:things" not in desk.say("users-permissions")


def test_line_15_all_sessions_end_by_name_and_a_fresh_sign_in(
    world: World, desk: Desk, jane: Person, clock: Clock
) -> None:
    browser, app = world.browser(), world.client()
    app.sign_in(browser, jane)
    desk.open(of(jane, "sessions")).follow("users-sign-out")
    assert desk.tree.xpath("string(//ul[@class='goes'])").split() == ["1", "Sessions"], "what goes is counted"
    desk.press("users-confirm", desk__typed="somebody else")
    assert desk.status == 422, "the name is typed of what cannot be taken back"
    clock.forward(minutes=6)
    desk.press("users-confirm", desk__typed=jane.email)
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    desk.press("users-confirm", desk__typed=jane.email)
    assert desk.has("nothing-yet")
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"


def test_accounts_are_linked_and_let_go(world: World, desk: Desk, jane: Person) -> None:
    other = world.user("other@example.com")
    desk.open(of(jane)).press("users-link", account=other.user_id)
    assert desk.status == 200, desk.text
    assert world.caller().get(f"/users/{other.user_id}").status_code == 404
    desk.press("users-unlink-2")
    assert world.caller().get(f"/users/{other.user_id}").status_code == 200
    desk.press("users-link", account="auth0|nobody")
    assert desk.status == 422


def test_line_26_hostile_names_are_inert(world: World, desk: Desk) -> None:
    nasty = '<script>alert(1)</script>"\u202e'
    person = world.user("nasty@example.com", name=nasty, user_metadata={"x": "</textarea><script>1</script>"})
    for address in (USERS, *(of(person, tab) for tab in TABS)):
        assert "<script>alert" not in desk.open(address).html
        assert "</textarea><script>" not in desk.html


def test_what_somebody_did_themselves_is_no_refused_call(world: World, desk: Desk, jane: Person) -> None:
    world.client().sign_in(world.browser(), jane)
    world.caller().patch(f"/users/{jane.user_id}", {"email": 7})
    desk.open(of(jane, "history"))
    own = next(each for each in desk.tree.xpath("//ol[@class='history']/li") if "signed in" in each.text_content())
    assert not any(word in own.text_content() for word in ("Refused", "Management API"))
    refused = [each for each in desk.tree.xpath("//ol[@class='history']/li") if "Refused" in each.text_content()]
    assert len(refused) == 1, "the call that was"


def test_line_26_a_hostile_browser_is_inert(world: World, desk: Desk, jane: Person) -> None:
    nasty = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    browser = world.browser()
    browser.agent = nasty
    world.client().sign_in(browser, jane)
    desk.open(of(jane, "sessions"))
    assert "onerror" in desk.text, "it is shown, as text"
    for address in (of(jane, "sessions"), of(jane, "history"), LOGS, f"{LOGS}?q=%22%3E%3Cscript%3E"):
        assert "<img" not in desk.open(address).html
        assert desk.html.count("<script") == 1
    for row in world.logs("s"):
        assert "<img" not in desk.open(f"{LOGS}/{row.log_id}").html
    for url in ("javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,x"):
        desk.open(of(jane)).press("users-save", picture=url)
        assert (desk.status, desk.has("field-picture-problem")) == (422, True), url


# ---- rights
def test_lines_18_and_20(world: World, browser: Browser, hire: Hire, owner: Person, jane: Person) -> None:
    viewer, editor = hire("vera@example.com", "Viewer - Users"), hire("edith@example.com", "Editor - Users")
    desk = Desk(world, enter(browser, viewer, of(jane)))
    assert desk.status == 200
    assert not any(desk.has(id_) for id_ in ("users-block", "users-save", "users-delete"))
    form = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    browser.open(of(jane, "block"), method="POST", site="same-origin", form=form)
    assert browser.status == 403
    desk = Desk(world, enter(world.browser(), editor, of(jane)))
    assert desk.press("users-block").has("users-state")
    desk.open(of(owner, "authentication")).press("users-email", email="mallory@example.com")
    assert (desk.status, "more rights than you" in desk.say("problems")) == (422, True)
    desk.press("users-password", password="an entirely New passphrase 7")
    assert (desk.status, "more rights than you" in desk.say("problems")) == (422, True)
    assert (world.caller().get(f"/users/{owner.user_id}").json or {})["email"] == owner.email


# ---- the log
def test_the_log_is_listed_searched_and_read(world: World, desk: Desk, jane: Person) -> None:
    world.client().sign_in(world.browser(), jane)
    browser = world.browser()
    world.client().begin(browser)
    browser.submit(username=jane.email, password="wrong password")
    desk.open(f"{LOGS}?kind=failures")
    assert desk.say("logs-compiled").startswith("q=type:(f OR fp")
    assert len(names(desk)) == 1
    desk.open(str(desk.tree.xpath("//tr//a[@class='to']/@href")[0]))
    assert jane.email in desk.text
    desk.follow("logs-around-ip")
    assert desk.status == 200
    assert len(names(desk)) > 1
    desk.open(f"{LOGS}?rows=10")
    first = desk.tree.xpath("//tr//a[@class='to']/@href")
    if desk.has("logs-next"):
        desk.follow("logs-next")
        assert set(first).isdisjoint(desk.tree.xpath("//tr//a[@class='to']/@href"))


# ---- administrators
def test_line_21_administrators_on_their_page(world: World, desk: Desk, jane: Person) -> None:
    desk.open(MEMBERS)
    assert len(names(desk)) == 1
    desk.open(f"{MEMBERS}/new").press("members-save", email=jane.email, **{"roles[Auditor]": "on"})
    assert desk.status == 200, desk.text
    assert len(names(desk.open(MEMBERS))) == 2
    admin = world.installed["admin"]["email"]
    mine = next(
        str(each.get("href"))
        for each in desk.tree.xpath("//tr//a[@class='to']")
        if admin in each.text_content() or "admin" in each.text_content().lower()
    )
    desk.open(f"{mine.partition('?')[0]}/delete")
    desk.press("members-confirm", desk__typed=admin)
    assert desk.status == 422
    assert "last Owner" in desk.text
    assert {row.type for row in world.logs("sadm")} == {"sadm"}


def test_somebody_without_an_account_is_invited_and_not_after_all(world: World, desk: Desk) -> None:
    desk.open(f"{MEMBERS}/new").press("members-save", email="new@example.com", **{"roles[Auditor]": "on"})
    assert (desk.status, desk.say("invited-title")) == (200, "Invited")
    (mail,) = world.mails("new@example.com")
    assert world.logs("iadm")
    desk.open(MEMBERS)
    assert "new@example.com" in names(desk)
    assert "Invited" in desk.text
    desk.open(str(desk.tree.xpath("//a[@class='to'][contains(., 'new')]/@href")[0])).press("members-withdraw")
    assert (desk.status, desk.browser.path, "withdrawn" in desk.say("notice")) == (200, MEMBERS, True)
    assert "new@example.com" not in names(desk)
    assert world.browser().open(mail.links[0]).status in {400, 410}, "its link leads nowhere"
    form = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    desk.browser.open(f"{MEMBERS}/inv_nobody/withdraw", method="POST", site="same-origin", form=form)
    assert desk.status == 404


@pytest.mark.parametrize("language", ["de", "es", "fr", "ja", "ar"])
def test_line_1_every_page_in_every_language(world: World, desk: Desk, jane: Person, language: str) -> None:
    for address in (USERS, of(jane), of(jane, "roles"), LOGS, MEMBERS, f"{MEMBERS}/new", f"{USERS}/new"):
        assert desk.open(f"{address}?language={language}").status == 200, address


def test_line_23_administrators_are_made_and_changed_by_a_fresh_sign_in(
    world: World, desk: Desk, jane: Person, clock: Clock
) -> None:
    admin = world.installed["admin"]
    desk.open(f"{MEMBERS}/new")
    clock.forward(minutes=6)
    desk.press("members-save", email=jane.email, **{"roles[Auditor]": "on"})
    assert desk.browser.path == "/u/login"
    assert not world.logs("sadm", "iadm")[1:], "nobody is one yet but who installed"
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.one("field-email").get("value") == jane.email, "what was typed is there again"
    desk.press("members-save")
    there = f"{MEMBERS}/{jane.user_id.replace('|', '%7C')}"
    assert desk.open(there).status == 200
    clock.forward(minutes=6)
    desk.press("members-save", **{"roles[Admin]": "on"})
    assert desk.browser.path == "/u/login"
    desk.browser.submit(username=admin["email"], password=admin["password"])
    desk.press("members-save").press("members-confirm")
    assert "Admin" in desk.open(MEMBERS).text


def test_line_23_a_shield_is_switched_by_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    desk.open("/admin/security/shields")
    clock.forward(minutes=6)
    assert desk.press("shields-save", max_attempts="7").has("notice")
    desk.press("shields-save", without=("enabled",))
    assert desk.browser.path == "/u/login"
    assert world.management().get("/attack-protection/brute-force-protection")["enabled"] is True


def test_line_8_no_secret_waits_with_a_form(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of a connection, whose strategy says what is one, nor within JSON."""
    waiting: list[dict[str, str]] = []
    encode = kept.msgspec.json.encode
    monkeypatch.setattr(kept.msgspec.json, "encode", lambda value: waiting.append(value) or encode(value))
    options = '{"client_id": "x", "client_secret": "s3cr3t-of-a-source"}'
    desk.open("/admin/authentication/connections/new")
    desk.sign_out()
    desk.press("connections-save", name="source", options=options)
    assert desk.browser.path == "/u/login"
    assert any("name" in each for each in waiting)
    assert all("s3cr3t" not in str(each) for each in waiting)
    assert "options.client_secret" in kept._secrets()


# ---- a new one
def test_what_is_wrong_with_a_new_user_stands_at_its_field(world: World, desk: Desk) -> None:
    desk.open(f"{USERS}/new")
    assert desk.one("field-connection").get("aria-required") is None, "empty is the one that a tenant begins with"
    desk.press("users-save", email="new@example.com")
    assert "Missing required property: password" in desk.say("field-password-problem")
    desk.press("users-save", email="new@example.com", password="short")
    assert "too weak" in desk.say("field-password-problem")
    desk.press("users-save", email="new@example.com", connection="nowhere", password="short")
    assert desk.say("field-connection-problem") == "The connection does not exist."


def test_a_member_that_is_missing_is_named_by_its_field(desk: Desk) -> None:
    desk.open("/admin/users/roles/new").press("roles-save")
    assert "Missing required property: name" in desk.say("field-name-problem")
