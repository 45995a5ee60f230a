"""People of a directory sign in on the hosted pages, with the password they have there."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from connectors.ldap import servers
from idp.directory.connections import service as connections
from idp.directory.users.models import Identity, User
from tests.connectors.ldap.conftest import slapd_options
from tests.counterparts.program import free_port
from tests.counterparts.slapd import PASSWORD, PrivateSlapd
from tests.directory.users.test_photos import jpeg
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.sources import logged, only
from tests.world.world import Person, World

pytestmark = [pytest.mark.counterpart]


@pytest.fixture
def environment() -> dict[str, str]:
    """The directory is on loopback."""
    return {"IDP_OUTBOUND_ALLOW": "127.0.0.1"}


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Servers that are down are remembered by the process."""
    servers.forget()
    yield
    servers.forget()


def corp(world: World, client_id: str, options: dict[str, Any]) -> str:
    """A connection called ``corp`` for that application."""
    members = {
        "name": "corp",
        "strategy": "ad",
        "display_name": "Example Corp",
        "options": options,
        "enabled_clients": [client_id],
    }
    with world.writing() as work:
        return str(connections.create(work, members).id)


def people(world: World) -> list[User]:
    """Those who came from the directory."""
    with world.context() as work:
        return list(work.rows.scalars(select(User).where(User.user_id.startswith("ad|"))))


@on_both_stores
def test_a_photo_is_the_picture_and_follows_each_login(world: World, browser: Browser, slapd: PrivateSlapd) -> None:
    app = world.client()
    corp(world, app.client_id, slapd_options(slapd))
    only(world, app.client_id)
    uid = f"photo{secrets.token_hex(3)}"
    name = slapd.person(uid, mail=f"{uid}@example.test", **{"jpegPhoto:": base64.b64encode(jpeg()).decode()})

    def signed_in() -> str:
        attempt = app.begin(browser, prompt="login")
        browser.submit(username=uid, password=PASSWORD)
        return str(attempt.tokens(browser.answer).id_claims["picture"])

    first = signed_in()
    assert first.startswith(f"{world.issuer}pictures/")
    assert first.endswith(".jpg")
    shown = browser.request("GET", first)
    assert (shown.status_code, shown.data, shown.mimetype) == (200, jpeg(), "image/jpeg")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'"
    assert signed_in() == first, "the same picture keeps its address"

    slapd.change(name, "jpegPhoto:", base64.b64encode(jpeg(width=64)).decode())
    second = signed_in()
    assert second != first
    assert browser.request("GET", first).status_code == 404
    assert browser.request("GET", second).data == jpeg(width=64)
    assert browser.request("GET", second.replace(".jpg", ".png")).status_code == 404

    slapd.change(name, "jpegPhoto", None)
    assert "/pictures/" not in signed_in()
    assert browser.request("GET", second).status_code == 404

    slapd.change(name, "jpegPhoto:", base64.b64encode(jpeg()).decode())
    third, (user,) = signed_in(), people(world)
    assert world.caller().delete(f"/users/{user.user_id.replace('|', '%7C')}").status_code == 204
    assert browser.request("GET", third).status_code == 404, "it goes with the account"


@row("N1", "N4", "N5")
def test_the_applications_only_connection(world: World, browser: Browser, slapd: PrivateSlapd, jane: Person) -> None:
    """Jane of the database has another address; whoever has the same one there would be somebody else, too."""
    app = world.client()
    corp(world, app.client_id, slapd_options(slapd, groups="nested"))
    only(world, app.client_id)
    attempt = app.begin(browser)
    assert "forgot-password-link" not in browser.shown.links
    assert "Email address or username" in browser.shown.text
    browser.submit(username="jane", password="wrong")
    assert browser.status == 400
    browser.submit(username="jane", password=PASSWORD)
    claims = attempt.tokens(browser.answer).id_claims
    (user,) = people(world)
    (identity,) = identities(world)
    assert claims["sub"] == user.user_id == f"ad|{identity.identity_user_id}"
    assert identity.identity_user_id.startswith("corp|")
    assert (claims["name"], claims["email"], claims["email_verified"]) == ("Jane Smith", "jane@example.test", False)
    shown = world.caller().get(f"/users/{user.user_id.replace('|', '%7C')}").json or {}
    assert shown["groups"] == ["circle", "everybody", "staff"]
    assert shown["identities"] == [
        {"connection": "corp", "provider": "ad", "user_id": identity.identity_user_id, "isSocial": False}
    ]
    (wrong,) = logged(world, "fp")
    assert (wrong["connection"], wrong["strategy"], wrong["strategy_type"]) == ("corp", "ad", "enterprise")
    assert [entry["connection"] for entry in logged(world, "s")] == ["corp"]


def identities(world: World) -> list[Identity]:
    """Theirs."""
    with world.context() as work:
        return list(work.rows.scalars(select(Identity).where(Identity.provider == "ad")))


def test_the_connection_parameter_chooses_it(world: World, browser: Browser, slapd: PrivateSlapd) -> None:
    app = world.client()
    corp(world, app.client_id, slapd_options(slapd))
    attempt = app.begin(browser, connection="corp")
    browser.submit(username="jane@example.test", password=PASSWORD)
    assert attempt.tokens(browser.answer).id_claims["sub"].startswith("ad|corp|")


@row("V1", "V2")
def test_the_profile_follows_the_directory_as_the_connection_says(
    world: World, browser: Browser, slapd: PrivateSlapd
) -> None:
    name = slapd.person("follower", mail="follower@example.test", title="Boss")
    app = world.client()
    mapped = {"attribute_map": {"title": "title"}}
    connection_id = corp(world, app.client_id, slapd_options(slapd, **mapped))
    only(world, app.client_id)

    def arrive() -> User:
        browser.jar.kept.clear()
        app.begin(browser)
        browser.submit(username="follower", password=PASSWORD)
        assert browser.answer.code
        return people(world)[0]

    assert (arrive().name, arrive().profile["title"]) == ("follower", "Boss")
    slapd.change(name, "cn", "Another Name")
    assert arrive().name == "Another Name"
    with world.writing() as work:
        first = slapd_options(slapd, **mapped, set_user_root_attributes="on_first_login")
        connections.update(work, connections.get(work, connection_id), {"options": first})
    slapd.change(name, "cn", "A third name")
    assert arrive().name == "Another Name"


@pytest.mark.parametrize(
    ("attribute", "value", "words", "code", "counted"),
    [
        ("pwdAccountLockedTime", "000001010000Z", "account at Example Corp is locked", "account_locked", True),
        ("pwdReset", "TRUE", "password at Example Corp has expired", "password_change_required", False),
    ],
)
def test_a_closed_account_is_told_why(
    world: World,
    browser: Browser,
    slapd: PrivateSlapd,
    attribute: str,
    value: str,
    words: str,
    code: str,
    counted: bool,
) -> None:
    slapd.change(slapd.person(f"closed-{code}"), attribute, value)
    app = world.client()
    corp(world, app.client_id, slapd_options(slapd))
    only(world, app.client_id)
    app.begin(browser)
    for _ in range(11):
        browser.submit(username=f"closed-{code}", password=PASSWORD)
    assert browser.status == (429 if counted else 403)
    entry = logged(world, "f")[-1]
    assert entry["details"]["code"] == code
    assert "password policy" in entry["details"]["detail"]
    if not counted:
        assert words in browser.shown.text
    assert people(world) == []


@row("RL4")
def test_with_the_directory_down_the_other_ways_stay(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    options = {
        "urls": [f"ldap://127.0.0.1:{free_port()}"],
        "bind_dn": "cn=reader",
        "bind_password": "secret",
        "base_dn": "dc=example,dc=test",
    }
    corp(world, app.client_id, options)
    app.begin(browser, connection="corp")
    for _ in range(12):
        browser.submit(username="jane", password=PASSWORD)
    assert browser.status == 503, "nobody is locked out by a source that is down"
    assert "Example Corp isn’t answering at the moment" in browser.shown.text
    (entry, *_) = logged(world, "f")
    assert (entry["connection"], entry["details"]["code"]) == ("corp", "temporarily_unavailable")
    assert "secret" not in str(entry)
    assert app.sign_in(browser, jane)


def test_an_account_without_an_id(world: World, browser: Browser, slapd: PrivateSlapd) -> None:
    app = world.client()
    corp(world, app.client_id, slapd_options(slapd, id_attribute="employeeNumber"))
    only(world, app.client_id)
    app.begin(browser)
    browser.submit(username="jane", password=PASSWORD)
    assert browser.status == 503
    assert "couldn’t sign you in" in browser.shown.text
    assert "has no employeeNumber" in logged(world, "f")[-1]["details"]["detail"]


def test_a_connection_of_an_agent_is_kept_and_lets_nobody_in(world: World, browser: Browser) -> None:
    """As Auth0 exports it: the directory's servers are not in it."""
    app = world.client()
    corp(world, app.client_id, {"agentMode": True, "ips": ["10.0.0.0/8"]})
    only(world, app.client_id)
    app.begin(browser)
    browser.submit(username="jane", password=PASSWORD)
    assert browser.status == 503
    assert logged(world, "f")[-1]["details"] == {"code": "server_error", "detail": "options.urls is missing"}


def test_secrets_of_a_directory(world: World, slapd: PrivateSlapd) -> None:
    """The password of the service account is sealed, and shown to nobody who may not read connections."""
    app = world.client()
    connection_id = corp(world, app.client_id, slapd_options(slapd))
    with world.context() as work:
        row_ = connections.get(work, connection_id)
        assert "a reader of tests" not in str(row_.options)
        assert row_.options["bind_dn"].startswith("cn=reader")
    shown = world.caller().get(f"/connections/{connection_id}").json or {}
    assert shown["options"]["bind_password"] == "a reader of tests"
    refused = world.caller().patch(f"/connections/{connection_id}", {"options": {"urls": ["ftp://x"]}})
    assert refused.status_code == 400
    assert "ldaps://host:port" in str(refused.json)


def at_home(world: World, browser: Browser, slapd: PrivateSlapd, name: str, **options: Any) -> None:
    """Somebody of the directory on their own page."""
    app = world.client()
    corp(world, app.client_id, slapd_options(slapd, **options))
    with world.writing() as work:  # our own pages know no application: the directory is all there is
        connections.delete(work, world.connection_id)
    slapd.person(name, mail=f"{name}@example.com")
    browser.open("/account")
    browser.submit(username=name, password=PASSWORD)
    assert browser.path == "/account"


def test_people_change_the_password_of_the_directory(world: World, browser: Browser, slapd: PrivateSlapd) -> None:
    at_home(world, browser, slapd, "mover", disable_self_service_change_password=False)
    for current, new, words in (
        ("wrong", "Another Horse 10", "That isn’t your current password"),
        (PASSWORD, "short", "This password isn’t accepted"),
        (PASSWORD, "", "password"),
    ):
        browser.submit("change-password", current_password=current, password=new)
        assert browser.status == 400
        assert words in browser.shown.text
    browser.submit("change-password", current_password=PASSWORD, password="Another Horse 10")
    assert (browser.status, browser.path) == (200, "/account")
    assert [entry["connection_id"] for entry in logged(world, "scp")]
    other = world.browser()
    other.open("/account")
    other.submit(username="mover", password=PASSWORD)
    assert other.status == 400
    other.submit(username="mover", password="Another Horse 10")
    assert other.path == "/account"


def test_where_the_connection_does_not_offer_it(world: World, browser: Browser, slapd: PrivateSlapd) -> None:
    at_home(world, browser, slapd, "stayer")
    assert "change-password" not in str(browser.shown.forms)
    browser.submit("save-profile", name="Stayer")
    form = {"csrf": browser.shown.form("name").fields["csrf"], "current_password": PASSWORD, "password": "Another 10"}
    browser.open("/account/password", method="POST", form=form, site="same-origin")
    assert browser.status == 400
    assert "no password here" in browser.shown.text
