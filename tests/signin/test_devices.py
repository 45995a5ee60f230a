"""A session says which browser began it and which one was seen last; what did not change stands there once."""

from __future__ import annotations

import json

from idp.signin.sessions import devices
from tests.world.world import Person, World


def test_what_did_not_change_stands_there_once(world: World) -> None:
    with world.context() as work:
        first = devices.seen(work)
        assert json.loads(first).keys() == {"initial_user_agent", "initial_ip"}
        assert devices.seen(work, first) == first
        whole = devices.whole(json.loads(first))
        assert (whole["last_user_agent"], whole["last_ip"]) == (whole["initial_user_agent"], whole["initial_ip"])
        moved = json.dumps({**whole, "initial_ip": "203.0.113.77", "last_ip": "203.0.113.78"})
        later = json.loads(devices.seen(work, moved))
        assert (later["initial_ip"], later["last_ip"], "last_user_agent" in later) == ("203.0.113.77", work.ip, False)


def test_the_api_tells_both(world: World, jane: Person) -> None:
    world.client().sign_in(world.browser(), jane)
    (session,) = world.caller().get(f"/users/{jane.user_id}/sessions").json["sessions"]
    device = session["device"]
    assert {"initial_user_agent", "initial_ip", "last_user_agent", "last_ip"} <= device.keys()
    assert device["last_ip"] == device["initial_ip"]
