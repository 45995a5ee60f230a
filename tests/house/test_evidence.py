"""``docs/evidence.md`` is of every page that there is, from one run, and everything holds (issue of the pages: every
screen in every theme and language)."""

from __future__ import annotations

import re

from idp.signin.login.screens import ALL
from tests.counterparts.program import ROOT
from tests.screens.evidence import GOES_ELSEWHERE, WHOLE, Row, written
from tests.screens.preview import SCENES

PAGE = ROOT / "docs" / "evidence.md"
TEMPLATE = re.compile(r"^\| `([^`]+\.html)` \|", re.MULTILINE)
FRAGMENTS = frozenset({"login/form-post.html", "login/session-frame.html", "login/web-message.html"})
"""Templates that nobody looks at: they go on by themselves, or stand in a frame without a size."""


def rows() -> list[Row]:
    return [Row.read(line) for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]


def test_every_state_of_every_page_has_its_row() -> None:
    """``python -m tests.screens.evidence docs/evidence.md all missing`` adds what is not there."""
    assert [row.page for row in rows()] == [scene.name for scene in SCENES if scene.name not in GOES_ELSEWHERE]


def test_every_page_of_the_reference_is_among_them() -> None:
    shown = {row.page for row in rows()}
    there = {scene.template for scene in SCENES if scene.name in shown}
    listed = set(TEMPLATE.findall((ROOT / "docs" / "reference" / "pages.md").read_text(encoding="utf-8")))
    assert listed - there == FRAGMENTS
    assert {f"login/{each.prompt}/{each.screen}.html" for each in ALL} <= listed


def test_every_row_is_of_a_whole_run_and_holds() -> None:
    found = rows()
    assert [row.page for row in found if row.looks != WHOLE] == []
    assert [row.page for row in found if not row.good] == []
    assert PAGE.read_text(encoding="utf-8") == written(found)
