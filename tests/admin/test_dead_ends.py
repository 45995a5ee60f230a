"""Whatever a role of administrators is shown leads somewhere: every page that links lead to, from the first (spec/
dashboard.md, "Administrators"), and what each role is there for.
"""

from __future__ import annotations

import re
from collections import deque

import pytest

from idp.tenant.members.roles import OWNER, ROLES
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

ID = re.compile(r"/[A-Za-z0-9_%|.-]{16,}")
ALIKE = re.compile(r"/branding/(texts|mails|partials)/[^/]+")
REACHES = {
    "Editor - Users": {"/admin/users", "/admin/users/roles", "/admin/monitoring/logs"},
    "Editor - Organizations": {"/admin/users", "/admin/users/roles", "/admin/authentication/connections"},
    "Editor - Connections": {"/admin/authentication/connections/X/options", "/admin/authentication/connections/X/apps"},
    "Editor - Key Management": {"/admin/settings/keys", "/admin/settings/tenant"},
    "Editor - Specific Apps": {
        "/admin/applications/apps/X/settings",
        "/admin/applications/apps/X/credentials",
        "/admin/applications/apps/X/apis",
        "/admin/applications/apis/X/m2m",
    },
    "Viewer - Users": {"/admin/users/X/sessions", "/admin/users/roles", "/admin/monitoring/logs"},
    "Viewer - Config": {
        "/admin/applications/apis/X/m2m",
        "/admin/authentication/connections/X/options",
        "/admin/users/roles",
        "/admin/branding/look",
        "/admin/security/shields",
        "/admin/settings/tenant",
    },
    "Auditor": {"/admin/monitoring/logs", "/admin/security/threats"},
}
"""Pages that Auth0's documentation ("Available Dashboard sections by role") or the sheet gives to each role."""


def shape(address: str) -> str:
    """Pages of the same kind are one."""
    return ALIKE.sub(r"/branding/\1/X", ID.sub("/X", address.partition("?")[0]))


@pytest.mark.slow
@pytest.mark.parametrize("name", [each for each in ROLES if each != OWNER])
def test_nothing_that_a_role_is_shown_is_a_dead_end(world: World, hire: Hire, name: str) -> None:
    """Addresses of one shape are opened once each way they are linked to: by themselves, and with a query."""
    api = world.management()
    grants = ["client_credentials", "authorization_code"]
    mine = api.post("/clients", {"name": "Shop", "callbacks": ["https://shop.example/cb"], "grant_types": grants})
    api.post("/roles", {"name": "Captain"})
    world.grant(mine["client_id"], world.api(), "read:things")
    world.user("jane@example.com")
    of = (mine["client_id"],) if ROLES[name].of_clients else ()
    desk = Desk(world, enter(world.browser(), hire("ed@example.com", name, client_ids=of), "/admin"))
    seen, waiting, dead = {("/admin", False)}, deque(["/admin"]), []
    while waiting:
        address = waiting.popleft()
        desk.open(address)
        if desk.status != 200:
            dead.append((desk.status, address))
            continue
        if not desk.url.startswith("/admin"):
            continue
        for href in desk.tree.xpath("//a/@href"):
            there = str(href).removeprefix(world.issuer.rstrip("/")).partition("#")[0]
            kind = (shape(there), "?" in there)
            if there.startswith("/admin/") and kind not in seen:
                seen.add(kind)
                waiting.append(there)
    assert dead == []
    assert REACHES.get(name, set()) - {path for path, _ in seen} == set()
