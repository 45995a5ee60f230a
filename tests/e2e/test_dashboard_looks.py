"""How the dashboard looks, on every page of the gallery: nothing is wider than the screen from 320 px to 2560 px and at
200 % zoom, nothing is too small to be hit, what is chosen can be told in forced colours, and what stands around a page
stays where it is (spec/dashboard.md, "calm, dense").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from idp.admin import navigation
from idp.foundation.web.i18n import EVERYWHERE
from tests.counterparts.fixtures import StartProduct
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.e2e import desk_gallery

pytestmark = pytest.mark.e2e
LONG_URL = "https://orchard-books-and-periodicals.western-counties.example.com/services/catalogue/v2/callback"
NAME = "Orchard Books and Periodicals of the Western Counties"
USUAL, ZOOMED, SMALL, VAST = 1440, 720, 320, 2560
"""Widths in CSS pixels; 720 is what a usual window has at 200 %."""
PARTS = 5
"""In which all pages are looked at, one test each."""
NARROWEST = 1260
"""Where the lists of a window just have the room for lines."""
LINE = 28
"""Pixels of a row of one line without what lies around it; two lines of text are higher than twice as much."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STRETCHED = f"[...document.querySelectorAll('.list .tag')].filter((e) => e.clientHeight > {LINE}).length"
OUT = """[...document.querySelectorAll('main a, main button, main input, main select, main textarea')]
  .filter((e) => !e.closest('.board, .tabs, pre')).map((e) => [e, e.getBoundingClientRect()])
  .filter(([, at]) => at.width > 2 && (at.left < -1 || at.right > innerWidth + 1))
  .map(([e]) => e.outerHTML.slice(0, 80))"""
"""What can be hit, and lies beside the screen: at its beginning nobody can scroll there."""
CUT = """(sought) => [...document.querySelectorAll('.lined bdi')]
  .filter((e) => e.textContent === sought && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1))
  .length"""
LOOKS_ALIKE = """() => {
  const seen = (each, part) => getComputedStyle(each, part), found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const tabs = all('.tabs a'), here = tabs.find((e) => e.hasAttribute('aria-current'));
  const line = (each) => seen(each).borderBlockEndColor, ground = (each, part) => seen(each, part).backgroundColor;
  if (tabs.some((e) => e !== here && line(e) === line(here))) found.push('tabs');
  if (all('select').some((e) => seen(e).appearance === 'none')) found.push('select');
  if (all('.state.good, .state.bad').some((e) => ground(e, '::before') === ground(document.body))) found.push('state');
  const at = document.querySelector('.side [aria-current]');
  if (at && seen(at).outlineStyle === 'none') found.push('place');
  return found;
}"""
"""What cannot be told apart by anything that forced colours leave."""
TARGETS = {"runOnly": {"type": "rule", "values": ["target-size"]}, "resultTypes": ["violations"]}
PLACE = """() => {
  const at = document.querySelector('.side [aria-current]').getBoundingClientRect();
  return at.top >= 0 && at.bottom <= innerHeight && scrollY === 0;
}"""


@pytest.fixture(scope="module")
def product(start_products: StartProduct) -> Product:
    """One of its own: what is shown on it, mails in words of somebody's own among that, is in the way of others."""
    return start_products()


@pytest.fixture(scope="module")
def management(product: Product) -> Management:
    """Its Management API."""
    return product.management()


@pytest.fixture(scope="module")
def pages(product: Product, management: Management) -> Iterator[Mapping[str, str]]:
    """Every page of the dashboard by its name, as an address; with rows whose words are as long as they come."""
    there = desk_gallery.furnish(product, management)
    management.call("POST", "clients", {"name": NAME, "app_type": "regular_web", "callbacks": [LONG_URL]})
    management.call("POST", "resource-servers", {"name": NAME, "identifier": LONG_URL})
    management.call("POST", "roles", {"name": NAME, "description": f"{NAME}: {NAME}"})
    person = {"connection": product.connection, "email": f"{'josephine.baker' * 3}@{'orchard-books' * 3}.example"}
    management.call("POST", "users", {**person, "password": "Orchard Books 1928!", "name": NAME})
    connection = {"name": "orchard-books-of-the-western-counties", "strategy": "oidc", "display_name": NAME}
    options = {"client_id": "x", "client_secret": "y", "issuer": "https://login.example.com/", "type": "back_channel"}
    addresses = {
        "authorization_endpoint": "https://login.example.com/a",
        "token_endpoint": "https://login.example.com/t",
        "jwks_uri": "https://login.example.com/j",
    }
    management.call("POST", "connections", {**connection, "options": {**options, **addresses}})
    return desk_gallery.pages(there)


def lists() -> list[str]:
    """The addresses of all lists."""
    return [each.path for each in navigation.resources() if each.listing is not None or each.name == "tail"]


def open_in(desk: Page, product: Product, address: str, language: str = "en") -> None:
    desk.goto(f"{product.base_url}{address}{'&' if '?' in address else '?'}language={language}")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_holds_its_shape(desk: Page, product: Product, pages: Mapping[str, str], part: int) -> None:
    """Every page in German, whose words are long, and every list from right to left: nothing is wider than the screen
    from the smallest telephone to the largest one, and at 200 % zoom; no word of a list is blown up with its row;
    what can be hit is 24 pixels large or as far from the next (WCAG 2.2, 2.5.8); forced colours leave what is chosen.
    """
    visits = [*((name, address, "de") for name, address in pages.items()), *((each, each, "ar") for each in lists())]
    wrong: dict[tuple[str, str], object] = {}
    for name, address, language in visits[part::PARTS]:
        open_in(desk, product, address, language)
        for width in (VAST, USUAL, ZOOMED, SMALL):
            desk.set_viewport_size({"width": width, "height": 800})
            wider, stretched, out = (desk.evaluate(each) for each in (WIDER, STRETCHED, OUT))
            if wider > 0 or stretched or out:
                wrong[name, str(width)] = (wider, stretched, out)
        small = Axe().run(desk, options=TARGETS)
        if small.violations_count:
            wrong[name, "targets"] = [each["html"][:120] for each in small.response["violations"][0]["nodes"]]
        desk.emulate_media(forced_colors="active")
        alike = desk.evaluate(LOOKS_ALIKE)
        if alike:
            wrong[name, "forced colours"] = alike
        desk.emulate_media(forced_colors="none")
    assert wrong == {}


@pytest.mark.parametrize("language", EVERYWHERE)
def test_every_list_fits_a_usual_window(desk: Page, product: Product, pages: Mapping[str, str], language: str) -> None:
    """No list is scrolled sideways, and every row is a line; where it has less room, rows are cards."""
    for address in lists():
        open_in(desk, product, address, language)
        for width in (USUAL, NARROWEST):
            desk.set_viewport_size({"width": width, "height": 900})
            wider = "Math.max(0, ...[...document.querySelectorAll('.board')].map((e) => e.scrollWidth - e.clientWidth))"
            assert desk.evaluate(wider) == 0, (address, width)
            highest = "Math.max(0, ...[...document.querySelectorAll('.lined tbody tr')].map((e) => e.clientHeight))"
            assert desk.evaluate(highest) < 2 * LINE, (address, width)


def test_words_are_cut_only_where_there_is_no_room_for_them(
    desk: Page, product: Product, pages: Mapping[str, str]
) -> None:
    """One long name does not cut the addresses of others, and is whole itself on a large screen."""
    desk.set_viewport_size({"width": USUAL, "height": 900})
    open_in(desk, product, pages["users"])
    assert desk.locator(".lined bdi", has_text="person0@example.com").count()
    assert desk.evaluate(CUT, "person0@example.com") == 0
    desk.set_viewport_size({"width": VAST, "height": 900})
    for name in ("applications", "apis", "roles", "users"):
        open_in(desk, product, pages[name])
        assert desk.locator(".lined bdi", has_text=NAME).count(), name
        assert desk.evaluate(CUT, NAME) == 0, name


def test_tabs_stay_where_they_are(desk: Page, product: Product, pages: Mapping[str, str]) -> None:
    """From tab to tab of the same thing nothing above them moves."""
    desk.set_viewport_size({"width": USUAL, "height": 900})
    where = "(({top, height}) => [top, height])(document.querySelector('.tabs').getBoundingClientRect())"
    for thing in ("application", "user", "api", "connection"):
        open_in(desk, product, pages[thing])
        tabs = [str(each.get_attribute("href")) for each in desk.locator(".tabs a").all()]
        seen = set()
        for tab in tabs:
            desk.goto(f"{product.base_url}{tab}")
            seen.add(tuple(desk.evaluate(where)))
        assert len(seen) == 1, (thing, seen)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_navigation_shows_where_one_is(desk: Page, product: Product, language: str) -> None:
    desk.set_viewport_size({"width": USUAL, "height": 700})
    for resource in navigation.resources():
        open_in(desk, product, resource.path, language)
        assert desk.evaluate(PLACE), resource.path
