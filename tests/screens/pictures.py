"""Every state of every page in one small picture each: ``python -m tests.screens.pictures docs/screens/pages [names]``
(``make screens`` does). Side by side: English and light in a wide window, then English and dark, German and light,
Arabic and dark on a telephone of 320 px.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from tests.counterparts.browser import launch
from tests.counterparts.local_site import local_site
from tests.screens.evidence import GOES_ELSEWHERE, gallery
from tests.screens.preview import SCENES

LOOKS: Final = (("en", "light", 1280), ("en", "dark", 320), ("de", "light", 320), ("ar", "dark", 320))
"""Language, theme and width (px) of each, from the left."""
SHOWN: Final = 640
"""How wide (px) the first one is drawn."""
HIGHEST: Final = 1100
"""What is shown of a page at most (px)."""
QUALITY: Final = 30
_SHEET: Final = """<!doctype html><title>Sheet</title><style>
  body { margin: 0; display: flex; gap: 8px; background: #808080; align-items: flex-start; width: max-content }
  img { display: block }
</style>"""


def photograph(browser: Browser, site: str, folder: Path, name: str) -> int:
    """One page in all looks; answers the bytes of its picture."""
    context = browser.new_context(reduced_motion="reduce")
    page, shots = context.new_page(), []
    for language, theme, width in LOOKS:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(f"{site}/{language}/{name}")
        taken = base64.b64encode(_taken(page, "png", width)).decode()
        shots.append(f'<img src="data:image/png;base64,{taken}" width="{min(width, SHOWN)}" alt="">')
    sheet = context.new_page()
    sheet.set_viewport_size({"width": SHOWN + 3 * 320 + 24, "height": 640})
    sheet.set_content(_SHEET + "".join(shots))
    picture = _taken(sheet, "webp", SHOWN + 3 * 320 + 24)
    (folder / f"{name}.webp").write_bytes(picture)
    context.close()
    return len(picture)


def _taken(page: Page, kind: str, width: int) -> bytes:
    long = int(page.evaluate("Math.ceil(document.documentElement.getBoundingClientRect().height)"))
    clip = {"x": 0, "y": 0, "width": width, "height": min(max(long, 400), HIGHEST), "scale": 1}
    session = page.context.new_cdp_session(page)
    asked = {"format": kind, "clip": clip, "captureBeyondViewport": True}
    taken = session.send("Page.captureScreenshot", asked | ({"quality": QUALITY} if kind == "webp" else {}))
    session.detach()
    return base64.b64decode(taken["data"])


def main(folder: Path, names: str = "") -> None:
    """Take the pictures; of some pages where ``names`` says so."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = names.split(",") if names else [scene.name for scene in SCENES if scene.name not in GOES_ELSEWHERE]
    if not names:
        for old in folder.glob("*.webp"):
            old.unlink()
    with sync_playwright() as playwright, local_site(gallery()) as site:
        browser = launch(playwright)
        for name in wanted:
            print(name, photograph(browser, site, folder, name), flush=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
