"""Federations in the dashboard: whom the tenant trusts, and by what chain a client came (docs/federation.md)."""

from __future__ import annotations

import json

import pytest

from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.conftest import Desk
from tests.flows.federation.conftest import environment, federation, party, standing
from tests.world.application import Application
from tests.world.client_keys import public
from tests.world.federation import Federation, settings
from tests.world.relying_party import begin
from tests.world.world import World

__all__ = ["environment", "federation", "party", "standing"]
ADVANCED = "/admin/settings/tenant/advanced"


def test_anchors_are_typed_in_after_a_second_look(world: World, desk: Desk, federation: Federation) -> None:
    said = settings(federation)["federation"]
    typed = json.dumps(said["trust_anchors"])
    desk.open(ADVANCED).press(
        "tenant-save",
        federation__enabled="true",
        federation__trust_anchors=typed,
        federation__authority_hints="https://a.test/",
    )
    assert not world.management().get("/tenants/settings")["federation"]["enabled"], "a careful change is shown first"
    desk.press("tenant-confirm")
    found = world.management().get("/tenants/settings")["federation"]
    assert (found["enabled"], found["authority_hints"]) == (True, ["https://a.test/"])
    assert found["trust_anchors"] == said["trust_anchors"]


@pytest.mark.parametrize("typed", ["{", "[7]", '[{"entity_id": "https://a.test/"}]'])
def test_anchors_that_are_none(world: World, desk: Desk, typed: str) -> None:
    desk.open(ADVANCED).press("tenant-save", federation__trust_anchors=typed)
    assert desk.has("problems")
    assert world.management().get("/tenants/settings")["federation"]["trust_anchors"] == []


def test_a_private_key_is_no_anchors(world: World, desk: Desk) -> None:
    typed = json.dumps([{"entity_id": "https://a.test/", "jwks": {"keys": [{**public(), "d": "AA"}]}}])
    desk.open(ADVANCED).press("tenant-save", federation__trust_anchors=typed)
    desk.press("tenant-confirm")
    assert "private key" in desk.text
    assert world.management().get("/tenants/settings")["federation"]["trust_anchors"] == []


def test_the_chain_of_a_client_is_shown(party: Application, federation: Federation, desk: Desk, world: World) -> None:
    begin(party, world.browser())
    made = world.management().get("/clients?is_first_party=false")[0]["client_id"]
    assert desk.open("/admin/applications/registered?kind=oidf").rows() == ["The rp"]
    for language in EVERYWHERE:
        desk.open(f"/admin/applications/registered/{made}?ui_locales={language}")
        assert desk.status == 200
        assert [each.text_content() for each in desk.one("registered-path")] == [
            federation[name].id for name in ("rp", "middle", "anchor")
        ]
    assert federation["anchor"].id in desk.say("registered-anchor")
    assert not desk.has("registered-read-again")
