"""What the tab "Raw JSON" of the dashboard gives to copy runs as it is (spec/dashboard.md, line 13): the call of the
official Python client, and the entry of auth0-deploy-cli's file, whose import changes nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.counterparts.desk import enter
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.rp.test_deploy_cli import deploying

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(chromium: Browser, tls_product: Product) -> Iterator[Page]:
    """The administrator's dashboard over TLS."""
    context = chromium.new_context(ignore_https_errors=True, locale="en-US")
    page = context.new_page()
    enter(page, tls_product)
    yield page
    context.close()


def copied(desk: Page, product: Product, path: str, kind: str) -> str:
    desk.goto(f"{product.base_url}/admin/{path}/raw")
    return str(desk.locator(f"#copy-{kind}").text_content())


def things(management: Management, product: Product) -> Mapping[str, tuple[str, str, str]]:
    """One object of each kind with what is unlike the defaults: its page, its path in the API, its word in the file."""
    name = f"Harbour {secrets.token_hex(3)}"
    app = {
        "name": name,
        "description": 'Two: "words", and a # sign',
        "app_type": "regular_web",
        "callbacks": ["https://shop.example.com/cb"],
        "client_metadata": {"a b": "1", "no": "yes"},
    }
    client = management.call("POST", "clients", app)["client_id"]
    api = management.call(
        "POST",
        "resource-servers",
        {"name": name, "identifier": f"https://{secrets.token_hex(3)}.example.com/", "scopes": [{"value": "read:a"}]},
    )["id"]
    role = management.call("POST", "roles", {"name": name, "description": "- not a list"})["id"]
    user = management.create_user(connection=product.connection, name=name)["user_id"]
    return {
        "clients": (f"applications/apps/{client}", f"clients/{client}", "clients"),
        "resource-servers": (f"applications/apis/{api}", f"resource-servers/{api}", "resourceServers"),
        "roles": (f"users/roles/{role}", f"roles/{role}", "roles"),
        "users": (f"users/{quote(user, safe='')}", f"users/{quote(user, safe='')}", ""),
    }


def test_line_13_the_copied_python_runs_unchanged(desk: Page, tls_product: Product) -> None:
    management = tls_product.management()
    for page, path, _ in things(management, tls_product).values():
        program = copied(desk, tls_product, page, "python")
        known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = {**known, "TOKEN": management.token(), "SSL_CERT_FILE": str(tls_product.verify), "NO_PROXY": "*"}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert str(management.call("GET", path)["name"]) in done.stdout


def test_line_13_the_copied_yaml_imports_with_no_change(
    desk: Page, node: str, tls_product: Product, tmp_path: Path
) -> None:
    management = tls_product.management()
    deploy = deploying(node, tls_product, tmp_path)
    for page, path, kind in things(management, tls_product).values():
        if not kind:
            continue
        (tmp_path / "tenant.yaml").write_text(copied(desk, tls_product, page, "yaml"), encoding="utf-8")
        before = management.call("GET", path)
        printed = deploy("import", "--input_file", "tenant.yaml", AUTH0_INCLUDED_ONLY=json.dumps([kind]))
        assert "Import Successful" in printed
        assert same(management.call("GET", path)) == same(before), kind


def same(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "updated_at"}
