"""The dashboard with a million people and a million log entries on Postgres (spec/dashboard.md, lines 2 to 4): no page
needs more than six statements, and Chromium finds, turns pages and opens somebody.

``GATEHOUSE_TEST_CROWD=20000`` fills fewer; `python -m tests.scale dashboard` says what each page costs.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from idp.foundation.settings import Settings
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from tests.counterparts.browser import watched_page
from tests.counterparts.desk import enter
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.product import Product, start_product
from tests.counterparts.program import ROOT
from tests.scale.dashboard import MOST_STATEMENTS, addresses, administrator, whole
from tests.scale.people import email, person
from tests.world.counting import statements
from tests.world.templates import SECRET_KEY
from tests.world.world import World

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(1800)]
PEOPLE = int(os.environ.get("GATEHOUSE_TEST_CROWD", "1000000"))
AMOUNTS = {"--users": PEOPLE, "--sessions": PEOPLE // 10, "--tokens": PEOPLE // 10, "--logs": PEOPLE}
SOMEBODY = PEOPLE // 2


@pytest.fixture(scope="module")
def crowded(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`idp serve` on a database that has a million of everything."""
    url = postgres.create_database()
    settings = {"DATABASE_URL": url, "IDP_SECRET_KEY": SECRET_KEY}
    product = start_product(tmp_path_factory.mktemp("million"), command="serve", env=settings)
    try:
        command = [
            sys.executable,
            "-m",
            "tests.scale",
            "fill",
            *(str(part) for pair in AMOUNTS.items() for part in pair),
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=product.env, check=False, capture_output=True, text=True, timeout=1500
        )
        assert done.returncode == 0, done.stderr[-2000:]
        yield product
    finally:
        product.stop()
        postgres.drop_database(url.rpartition("/")[2])


@pytest.fixture
def inside(crowded: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A process of ours on the same database."""
    monkeypatch.setattr(log, "batch", Batch())
    world = World.installed_at(replace(Settings.from_env(crowded.env), var=crowded.folder / "var"))
    yield world
    world.close()


@pytest.fixture
def page(crowded: Product, chromium: Browser) -> Iterator[Page]:
    """The first administrator at the list of people."""
    with watched_page(chromium) as page:
        enter(page, crowded, "/admin/users")
        yield page


def rows(page: Page) -> list[str]:
    """Where the rows of the list lead."""
    return [str(each.get_attribute("href")) for each in page.locator("td a.to").all()]


def test_line_4_statements_of_every_page_whatever_the_number_of_rows(inside: World) -> None:
    browser = administrator(inside)
    dear: dict[str, int] = {}
    for name, address in (*addresses(inside, PEOPLE), *whole(browser)):
        wanted = address(3)
        for _ in range(2):  # what is remembered of the configuration is read by the first
            browser.open(wanted, site="same-origin")
        with statements(inside.platform) as ran:
            browser.open(wanted, site="same-origin")
        assert browser.status == 200, name
        if len(ran) > MOST_STATEMENTS:
            dear[name] = len(ran)
    assert dear == {}


@pytest.mark.e2e
def test_lines_2_to_4_among_a_million_one_is_found_and_pages_are_turned(page: Page) -> None:
    first = rows(page)
    assert len(first) == 25
    page.locator("#users-next").click()
    page.wait_for_url("**after=**")
    page.locator(f'td a.to[href="{first[0]}"]').wait_for(state="detached")
    second = rows(page)
    assert len(second) == 25
    assert not set(first) & set(second)
    page.go_back()
    page.locator(f'td a.to[href="{first[0]}"]').wait_for()
    assert rows(page) == first

    page.locator("#users-q").fill(email(SOMEBODY))
    page.keyboard.press("Enter")
    page.locator(f'td a.to[href="{first[0]}"]').wait_for(state="detached")
    assert len(rows(page)) == 1
    page.locator("td a.to").click()
    page.wait_for_url("**/admin/users/*")
    assert email(SOMEBODY) in page.locator("main").inner_text()
    assert page.locator("input[name=family_name]").input_value() == person(SOMEBODY).family


@pytest.mark.e2e
def test_lines_2_to_4_among_a_million_entries_a_view_can_be_kept(page: Page, crowded: Product) -> None:
    page.goto(f"{crowded.base_url}/admin/monitoring/logs?kind=failures")
    shown = rows(page)
    assert len(shown) == 25
    page.locator("td a.to").first.click()
    page.wait_for_url("**/admin/monitoring/logs/*")
    page.go_back()
    page.locator(f'td a.to[href="{shown[0]}"]').wait_for()
    assert rows(page) == shown
