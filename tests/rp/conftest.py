"""What the relying parties share: a user, and the way through the login page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.counterparts.program import Program
from tests.e2e.pages import LoginPage
from tests.rp import apis


@pytest.fixture
def user(product: Product, management: Management) -> dict[str, Any]:
    """A user of this test."""
    return management.create_user(connection=product.connection)


@pytest.fixture
def sign_in(page: Page, product: Product) -> Callable[[dict[str, Any]], None]:
    """Sign the user in on the page that is shown now."""

    def through_login(user: dict[str, Any]) -> None:
        page.wait_for_url(f"{product.base_url}/u/login*")
        LoginPage(page).sign_in(user["email"], PASSWORD)

    return through_login


@pytest.fixture
def session_ended(page: Page, product: Product) -> Callable[[str], None]:
    """Check that starting over at ``url`` leads to the login page again: the session at the product is gone."""

    def check(url: str) -> None:
        page.goto(url)
        page.wait_for_url(f"{product.base_url}/u/login*")

    return check


@pytest.fixture(params=["flask", "fastapi", "express"])
def start_api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[apis.StartApi]:
    """Starts the documented API of a framework for tokens of an issuer; answers the address of its things."""
    running: list[Program] = []
    if request.param == "express":
        request.getfixturevalue("node")

    def start(issuer: str, require: str = "") -> str:
        program, url = apis.start(request.param, issuer, require, tmp_path)
        running.append(program)
        return url

    yield start
    for program in running:
        program.stop()
        print(program.log)
