"""Addresses that name a kind of connection lead to its list (spec/dashboard.md, "Pages")."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.admin.connections import KINDS
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

LIST = "/admin/authentication/connections"


@pytest.fixture
def sources(world: World) -> dict[str, str]:
    """A connection of each kind: its name."""
    api = world.management()
    options = {"client_id": "x", "client_secret": "y"}
    found = {
        "social": api.post("/connections", {"name": "git", "strategy": "github", "options": options})["name"],
        "passwordless": api.post("/connections", {"name": "email", "strategy": "email"})["name"],
    }
    directory = {"domain": "example.com", **options}
    found["enterprise"] = api.post("/connections", {"name": "azure", "strategy": "waad", "options": directory})["name"]
    return found | {"database": "Username-Password-Authentication"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_list(desk: Desk, sources: dict[str, str], kind: str) -> None:
    desk.open(f"/admin/authentication/{kind}")
    assert (desk.status, desk.rows()) == (200, [sources[kind]])
    assert desk.browser.path == LIST


def test_what_else_the_address_says_goes_along(desk: Desk, sources: dict[str, str]) -> None:
    desk.open("/admin/authentication/social?q=git&sort=-strategy&kind=database&cols=name,id&rows=10")
    told = parse_qs(urlsplit(desk.url).query)
    assert told == {"q": ["git"], "sort": ["-strategy"], "kind": ["social"], "cols": ["name,id"], "rows": ["10"]}
    assert desk.rows() == [sources["social"]]
    assert desk.open("/admin/authentication/social?q=nothing").has("nothing-found")


def test_one_of_them_is_found_there_too(world: World, desk: Desk) -> None:
    desk.open(f"/admin/authentication/database/{world.connection_id}/apps?x=1")
    assert (desk.status, desk.url) == (200, f"{LIST}/{world.connection_id}/apps?x=1")
    desk.open("/admin/authentication/database/no%3Fid%3Dx")
    assert (desk.status, desk.url) == (400, f"{LIST}/no%3Fid%3Dx"), "it stays one segment, and is no id"


def test_it_is_a_way_and_no_other_right(world: World, desk: Desk, hire: Hire) -> None:
    for unknown in ("/admin/authentication/saml", "/admin/users/social", "/admin/social"):
        assert desk.open(unknown).status == 404, unknown
    token = desk.open(LIST).tree.xpath("//input[@name='csrf']/@value")[0]
    desk.browser.open("/admin/authentication/social", site="same-origin", method="POST", form={"csrf": str(token)})
    assert desk.status == 404
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Users")))
    assert viewer.open("/admin/authentication/social").status == 403
