"""What the relying parties share: a user, and the way through the login page."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.counterparts.fixtures import StartProduct
from tests.counterparts.local_site import local_site
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.product import Product
from tests.counterparts.program import Program
from tests.e2e.pages import LoginPage
from tests.rp import apis
from tests.rp.suite import Prepared, Suite


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


@pytest.fixture(scope="session")
def prepared(
    start_products: StartProduct, authority: PrivateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    """``idp dev --tls --conformance`` beside a stand-in for the suite, each trusting the other's certificate."""
    folder, suite = tmp_path_factory.mktemp("suite"), Suite()
    certificate = authority.server(folder, ["localhost"])
    trusted = folder / "ca.pem"
    trusted.write_text(authority.pem)
    env = {
        "IDP_OUTBOUND_CA": str(trusted),
        "IDP_OUTBOUND_ALLOW": "localhost",
        "IDP_CLIENT_CERTIFICATE_HEADER": "X-Client-Cert",
    }
    with local_site(suite.app(), tls=True, certificate=certificate) as base:
        suite.base = base
        product = start_products(tls=True, env=env, arguments=[f"--conformance={base}"])
        written = (product.folder / "var" / "conformance").glob("*.json")
        files = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in written}
        address = files["oidc"]["server"]["discoveryUrl"]
        metadata = requests.get(address, verify=product.verify, timeout=30).json()
        yield Prepared(product, suite, files, metadata)
