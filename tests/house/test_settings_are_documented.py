"""Every setting is in the example file and in the guide, and nothing else is."""

import re

import pytest

from idp.foundation.settings import KNOWN, OTHERS
from tests.counterparts.program import ROOT

NAMES = re.compile(r"^#? ?([A-Z][A-Z_]+)=", re.MULTILINE)


def test_example_file_names_every_setting() -> None:
    named = set(NAMES.findall((ROOT / ".env.example").read_text(encoding="utf-8")))
    assert named == KNOWN.keys() | OTHERS.keys()


@pytest.mark.parametrize("name", sorted(KNOWN.keys() | OTHERS.keys()))
def test_guides_name_the_setting(name: str) -> None:
    guides = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    assert any(name in path.read_text(encoding="utf-8") for path in guides if path.exists())
