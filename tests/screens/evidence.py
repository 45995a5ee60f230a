"""What holds for every page, looked at in a real Chromium: ``python -m tests.screens.evidence docs/evidence.md`` writes
the table (``make screens`` does); with ``[languages] [pages]``, each with commas between them (``all``, ``missing``),
only of some, and the other rows stay. The pages are the scenes of :mod:`tests.screens.preview`, under the policy that
they are served with.

In each theme and language: axe finds nothing, and nothing is wider than 320 px. Of each page: what a first view of it
weighs, whether the keyboard reaches everything there is to press, and whether it can be gone on from without scripts.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response
from playwright.sync_api import Browser, Page, sync_playwright

from idp.foundation.web.assets import assets
from idp.foundation.web.i18n import LANGUAGES
from idp.foundation.web.security import csp
from tests.counterparts.browser import launch
from tests.counterparts.local_site import local_site
from tests.screens.preview import NONCE, SCENES, Scene

GOES_ELSEWHERE: Final = frozenset({"form-post", "form-leaving", "web-message", "session-frame", "signed-out-continue"})
"""Pages that are on their way elsewhere as soon as they are there."""
THEMES: Final = ("light", "dark")
HEAVIEST: Final = 30 * 1024
"""Bytes that a first view may weigh, compressed, with everything it loads."""
COLOURED: Final = ("en", "ar")
COLOURS: Final = ("color-contrast", "link-in-text-block")
"""Rules of axe about colours, and the languages that they are looked at in."""
AXE: Final = Axe().axe_script
"""The script of axe-core."""
_PRESSED: Final = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: false}) && !e.disabled && e.tabIndex >= 0
    && !e.closest('[inert]')).map((e, at) => { e.dataset.evidence = at; return at; }).length"""
_FOCUSED: Final = "() => document.activeElement?.dataset.evidence ?? null"
_LEADS_ON: Final = """() => [...document.querySelectorAll('form button, form input[type=submit], main a[href]')]
  .some(e => e.checkVisibility())"""

_STICKS_OUT: Final = """() => [...document.querySelectorAll('main *')].filter(each => {
  const around = each.parentElement, its = getComputedStyle(around), own = getComputedStyle(each)
  if (!each.checkVisibility() || each.closest('.vh, svg') || its.overflowX !== 'visible') return false
  if (own.display === 'inline' || own.position === 'absolute') return false
  const box = each.getBoundingClientRect(), outer = around.getBoundingClientRect()
  const right = box.right - outer.right + parseFloat(its.paddingRight)
  return box.width > 0 && Math.max(right, outer.left + parseFloat(its.paddingLeft) - box.left) > 1.5
}).map(each => each.id || each.className || each.tagName).slice(0, 3)"""
"""Parts of a page that are wider than what is around them."""


@dataclass
class Evidence:
    """What was found about one page."""

    scene: Scene
    looks: int = 0
    violations: list[str] = field(default_factory=list)
    too_wide: list[str] = field(default_factory=list)
    weight: int = 0
    unreached: int = 0
    leads_on: bool = False
    ends: bool = False
    """Nothing is left to be done there, with scripts either."""

    @property
    def row(self) -> Row:
        """Its line of the table."""
        return Row(
            self.scene.name,
            self.looks,
            ", ".join(self.violations) or "0",
            ", ".join(self.too_wide) or "yes",
            f"{self.weight / 1024:.1f}",
            f"{self.unreached} not reached" if self.unreached else "yes",
            "yes" if self.leads_on else "the end of a way" if self.ends else "no",
        )


@dataclass(frozen=True)
class Row:
    """A line of the table: what was found about a page, in the last run that looked at it."""

    page: str
    looks: int
    axe: str
    narrow: str
    weight: str
    keyboard: str
    without_scripts: str

    @classmethod
    def read(cls, line: str) -> Row:
        """A line of the page as :attr:`line` wrote it."""
        page, looks, *rest = (cell.strip() for cell in line.strip().strip("|").split("|"))
        return cls(page.strip("`"), int(looks), *rest)

    @property
    def line(self) -> str:
        """As Markdown."""
        cells = (self.looks, self.axe, self.narrow, self.weight, self.keyboard, self.without_scripts)
        return f"| `{self.page}` | {' | '.join(map(str, cells))} |"

    @property
    def good(self) -> bool:
        """Whether everything holds."""
        light = float(self.weight) * 1024 <= HEAVIEST
        holds = (self.axe, self.narrow, self.keyboard) == ("0", "yes", "yes")
        return holds and light and self.without_scripts != "no"


def gallery() -> Flask:
    """Every scene."""
    app = Flask("evidence", static_folder=None)
    app.register_blueprint(assets)
    by_name = {scene.name: scene for scene in SCENES}

    @app.get("/<locale>/<name>")
    def show(locale: str, name: str) -> Response:
        response = Response(by_name[name].render(locale))
        response.headers["Content-Security-Policy"] = csp(NONCE)
        return response

    return app


def collect(browser: Browser, site: str, scenes: list[Scene], languages: list[str]) -> Iterator[Evidence]:
    """The evidence of each scene."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    plain = browser.new_context(java_script_enabled=False)
    page, without_scripts = context.new_page(), plain.new_page()
    for scene in scenes:
        found = Evidence(scene)
        for language in languages:
            _looks(page, site, found, language)
        found.weight = _weight(page, f"{site}/en/{scene.name}")
        found.ends = not page.evaluate(_LEADS_ON)
        found.unreached = _unreached(page)
        without_scripts.goto(f"{site}/en/{scene.name}")
        found.leads_on = bool(without_scripts.evaluate(_LEADS_ON))
        yield found
    context.close()
    plain.close()


def _looks(page: Page, site: str, found: Evidence, language: str) -> None:
    """Every rule of axe, in the second theme those about colours, in which alone it differs; colours do not depend on
    the language, so that they are measured in one that reads from the left and one that reads from the right.
    """
    page.goto(f"{site}/{language}/{found.scene.name}")
    page.evaluate(AXE)
    coloured = language in COLOURED
    first = {} if coloured else {"rules": {name: {"enabled": False} for name in COLOURS}}
    looks = ((THEMES[0], first), (THEMES[1], {"runOnly": list(COLOURS)})) if coloured else ((THEMES[0], first),)
    for theme, rules in looks:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        said = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"], **rules})
        found.looks += 1
        if said["violations"]:
            found.violations.append(f"{language} {theme}: {', '.join(each['id'] for each in said['violations'])}")
    page.set_viewport_size({"width": 320, "height": 640})
    if coloured:
        said = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"]})
        found.looks += 1
        found.violations += [f"{language} 320 px: {each['id']}" for each in said["violations"]]
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found.too_wide.append(f"not in {language}")
    elif sticking := page.evaluate(_STICKS_OUT):
        found.too_wide.append(f"not in {language} ({', '.join(sticking)})")
    page.set_viewport_size({"width": 1280, "height": 800})


def _weight(page: Page, url: str) -> int:
    """Bytes of everything that a first view loads, compressed as the product sends them."""
    bodies: dict[str, int] = {}

    def loaded(response: object) -> None:
        answered = response  # type: ignore[var-annotated]
        bodies[answered.url] = len(gzip.compress(answered.body(), 6))  # type: ignore[attr-defined]

    page.on("response", loaded)
    page.goto(url, wait_until="networkidle")
    page.remove_listener("response", loaded)
    return sum(bodies.values())


def _unreached(page: Page) -> int:
    """How many things to press the Tab key does not come by."""
    there = int(page.evaluate(_PRESSED))
    reached: set[str] = set()
    page.evaluate("() => { document.activeElement?.blur(); window.getSelection()?.removeAllRanges(); }")
    for _ in range(2 * there + 4):
        page.keyboard.press("Tab")
        at = page.evaluate(_FOCUSED)
        if at is not None:
            reached.add(str(at))
        if len(reached) == there:
            break
    return there - len(reached)


def written(rows: Sequence[Row]) -> str:
    """The page of ``docs/``."""
    good = sum(each.good for each in rows)
    looks = sum(each.looks for each in rows)
    return "\n".join(
        (
            "# What holds for every page",
            (
                "Made by `make screens` (`tests/screens/evidence.py`) in Chromium from every state of every page of"
                " `tests/screens/preview.py`, under the Content-Security-Policy that it is served with:"
                f" {len(rows)} pages, {looks} looks, {good} of {len(rows)} as they should be."
            ),
            "",
            (
                f"Languages: {', '.join(f'`{each}`' for each in LANGUAGES)}. Themes: {' and '.join(THEMES)}."
                " *looks* counts how often axe was run: in each language at 1280 px, and in"
                f" {' and '.join(f'`{each}`' for each in COLOURED)} at 320 px and in the second theme, too (for its"
                " colours, in which alone themes differ); *axe* is its violations;"
                " *320 px* says that nothing is wider, and no part sticks out of what is around it, in any language;"
                " *KB* is what a first view loads, gzipped,"
                f" with all scripts, fonts and pictures of ours (at most {HEAVIEST // 1024}); *keyboard* says that Tab"
                " comes by everything that can be pressed; *without scripts* that the page leads on."
            ),
            "",
            "| page | looks | axe | 320 px | KB | keyboard | without scripts |",
            "|---|---|---|---|---|---|---|",
            *(each.line for each in rows),
            "",
        )
    )


def main(file: Path, languages: str = "all", names: str = "all") -> int:
    """Write the page; 1 where something does not hold. ``names``: ``missing`` are those that fewer languages than all
    were looked at of, or that the page does not have.
    """
    scenes = [scene for scene in SCENES if scene.name not in GOES_ELSEWHERE]
    there = file.read_text(encoding="utf-8").splitlines() if file.exists() and names != "all" else []
    rows = {row.page: row for row in (Row.read(line) for line in there if line.startswith("| `"))}
    whole = len(LANGUAGES) + 2 * len(COLOURED)
    few = {scene.name for scene in scenes if scene.name not in rows or rows[scene.name].looks < whole}
    wanted = {scene.name for scene in scenes} if names == "all" else few if names == "missing" else names.split(",")
    spoken = list(LANGUAGES) if languages == "all" else languages.split(",")
    with sync_playwright() as playwright, local_site(gallery()) as site:
        browser = launch(playwright)
        for found in collect(browser, site, [scene for scene in scenes if scene.name in wanted], spoken):
            rows[found.scene.name] = found.row
            print(found.row.line, flush=True)
            shown = [rows[scene.name] for scene in scenes if scene.name in rows]
            file.write_text(written(shown), encoding="utf-8")
        browser.close()
    return 0 if all(row.good for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:4]))
