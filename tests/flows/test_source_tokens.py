"""What a source gave with somebody: its tokens are sealed and shown to those who may read them, its own words are kept
apart from the profile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Arrival, ConnectorError, Identity
from connectors.registry import STRATEGIES
from tests.world.browser import Browser
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, identities
from tests.world.world import World

TOKEN = "upstream-token"


class Talkative(StubRedirect):
    """A source that says more than a profile, and can be asked whether it answers."""

    silent = False

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        return replace(super().finish(arrival), raw={"department": "Orchards", "blocked": True})

    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`."""
        if Talkative.silent:
            raise ConnectorError("temporarily_unavailable", "It does not answer.", detail="no route to host")
        return {"token_endpoint": "status 405"}


@pytest.fixture(autouse=True)
def strategy(source_stubs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Talkative))
    monkeypatch.setattr(Talkative, "silent", False)


@pytest.fixture
def connection_id(world: World, browser: Browser) -> str:
    """Somebody came from it."""
    app = world.client()
    made = connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    come_back(browser)
    assert browser.answer.code
    return made


@pytest.mark.usefixtures("connection_id")
def test_tokens_of_a_source_are_told_with_the_scope_for_them_alone(world: World) -> None:
    (kept,) = identities(world)
    assert TOKEN not in str(kept.tokens_sealed)
    path = f"/users/{kept.user_id}"
    for scopes in ({"read:users"}, {"read:users", "update:users"}):
        answer = world.caller(*scopes).get(path)
        assert answer.status_code == 200
        assert TOKEN not in answer.get_data(as_text=True)
        assert TOKEN not in world.caller(*scopes).get("/users").get_data(as_text=True)
    (shown,) = world.caller("read:users", "read:user_idp_tokens").get(path).json["identities"]
    assert shown["access_token"] == TOKEN
    assert TOKEN not in world.caller("read:logs").get("/logs").get_data(as_text=True)


@pytest.mark.usefixtures("connection_id")
def test_its_own_words_are_kept_apart_and_are_nobodys_attributes(world: World) -> None:
    (kept,) = identities(world)
    assert kept.raw_profile == {"department": "Orchards", "blocked": True}
    shown: dict[str, Any] = world.caller().get(f"/users/{kept.user_id}").json
    assert not {"department", "blocked", "raw_profile"} & shown.keys()


def test_the_status_of_a_connection_is_what_its_source_answers(world: World, connection_id: str) -> None:
    path = f"/connections/{connection_id}/status"
    assert world.caller("read:connections").get(path).status_code == 200
    Talkative.silent = True
    answer = world.caller("read:connections").get(path)
    assert (answer.status_code, answer.json["errorCode"]) == (404, "connection_offline")
    assert "no route to host" in answer.json["message"]
    assert world.caller("read:users").get(path).status_code == 403
