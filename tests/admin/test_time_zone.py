"""Days of charts are those of the tenant's time zone, and say so (spec/dashboard.md, "Charts", lines 6 and 31)."""

from __future__ import annotations

from datetime import UTC, datetime

from idp.foundation.kernel import clock as now
from tests.admin.conftest import Desk
from tests.world.fixtures import Clock
from tests.world.world import World

SETTINGS, KIRITIMATI = "/admin/settings/tenant", "Pacific/Kiritimati"
"""Fourteen hours ahead: in the second half of a day it is tomorrow there."""


def test_line_31_a_day_is_the_tenants(world: World, desk: Desk, clock: Clock) -> None:
    assert desk.open("/admin").say("activity").startswith("Day (UTC)")
    assert "UTC" in desk.say("chart-logins")
    hour = datetime.fromtimestamp(now.now(), UTC).hour
    clock.forward(hours=(18 - hour) % 24)
    desk.open(SETTINGS)
    if desk.browser.path.startswith("/u/login"):
        admin = world.installed["admin"]
        desk.browser.submit(username=admin["email"], password=admin["password"])
    desk.press("tenant-save", time_zone=KIRITIMATI)
    today = datetime.fromtimestamp(now.now(), UTC).date()
    before = {row["date"][:10]: row["logins"] for row in world.management().get("/stats/daily")}
    world.client().sign_in(world.browser(), world.user())
    desk.open("/admin")
    assert f"Day ({KIRITIMATI})" in desk.say("activity")
    assert KIRITIMATI in desk.say("chart-logins")
    cells = desk.tree.xpath("//table[@id='activity']/tbody/tr[1]/*")
    first = [" ".join(each.text_content().split()) for each in cells]
    tomorrow = datetime.fromtimestamp(now.now() + 86_400, UTC).date().isoformat()
    assert first[0].startswith(tomorrow)
    assert first[1] == "1"
    after = {row["date"][:10]: row["logins"] for row in world.management().get("/stats/daily")}
    assert after == {**before, tomorrow: 1}, "the API says the same; days before stay what they were"
    assert after.get(today.isoformat()) == before.get(today.isoformat())
    assert world.management().get("/stats/active-users") == 2


def test_line_6_a_zone_there_is_none_of(world: World, desk: Desk) -> None:
    desk.open(SETTINGS).press("tenant-save", time_zone="Europe/Atlantis")
    assert desk.status == 422
    assert "There is no time zone Europe/Atlantis" in desk.say("field-time-zone-problem")
    assert "time_zone" not in world.management().get("/tenants/settings")
