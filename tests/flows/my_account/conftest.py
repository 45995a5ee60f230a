"""An application that manages somebody's own account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.registry import STRATEGIES
from tests.world.application import Application
from tests.world.factors import demand
from tests.world.own_account import Connecting, Giving, Me, activated, allow, sign_in
from tests.world.sources import REDIRECT
from tests.world.world import Person, World


@pytest.fixture
def app(world: World) -> Application:
    demand(world, "otp", "sms", "email", "recovery-code", policy="")
    activated(world)
    made = world.client(grant_types=["authorization_code", "refresh_token", "client_credentials"])
    allow(world, made)
    return made


@pytest.fixture
def me(world: World, app: Application, jane: Person) -> Me:
    return Me(world, sign_in(app, jane).access_token)


@pytest.fixture
def connecting(
    world: World, app: Application, jane: Person, source_stubs: None, monkeypatch: pytest.MonkeyPatch
) -> Connecting:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Giving))
    return Connecting(world, app, jane)
