"""Trying a connection from the dashboard (spec/dashboard.md, line 30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Arrival, ConnectorError, Identity
from connectors.registry import STRATEGIES
from tests.admin.conftest import Desk
from tests.world.fixtures import Clock
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, users
from tests.world.world import World


class Talkative(StubRedirect):
    """Says more than a profile, and not always the same."""

    nickname = "janey"
    answers: Mapping[str, str] | None = {"token_endpoint": "status 400"}

    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`."""
        if self.answers is None:
            raise ConnectorError("temporarily_unavailable", "It does not answer.", detail="no route to host")
        return self.answers

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        said: Mapping[str, Any] = {"department": "Orchards"}
        found = super().finish(arrival)
        return replace(found, raw=said, profile={**found.profile, "nickname": Talkative.nickname})


@pytest.fixture(autouse=True)
def strategy(source_stubs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Talkative))


def trial(world: World, desk: Desk, address: str, **ticked: str) -> str:
    """Make a link, sign in at the source in another tab; answers what its page says."""
    desk.open(address).press("connections-trial", **ticked)
    there = world.browser()
    there.open(str(desk.one("connections-go").get("href")))
    come_back(there)
    assert there.status == 200
    return there.shown.text


def test_line_30_a_trial_shows_raw_and_mapped_profile_and_makes_nobody(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection_id = connect(world, REDIRECT, world.client().client_id)
    address = f"/admin/authentication/connections/{connection_id}/try"
    before = len(users(world))
    said = trial(world, desk, address)
    assert "Orchards" in said, "as the source said it"
    assert "jane@source.example" in said, "as it would be kept"
    assert "There is no such user yet." in said
    assert len(users(world)) == before
    assert "The user was made." in trial(world, desk, address, create_user="true")
    assert len(users(world)) == before + 1
    assert "Nothing would change." in trial(world, desk, address)
    monkeypatch.setattr(Talkative, "nickname", "jenny")
    assert "nickname janey jenny" in trial(world, desk, address), "what is stored otherwise"
    assert len(users(world)) == before + 1


def test_a_source_is_asked_whether_it_answers(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    connection_id = connect(world, REDIRECT, world.client().client_id)
    address = f"/admin/authentication/connections/{connection_id}/try"
    desk.open(address).press("connections-ask")
    assert desk.say("connections-answers") == "token_endpoint status 400"
    assert "As far as can be seen, it works." in desk.text
    clock.forward(minutes=2)
    assert not desk.open(desk.url).has("connections-answers"), "shown once"
    monkeypatch.setattr(Talkative, "answers", None)
    desk.open(address).press("connections-ask")
    assert (desk.status, desk.say("connections-problem")) == (422, "The connection is offline: no route to host")
    options = {"urls": ["ldaps://127.0.0.1:9"], "base_dn": "dc=acme", "bind_dn": "cn=us", "bind_password": "secret"}
    made = world.caller().post("/connections", {"name": "corp", "strategy": "ad", "options": options})
    desk.open(f"/admin/authentication/connections/{made.json['id']}/try").press("connections-ask")
    assert desk.say("connections-problem").startswith("The connection is offline: ")
    assert not desk.has("connections-trial"), "nobody is sent anywhere"


def test_a_connection_without_pages_has_no_trial(world: World, desk: Desk) -> None:
    address = f"/admin/authentication/connections/{world.connection_id}"
    assert not desk.open(address).has("tab-try")
    assert desk.open(f"{address}/try").status == 404
