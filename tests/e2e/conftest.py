"""What the journeys share."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.counterparts.application import Application
from tests.counterparts.browser import watched_page
from tests.counterparts.desk import enter
from tests.counterparts.management import Management
from tests.counterparts.product import Product


@pytest.fixture
def application(product: Product, management: Management, landing: str) -> Application:
    """A first-party application of this test."""
    return Application.register(product, management, landing)


@pytest.fixture
def third_party(product: Product, management: Management, landing: str) -> Application:
    """An application of somebody else, so that consent is asked for."""
    return Application.register(product, management, landing, is_first_party=False)


@pytest.fixture
def user(product: Product, management: Management) -> dict[str, Any]:
    """A user of this test, with a verified address."""
    return management.create_user(connection=product.connection)


@pytest.fixture(scope="module")
def administrator(product: Product, chromium: Browser) -> Iterator[str]:
    """The cookies of the administrator, signed in once, as Playwright keeps them."""
    with watched_page(chromium) as page:
        enter(page, product)
        yield json.dumps(page.context.cookies())


@pytest.fixture
def desk(page: Page, administrator: str, product: Product) -> Page:
    """A page of the administrator's."""
    page.context.add_cookies(json.loads(administrator))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.base_url)
    return page
