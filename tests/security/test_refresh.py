"""Group F: refresh tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

Event = Callable[[World, Application, Tokens, Person], object]
EVENTS: dict[str, Event] = {
    "the user is blocked": lambda w, a, t, p: w.management().patch(f"/users/{p.user_id}", {"blocked": True}),
    "the user is deleted": lambda w, a, t, p: w.management().delete(f"/users/{p.user_id}"),
    "the password is changed": lambda w, a, t, p: w.management().patch(
        f"/users/{p.user_id}", {"password": "an entirely New passphrase 7"}
    ),
    "the token is revoked": lambda w, a, t, p: a.call("/oauth/revoke", token=t.refresh_token),
    "the client is deleted": lambda w, a, t, p: w.management().delete(f"/clients/{a.client_id}"),
    "the grant type is taken away": lambda w, a, t, p: w.management().patch(
        f"/clients/{a.client_id}", {"grant_types": ["authorization_code"]}
    ),
    "the connection is disabled": lambda w, a, t, p: w.enable_connection(w.connection_id),
    "the connection is deleted": lambda w, a, t, p: w.management().delete(f"/connections/{w.connection_id}"),
    "consent is taken back": lambda w, a, t, p: [
        w.management().delete(f"/grants/{g['id']}") for g in w.management().get(f"/grants?user_id={p.user_id}")
    ],
    "an administrator deletes the token": lambda w, a, t, p: [
        w.management().delete(f"/refresh-tokens/{each['id']}")
        for each in w.management().get(f"/users/{p.user_id}/refresh-tokens")["tokens"]
    ],
}


@row("F1")
def test_reuse_ends_the_family_and_says_so_in_the_log(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    first = app.sign_in(browser, jane, scope="openid offline_access")
    second = first.refreshed()
    assert app.refresh(first.refresh_token).get_json()["error"] == "invalid_grant"
    assert app.refresh(second.refresh_token).get_json()["error"] == "invalid_grant"
    assert second.userinfo().status_code == 401
    assert [entry.type for entry in world.logs("ferrt")] == ["ferrt"]


@row("F3")
def test_it_is_bound_to_its_client_and_that_clients_authentication(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    assert world.client().refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert app.refresh(tokens.refresh_token, auth="none").status_code == 401
    assert tokens.refreshed()


@row("F4")
@pytest.mark.parametrize("scope", ["openid profile", "openid offline_access email", "admin", "openid read:things"])
def test_scopes_never_widen(world: World, browser: Browser, jane: Person, scope: str) -> None:
    world.api()
    app = world.client("spa")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    assert app.refresh(tokens.refresh_token, scope=scope).get_json()["error"] == "invalid_scope"


@row("F5", "H4")
@pytest.mark.parametrize("event", list(EVENTS))
@pytest.mark.parametrize("kind", ["spa", "web"])
def test_it_stops_at_once_when(world: World, browser: Browser, jane: Person, event: str, kind: str) -> None:
    app = world.client(kind, is_first_party=False)
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    other = world.other_process()
    elsewhere = Application(other, app.client_id, app.secret, app.callback, app.auth)
    if kind == "web":
        assert elsewhere.refresh(tokens.refresh_token).status_code == 200
    EVENTS[event](world, app, tokens, jane)
    for process in (elsewhere, app):
        response = process.refresh(tokens.refresh_token)
        assert response.status_code in {400, 401}, response.get_data(as_text=True)
        assert "access_token" not in response.get_data(as_text=True)
    other.platform.db.dispose()


@row("F6")
def test_nobody_revokes_anothers_token(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client("spa").sign_in(browser, jane, scope="openid offline_access")
    for stranger in (world.client("spa"), world.client()):
        for token in (tokens.refresh_token, tokens.access_token):
            assert stranger.call("/oauth/revoke", token=token).status_code == 200
    assert tokens.userinfo().status_code == 200
    assert tokens.refreshed()


@row("F7")
def test_sliding_never_passes_the_absolute_end(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client("spa")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    for _ in range(29):
        clock.forward(days=1)
        tokens = tokens.refreshed()
    clock.forward(days=1, minutes=1)
    assert app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"


@row("F8")
def test_a_restart_remembers_what_was_spent(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    first = app.sign_in(browser, jane, scope="openid offline_access")
    first.refreshed()
    restarted = world.other_process()
    moved = Application(restarted, app.client_id, None, app.callback, "none")
    assert moved.refresh(first.refresh_token).get_json()["error"] == "invalid_grant"
    restarted.platform.db.dispose()
