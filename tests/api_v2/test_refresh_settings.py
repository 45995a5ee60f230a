"""``refresh_token`` of a client: an infinite lifetime is only what somebody asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.management import Api
from tests.world.world import Person, World

KEEPS = {"rotation_type": "non-rotating", "expiration_type": "non-expiring"}
EXPIRES = {"rotation_type": "non-rotating", "expiration_type": "expiring"}
BOTH_END = {"infinite_token_lifetime": False, "infinite_idle_token_lifetime": False}
NONE_ENDS = {"infinite_token_lifetime": True, "infinite_idle_token_lifetime": True}
LIFETIMES = {"token_lifetime": 2_592_000, "idle_token_lifetime": 1_296_000}


def shown(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.json
    return dict(answer.json["refresh_token"])


@pytest.mark.parametrize("app_type", ["regular_web", "spa", "native", None])
@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({**EXPIRES, "token_lifetime": 2_592_000}, {**LIFETIMES, **BOTH_END}),
        (EXPIRES, {**LIFETIMES, **BOTH_END}),
        ({**EXPIRES, "idle_token_lifetime": 60}, {**LIFETIMES, **BOTH_END, "idle_token_lifetime": 60}),
        (
            {**EXPIRES, "infinite_token_lifetime": True},
            {**LIFETIMES, "infinite_token_lifetime": True, "infinite_idle_token_lifetime": False},
        ),
        (KEEPS, {**LIFETIMES, **NONE_ENDS}),
        ({**KEEPS, "token_lifetime": 60}, {**LIFETIMES, **NONE_ENDS, "token_lifetime": 60}),
    ],
)
def test_a_new_client_gets_what_it_asks_for(
    api: Api, app_type: str | None, sent: dict[str, Any], stored: dict[str, Any]
) -> None:
    kind = {"app_type": app_type} if app_type else {}
    answer = api.post("/clients", {"name": "App", **kind, "refresh_token": sent})
    assert shown(answer, 201) == {"leeway": 0, **sent, **stored}


@pytest.mark.parametrize(
    ("before", "sent", "stored"),
    [
        (KEEPS, EXPIRES, BOTH_END),
        (KEEPS, {**EXPIRES, "token_lifetime": 60}, {**BOTH_END, "token_lifetime": 60}),
        (EXPIRES, KEEPS, NONE_ENDS),
        ({**EXPIRES, **NONE_ENDS}, EXPIRES, NONE_ENDS),
        (
            {**EXPIRES, **NONE_ENDS},
            {**EXPIRES, "token_lifetime": 60},
            {"infinite_token_lifetime": False, "infinite_idle_token_lifetime": True, "token_lifetime": 60},
        ),
        (EXPIRES, {**EXPIRES, "leeway": 9}, {**BOTH_END, "leeway": 9}),
    ],
)
def test_a_change_means_what_it_says(
    api: Api, before: dict[str, Any], sent: dict[str, Any], stored: dict[str, Any]
) -> None:
    client = api.post("/clients", {"name": "App", "refresh_token": before}).json or {}
    answer = api.patch(f"/clients/{client['client_id']}", {"refresh_token": sent})
    assert shown(answer, 200) == {"leeway": 0, **LIFETIMES, **sent, **stored}


def test_what_asks_to_expire_does(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client(refresh_token={**EXPIRES, "token_lifetime": 2_592_000, "idle_token_lifetime": 2_592_000})
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    clock.forward(days=29)
    tokens.refreshed()
    clock.forward(days=1, minutes=1)
    assert app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
