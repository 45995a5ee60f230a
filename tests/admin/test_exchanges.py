"""Token exchange profiles at the dashboard: made, changed, deleted, as the Management API does."""

from __future__ import annotations

from tests.admin.conftest import Desk
from tests.world.world import World

LIST = "/admin/applications/exchanges"
ISSUER = "https://legacy.acme.example"


def test_a_profile_is_made_changed_and_deleted(world: World, desk: Desk) -> None:
    made = {
        "name": "Legacy sessions",
        "subject_token_type": "urn:acme:legacy",
        "validation__issuer": ISSUER,
        "validation__jwks_uri": f"{ISSUER}/jwks",
    }
    desk.open(f"{LIST}/new").press("exchanges-save", **made)
    (profile,) = world.management().get("/token-exchange-profiles")["token_exchange_profiles"]
    assert profile["validation"] == {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}
    desk.open(f"{LIST}/{profile['id']}/settings").press("exchanges-save", validation__claim="uid", name="Sessions")
    changed = world.management().get(f"/token-exchange-profiles/{profile['id']}")
    assert (changed["name"], changed["validation"]["claim"]) == ("Sessions", "uid")
    assert "urn:acme:legacy" in desk.open(LIST).text
    desk.open(f"{LIST}/{profile['id']}/delete").press("exchanges-confirm", desk__typed="Sessions")
    assert world.management().get("/token-exchange-profiles")["token_exchange_profiles"] == []
