"""Photographs every page in both themes and three locales, the dashboard in Japanese, too, and at three widths:
``python -m tests.e2e.screens docs/screens [pages|desk] [locales] [names]``, the last two with commas between them.
"""

import base64
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.counterparts.application import landing_site
from tests.counterparts.browser import launch
from tests.counterparts.local_site import local_site
from tests.counterparts.management import PASSWORD
from tests.counterparts.product import Product, start_product
from tests.e2e import desk_gallery
from tests.e2e.gallery import GALLERY
from tests.e2e.visitor import Visitor

THEMES = ("light", "dark")
LOCALES = ("en", "de", "ar")
DESK_LOCALES = (*LOCALES, "ja")
WIDE = {
    "account",
    "account-address-change",
    "welcome",
    "welcome-sources",
    "connection-tried",
    "sample-application",
    "mailbox",
}
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


WIDTHS = {320: 1000, 768: 900, 1440: 900}
"""Of the dashboard, and how high its pictures are at most."""
QUALITY = 28


def photograph_desk(
    browser: Browser, product: Product, folder: Path, locales: Sequence[str], names: Sequence[str]
) -> None:
    """The dashboard as its administrator sees it, and as somebody does who is only shown it, as small pictures: there
    are many. Without ``names``, every page.
    """
    management = product.management()
    pages = desk_gallery.pages(desk_gallery.furnish(product, management))
    administrator = product.printed["admin"]
    _photograph_desk(browser, product, folder, locales, names, administrator["email"], administrator["password"], pages)
    if not names or set(names) & set(desk_gallery.SHOWN):
        shown = desk_gallery.demonstrate(product, management)
        _photograph_desk(browser, product, folder, locales, names, shown, PASSWORD, desk_gallery.SHOWN)


def _photograph_desk(
    browser: Browser,
    product: Product,
    folder: Path,
    locales: Sequence[str],
    names: Sequence[str],
    email: str,
    password: str,
    pages: Mapping[str, str],
) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{product.base_url}/admin")
    page.locator("#username").fill(email)
    page.locator("#password").fill(password)
    page.locator("button[name=action][value=default]").click()
    page.wait_for_url("**/admin")
    for name, address in pages.items():
        for locale in locales if not names or name in names else ():
            page.goto(f"{product.base_url}{address}{'&' if '?' in address else '?'}language={locale}")
            if name in STEPS:
                STEPS[name](page, product)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                for theme in THEMES:
                    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                    taken = _small(page, width, height)
                    (folder / f"dashboard-{name}-{locale}-{theme}-{width}.webp").write_bytes(taken)
        print(f"dashboard-{name}")
    context.close()


def _decode(page: Page, product: Product) -> None:
    page.locator("#field-token").fill(product.management().token())
    page.locator("#tokens-decode").click()
    page.locator("#verdict").wait_for()


def _check(page: Page, _product: Product) -> None:
    page.locator("#installation-check").click()
    page.locator("#installation-found").wait_for()


def _simulate(page: Page, _product: Product) -> None:
    page.locator("#simulator-run").click()
    page.locator("#verdict").wait_for()


def _review(page: Page, _product: Product) -> None:
    for box in page.locator("#machines-table input[type=checkbox]:not(:disabled)").all()[:3]:
        box.click()
    page.locator("#machines-save").click()
    page.locator("#machines-confirm").wait_for()


def _unfold(page: Page, _product: Product) -> None:
    page.locator("main summary").click()


def _refuse(page: Page, _product: Product) -> None:
    page.locator("#tokens-decode").click()
    page.locator(".empty").wait_for()


STEPS: Mapping[str, Callable[[Page, Product], None]] = {
    "tokens": _decode,
    "installation": _check,
    "simulator": _simulate,
    "api-m2m-review": _review,
    "user-impersonation": _unfold,
    "demo-refused": _refuse,
}
"""What is done on a page before its picture is taken."""


def _small(page: Page, width: int, height: int) -> bytes:
    """The page as Chromium itself writes WebP."""
    long = int(page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": width, "height": min(max(long, 400), height), "scale": 1}
    session = page.context.new_cdp_session(page)
    asked = {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True}
    taken = session.send("Page.captureScreenshot", asked)
    session.detach()
    return base64.b64decode(taken["data"])


def main(folder: Path, wanted: str = "", locales: str = ",".join(DESK_LOCALES), names: str = "") -> None:
    """Start the product, walk the galleries, stop the product. ``wanted``: only the hosted pages, or the dashboard, of
    which ``locales`` and ``names`` may be some.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, local_site(landing_site()) as landing:
        product = start_product(Path(home))
        browser = launch(playwright)
        try:
            if wanted in {"", "desk"}:
                photograph_desk(browser, product, folder, locales.split(","), names.split(",") if names else ())
            for name in (names.split(",") if names else GALLERY) if wanted in {"", "pages"} else ():
                for locale in (each for each in LOCALES if each in locales.split(",")):
                    photograph(browser, product, landing, folder, name, locale)
                print(name)
        finally:
            browser.close()
            product.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
