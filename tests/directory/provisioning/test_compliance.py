"""A real SCIM client walks through everything that the server says of itself (``scim2-tester``)."""

from __future__ import annotations

from typing import Any

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from idp.directory.connections import service as connections
from tests.world.world import World


@pytest.fixture
def environment() -> dict[str, str]:
    """Hundreds of requests in a moment."""
    return {"IDP_RATE_LIMITS": "off"}


def provisioned(world: World, **configuration: Any) -> tuple[str, str]:
    """A connection with a token of its directory."""
    with world.writing() as work:
        connection_id = str(connections.create(work, {"name": "acme", "strategy": "ad"}).id)
    caller = world.caller()
    made = caller.post(f"/connections/{connection_id}/scim-configuration", configuration)
    assert made.status_code == 201, made.json
    scopes = [f"{verb}:{what}" for verb in ("get", "post", "put", "patch", "delete") for what in ("users", "groups")]
    token = caller.post(f"/connections/{connection_id}/scim-configuration/tokens", {"scopes": scopes}).json
    return connection_id, str((token or {})["token"])


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compliance(world: World) -> None:
    """It sends no ``externalId`` by itself, so that the ``userName`` is the id at the source."""
    connection_id, token = provisioned(world, user_id_attribute="userName")
    base = f"{world.issuer}scim/v2/connections/{connection_id}"
    client = WSGISCIMClient(world.app, base_url=base, headers={"Authorization": f"Bearer {token}"})
    client.discover()
    results = check_server(client)
    assert len(results) > 100
    bad = [each for each in results if each.status in {Status.ERROR, Status.CRITICAL}]
    wrong = [f"{each.status.name} {each.title}: {each.reason}" for each in bad]
    assert wrong == []
