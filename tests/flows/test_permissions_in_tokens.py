"""What tokens carry for APIs that enforce permissions (spec/access-control.md, "Token effect")."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.access import Access
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import API, Person, World

DIALECTS = ("access_token", "rfc9068_profile", "access_token_authz", "rfc9068_profile_authz")
ALL = ("read:things", "write:things", "delete:things")
WANTED = "openid offline_access read:things write:things delete:things read:unknown"


@pytest.fixture
def access(world: World) -> Access:
    return Access(world)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("enforced", [False, True])
def test_the_token_matrix(
    world: World, access: Access, browser: Browser, jane: Person, dialect: str, enforced: bool
) -> None:
    """spec/access-control.md, acceptance 1 (roles of organizations come with organizations)."""
    world.api(scopes=ALL, token_dialect=dialect, enforce_policies=enforced)
    reader, editor = access.role("Reader", "read:things"), access.role("Editor", "read:things", "write:things")
    access.give(jane, reader, editor)
    tokens = world.client().sign_in(browser, jane, audience=API, scope="openid read:things delete:things")
    claims = tokens.access_claims
    assert claims["scope"] == ("openid read:things" if enforced else "openid read:things delete:things")
    authz = enforced and dialect.endswith("authz")
    assert claims.get("permissions") == (["read:things", "write:things"] if authz else None)
    assert "permissions" not in tokens.id_claims


def test_everything_that_gives_permissions_adds_up(
    world: World, access: Access, browser: Browser, jane: Person
) -> None:
    world.api(scopes=ALL, token_dialect="rfc9068_profile_authz", enforce_policies=True)
    access.give(jane, access.role("Reader", "read:things"), permissions=["delete:things"])
    tokens = world.client().sign_in(browser, jane, audience=API, scope=WANTED)
    assert tokens.access_claims["permissions"] == ["read:things", "delete:things"]
    assert tokens.raw["scope"] == "openid offline_access read:things delete:things"


@row("F4")
@on_both_stores
def test_a_permission_that_is_taken_is_gone_at_the_next_refresh(
    world: World, browser: Browser, jane: Person, store: str
) -> None:
    """spec/access-control.md, acceptance 3."""
    access = Access(world)
    world.api(scopes=ALL, token_dialect="rfc9068_profile_authz", enforce_policies=True)
    role = access.role("Editor", "read:things", "write:things")
    access.give(jane, role)
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=API, scope=WANTED)
    assert tokens.access_claims["permissions"] == ["read:things", "write:things"]
    access.narrow(role, "write:things")
    assert app.introspect(tokens.access_token)["scope"] == "openid offline_access read:things"
    later = tokens.refreshed()
    assert (later.access_claims["permissions"], later.raw["scope"]) == (
        ["read:things"],
        "openid offline_access read:things",
    )
    access.take(jane, role)
    last = tokens.refreshed()
    assert (last.access_claims["permissions"], last.raw["scope"]) == ([], "openid offline_access")
    silent = app.attempt(audience=API, scope=WANTED, prompt="none")
    browser.open(silent.url, site="cross-site")
    assert silent.tokens(browser.answer).raw["scope"] == "openid offline_access"


def test_a_refresh_gives_no_scope_that_the_sign_in_did_not(
    world: World, access: Access, browser: Browser, jane: Person
) -> None:
    world.api(scopes=ALL, token_dialect="access_token_authz", enforce_policies=True)
    role = access.role("Reader", "read:things")
    access.give(jane, role)
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=API, scope=WANTED)
    access.widen(role, "write:things")
    later = tokens.refreshed()
    assert later.raw["scope"] == "openid offline_access read:things", "that was the sign-in's"
    assert later.access_claims["permissions"] == ["read:things", "write:things"], "that is today's"
    assert app.sign_in(browser, jane, audience=API, scope=WANTED).raw["scope"].endswith("read:things write:things")


def test_switching_enforcement_on_counts_for_tokens_from_before(
    world: World, access: Access, browser: Browser, jane: Person
) -> None:
    world.api(scopes=ALL)
    tokens = world.client().sign_in(browser, jane, audience=API, scope=WANTED)
    assert "delete:things" in tokens.raw["scope"]
    world.change_api(API, enforce_policies=True)
    assert tokens.refreshed().raw["scope"] == "openid offline_access"
    access.give(jane, permissions=["delete:things"])
    world.change_api(API, enforce_policies=False)


def test_an_api_keeps_its_say_on_offline_access(world: World, access: Access, browser: Browser, jane: Person) -> None:
    world.api(scopes=ALL, enforce_policies=True, allow_offline_access=False)
    access.give(jane, permissions=["read:things"])
    tokens = world.client().sign_in(browser, jane, audience=API, scope=WANTED)
    assert (tokens.raw["scope"], "refresh_token" in tokens.raw) == ("openid read:things", False)


@row("K1", "K2")
def test_nobody_is_asked_for_what_they_cannot_give(
    world: World, access: Access, browser: Browser, jane: Person
) -> None:
    world.api(scopes=ALL, enforce_policies=True)
    role = access.role("Reader", "read:things")
    access.give(jane, role)
    app = world.client(is_first_party=False)
    attempt = app.begin(browser, audience=API, scope="openid read:things delete:things")
    browser.submit(username=jane.email, password=jane.password)
    page = browser.shown.text
    assert "To read things" in page
    assert "To delete things" not in page
    access.widen(role, "delete:things")
    browser.submit("consent-accept")
    assert "To delete things" in browser.shown.text, "the question is another one now"
    access.narrow(role, "delete:things")
    browser.open(browser.shown.url)
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer).raw["scope"] == "openid read:things"
    (grant,) = world.management().get("/grants")
    assert grant["scope"] == ["openid", "read:things"]


def test_a_client_grant_is_what_a_machine_may_do(world: World) -> None:
    world.api(scopes=ALL, token_dialect="access_token_authz", enforce_policies=True)
    app = world.client("web", grant_types=["client_credentials"])
    world.grant(app.client_id, API, "read:things", "write:things")
    claims = app.claims(app.token(grant_type="client_credentials", audience=API).get_json()["access_token"])
    assert (claims["permissions"], claims["scope"]) == (["read:things", "write:things"], "read:things write:things")
    world.change_api(API, token_dialect="access_token")
    claims = app.claims(app.token(grant_type="client_credentials", audience=API).get_json()["access_token"])
    assert "permissions" not in claims


@pytest.mark.parametrize("enforced", [False, True])
def test_passwords_that_clients_pass_on_give_no_more(
    world: World, access: Access, jane: Person, enforced: bool
) -> None:
    world.api(scopes=ALL, token_dialect="access_token_authz", enforce_policies=enforced)
    access.give(jane, permissions=["read:things"])
    app = world.client(grant_types=["password", "refresh_token"])
    world.settings(default_directory="Username-Password-Authentication")
    form: dict[str, Any] = {"username": jane.email, "password": jane.password, "audience": API, "scope": WANTED}
    answer = app.token(grant_type="password", **form)
    assert answer.status_code == 200, answer.get_json()
    scope = answer.get_json()["scope"]
    assert ("delete:things" in scope, "read:things" in scope) == (not enforced, True)
