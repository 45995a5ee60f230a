"""How soon a page of the dashboard is seen on a machine that is four times slower (spec/dashboard.md, line 5): within a
second. Where the account page, which is seen in the same run, takes longer than it does at a load of eight, the machine
is busy with something else, and the bound grows as much. docs/performance.md has the milliseconds.
"""

from __future__ import annotations

import statistics

import pytest
from playwright.sync_api import Browser, Request

from tests.counterparts.browser import watched_page
from tests.counterparts.desk import enter
from tests.counterparts.management import Management
from tests.counterparts.product import Product

pytestmark = pytest.mark.e2e
BESIDE = "/account"
PAGES = ("/admin", "/admin/applications/apps", "/admin/users", "/admin/monitoring/logs", "/admin/branding/look")
SLOWER, MOST_MS, USUAL_MS, MOST_BYTES, TIMES = 4, 1_000, 400, 60_000, 5
PAINTED = """() => new Promise(done => {
  const found = () => performance.getEntriesByName('first-contentful-paint')[0];
  const look = () => found() ? done(found().startTime) : setTimeout(look, 20);
  look();
})"""


def test_line_5_the_first_paint_comes_soon_on_a_slow_machine(
    chromium: Browser, product: Product, management: Management
) -> None:
    for number in range(25):
        management.create_user(connection=product.connection, email=f"paint{number}@example.com", name=f"Row {number}")
    with watched_page(chromium) as page:
        enter(page, product)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        seen: dict[str, float] = {}
        for address in (BESIDE, *PAGES):
            took = []
            for _ in range(TIMES):
                page.goto(f"{product.base_url}{address}")
                took.append(float(page.evaluate(PAINTED)))
            seen[address] = statistics.median(took)
        most = MOST_MS * max(1.0, seen.pop(BESIDE) / USUAL_MS)
        assert {address: took for address, took in seen.items() if took > most} == {}, most


def test_line_5_everything_a_first_view_loads_is_below_sixty_kilobytes(chromium: Browser, product: Product) -> None:
    with watched_page(chromium) as page:
        enter(page, product)
        cookies = page.context.storage_state()
    for address in PAGES[:-1]:  # the last one shows another page in a frame
        requests: list[Request] = []
        # a browser that has the session and nothing in its cache
        with watched_page(chromium, storage_state=cookies) as page:
            page.on("requestfinished", lambda request: requests.append(request))  # noqa: B023, PLW0108 - read in the turn
            page.goto(f"{product.base_url}{address}", wait_until="networkidle")
            sizes = {request.url: request.sizes()["responseBodySize"] for request in requests}
        assert 1_000 < sum(sizes.values()) < MOST_BYTES, sizes
