"""Whoever is an administrator of some applications reads nothing of others, wherever the dashboard lists applications
or takes their ids (spec/dashboard.md, line 18).
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import replace

import pytest

from idp.tenant.members import roles
from idp.tenant.members.roles import ROLES, SPECIFIC_APPS
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

ELSEWHERE = re.compile(r"sort=|/monitoring/|/history|/branding/texts/.|/mails/.|/pieces/.")
"""Other orders of a list, texts, of which there are hundreds, and the log, which is about everything."""


@pytest.mark.parametrize("can", [(), ("*:*",)], ids=["its own rights", "every right"])
def test_line_18_no_page_names_an_application_of_others(
    world: World, hire: Hire, monkeypatch: pytest.MonkeyPatch, can: tuple[str, ...]
) -> None:
    """Every page that links lead to; lists are narrowed by themselves, whatever rights come to the role one day."""
    role = ROLES[SPECIFIC_APPS]
    monkeypatch.setattr(roles, "ROLES", {**ROLES, SPECIFIC_APPS: replace(role, grants=(*role.grants, *can))})
    api = world.management()
    mine = api.post("/clients", {"name": "Shop", "callbacks": ["https://shop.example/cb"]})
    other = api.post("/clients", {"name": "Payroll", "app_type": "non_interactive"})
    audience = world.api()
    for each in (mine, other):
        world.grant(each["client_id"], audience, "read:things")
        api("PATCH", f"/connections/{world.connection_id}/clients", [{"client_id": each["client_id"], "status": True}])
    editor = hire("ed@example.com", "Editor - Specific Apps", client_ids=(mine["client_id"],))
    desk = Desk(world, enter(world.browser(), editor, "/admin"))
    seen, waiting = {"/admin"}, deque(["/admin"])
    while waiting:
        address = waiting.popleft()
        desk.open(address)
        if desk.status != 200 or not desk.url.startswith("/admin"):
            continue
        assert "Payroll" not in desk.html, address
        assert other["client_id"] not in desk.html, address
        for href in desk.tree.xpath("//a/@href"):
            there = str(href).removeprefix(world.issuer.rstrip("/")).partition("#")[0]
            if there.startswith("/admin/") and not ELSEWHERE.search(there) and there not in seen:
                seen.add(there)
                waiting.append(there)
    assert {"/admin/tools/simulator", "/admin/tools/requests"} <= seen or not can
    assert f"/admin/applications/apps/{mine['client_id']}" in {each.partition("?")[0] for each in seen}
