"""Links and redirects are never built from what stands in the request's own address (security.md Q1, A9)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.world.browser import Browser
from tests.world.world import World

HREF = re.compile(r'(?:href|src|action)="([^"]*)"')
ODD = [
    "/\\evil.example/x",
    "//evil.example/x",
    "/%5cevil.example",
    "/%2f%2fevil.example",
    "/.//evil.example",
    "/;@evil.example",
]


@pytest.mark.parametrize("path", ODD)
@pytest.mark.parametrize("query", ["", "?state=x", "?//evil.example"])
def test_no_link_of_any_page_leads_off_the_site(world: World, path: str, query: str) -> None:
    answer = world.send("GET", f"{world.issuer.rstrip('/')}{path}{query}")
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    links = HREF.findall(answer.get_data(as_text=True))
    assert len(links) > 5, "the page has its language picker"
    for link in links:
        address = link.partition("?")[0]
        assert not address.startswith(("//", "/\\"))
        assert "evil.example" not in address


def test_the_language_picker_stays_on_its_page(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    before = browser.shown.url
    link = next(link for link in browser.shown.links.values() if "language=fr" in link)
    browser.open(link)
    assert (browser.shown.lang, browser.path) == ("fr", urlsplit(before).path)
