"""What a DPoP proof costs the store: one insert, at the endpoints where it is shown, and nothing elsewhere
(docs/decisions/0334, 0335).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.protocol.tokens import room
from tests.protocol.tokens.test_statements import Sent
from tests.world.fixtures import on_both_stores
from tests.world.holder import Holder
from tests.world.world import API, Person, World

OFFLINE = "openid email read:things offline_access"
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]
READ, PROVED = ["SELECT"], ["INSERT"]


@on_both_stores
@pytest.mark.parametrize("audience", [None, API])
def test_a_proof_costs_one_insert(
    world: World, jane: Person, monkeypatch: pytest.MonkeyPatch, store: str, audience: str | None
) -> None:
    world.api()
    monkeypatch.setattr(room, "EVERY", 1_000_000)  # one redemption in sixteen looks for room
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
    holder, browser = Holder(world.client(refresh_token=rotating, grant_types=GRANTS)), world.browser()
    world.grant(holder.app.client_id, API, "read:things")
    holder.sign_in(browser, jane, audience=audience, scope=OFFLINE)
    tokens = holder.sign_in(browser, jane, audience=audience, scope=OFFLINE)
    held = {"refresh": tokens.refresh_token, "access": tokens.access_token}

    def refresh() -> None:
        answer = holder.refresh(held["refresh"]).get_json()
        held.update(refresh=answer["refresh_token"], access=answer["access_token"])

    def own() -> None:
        assert holder.token(grant_type="client_credentials", audience=API).status_code == 200

    def userinfo() -> None:
        assert holder.get("/userinfo", held["access"]).status_code == 200

    def introspection() -> None:
        assert holder.app.introspect(held["access"])["cnf"] == {"jkt": holder.jkt}

    looked_up = READ * (2 if audience else 1)
    expected: dict[Callable[[], None], list[str]] = {
        refresh: [*READ, *PROVED, "UPDATE"],
        own: [*READ, *PROVED],
        userinfo: [*looked_up, *PROVED],
        introspection: looked_up,
    }
    for request in expected:
        request()  # everything is remembered now
    sent = Sent(monkeypatch)
    assert {request.__name__: sent.by(request) for request in expected} == {
        request.__name__: statements for request, statements in expected.items()
    }
