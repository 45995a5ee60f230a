"""The branding page shows every page in every language and theme (spec/dashboard.md, line 39), and saves no colours
that cannot be told apart.
"""

from __future__ import annotations

import colorsys
from dataclasses import replace

import pytest

from idp.admin.desk import pages, samples
from idp.foundation.web import accent
from idp.foundation.web.i18n import LANGUAGES
from idp.management.limits import Limiter
from idp.signin.login.screens import ALL
from tests.admin.conftest import Desk
from tests.world.world import World

LOOK, FRAME = "/admin/branding/look", "/admin/branding/look/preview"


def test_line_39_every_screen_is_drawn_in_every_language_and_theme(world: World, desk: Desk) -> None:
    assert {screen.path for screen in ALL} <= samples.samples().keys()
    assert {"logout", "signed-out", "expired", "error", "mfa/gone"} <= samples.samples().keys()
    with world.context() as work:
        for name in samples.samples():
            for locale in LANGUAGES:
                for theme in samples.THEMES:
                    drawn = samples.draw(work, name, locale, theme, "error", samples.Draft(primary="#7a1fa2"))
                    assert f'lang="{locale}"' in drawn.html, name
                    assert f"color-scheme:{theme}" in drawn.html


def test_line_39_the_frame_cannot_read_the_dashboard(desk: Desk) -> None:
    desk.open(f"{LOOK}?screen=consent&lang=de&theme=dark&state=error")
    (frame,) = desk.tree.xpath("//iframe")
    assert frame.get("sandbox") == ""
    assert "frame-src 'self'" in desk.browser.response.headers["Content-Security-Policy"]
    desk.open(frame.get("src"))
    assert desk.status == 200
    assert desk.tree.get("lang") == "de"
    policy = desk.browser.response.headers["Content-Security-Policy"]
    assert policy.endswith("; sandbox"), "wherever it is opened"
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy


def test_the_preview_wears_what_is_not_saved(desk: Desk) -> None:
    desk.open(f"{FRAME}?screen=login&primary=%237a1fa2&page_background=%23101010")
    assert "--accent:#7a1fa2" in desk.html
    assert "html{background:#101010}" in desk.html
    desk.open(f"{FRAME}?screen=login&primary=red}}body{{display:none")
    assert "display:none" not in desk.html.split("</head>")[0]


def test_pages_that_are_not_there_and_strangers_are_refused(world: World, desk: Desk) -> None:
    assert desk.open(f"{FRAME}?screen=nothing").status == 404
    assert world.browser().open(FRAME).status == 403


def test_every_colour_that_is_drawn_keeps_its_contrast() -> None:
    for hue in range(0, 360, 12):
        for light in (0.05, 0.3, 0.5, 0.7, 0.95):
            red, green, blue = (round(each * 255) for each in colorsys.hls_to_rgb(hue / 360, light, 0.9))
            colour = f"#{red:02x}{green:02x}{blue:02x}"
            assert all(each.holds for each in samples.pairs(colour, colour)), colour


def test_colours_that_cannot_be_told_apart_are_not_saved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = accent.derive("#eeeeee")
    assert made is not None
    pale = tuple(replace(each, on_fill="#ffffff", fill="#eeeeee") for each in made)
    monkeypatch.setattr(samples, "derive", lambda _colour: pale)
    desk.open(LOOK).press("look-save", colors__primary="#eeeeee")
    assert desk.status == 422
    assert "1.2:1" in desk.say("field-colors-primary-problem")
    monkeypatch.undo()
    desk.press("look-save", colors__primary="#7a1fa2")
    assert desk.status == 200
    assert "Words on the main button" in desk.say("look-contrast")


@pytest.mark.parametrize("frame", [f"{LOOK}/preview", "/admin/branding/mails/verify_email/preview"])
def test_a_frame_is_asked_for_as_often_as_any_page(desk: Desk, monkeypatch: pytest.MonkeyPatch, frame: str) -> None:
    monkeypatch.setattr(pages, "LIMITER", Limiter(lambda: 0.0, limit=2, window_s=60))
    said = []
    for _ in range(3):
        desk.browser.open(frame, site="same-origin")
        said.append(desk.status)
    assert said == [200, 200, 429]
