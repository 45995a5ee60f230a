"""Photographs every page in both themes and three locales: ``python -m tests.e2e.screens docs/screens``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.counterparts.application import landing_site
from tests.counterparts.browser import launch
from tests.counterparts.local_site import local_site
from tests.counterparts.product import Product, start_product
from tests.e2e.gallery import GALLERY, Visitor

THEMES = ("light", "dark")
LOCALES = ("en", "de", "ar")
WIDE = {"account", "welcome", "welcome-sources", "connection-tried", "sample-application", "mailbox"}
LONG = {"mailbox"}  # only the first screenful is shown


def photograph(browser: Browser, product: Product, landing: str, folder: Path, name: str, locale: str) -> None:
    """One page in one locale, in every theme."""
    width = 1120 if name in WIDE else 640
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 760}, reduced_motion="reduce")
    page = context.new_page()
    GALLERY[name](Visitor(page, product, product.management(), landing, locale))
    page.wait_for_load_state()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.screenshot(path=folder / f"{name}-{locale}-{theme}.png", full_page=name not in LONG, caret="hide")
    context.close()


def main(folder: Path) -> None:
    """Start the product, walk the gallery, stop the product."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, local_site(landing_site()) as landing:
        product = start_product(Path(home))
        browser = launch(playwright)
        try:
            for name in GALLERY:
                for locale in LOCALES:
                    photograph(browser, product, landing, folder, name, locale)
                print(name)
        finally:
            browser.close()
            product.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
