"""Help of the dashboard (spec/misc.md, line 6)."""

from __future__ import annotations

import pytest

from idp.admin.desk import guides
from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.conftest import Desk
from tests.world.world import Person


def test_misc_6_help_is_linked_from_where_it_helps(desk: Desk, jane: Person) -> None:
    desk.follow("help-link")
    assert {f"guide-{name}" for name in guides.GUIDES} <= {str(each.get("id")) for each in desk.tree.xpath("//a[@id]")}
    for name, guide in guides.GUIDES.items():
        desk.open("/admin/help").follow(f"guide-{name}")
        assert desk.status == 200
        assert len(desk.tree.xpath("//dl/div | //ol[contains(@class, 'guide')]/li")) == len(guide.parts)
    desk.open(f"/admin/users/{jane.user_id}/authentication").follow("users-password-tips")
    assert desk.url.endswith("/help/passwords")
    desk.open("/admin/tools/simulator").follow("simulator-words")
    assert desk.url.endswith("/help/glossary")
    assert "Glossary" in desk.open("/admin/search?q=gloss").text


@pytest.mark.parametrize("language", EVERYWHERE)
def test_guides_are_there_in_every_language(desk: Desk, language: str) -> None:
    for name in guides.GUIDES:
        desk.open(f"/admin/help/{name}?language={language}")
        assert (desk.status, "help." in desk.text) == (200, False)


def test_there_is_no_other_guide(desk: Desk) -> None:
    assert desk.open("/admin/help/nothing").status == 404
