"""NUL, half characters and what is no UTF-8 at every address that sources and their people come to, on both stores: an
answer of that edge, and never a defect (security.md V3).
"""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.fixtures import on_both_stores
from tests.world.saml import connect
from tests.world.world import World

ADDRESSES = (
    "/oauth/connection/{bad}/.well-known/jwks.json",
    "/samlp/metadata?connection={bad}",
    "/samlp/{bad}",
    "/wsfed/{bad}?wa=wsignin1.0",
    "/login/redirect/{bad}?state={bad}",
    "/login/callback?state={bad}",
    "/login/callback?answer={bad}",
    "/login/callback/onward?state={bad}",
    "/login/try?ticket={bad}",
    "/connected-accounts/connect?ticket={bad}",
    "/logout?state={bad}",
    "/logout?connection={bad}&SAMLRequest=x",
)
GARBAGE = {"NUL": "a%00b", "no text": "%ff%fe", "half": "a%ED%A0%80b", "long": "%F0%9F%92%A5" * 100}
OWN = ("/connections/{bad}", "/connections/{bad}/status", "/connections/{bad}/keys", "/connections?name={bad}")


@row("V3")
@on_both_stores
@pytest.mark.parametrize("bad", GARBAGE.values(), ids=GARBAGE.keys())
def test_no_garbage_is_a_defect(world: World, bad: str) -> None:
    source = connect(world, world.client().client_id)
    for address in ADDRESSES:
        assert world.send("GET", address.format(bad=bad)).status_code < 500, address
    for address in OWN:
        assert world.send("GET", f"/api/v2{address.format(bad=bad)}", headers=_bearer(world.token())).status_code < 500
    posted = world.send("POST", f"/login/callback?connection={bad}", data={"SAMLResponse": "x"})
    assert posted.status_code < 500
    assert world.send("POST", f"/logout/backchannel/{bad}", data={"logout_token": "a.b.c"}).status_code < 500
    api, path = world.caller(), f"/connections/{source.connection_id}/scim-configuration"
    assert api.post(path, {}).status_code == 201
    scopes = [f"{verb}:{what}" for verb in ("get", "put", "patch", "delete") for what in ("users", "groups")]
    token = api.post(f"{path}/tokens", {"scopes": scopes}).json["token"]
    for kind in ("Users", "Groups"):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            there = f"/scim/v2/connections/{source.connection_id}/{kind}/{bad}"
            assert world.send(method, there, headers=_bearer(token), data=b"{}").status_code < 500, (method, kind)
        query = f"filter=externalId%20eq%20%22{bad}%22"
        there = f"/scim/v2/connections/{source.connection_id}/{kind}?{query}"
        assert world.send("GET", there, headers=_bearer(token)).status_code < 500, kind


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
