"""Tokens of the release before, which stored each of them, are good until they end (docs/decisions/0120)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from idp.foundation.kernel import clock as now
from idp.foundation.kernel.secrets import digest
from idp.protocol.tokens.models import Authorization, Token
from tests.world.application import Application, Tokens
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Person, World

ROTATING = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
KEPT = {"rotation_type": "non-rotating", "expiration_type": "non-expiring"}


def stored(world: World, person: Person, app: Application) -> Tokens:
    """A sign-in as the release before left it."""
    tokens = app.sign_in(world.browser(), person, scope="openid profile offline_access")
    old = {"access_token": "a" * 43, "refresh_token": "r" * 43}
    with world.platform.db.engine.begin() as connection:
        connection.execute(update(Authorization).values(generation=0))
        family = connection.execute(Authorization.__table__.select()).mappings().one()
        common = {name: family[name] for name in ("tenant_id", "client_id", "user_id", "scope")}
        moment = now.now_ms()
        for name, text in old.items():
            row = {"kind": name.partition("_")[0], "token_hash": digest(text), "authorization_id": family["id"]}
            ends = {"created_at": moment, "expires_at": moment + 86_400_000}
            connection.execute(insert(Token), [{**common, **row, **ends}])
    return replace(tokens, raw={**tokens.raw, **old})


@on_both_stores
def test_they_are_exchanged_for_todays(world: World, jane: Person) -> None:
    app = world.client(refresh_token=ROTATING)
    old = stored(world, jane, app)
    assert old.userinfo().get_json()["sub"] == jane.user_id
    assert app.introspect(old.refresh_token)["active"] is True
    fresh = old.refreshed()
    assert len(fresh.refresh_token) > 43
    again = fresh.refreshed()
    assert app.refresh(old.refresh_token).get_json()["error"] == "invalid_grant"
    assert [each.userinfo().status_code for each in (old, fresh, again)] == [401] * 3
    assert [entry.type for entry in world.logs("ferrt")] == ["ferrt"]


def test_inside_the_leeway_they_give_another(world: World, jane: Person, clock: Clock) -> None:
    app = world.client(refresh_token={**ROTATING, "leeway": 10})
    old = stored(world, jane, app)
    first, second = old.refreshed(), old.refreshed()
    assert first.refresh_token != second.refresh_token
    third = second.refreshed()
    clock.forward(seconds=11)
    assert third.refreshed()
    assert app.refresh(first.refresh_token).status_code == 400


def test_those_that_stay_the_same_do(world: World, jane: Person) -> None:
    app = world.client(refresh_token=KEPT)
    old = stored(world, jane, app)
    for _ in range(2):
        assert app.refresh(old.refresh_token).get_json()["access_token"]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_they_are_revoked(world: World, jane: Person, kind: str) -> None:
    app = world.client(refresh_token=ROTATING)
    old = stored(world, jane, app)
    assert app.call("/oauth/revoke", token=old.raw[kind]).status_code == 200
    assert old.userinfo().status_code == 401
    assert (app.refresh(old.refresh_token).status_code == 200) is (kind == "access_token")
