"""Invitations by mail to an application, without an organization (issue 9, line 10; docs/decisions/0221)."""

from __future__ import annotations

import re
import threading
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from idp.foundation.ephemeral.models import OneTime
from idp.processes import purges
from idp.processes.cli import users as users_command
from idp.signin.invitations import service as invitations
from idp.signin.login.screens.invitation import AcceptInvitation
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import asked, authenticator, show
from tests.world.racing import at_once
from tests.world.world import PASSWORD, World

EMAIL = "new@example.com"
BEFORE = "a stranger chose this 9 Horse"


@pytest.fixture
def app(world: World) -> Application:
    return world.client(initiate_login_uri="https://app.example.test/login")


def invite(world: World, app: Application, email: str = EMAIL, **members: Any) -> dict[str, Any]:
    body = {"inviter": {"name": "Ada"}, "invitee": {"email": email}, "client_id": app.client_id, **members}
    answer = world.caller().post("/invitations", body)
    assert answer.status_code == 201, answer.json
    return dict(answer.json or {})


def link(made: dict[str, Any]) -> str:
    parts = urlsplit(made["invitation_url"])
    return f"{parts.path}?{parts.query}"


def accept(browser: Browser, made: dict[str, Any], password: str = PASSWORD, **fields: str) -> None:
    browser.open(link(made))
    browser.submit(password=password, **fields)


@on_both_stores
def test_from_the_mail_to_the_application(world: World, app: Application, browser: Browser) -> None:
    made = invite(world, app, user_metadata={"team": "red"}, app_metadata={"plan": "gold"})
    world.work()
    (mail,) = world.mails(EMAIL)
    assert "Ada" in mail.text
    assert made["invitation_url"] in mail.links
    assert made["status"] == "pending"
    accept(browser, made)
    assert "Your account is ready" in browser.shown.text
    (user,) = world.caller().get("/users-by-email", email=EMAIL).json
    assert user["email_verified"] is True
    assert (user["user_metadata"], user["app_metadata"]) == ({"team": "red"}, {"plan": "gold"})
    read = world.caller().get(f"/invitations/{made['id']}").json
    assert (read["status"], read["user_id"]) == ("accepted", user["user_id"])
    assert "invitation_url" not in read
    assert [entry.type for entry in world.logs("sinv", "si")] == ["sinv", "si"]
    app.begin(browser)
    browser.submit(username=EMAIL, password=PASSWORD)
    assert "code" in browser.answer.params
    assert world.mails(EMAIL)[0].subject == mail.subject, "no mail asks to prove the address"


def test_signing_up_may_be_off(world: World, app: Application, browser: Browser) -> None:
    world.connection_options(disable_signup=True)
    accept(browser, invite(world, app))
    assert len(world.caller().get("/users-by-email", email=EMAIL).json) == 1


def test_looking_at_the_link_spends_nothing_and_using_it_does(world: World, app: Application) -> None:
    made, first, second = invite(world, app), world.browser(), world.browser()
    for _ in range(2):
        first.open(link(made))
        assert first.status == 200
    accept(first, made)
    second.open(link(made))
    assert second.status == 400
    assert "Already accepted" in second.shown.text


@on_both_stores
def test_of_two_browsers_one_sets_the_password(world: World, app: Application) -> None:
    made, browsers = invite(world, app), [world.browser(), world.browser()]
    for each in browsers:
        each.open(link(made))
    passwords = ["the first Person 7 set this", "the second Person 8 set this"]
    at_once([partial(each.submit, password=typed) for each, typed in zip(browsers, passwords, strict=True)])
    assert sorted(each.status for each in browsers) == [200, 400]
    assert len(world.caller().get("/users-by-email", email=EMAIL).json) == 1


def test_whoever_is_late_by_a_moment_is_told(world: World, app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    made, browsers = invite(world, app), [world.browser(), world.browser()]
    for each in browsers:
        each.open(link(made))
    monkeypatch.setattr(AcceptInvitation, "good", lambda *_: True)  # both were asked before one of them was done
    assert browsers[0].submit(password="the first Person 7 set this").status == 200
    assert browsers[1].submit(password="the second Person 8 set this").status == 400
    assert world.browser().open(link(made)).status == 400


def test_it_expires_and_can_be_sent_again(world: World, app: Application, browser: Browser, clock: Clock) -> None:
    made = invite(world, app, ttl_sec=3600)
    clock.forward(hours=2)
    browser.open(link(made))
    assert "no longer works" in browser.shown.text
    assert world.caller().get(f"/invitations/{made['id']}").json["status"] == "expired"
    again = world.caller().post(f"/invitations/{made['id']}/resend", {}).json
    assert (again["id"], again["status"]) == (made["id"], "pending")
    accept(browser, again)
    refused = world.caller().post(f"/invitations/{made['id']}/resend", {})
    assert (refused.status_code, refused.json["errorCode"]) == (400, "operation_not_supported")


def test_sending_again_voids_the_link_before(world: World, app: Application, browser: Browser) -> None:
    made = invite(world, app)
    world.caller().post(f"/invitations/{made['id']}/resend", {"send_invitation_email": False})
    browser.open(link(made))
    assert "newer invitation" in browser.shown.text
    world.work()
    assert len(world.mails(EMAIL)) == 1


def test_inviting_again_replaces_what_nobody_accepted(world: World, app: Application, browser: Browser) -> None:
    before, after = invite(world, app), invite(world, app, email="New@Example.com")
    assert [each["id"] for each in world.caller().get("/invitations").json] == [after["id"]]
    browser.open(link(before))
    assert browser.status == 400


def test_it_can_be_withdrawn(world: World, app: Application, browser: Browser) -> None:
    made = invite(world, app)
    for _ in range(2):
        assert world.caller().delete(f"/invitations/{made['id']}").status_code == 204
    browser.open(link(made))
    assert (browser.status, "no longer works" in browser.shown.text) == (400, True)
    assert "back-link" in browser.shown.links, "the page leads on"
    assert world.caller().get(f"/invitations/{made['id']}").json["errorCode"] == "inexistent_invitation"
    assert len(world.logs("rinv")) == 1


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"client_id": "nobody"}, "inexistent_client"),
        ({"connection_id": "con_nowhere"}, "inexistent_connection"),
        ({"invitee": {"email": "none"}}, "invalid_body"),
        ({"inviter": {"name": ""}}, "invalid_body"),
        ({"inviter": {"name": "x" * 301}}, "invalid_body"),
        ({"ttl_sec": 2_592_001}, "invalid_body"),
        ({"roles": ["rol_1"]}, "invalid_body"),
        ({"app_metadata": {"email": "x"}}, "invalid_body"),
        ({"user_metadata": {"a.b": 1}}, "invalid_body"),
    ],
)
def test_what_is_refused_writes_nothing(world: World, app: Application, members: dict[str, Any], code: str) -> None:
    body = {"inviter": {"name": "Ada"}, "invitee": {"email": EMAIL}, "client_id": app.client_id, **members}
    answer = world.caller().post("/invitations", body)
    assert (answer.status_code, answer.json["errorCode"]) == (400, code)
    assert world.caller().get("/invitations").json == []


def test_whoever_has_a_proven_account_is_not_invited(world: World, app: Application, browser: Browser) -> None:
    made = invite(world, app)
    world.user(EMAIL)
    body = {"inviter": {"name": "Ada"}, "invitee": {"email": EMAIL}, "client_id": app.client_id}
    answer = world.caller().post("/invitations", body)
    assert (answer.status_code, answer.json["errorCode"]) == (409, "auth0_idp_error")
    browser.open(link(made))
    assert "already have an account" in browser.shown.text


def test_a_stranger_who_used_the_address_before_is_out(world: World, app: Application, browser: Browser) -> None:
    """N2: the account that nobody proved is the invited person's now, and nothing that opened it before does."""
    stranger = world.browser()
    person = world.user(EMAIL, BEFORE, verified=False)
    app.sign_in(stranger, person)
    accept(browser, invite(world, app, app_metadata={"plan": "gold"}))
    (user,) = world.caller().get("/users-by-email", email=EMAIL).json
    assert (user["user_id"], user["email_verified"]) == (person.user_id, True)
    assert user["app_metadata"] == {"plan": "gold"}
    app.begin(stranger, prompt="none")
    assert stranger.answer.params["error"] == "login_required"
    app.begin(browser)
    browser.submit(username=EMAIL, password=BEFORE)
    assert browser.status == 400


def test_weak_passwords_and_usernames_are_said_on_the_page(world: World, app: Application, browser: Browser) -> None:
    named = world.connection("named", [app.client_id], requires_username=True)
    made = invite(world, app, connection_id=named)
    accept(browser, made, "abc", username="no@t.example")
    assert browser.status == 400
    assert {"username-error", "password-error"} <= browser.shown.texts.keys()
    accept(browser, made, username="jane")
    assert world.caller().get("/users-by-email", email=EMAIL).json[0]["username"] == "jane"


def test_the_link_makes_the_invited_account_and_no_other(world: World, app: Application, browser: Browser) -> None:
    """M4: what else the form holds does not count."""
    made = invite(world, app)
    form = browser.open(link(made)).shown.form("password")
    browser.send_form(form, password=PASSWORD, email="other@example.com", user_id="auth0|x", app_metadata="x")
    assert [user["email"] for user in world.caller().get("/users", q="email:other@example.com").json] == []
    assert len(world.caller().get("/users-by-email", email=EMAIL).json) == 1


def test_the_link_is_hashed_at_rest_and_of_one_kind(world: World, app: Application, browser: Browser) -> None:
    """M5, M10."""
    made = invite(world, app)
    value = made["invitation_url"].rpartition("=")[2]
    assert len(value) >= 43
    with world.platform.db.reading(world.tenant) as rows:
        stored = rows.scalars(select(OneTime).where(OneTime.kind == invitations.INVITATION)).one()
    assert value not in (stored.key_hash + stored.data)
    for path in ("reset-verify", "email-verification", "unblock"):
        browser.open(f"/u/{path}?ticket={value}")
        assert browser.status == 400


HOSTILE = "Ada\r\nBcc: a@evil.de <b onclick=x>\u202e https://evil.example/claim www.evil.example"


def test_hostile_names_of_inviters_are_inert(world: World, browser: Browser) -> None:
    app = world.client(name="Shop www.evil.example")
    made = invite(world, app, inviter={"name": HOSTILE})
    world.work()
    (mail,) = world.mails(EMAIL)
    assert mail.to == EMAIL
    assert "\n" not in mail.subject
    assert "<b onclick" not in mail.html
    assert "\u202e" not in mail.html + mail.text
    found = re.findall(r"https?://[\w./-]+|www\.[\w.]+|[\w.]+@[\w.]+", mail.text + mail.html + mail.subject)
    assert [each for each in found if "evil" in each] == []
    browser.open(link(made))
    assert "<b onclick" not in browser.shown.html
    assert "\u202e" not in browser.shown.html
    assert "evil.example/claim</a>" not in browser.shown.html


def test_one_address_is_not_mailed_without_end(open_world: Any) -> None:
    world = open_world()
    app = world.client()
    for _ in range(10):
        invite(world, app)
    body = {"inviter": {"name": "Ada"}, "invitee": {"email": EMAIL}, "client_id": app.client_id}
    refused = world.caller().post("/invitations", body)
    assert (refused.status_code, refused.json["errorCode"]) == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
    invite(world, app, send_invitation_email=False)


def test_lists_are_paged_sorted_and_narrowed(world: World, app: Application, clock: Clock) -> None:
    other, api = world.client(), world.caller()
    for number in range(5):
        invite(world, other if number == 4 else app, f"p{number}@example.com")
        clock.forward(seconds=1)
    addresses = [each["invitee"]["email"] for each in api.get("/invitations").json]
    assert addresses == [f"p{number}@example.com" for number in (4, 3, 2, 1, 0)]
    assert [each["invitee"]["email"] for each in api.get("/invitations", sort="created_at:1").json] == addresses[::-1]
    page = api.get("/invitations", include_totals="true", per_page=2, page=1).json
    assert (page["start"], page["limit"], page["total"], len(page["invitations"])) == (2, 2, 5, 2)
    assert len(api.get("/invitations", client_id=other.client_id).json) == 1
    assert len(api.get("/invitations", email="P3@example.com").json) == 1
    assert list(api.get("/invitations", fields="id", per_page=1).json[0]) == ["id"]


def test_it_goes_with_its_application_its_connection_and_its_user(world: World, browser: Browser) -> None:
    app, other = world.client(), world.client()
    partners = world.connection("partners", [app.client_id])
    invite(world, other, "one@example.com")
    invite(world, app, "two@example.com", connection_id=partners)
    accept(browser, invite(world, app, "three@example.com"))
    world.delete_client(other.client_id)
    api = world.caller()
    api.delete(f"/connections/{partners}")
    (left,) = api.get("/invitations").json
    assert left["invitee"]["email"] == "three@example.com"
    api.delete(f"/users/{left['user_id']}")
    assert api.get("/invitations").json == []


def test_old_ones_are_purged(world: World, app: Application, clock: Clock) -> None:
    invite(world, app)
    clock.forward(days=36)
    purges.purge(world.platform.db, threading.Event())
    assert len(world.caller().get("/invitations").json) == 1
    clock.forward(days=2)
    purges.purge(world.platform.db, threading.Event())
    assert world.caller().get("/invitations").json == []


def test_whoever_may_make_users_may_invite(world: World, app: Application) -> None:
    body = {"inviter": {"name": "Ada"}, "invitee": {"email": EMAIL}, "client_id": app.client_id}
    assert world.caller("read:users").post("/invitations", body).status_code == 403
    made = world.caller("create:users").post("/invitations", body).json
    assert world.caller("create:users").get("/invitations").status_code == 403
    assert world.caller("read:users").get(f"/invitations/{made['id']}").status_code == 200
    assert world.caller("read:users").delete(f"/invitations/{made['id']}").status_code == 403


def test_a_database_that_keeps_its_accounts_elsewhere_takes_no_invitations(world: World, app: Application) -> None:
    made = world.management().post(
        "/connections", {"name": "mail", "strategy": "email", "enabled_clients": [app.client_id]}
    )
    body = {"inviter": {"name": "Ada"}, "invitee": {"email": EMAIL}, "client_id": app.client_id}
    answer = world.caller().post("/invitations", {**body, "connection_id": made["id"]})
    assert (answer.status_code, answer.json["errorCode"]) == (400, "operation_not_supported")


def test_from_the_shell(world: World, app: Application, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users_command, "command_settings", lambda: world.platform.settings)
    run = CliRunner().invoke
    done = run(users_command.users, ["invite", EMAIL, "--client", app.client_id, "--by", "Ada", "--no-mail"])
    assert done.exit_code == 0, done.output
    _, invitation_id, url = done.output.split()
    accept(browser, {"invitation_url": url})
    assert world.caller().get(f"/invitations/{invitation_id}").json["status"] == "accepted"
    unknown = run(users_command.users, ["invite", EMAIL, "--client", "nobody"])
    assert (unknown.exit_code, "does not exist" in unknown.output) == (1, True)
    more = run(users_command.users, ["invite", "more@example.com", "--client", app.client_id]).output.split()
    assert run(users_command.users, ["uninvite", more[1]]).exit_code == 0
    assert run(users_command.users, ["uninvite", more[1]]).exit_code == 1


# ---- a passkey instead of a password
def takes_passkeys(world: World) -> None:
    world.connection_options(authentication_methods={"passkey": {"enabled": True}, "password": {"enabled": True}})


def test_a_passkey_takes_the_place_of_the_password(world: World, app: Application, browser: Browser) -> None:
    takes_passkeys(world)
    made = invite(world, app)
    device = authenticator(world)
    browser.open(link(made))
    said = invited_options(browser, made).get_json()
    assert said["user"]["name"] == EMAIL
    browser.submit("passkey", passkey=device.create(said))
    assert "Your account is ready" in browser.shown.text
    attempt = app.begin(browser)
    show(browser, device)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["email"], claims["email_verified"]) == (EMAIL, True)


def test_a_passkey_shuts_the_stranger_out_who_used_the_address(
    world: World, app: Application, browser: Browser
) -> None:
    """security.md N2: the password of before opens nothing any more."""
    takes_passkeys(world)
    made = invite(world, app)
    body = {"connection": "Username-Password-Authentication", "email": EMAIL, "password": BEFORE}
    assert world.caller().post("/users", body).status_code == 201
    device = authenticator(world)
    browser.open(link(made))
    browser.submit("passkey", passkey=device.create(invited_options(browser, made).get_json()))
    app.begin(stranger := world.browser())
    stranger.submit(username=EMAIL, password=BEFORE)
    assert stranger.status == 400


def test_a_challenge_of_one_invitation_is_none_of_another(world: World, app: Application, browser: Browser) -> None:
    takes_passkeys(world)
    first, second = invite(world, app), invite(world, app, "second@example.com")
    device = authenticator(world)
    browser.open(link(first))
    answer = device.create(invited_options(browser, first).get_json())
    browser.open(link(second))
    browser.submit("passkey", passkey=answer)
    assert browser.status == 400
    assert world.caller().get("/users-by-email", email="second@example.com").get_json() == []


def test_no_passkey_where_the_connection_has_none(world: World, app: Application, browser: Browser) -> None:
    world.connection_options(authentication_methods={"passkey": {"enabled": False}})
    made = invite(world, app)
    browser.open(link(made))
    assert "passkey-button" not in browser.shown.html
    accept(other := world.browser(), made, "")
    assert other.status == 400, "a password is asked for"


def invited_options(browser: Browser, made: dict[str, Any]) -> Any:
    return asked(browser, "invitation", ticket=made["invitation_url"].partition("ticket=")[2])
