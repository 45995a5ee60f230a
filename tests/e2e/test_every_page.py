"""What holds for every page: accessible in both themes, readable at 320 pixels, light, and true to its policy."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request

from tests.counterparts.browser import watched_page
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.e2e.gallery import GALLERY
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
HEAVIEST_FIRST_VIEW = 30_000  # bytes over the wire, HTML, CSS and JavaScript together
# shown once, as the answer to a form; their parts are those of the page before
ANSWERS = {
    "login-error",
    "signup-error",
    "reset-password-sent",
    "reset-password-done",
    "invitation-accepted",
    "invitation-withdrawn",
    "email-verified",
    "signed-out",
    "cookies-missing",
    "account-leaving",
    # stands only while the tenant offers it, which is over with the way to it
    "login-device-offer",
}
OVERFLOWING = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.vh, svg'))
  .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)"""


@pytest.fixture(params=list(GALLERY))
def name(request: pytest.FixtureRequest) -> str:
    """Each page in turn."""
    return str(request.param)


@pytest.fixture(autouse=True)
def no_connection_stays(management: Management) -> Iterator[None]:
    """What a page needed is gone for the applications of later tests."""
    before = {each["id"] for each in management.call("GET", "connections")}
    yield
    for each in management.call("GET", "connections"):
        if each["id"] not in before:
            management.call("DELETE", f"connections/{each['id']}")


@pytest.fixture
def opened(chromium: Browser, product: Product, management: Management, landing: str, name: str) -> Iterator[Page]:
    """The page, in a browser that fails the test on a violated policy or a request to another host."""
    with watched_page(chromium, viewport={"width": 1280, "height": 800}, reduced_motion="reduce") as page:
        GALLERY[name](Visitor(page, product, management, landing))
        page.wait_for_load_state()
        yield page


def test_page_is_accessible_reflows_and_is_light(opened: Page, chromium: Browser, name: str) -> None:
    """All of it on one way to the page, which is what takes longest."""
    where, cookies = opened.url, opened.context.storage_state()
    looks_right(opened)
    if name not in ANSWERS:
        # a browser that has the session and nothing in its cache
        with watched_page(chromium, storage_state=cookies) as page:
            is_light_and_locked_down(page, where)


def looks_right(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"
    page.set_viewport_size({"width": 320, "height": 640})
    scroll = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert scroll <= 0, page.evaluate(OVERFLOWING)
    assert page.locator("main").count() == 1
    assert page.locator("h1").count() == 1
    assert page.title()


def is_light_and_locked_down(page: Page, where: str) -> None:
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks it
    document = page.goto(where, wait_until="networkidle")
    assert document is not None
    policy = document.header_value("content-security-policy") or ""
    sizes = {request.url: request.sizes()["responseBodySize"] for request in requests}
    weight = sum(sizes.values())
    print(f"weight of {where}: {weight} bytes in {len(sizes)} requests")
    assert 1_000 < weight <= HEAVIEST_FIRST_VIEW, sizes
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert re.search(r"default-src 'none'|default-src 'self'", policy), policy
    assert "frame-ancestors 'none'" in policy
