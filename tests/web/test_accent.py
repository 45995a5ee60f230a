"""Whatever colour a tenant picks, texts and controls stay readable (WCAG 1.4.3, 1.4.11)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.foundation.web.accent import (
    DARK,
    LIGHT,
    OWN_LIGHT,
    Oklch,
    contrast,
    derive,
    parse_hex,
    stylesheet,
    to_hex,
    to_oklch,
)
from idp.foundation.web.assets import assets_by_name

COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")
TOKEN = re.compile(r"(--[a-z-]+): oklch\(([\d.]+)(?: ([\d.]+) ([\d.]+))?[^)]*\);")


def tokens(dark: bool) -> dict[str, str]:
    """The sheet's own colours in one theme, as ``#rrggbb``."""
    light_part, _, rest = assets_by_name()["gate.css"].content.decode().partition("@media (prefers-color-scheme: dark)")
    part = rest.partition("}\n}")[0] if dark else light_part
    values = {
        name: Oklch(float(lightness), float(c or 0), float(h or 0)) for name, lightness, c, h in TOKEN.findall(part)
    }
    return {name: to_hex(value) for name, value in values.items()}


@given(COLOURS)
def test_any_colour_becomes_readable(colour: str) -> None:
    accents = derive(colour)
    assert accents
    for accent, theme in zip(accents, (LIGHT, DARK), strict=True):
        assert contrast(accent.fill, accent.on_fill) >= 4.5
        assert contrast(accent.hover, accent.on_fill) >= 4.5
        for background in (to_hex(theme.ground), to_hex(theme.surface)):
            assert contrast(accent.line, background) >= 3
            assert contrast(accent.text, background) >= 4.5


@given(COLOURS)
def test_oklch_there_and_back(colour: str) -> None:
    assert to_hex(to_oklch(colour)) == colour


def test_a_brand_keeps_its_colour_where_it_can() -> None:
    accents = derive("#ffd400")
    assert accents
    assert [accent.fill for accent in accents] == ["#ffd400", "#ffd400"]


@pytest.mark.parametrize("colour", ["", "red", "#12", "#12345g", "#fff;} body{display:none", "url(x)"])
def test_what_is_no_colour_changes_nothing(colour: str) -> None:
    assert parse_hex(colour) is None
    assert stylesheet(colour) == ""


def test_the_sheet_holds_computed_colours_only() -> None:
    css = stylesheet("#F00")
    assert re.fullmatch(r"[][=a-z0-9:#;{}()@ -]+", css)
    assert css.count("--accent:") == 3, "light, dark, and dark by choice"


@pytest.mark.parametrize("dark", [False, True])
def test_the_products_own_colours_keep_their_contrast(dark: bool) -> None:
    colour = tokens(dark)
    theme = DARK if dark else LIGHT
    assert (colour["--ground"], colour["--surface"]) == (to_hex(theme.ground), to_hex(theme.surface))
    for background in ("--ground", "--arch", "--surface", "--sunk"):
        for text in ("--text", "--muted", "--accent-text", "--danger", "--success"):
            assert contrast(colour[text], colour[background]) >= 4.5, (text, background)
    for edge in ("--edge", "--accent-line"):
        assert contrast(colour[edge], colour["--surface"]) >= 3, edge
        assert contrast(colour[edge], colour["--ground"]) >= 3, edge
    assert contrast(colour["--on-accent"], colour["--accent"]) >= 4.5
    assert contrast(colour["--on-accent"], colour["--accent-hover"]) >= 4.5
    assert contrast(colour["--danger"], colour["--danger-soft"]) >= 4.5
    assert contrast(colour["--success"], colour["--success-soft"]) >= 4.5


def test_mails_use_the_same_accent() -> None:
    colour = tokens(dark=False)
    own = (OWN_LIGHT.fill, OWN_LIGHT.hover, OWN_LIGHT.on_fill, OWN_LIGHT.text, OWN_LIGHT.door)
    names = ("--accent", "--accent-hover", "--on-accent", "--accent-text", "--door")
    assert own == tuple(colour[name] for name in names)
