"""Streams of shared signals at the dashboard: seen, held back, proved and deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.admin.conftest import Desk
from tests.world.signals import Endpoint, endpoint, kinds, receiver, said, switch_on
from tests.world.world import World

LIST = "/admin/applications/signals"


@pytest.fixture
def there() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


def test_a_stream_is_seen_held_back_proved_and_deleted(world: World, desk: Desk, there: Endpoint) -> None:
    switch_on(world)
    hears = receiver(world, world.client("m2m", name="Watchtower", grant_types=["client_credentials"]))
    stream = hears.pushed_to(there, description="For the watch")
    listed = desk.open(LIST).text
    assert "Watchtower" in listed
    path = f"{LIST}/{stream['stream_id']}"
    shown = desk.open(f"{path}/details").text
    assert there.url in shown
    assert "session-revoked" in shown
    desk.press("signals-verify")
    desk.open(f"{path}/details").press("signals-pause")
    assert "Paused" in desk.open(f"{path}/details").text
    world.work()
    assert kinds([hears.verified(each) for each in there.sets]) == ["stream-updated"], "the other one waits"
    desk.press("signals-resume")
    world.work()
    told = [hears.verified(each) for each in there.sets]
    assert kinds(told) == ["stream-updated", "verification", "stream-updated"]
    assert [said(each).get("status") for each in told] == ["paused", None, "enabled"]
    there.status = 503
    desk.open(f"{path}/details").press("signals-verify")
    world.work()
    assert "the receiver answered 503" in desk.open(f"{path}/details").text
    desk.open(f"{path}/delete").press("signals-confirm", desk__typed="Watchtower")
    assert hears("GET", "streams").get_json() == []
