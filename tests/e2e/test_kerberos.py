"""Two real clients of a domain sign in without typing anything: Chromium, and curl."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.connectors.ldap.conftest import domain_options
from tests.counterparts.application import Application
from tests.counterparts.browser import of_a_domain
from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.kerberos import LIBRARY, Realm
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.program import ROOT

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]


@pytest.fixture(scope="module")
def product(start_products: StartProduct, realm: Realm) -> Product:
    """A product that reads tickets, and may ask the domain controller."""
    path = f"{ROOT}{os.pathsep}{LIBRARY}"
    return start_products(env={"PYTHONPATH": path, "IDP_OUTBOUND_ALLOW": "127.0.0.0/8"})


@pytest.fixture(scope="module")
def management(product: Product) -> Management:
    """Its Management API."""
    return product.management()


@pytest.fixture(scope="module")
def tickets(realm: Realm) -> str:
    """Somebody signed in to their machine."""
    realm.domain.person("lee", mail="lee@example.test", displayName="Lee Kim")
    return realm.sign_in("lee")


@pytest.fixture
def corp(application: Application, management: Management, realm: Realm) -> Iterator[Application]:
    """An application of the domain."""
    keytab = _service(realm)
    options: dict[str, Any] = {"kerberos": True, "keytab": keytab, "ips": ["127.0.0.0/8", "::1"]}
    body = {
        "name": "corp",
        "strategy": "ad",
        "display_name": "Example Corp",
        "options": domain_options(realm.domain, **options),
        "enabled_clients": [application.client["client_id"]],
    }
    made = management.post("connections", body)
    yield application
    management.delete(f"connections/{made['id']}")


def _service(realm: Realm) -> str:
    known = realm.folder / "localhost.keytab64"
    if not known.exists():
        known.write_text(realm.service("localweb", "HTTP/localhost"))
    return known.read_text()


def test_chromium(corp: Application, realm: Realm, tickets: str, chromium: Browser, tmp_path: Path) -> None:
    """A browser that may bring tickets to us does; one that has none, and one that may not, shows the page."""
    inside = {**realm.environment, "KRB5CCNAME": tickets}
    # the first time that it meets a server that negotiates, it learns to load the library when it starts again
    for profile, allowed, environment, let_in in (
        ("one", "localhost", inside, False),
        ("one", "localhost", inside, True),
        ("one", "localhost", {**realm.environment, "KRB5CCNAME": "FILE:/nonexistent/tickets"}, False),
        ("one", "elsewhere.test", inside, False),
    ):
        context = of_a_domain(chromium.browser_type, tmp_path / profile, allowed, **environment)
        try:
            page = context.new_page()
            page.goto(corp.authorize_url(connection="corp"))
            if let_in:
                assert page.url.startswith(corp.redirect_uri)
                claims = corp.claims(corp.redeem(page.url))
                assert (claims["name"], claims["email"]) == ("Lee Kim", "lee@example.test")
            else:
                page.fill("#username", "lee")
                assert page.is_visible("#password")
        finally:
            context.clear_cookies()
            context.close()


def test_curl(corp: Application, realm: Realm, tickets: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        not_run("curl")
    argv = ["curl", "--silent", "--show-error", "--negotiate", "--user", ":", "--location", "--cookie-jar"]
    argv += [str(tmp_path / "jar"), "--output", "/dev/null", "--write-out", "%{url_effective}"]
    env = {**os.environ, **realm.environment, "KRB5CCNAME": tickets, "NO_PROXY": "*"}
    url = corp.authorize_url(connection="corp")
    done = subprocess.run([*argv, url], env=env, capture_output=True, text=True, check=True, timeout=60)
    assert corp.claims(corp.redeem(done.stdout))["name"] == "Lee Kim"
