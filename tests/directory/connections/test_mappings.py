"""Every strategy shows what would come of a profile of its source, or says why there is none to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import Identity, Maps
from connectors.registry import STRATEGIES
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users.service import foreseen
from tests.world.world import World

OTHERWISE: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "auth0": ({"enabledDatabaseCustomization": True}, {"enabledDatabaseCustomization": True, "import_mode": True}),
    "office365": ({"waad_protocol": "ws-federation"},),
    "twitter": ({"protocol": "oauth1"},),
    "waad": ({"waad_protocol": "ws-federation"}, {"use_wsfed": True}),
}
"""Options that lead to another connector than the usual one."""


def test_the_strategies_whose_options_choose_a_connector_are_these() -> None:
    assert {name for name, each in STRATEGIES.items() if each.choose is not None} == OTHERWISE.keys()


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_shows_what_comes_of_a_profile_or_says_why_not(world: World, name: str) -> None:
    strategy = STRATEGIES[name]
    assert strategy.can(Maps) is not bool(strategy.unmapped or strategy.unusable)
    usual = [] if strategy.unmapped or strategy.unusable else [{}]
    for options in (*usual, *OTHERWISE.get(name, ())):
        connection = ConnectionConfig("con_1", "corp", name, strategy.read(options), dict(options), {})
        assert connection.can(Maps), options
        with world.context() as work:
            found = foreseen.foresee(work, connection, foreseen.example(work, connection))
        assert found.user_id.startswith(f"{strategy.provider}|")
        assert found.left_out == []
        tells = strategy.guide is None or strategy.guide.email != "none"
        assert tells is any(each.name == "email" for each in found.attributes)
        connector = runtime.open(work, connection)
        assert isinstance(connector, Maps)
        said = connector.maps(connector.example())
        again = connector.maps(connector.recalled(said))
        assert (again.user_id, again.profile) == (said.user_id, said.profile), "what is kept says the same once more"


@pytest.mark.parametrize("name", sorted(name for name, each in STRATEGIES.items() if each.can(Maps)))
def test_the_id_is_known_although_the_source_did_not_say_it_or_it_was_not_kept(world: World, name: str) -> None:
    strategy = STRATEGIES[name]
    connection = ConnectionConfig("con_1", "corp", name, strategy.read({}), {}, {})
    with world.context() as work:
        connector = runtime.open(work, connection)
    assert isinstance(connector, Maps)
    assert connector.recalled(Identity("7", {"name": "Jane"})) == {}, "nothing was kept"
    assert connector.maps(connector.recalled(Identity("7", {}, raw={"something": "else"}))).user_id == "7"
