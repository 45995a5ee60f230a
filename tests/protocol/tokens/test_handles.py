"""Nobody but the tenant makes a code or token, and none is another than it is."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from idp.foundation.db import resealing
from idp.protocol.tokens import found, handles
from tests.world.application import Application, Tokens
from tests.world.fixtures import on_both_stores
from tests.world.templates import SECRET_KEY
from tests.world.world import API, Person, World

OFFLINE = "openid profile offline_access"


@pytest.fixture
def app(world: World) -> Application:
    return world.client("spa")


@pytest.fixture
def tokens(world: World, app: Application, jane: Person) -> Tokens:
    return app.sign_in(world.browser(), jane, scope=OFFLINE)


def test_a_changed_letter_makes_it_worthless(world: World, tokens: Tokens) -> None:
    with world.context() as work:
        for token in (tokens.access_token, tokens.refresh_token):
            assert found.by_token(work, token) is not None
            for place in range(len(token)):
                other = "A" if token[place] != "A" else "B"
                assert found.by_token(work, token[:place] + other + token[place + 1 :]) is None
            for changed in (token[:-1], token + "A", token + "=", token + "\n", token[4:], token.swapcase(), ""):
                assert found.by_token(work, changed) is None


def test_each_kind_is_good_for_itself_alone(world: World, app: Application, jane: Person) -> None:
    world.api()
    browser = world.browser()
    tokens = app.sign_in(browser, jane, scope=OFFLINE, audience=API)
    jti = tokens.access_claims["jti"]
    attempt = app.begin(browser, scope=OFFLINE)
    code = browser.answer.params["code"]
    assert app.userinfo(tokens.access_token).status_code == 200
    for other in (jti, code, tokens.refresh_token):
        assert app.userinfo(other).status_code == 401
    for other in (jti, code, tokens.access_token):
        assert app.refresh(other).get_json()["error"] == "invalid_grant"
    for other in (jti, tokens.refresh_token):
        assert attempt.redeem(replace(browser.answer, params={"code": other})).get_json()["error"] == "invalid_grant"
    assert attempt.tokens(browser.answer).refreshed()
    assert tokens.refreshed()


def test_one_of_another_tenant_is_none(world: World, tokens: Tokens) -> None:
    other = world.other_tenant("acme", "https://acme.example.test/")
    with other.context() as work:
        assert found.by_token(work, tokens.access_token) is None
        assert handles.read_spent_once(work, handles.REFRESH, tokens.refresh_token) is None


def test_a_narrowed_token_stays_narrow_and_never_gets_more(world: World, app: Application, tokens: Tokens) -> None:
    narrow = tokens.refreshed(scope="openid")
    assert set(narrow.userinfo().get_json()) == {"sub"}
    with world.context() as work:
        seen = found.by_token(work, narrow.access_token)
        assert seen is not None
        wide = handles.access(work, handles.ACCESS, seen.granted.id, 60, "openid admin")
        assert found.by_token(work, wide).scope == "openid"  # type: ignore[union-attr]


@pytest.mark.parametrize("audience", [None, API])
def test_one_access_token_is_revoked_by_itself(world: World, app: Application, jane: Person, audience: str) -> None:
    world.api()
    first = app.sign_in(world.browser(), jane, scope=OFFLINE, audience=audience)
    second = first.refreshed()
    for _ in range(2):
        assert app.call("/oauth/revoke", token=first.access_token).status_code == 200
    assert [each.userinfo().status_code for each in (first, second)] == [401, 200]
    assert second.refreshed().userinfo().status_code == 200


def test_so_many_revoked_ones_take_their_family_along(
    world: World, app: Application, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "MOST_REVOKED", 2)
    for _ in range(3):
        assert tokens.userinfo().status_code == 200
        app.call("/oauth/revoke", token=tokens.access_token)
        before, tokens = tokens, tokens.refreshed() if _ < 2 else tokens
    assert before.userinfo().status_code == 401
    assert app.refresh(tokens.refresh_token).status_code == 400


def test_they_outlive_the_master_key_that_they_were_made_under(world: World, tokens: Tokens) -> None:
    newer = "another master key of the tests that is long enough"
    both = world.other_process(secret_keys=(newer, SECRET_KEY))
    assert resealing.reseal(both.platform.db, both.platform.sealer) > 0
    alone = world.other_process(secret_keys=(newer,))
    moved = replace(tokens, app=replace(tokens.app, world=alone))
    assert moved.userinfo().status_code == 200
    assert moved.refreshed().userinfo().status_code == 200
    for each in (both, alone):
        each.platform.db.dispose()


@on_both_stores
def test_the_first_key_is_made_once_however_many_need_it(world: World, jane: Person) -> None:
    """In a database of the release before there is none, and processes remember that."""
    processes = [world.other_process() for _ in range(4)]
    made: list[str] = []

    def sign(process: World) -> None:
        with process.context() as work:
            made.append(handles.access(work, handles.ACCESS, "rlp_0123456789abcdefghi", 60, None))

    threads = [threading.Thread(target=sign, args=(each,)) for each in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == len(processes)
    for process in processes:
        with process.context() as work:
            assert all(handles.read_access(work, handles.ACCESS, each) is not None for each in made)
        process.platform.db.dispose()


def test_a_token_of_no_scopes_never_has_those_of_its_family(world: World, jane: Person) -> None:
    """An API that lost its scopes while the client asked for one, and got them back while the token lived."""
    world.api()
    app = world.client()
    tokens = app.sign_in(world.browser(), jane, scope="offline_access read:things", audience=API)
    world.change_api(API, scopes=[])
    bare = tokens.refreshed(scope="read:things")
    assert "scope" not in bare.raw
    world.change_api(API, scopes=[{"value": "read:things"}])
    assert app.introspect(bare.access_token)["scope"] == ""
    assert app.introspect(tokens.access_token)["scope"] == "offline_access read:things"
