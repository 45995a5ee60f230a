"""How many clients make themselves known, how often, and how many at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.applications.registration import documents, metadata
from idp.applications.registration.models import Registration
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import OAuthError
from tests.security.rows import row
from tests.world.fixtures import on_both_stores
from tests.world.racing import at_once
from tests.world.registration import REDIRECT, call, register, switch_on
from tests.world.world import World

RACERS, ROOM = 6, 2


def registered(world: World, number: int) -> int:
    """One that registers itself; answers the status."""
    return register(world, client_name=f"Number {number}").status_code


def documented(world: World, number: int) -> int:
    """One whose document was read."""
    said = metadata.read({"redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}, development=False)
    with world.platform.work(world.tenant, orm=True) as work:
        try:
            documents.keep(work, f"https://number{number}.example.test/client.json", said, 300, made_by="client")
        except OAuthError as problem:
            return problem.status
    return 201


@row("P1")
@pytest.mark.usefixtures("patient")
@on_both_stores
@pytest.mark.parametrize("way", [registered, documented])
def test_of_many_at_once_none_goes_beyond_the_number(
    processes: Sequence[World], way: Callable[[World, int], int]
) -> None:
    switch_on(processes[0], open=True, max_clients=ROOM)
    racers = [partial(way, processes[number % len(processes)], number) for number in range(RACERS)]
    assert sorted(at_once(racers)) == [201] * ROOM + [429] * (RACERS - ROOM)
    with processes[0].context() as work:
        assert work.rows.scalar(select(func.count()).select_from(Registration)) == ROOM


def test_of_many_at_once_one_gets_the_last_use(world: World) -> None:
    switch_on(world)
    token = world.management().post("/initial-access-tokens", {"name": "CI", "uses": 2})["token"]
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(each.status_code for each in pool.map(lambda _: register(world, token), range(6)))
    assert statuses == [201, 201, 401, 401, 401, 401]


def test_of_one_network_so_many_and_of_a_tenant_so_many(open_world: Any) -> None:
    world = open_world(IDP_RATE_LIMITS="on")
    switch_on(world, open=True, max_clients=2)
    assert [register(world).status_code for _ in range(3)] == [201, 201, 429]
    switch_on(world, max_clients=100)
    statuses = [register(world).status_code for _ in range(20)]
    assert statuses.count(429) == 3  # three were counted before


@row("P1")
def test_a_client_has_us_fetch_what_it_names_so_often(open_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REGISTRATIONS_CHANGED", replace(limits.REGISTRATIONS_CHANGED, count=3))
    world = open_world(IDP_RATE_LIMITS="on")
    switch_on(world, open=True)
    made = register(world).get_json()
    path, token = f"/oidc/register/{made['client_id']}", made["registration_access_token"]
    body = {"client_id": made["client_id"], "redirect_uris": [REDIRECT], "sector_identifier_uri": "https://a.invalid/s"}
    statuses = [call(world, "PUT", path, token, body).status_code for _ in range(4)]
    assert statuses == [400, 400, 400, 429]


@row("P1")
def test_wrong_tokens_of_registrations_count_for_their_network(
    open_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REGISTRATIONS_TRIED", replace(limits.REGISTRATIONS_TRIED, count=3))
    world = open_world(IDP_RATE_LIMITS="on")
    switch_on(world, open=True)
    made = register(world).get_json()
    path, token = f"/oidc/register/{made['client_id']}", made["registration_access_token"]
    tried = [call(world, method, path, "wrong", {}).status_code for method in ("GET", "PUT", "DELETE", "GET")]
    assert tried == [401, 401, 401, 429]
    assert call(world, "GET", path, token).status_code == 200
