"""Group F: refresh tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import found, store
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.store import Exchange
from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import API, Person, World

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

THINGS = "openid read:things offline_access"
DENIED = {"user": {"policy": "deny_all"}, "client": {"policy": "require_client_grant"}}
BY_GRANT = {"user": {"policy": "require_client_grant"}, "client": {"policy": "require_client_grant"}}
POSSESSION = {"mechanism": "dpop", "required": True}


def recreated(world: World, *_: object) -> None:
    """The API is deleted, and another one is given its identifier."""
    world.management().delete(f"/resource-servers/{api_id(world)}")
    world.api()


def api_id(world: World) -> str:
    (found,) = [each for each in world.management().get("/resource-servers") if each["identifier"] == API]
    return str(found["id"])


def api_patched(**members: object) -> Event:
    return lambda w, a, t, p: w.management().patch(f"/resource-servers/{api_id(w)}", members)


ON_THE_APIS_SIDE: dict[str, Event] = {
    "the API is deleted": lambda w, a, t, p: w.management().delete(f"/resource-servers/{api_id(w)}"),
    "another API has its identifier": recreated,
    "the API serves no people": api_patched(subject_type_authorization=DENIED),
    "the API asks for a client grant": api_patched(subject_type_authorization=BY_GRANT),
    "the API requires proof of possession": api_patched(proof_of_possession=POSSESSION),
    "the API encrypts its tokens": lambda w, a, t, p: w.change_api(
        API, token_encryption={"format": "compact-nested-jwe"}
    ),
    "the client requires proof of possession": lambda w, a, t, p: w.management().patch(
        f"/clients/{a.client_id}", {"require_proof_of_possession": True}
    ),
    "the connection is disabled": lambda w, a, t, p: w.enable_connection(w.connection_id),
    "the client is deleted": lambda w, a, t, p: w.management().delete(f"/clients/{a.client_id}"),
    "the user is deleted": lambda w, a, t, p: w.management().delete(f"/users/{p.user_id}"),
    "consent is taken back": lambda w, a, t, p: w.management().delete(f"/grants?user_id={p.user_id}"),
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


@row("F5")
@pytest.mark.parametrize("event", list(ON_THE_APIS_SIDE))
@pytest.mark.parametrize("kind", ["spa", "web"])
def test_nothing_of_an_api_is_good_any_more_when(
    world: World, browser: Browser, jane: Person, event: str, kind: str, elsewhere: World
) -> None:
    """Refresh tokens, open codes, access tokens here and their description: in every process, at once."""
    world.api()
    app = world.client(kind, is_first_party=False)
    tokens = app.sign_in(browser, jane, audience=API, scope=THINGS)
    open_code = app.begin(browser, audience=API, scope=THINGS)
    answer = browser.answer
    there = Application(elsewhere, app.client_id, app.secret, app.callback, app.auth)
    assert there.userinfo(tokens.access_token).status_code == 200
    ON_THE_APIS_SIDE[event](world, app, tokens, jane)
    for process in (there, app):
        open_code.app = process
        for response in (process.refresh(tokens.refresh_token), open_code.redeem(answer)):
            assert response.status_code in {400, 401}, response.get_data(as_text=True)
            assert "access_token" not in response.get_data(as_text=True)
        assert process.userinfo(tokens.access_token).status_code == 401
        if kind == "web" and event != "the client is deleted":
            assert process.introspect(tokens.access_token) == {"active": False}
            if not event.endswith("requires proof of possession"):  # with a proof it is good
                assert process.introspect(tokens.refresh_token) == {"active": False}


@row("F5")
@pytest.mark.parametrize("kind", ["spa", "web"])
def test_a_permission_that_was_removed_is_in_nothing_that_was_issued_before(
    world: World, browser: Browser, jane: Person, kind: str
) -> None:
    world.api()
    app = world.client(kind)
    tokens = app.sign_in(browser, jane, audience=API, scope=THINGS + " write:things")
    attempt = app.begin(browser, audience=API, scope=THINGS + " write:things")
    world.management().patch(f"/resource-servers/{api_id(world)}", {"scopes": [{"value": "read:things"}]})
    left = {"openid", "read:things", "offline_access"}
    assert set(attempt.tokens(browser.answer).raw["scope"].split()) == left
    assert set(tokens.refreshed().raw["scope"].split()) == left
    if kind == "web":
        assert set(app.introspect(tokens.access_token)["scope"].split()) == left


@row("F5")
@pytest.mark.parametrize("switched_off", ["at the API", "at the client"])
def test_offline_access_that_was_switched_off_gives_no_refresh_tokens(
    world: World, browser: Browser, jane: Person, switched_off: str
) -> None:
    world.api()
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=API, scope=THINGS)
    attempt = app.begin(browser, audience=API, scope=THINGS)
    if switched_off == "at the API":
        world.management().patch(f"/resource-servers/{api_id(world)}", {"allow_offline_access": False})
    else:
        world.management().patch(f"/clients/{app.client_id}", {"grant_types": ["authorization_code"]})
    raw = attempt.tokens(browser.answer).raw
    assert ("refresh_token" in raw, raw["scope"]) == (False, "openid read:things")
    assert app.refresh(tokens.refresh_token).status_code == 400
    assert app.introspect(tokens.refresh_token) == {"active": False}
    assert app.introspect(tokens.access_token)["scope"] == "openid read:things"


@row("F5")
def test_another_api_of_the_same_identifier_is_asked_for_anew(world: World, browser: Browser, jane: Person) -> None:
    world.api()
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane, audience=API, scope=THINGS)
    recreated(world)
    management = world.management()
    assert management.get(f"/grants?user_id={jane.user_id}") == []
    assert management.get(f"/users/{jane.user_id}/refresh-tokens")["tokens"] == []
    app.begin(browser, audience=API, scope=THINGS, prompt="none")
    assert browser.answer.error == "consent_required"


@row("F5")
def test_deleting_an_api_leaves_what_is_not_its_own(world: World, browser: Browser, jane: Person) -> None:
    world.api()
    other = world.api("https://other.example.test/")
    app = world.client(is_first_party=False)
    kept = [app.sign_in(browser, jane, audience=each, scope=THINGS) for each in (None, other)]
    world.management().delete(f"/resource-servers/{api_id(world)}")
    for tokens in kept:
        assert tokens.userinfo().status_code == 200
        assert tokens.refreshed()


@row("F5")
@pytest.mark.parametrize("change", ["delete", "deny", "grant", "type"])
def test_a_machines_token_is_described_as_it_would_be_issued_now(world: World, change: str) -> None:
    machine, backend = world.client("m2m"), world.client("m2m")
    world.api(client_id=backend.client_id)
    world.grant(machine.client_id, API, "read:things", "write:things")
    token = machine.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    assert machine.introspect(token)["scope"] == backend.introspect(token)["scope"] == "read:things write:things"
    management = world.management()
    (grant,) = management.get(f"/client-grants?client_id={machine.client_id}")
    management.patch(f"/client-grants/{grant['id']}", {"scope": ["read:things"]})
    assert machine.introspect(token)["scope"] == "read:things"
    if change == "delete":
        management.delete(f"/resource-servers/{api_id(world)}")
    elif change == "deny":
        world.change_api(API, subject_type_authorization={"client": {"policy": "deny_all"}})
    elif change == "grant":
        management.delete(f"/client-grants/{grant['id']}")
    else:
        world.change_client(machine.client_id, grant_types=["authorization_code"])
    assert machine.introspect(token) == {"active": False}


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


@pytest.mark.parametrize("why", ["a wrong try", "offline access switched off"])
def test_a_code_that_gave_no_refresh_token_is_none_to_anybody(
    world: World, browser: Browser, jane: Person, why: str
) -> None:
    """Lists of the Management API show no refresh token where there is none."""
    app = world.client()
    attempt = app.begin(browser, scope="openid offline_access")
    browser.submit(username=jane.email, password=jane.password)
    if why == "a wrong try":
        assert attempt.redeem(browser.answer, code_verifier="x" * 43).status_code == 400
    else:
        world.change_client(app.client_id, grant_types=["authorization_code"])
        assert "refresh_token" not in attempt.redeem(browser.answer).get_json()
    assert world.management().get(f"/users/{jane.user_id}/refresh-tokens")["tokens"] == []


def test_what_is_revoked_during_an_exchange_gives_nothing(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even inside the leeway, which is for those who come second at an exchange."""
    app = world.client(refresh_token={"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 30})
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    before = found.rotate

    def too_late(work: Work, token: FoundToken, exchange: Exchange) -> bool:
        store.revoke(work, token.granted.id)
        return before(work, token, exchange)

    monkeypatch.setattr(found, "rotate", too_late)
    assert app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
