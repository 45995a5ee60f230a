"""Every page of the dashboard is there."""

from __future__ import annotations

from tests.world.browser import Browser
from tests.world.world import World


def test_smoke(world: World, desk: Browser) -> None:
    app = world.client()
    for path in [
        "/admin",
        "/admin/search?q=cli",
        "/admin/help",
        "/admin/applications/apps",
        "/admin/applications/apps/new",
        "/admin/applications/apis",
    ]:
        desk.open(path)
        assert desk.status == 200, path
    for tab in [
        "",
        "/settings",
        "/credentials",
        "/connections",
        "/apis",
        "/raw",
        "/history",
        "/delete",
        "/rotate-secret",
    ]:
        desk.open(f"/admin/applications/apps/{app.client_id}{tab}")
        assert desk.status == 200, tab
