"""The Model Context Protocol's own SDK: a client that knows nothing but a server's address gets in, registered by
itself (RFC 7591) or known by its document (OAuth Client ID Metadata Document).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.product import Product, product_environment
from tests.counterparts.program import Program, accepts, free_port
from tests.e2e.pages import LoginPage

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
Start = Callable[..., str]


@pytest.fixture(scope="module")
def opened(
    start_products: StartProduct, authority: PrivateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Product:
    """A product where clients make themselves known."""
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    file.write_text(authority.pem)
    product = start_products(env={"IDP_OUTBOUND_CA": str(file), "IDP_OUTBOUND_ALLOW": "localhost"})
    management = product.management()
    management.patch(
        "tenants/settings",
        {
            "flags": {"enable_dynamic_client_registration": True},
            "client_registration": {"open": True},
            "client_id_metadata_document_supported": True,
            "client_id_metadata_document_dynamic_registration_supported": True,
        },
    )
    (connection,) = management.get(f"connections?name={product.connection}")
    management.patch(f"connections/{connection['id']}", {"is_domain_connection": True})
    return product


@pytest.fixture
def start(node: str, opened: Product, tmp_path: Path) -> Iterator[Start]:
    """Starts a client with its server, which is an API of the tenant; answers its base URL."""
    if not has_package("@modelcontextprotocol/sdk"):
        not_run("the npm packages of tests/node (npm ci)")
    running: list[Program] = []

    def begin(**environment: str) -> str:
        port = free_port()
        here = f"http://localhost:{port}"
        api = {"identifier": f"{here}/mcp", "name": "Weather", "scopes": [{"value": "read:things"}]}
        opened.management().post("resource-servers", {**api, "signing_alg": "ES256", "allow_offline_access": True})
        about = {"PORT": str(port), "ISSUER": opened.issuer, "AUDIENCE": api["identifier"]}
        env = product_environment(**about, **environment)  # type: ignore[arg-type]
        program = Program.start([node, "mcp_client.mjs"], log_path=tmp_path / "mcp.log", env=env, cwd=NODE_FOLDER)
        running.append(program)
        program.wait_until(lambda: accepts(port), what="listen")
        return here

    yield begin
    for program in running:
        program.stop()
        print(program.log)


def through(page: Page, site: str, management: Management, user: dict[str, Any]) -> dict[str, Any]:
    page.goto(f"{site}/login")
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.locator("#consent-accept").click()
    page.wait_for_url(f"{site}/callback**")
    found: dict[str, Any] = json.loads(page.locator("body").inner_text())
    assert found["said"] == "sunny"
    assert found["claims"]["sub"] == user["user_id"]
    return found


def test_it_registers_itself(page: Page, opened: Product, start: Start) -> None:
    management = opened.management()
    user = management.create_user(connection=opened.connection)
    found = through(page, start(), management, user)
    client = management.get(f"clients/{found['client']['client_id']}")
    assert (client["name"], client["is_first_party"]) == ("Assistant", False)


def test_it_is_known_by_its_document(
    page: Page, opened: Product, start: Start, authority: PrivateAuthority, tmp_path: Path
) -> None:
    certificate, key = authority.server(tmp_path, ["localhost"])
    port = free_port()
    url = f"https://localhost:{port}/client.json"
    site = start(DOCUMENT=url, DOCUMENT_PORT=str(port), CERT=str(certificate), KEY=str(key))
    management = opened.management()
    user = management.create_user(connection=opened.connection)
    found = through(page, site, management, user)
    assert found["client"]["client_id"] == url
    assert found["claims"]["azp"] == url
